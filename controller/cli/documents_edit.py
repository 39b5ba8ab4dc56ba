"""Weighing an edit of the documents for a person: with bars on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from controller.service.editing.weighing import Edit
from controller.service.editing.weighing import weigh as weigh_quietly
from schedules import Site, control_day
from schedules.emission_factors import EmissionFactor


@dataclass(frozen=True, slots=True)
class Outlook:
    """Over which nights, and at which CO2, changes are reckoned."""

    first: date | None
    nights: int
    factor: EmissionFactor | None
    """None: the one in force where the city lies, if any is known."""


def weigh(before: Site | None, after: Site, outlook: Outlook, *, is_proof_wanted: bool) -> Edit:
    """Compare two sites, reckon their nights and prove those that may change."""
    with _progress("reckoning") as reckoning, _progress("proving") as proving:
        return weigh_quietly(
            before,
            after,
            tonight=control_day(datetime.now(UTC), after.time_zone),
            first=outlook.first,
            nights=outlook.nights,
            factor=outlook.factor,
            is_proof_wanted=is_proof_wanted,
            reckoning=reckoning,
            proving=proving,
        )


@contextmanager
def _progress(doing: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error where that is a terminal, while something is done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _share: None
        return
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f}%"),
        console=console, transient=True,
    )  # fmt: skip
    task = bar.add_task(doing, total=1.0)

    def tell(share: float) -> None:
        if share < 1:
            bar.start()
        else:
            bar.stop()
        bar.update(task, completed=share)

    try:
        yield tell
    finally:
        bar.stop()
