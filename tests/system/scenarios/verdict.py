"""The four invariants, after whatever went wrong.

1. no lamp was dark by software, 2. the street converged, 3. the energy account adds up,
4. nothing that was acknowledged is lost.
"""

from dataclasses import dataclass
from typing import Any

from controller.adapters.sqlite import SqliteStore
from tests.system.scenarios.stage import ControllerProcess, Stage, Stuck


@dataclass(frozen=True)
class Verdict:
    """What the four invariants say; `problems` is empty where all hold."""

    dark_minutes: float
    daylight_minutes: float
    converged_within_s: float | None
    account_off_by_j: float
    problems: tuple[str, ...]
    street: dict[str, Any]
    """The oracle's summary."""

    def assert_holds(self) -> None:
        """Fail naming each invariant that does not hold."""
        assert not self.problems, "; ".join(self.problems)


async def verdict(
    stage: Stage,
    *,
    acknowledged: int = 1,
    convergence_limit_s: float = 300.0,
    controller: ControllerProcess | None = None,
    is_faultless: bool = True,
) -> Verdict:
    """Judge a stage whose street still runs; ends the street and the controller.

    ``acknowledged`` is the newest revision that a command line was told. A street with faults
    of its own never agrees as a whole; then convergence is not asked for.
    """
    judged = stage.controller if controller is None else controller
    problems: list[str] = []
    took_s: float | None = None
    try:
        if is_faultless:
            took_s = await stage.until_converged(convergence_limit_s)
    except Stuck as stuck:
        wrong = {
            name: value
            for name, value in judged.metrics().items()
            if name.startswith(("streetlight_luminaires", "streetlight_mqtt_c"))
        }
        problems.append(f"not converged: {stuck}: {wrong}")
    street = await stage.judge()
    dark, daylight = street["dark_minutes"], street["daylight_burn_minutes"]
    if dark > 0:
        problems.append(f"dark by software: {dark:.2f} luminaire-minutes")
    code = await judged.stop()
    if code != 0:
        problems.append(f"the controller ended with code {code}")
    if "Traceback" in judged.said():
        problems.append(f"the controller's log has a traceback: {judged.log}")
    with SqliteStore(judged.data) as store:
        newest = store.revisions()[-1].number
        if newest < acknowledged:
            problems.append(f"revision {acknowledged} was acknowledged, the store has {newest}")
        off_by_j = account_off_by_j(store)
    if off_by_j > 1.0:
        problems.append(f"the energy account is off by {off_by_j:.3f} J")
    return Verdict(dark, daylight, took_s, off_by_j, tuple(problems), street)


def account_off_by_j(store: SqliteStore) -> float:
    """How far any zone's totals are from the sum of its quarter-hours, J.

    Totals and quarter-hours are tables of their own; used and baseline must agree in both.
    """
    span = store.energy_span()
    parts: dict[str, list[float]] = {}
    for one in store.intervals(*span) if span else ():
        used, baseline = parts.setdefault(one.zone, [0.0, 0.0])
        parts[one.zone] = [used + one.used_j, baseline + one.baseline_j]
    off_by_j = 0.0
    for zone in store.energy_totals():
        used, baseline = parts.get(zone.zone, (0.0, 0.0))
        off_by_j = max(
            off_by_j, abs(zone.metered_j + zone.modelled_j - used), abs(zone.baseline_j - baseline)
        )
    return off_by_j
