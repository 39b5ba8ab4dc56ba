"""What an edit of the documents does: differences, energy before and after, the proof."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from controller.cli.documents_report import Forecasts
from schedules import Site, control_day
from schedules.difference import Difference, difference
from schedules.emission_factors import EmissionFactor
from schedules.forecast import forecast
from schedules.proof import prove
from schedules.proof_edit import touched_zones
from schedules.proof_result import Proof


@dataclass(frozen=True, slots=True)
class Outlook:
    """Over which nights, and at which CO2, changes are reckoned."""

    first: date | None
    nights: int
    factor: EmissionFactor


@dataclass(frozen=True, slots=True)
class Edit:
    """What replacing the documents in force would do."""

    after: Site
    change: Difference
    forecasts: Forecasts | None
    """None where nothing changes."""
    proof: Proof | None
    """None where it was not asked for, or concerns no zone."""

    @property
    def is_unproved(self) -> bool:
        """Whether a night of it fails."""
        return self.proof is not None and not self.proof.is_proved


def weigh(before: Site | None, after: Site, outlook: Outlook, *, is_proof_wanted: bool) -> Edit:
    """Compare two sites, reckon their nights and prove those that may change."""
    change = difference(before, after)
    if not change.documents:
        return Edit(after, change, None, None)
    first = outlook.first or control_day(datetime.now(UTC), after.time_zone)
    with _progress("reckoning") as tell:
        forecasts = Forecasts(
            first,
            outlook.nights,
            {}
            if before is None
            else forecast(before, first, outlook.nights, lambda share: tell(share / 2)),
            forecast(after, first, outlook.nights, lambda share: tell(0.5 + share / 2)),
            outlook.factor,
        )
    zones = tuple(after.inventory.zone_by_id) if before is None else touched_zones(before, after)
    if not is_proof_wanted or not zones:
        return Edit(after, change, forecasts, None)
    tonight = control_day(datetime.now(UTC), after.time_zone)
    with _progress("proving") as tell:
        proof = prove(
            after, tonight, zones=zones, tell=lambda done, to_do: tell(done / max(1, to_do))
        )
    return Edit(after, change, forecasts, proof)


@contextmanager
def _progress(doing: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error where that is a terminal; nothing else is written."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _share: None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f}%"),
        console=console, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(doing, total=1.0)
        yield lambda share: bar.update(task, completed=share)
