"""What the demonstration says at its end. The oracle in the street judges, not the controller."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

import numpy as np

from controller.cli.demo_options import DemoOptions
from controller.engine.alarm_types import AlarmType
from controller.engine.alarm_wording import type_name
from controller.engine.columns import Floats
from controller.engine.engine import Edge
from controller.ports.alarms import Alarm
from controller.service.control import Control
from schedules import Language, Site
from schedules.energy.ladder import Rung

JOULES_PER_KWH = 3.6e6


class EdgeDelays(TypedDict):
    """Switchings of one edge, and seconds of the machine's clock from switching point to
    confirmation; None where none switched."""

    confirmed: int
    p50_s: float | None
    p99_s: float | None


class Summary(TypedDict):
    """One JSON object; ``street_*`` and the minutes are the oracle's."""

    city: str
    is_synthetic: bool
    first_night: str
    nights: int
    speed: float
    luminaires: int
    zones: int
    lit_ratio: float
    dark_minutes: float
    daylight_burn_minutes: float
    converged_p50_s: float | None
    converged_p99_s: float | None
    converged_p99_site_s: float | None
    switchings_confirmed: int
    edges: dict[str, EdgeDelays]
    energy_kwh: float
    baseline_kwh: float
    saved_kwh: float
    saved_ratio: float
    saved_by_kwh: dict[str, float]
    """What each rung of the ladder saved; together ``saved_kwh``."""
    metered_ratio: float
    street_energy_kwh: float
    messages_sent: int
    messages_received: int
    messages_rejected: int
    commands_sent: int
    alarms_raised: int
    alarms_open: dict[str, int]
    faults: float
    took_s: float
    street: dict[str, Any]
    is_right: bool


class Delays:
    """Collects how long luminaires took from switching point to confirmation."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._site_s: dict[Edge, list[Floats]] = {edge: [] for edge in Edge}

    def note(self, edge: Edge, delays_s: Floats) -> None:
        """Confirmations of one pass, site seconds."""
        self._site_s[edge].append(delays_s)

    def count(self, *edges: Edge) -> int:
        """Switchings confirmed, of some edges or of all."""
        return sum(len(part) for edge in edges or Edge for part in self._site_s[edge])

    def site_s(self, percent: float, *edges: Edge) -> float | None:
        """Percentile in seconds of the street's clock; None where nothing switched."""
        parts = [part for edge in edges or Edge for part in self._site_s[edge]]
        return float(np.percentile(np.concatenate(parts), percent)) if parts else None

    def machine_s(self, percent: float, *edges: Edge) -> float | None:
        """Percentile in seconds of the machine's clock: the network and the programs do not
        run faster where the night does."""
        site_s = self.site_s(percent, *edges)
        return None if site_s is None else site_s / self._speed

    def by_edge(self) -> dict[str, EdgeDelays]:
        """Every edge by itself."""
        return {
            edge.value: EdgeDelays(
                confirmed=self.count(edge),
                p50_s=_rounded(self.machine_s(50, edge)),
                p99_s=_rounded(self.machine_s(99, edge)),
            )
            for edge in Edge
        }


def summarise(
    *,
    options: DemoOptions,
    site: Site,
    start_at: float,
    control: Control,
    street: dict[str, Any],
    delays: Delays,
    took_s: float,
) -> Summary:
    """Put the controller's account beside the oracle's word."""
    totals = control.engine.account.totals()
    used_j, baseline_j = float(totals.used_j.sum()), float(totals.baseline_j.sum())
    tally = control.tally
    is_faultless = options.faults == 0 and options.clockless == 0
    is_right = not is_faultless or (
        street["lit_ratio"] == 1.0
        and street["dark_minutes"] == 0
        and street["daylight_burn_minutes"] == 0
    )
    return Summary(
        city=site.inventory.city.name,
        is_synthetic=site.inventory.city.synthetic,
        first_night=datetime.fromtimestamp(start_at, tz=site.time_zone).date().isoformat(),
        nights=options.nights,
        speed=options.speed,
        luminaires=len(site.inventory.luminaires),
        zones=len(site.inventory.zones),
        lit_ratio=street["lit_ratio"],
        dark_minutes=street["dark_minutes"],
        daylight_burn_minutes=street["daylight_burn_minutes"],
        converged_p50_s=_rounded(delays.machine_s(50)),
        converged_p99_s=_rounded(delays.machine_s(99)),
        converged_p99_site_s=_rounded(delays.site_s(99)),
        switchings_confirmed=delays.count(),
        edges=delays.by_edge(),
        energy_kwh=round(used_j / JOULES_PER_KWH, 3),
        baseline_kwh=round(baseline_j / JOULES_PER_KWH, 3),
        saved_kwh=round((baseline_j - used_j) / JOULES_PER_KWH, 3),
        saved_ratio=round(1 - used_j / baseline_j, 4) if baseline_j else 0.0,
        saved_by_kwh={
            rung.value: round(float(joules), 3)
            for rung, joules in zip(Rung, totals.rungs_j.sum(axis=1) / JOULES_PER_KWH, strict=True)
        },
        metered_ratio=round(float(totals.metered_j.sum()) / used_j, 4) if used_j else 0.0,
        street_energy_kwh=round(street["energy_kwh"], 3),
        messages_sent=sum(tally.messages_out.values()),
        messages_received=sum(tally.messages_in.values()),
        messages_rejected=sum(tally.rejected.values()),
        commands_sent=tally.messages_out["command"],
        alarms_raised=control.alarms.raised_total.total(),
        alarms_open=_by_type(control.alarms.open),
        faults=options.faults,
        took_s=round(took_s, 1),
        street={key: value for key, value in street.items() if key not in {"event", "zones"}},
        is_right=is_right,
    )


def _by_type(alarms: Iterable[Alarm]) -> dict[str, int]:
    counts = Counter(alarm.type for alarm in alarms)
    return {kind.value: counts[kind] for kind in AlarmType if counts[kind]}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _edges_text(edges: dict[str, EdgeDelays]) -> str:
    """`` (dusk 0.10 s, dim 0.20 s)``: 99 % of each edge; empty where nothing switched."""
    told = [
        f"{name} {one['p99_s']:.2f} s" for name, one in edges.items() if one["p99_s"] is not None
    ]
    return f" ({', '.join(told)})" if told else ""


_RUNG_WORDS = {
    Rung.RETROFIT: "lamps",
    Rung.WINDOW: "hours",
    Rung.DIMMING: "dimming",
    Rung.CONSTANT_LIGHT: "constant light",
    Rung.RULES: "sensors",
    Rung.OVERRIDES: "overrides",
    Rung.DEVIATION: "what the street did otherwise",
}


def _ladder_text(saved_kwh: dict[str, float]) -> str:
    """The rungs that saved or cost anything, kWh."""
    named = ((_RUNG_WORDS[Rung(rung)], kwh) for rung, kwh in saved_kwh.items())
    told = [f"{words} {kwh:,.1f}" for words, kwh in named if abs(kwh) >= 0.05]
    return ", ".join(told) + " kWh" if told else "nothing"


def summary_text(summary: Summary) -> str:
    """The summary for a person."""
    synthetic = " (synthetic city)" if summary["is_synthetic"] else ""
    nights = "night" if summary["nights"] == 1 else "nights"
    p99 = summary["converged_p99_s"]
    confirmed = "none switched" if p99 is None else f"99 % within {p99:.2f} s"
    rows = [
        ("City", f"{summary['city']}{synthetic}"),
        (
            "Street",
            f"{summary['luminaires']:,} luminaires in {summary['zones']} zones, "
            f"{summary['nights']} {nights} from {summary['first_night']}",
        ),
        (
            "Lit",
            f"{summary['lit_ratio']:.2%} of what should be lit; "
            f"{summary['dark_minutes']:,.1f} dark minutes, "
            f"{summary['daylight_burn_minutes']:,.1f} burning by day",
        ),
        (
            "Converged",
            f"{summary['switchings_confirmed']:,} switchings confirmed, {confirmed}"
            f"{_edges_text(summary['edges'])}",
        ),
        (
            "Energy",
            f"{summary['energy_kwh']:,.1f} kWh used ({summary['metered_ratio']:.1%} metered), "
            f"the street's own meters say {summary['street_energy_kwh']:,.1f} kWh",
        ),
        (
            "Saved",
            f"{summary['saved_kwh']:,.1f} kWh of {summary['baseline_kwh']:,.1f} kWh "
            f"({summary['saved_ratio']:.1%})",
        ),
        ("Saved by", _ladder_text(summary["saved_by_kwh"])),
        (
            "Messages",
            f"{summary['messages_sent']:,} sent, {summary['messages_received']:,} received, "
            f"{summary['messages_rejected']:,} rejected, {summary['commands_sent']:,} commands",
        ),
    ]
    if summary["alarms_raised"]:
        by_type = ", ".join(
            f"{count:,} {type_name(AlarmType(kind), Language.ENGLISH)}"
            for kind, count in summary["alarms_open"].items()
        )
        opened = sum(summary["alarms_open"].values())
        told = f"{summary['alarms_raised']:,} raised, {opened:,} open"
        rows.append(("Alarms", f"{told}: {by_type}" if by_type else told))
    verdict = (
        "The night was right."
        if summary["is_right"]
        else "The night was NOT right: lamps were dark or burned by day without a fault of theirs."
    )
    if summary["faults"] or summary["lit_ratio"] != 1.0:
        verdict = verdict if not summary["is_right"] else "A night with faults: see above."
    width = max(len(label) for label, _ in rows)
    return "\n".join([*(f"{label:<{width}}  {text}" for label, text in rows), "", verdict])
