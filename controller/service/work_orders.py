"""Work orders: who goes out to repair what, from an alarm or by hand, and how it went."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from controller.errors import ConfigurationError, ControllerError
from controller.ports.work import WorkOrderRow, WorkOrderStep, WorkStore
from controller.service.sentences import SAY

State = Literal["open", "in_progress", "done", "cancelled"]
STATES: Final[tuple[State, ...]] = get_args(State)
MOST_LUMINAIRES: Final = 1000

_NEXT: Final[dict[State, frozenset[State]]] = {
    "open": frozenset({"in_progress", "done", "cancelled"}),
    "in_progress": frozenset({"open", "done", "cancelled"}),
    "done": frozenset({"open", "in_progress"}),
    "cancelled": frozenset({"open", "in_progress"}),
}
"""What may follow; what is ended is opened again before it ends otherwise."""


class NoSuchWorkOrder(ControllerError):
    """A work order was named that was never made."""


class WorkOrderChanged(ControllerError):
    """Somebody else changed it meanwhile, or it cannot go there from where it stands."""


@dataclass(frozen=True, slots=True)
class NewWorkOrder:
    """What is to be done."""

    title: str
    alarm: int | None = None
    luminaires: tuple[str, ...] = ()
    zone: str | None = None
    assignee: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; None leaves it as it is."""

    state: State | None = None
    assignee: str | None = None
    note: str = ""
    """Goes into the history; the newest that is not empty stands with the order."""
    version: int | None = None
    """The version that was seen; None: whatever stands there."""


class WorkOrders:
    """The work orders of one site. ``now`` gives Unix seconds UTC."""

    def __init__(self, store: WorkStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now

    async def all(self) -> list[WorkOrderRow]:
        """The newest first."""
        return await asyncio.to_thread(self._store.work_orders)

    async def one(self, number: int) -> WorkOrderRow:
        """One of them; raises `NoSuchWorkOrder`."""
        row = await asyncio.to_thread(self._store.work_order, number)
        if row is None:
            raise NoSuchWorkOrder(SAY("order_never", number=number))
        return row

    async def steps(self, rows: Sequence[WorkOrderRow]) -> dict[int, list[WorkOrderStep]]:
        """The history of each, the oldest step first."""
        numbers = [row.number for row in rows]
        return await asyncio.to_thread(self._store.work_order_steps, numbers)

    async def make(
        self, wanted: NewWorkOrder, author: str, intent: bytes | None = None
    ) -> WorkOrderRow:
        """Keep a new one; it is on disk when this returns. Of the same intent there is one."""
        title = " ".join(wanted.title.split())
        if not title:
            raise ConfigurationError(SAY("order_untitled"))
        now = self._now()
        row = WorkOrderRow(
            number=0,
            title=title,
            state="open",
            alarm=wanted.alarm,
            luminaires=json.dumps(list(dict.fromkeys(wanted.luminaires))[:MOST_LUMINAIRES]),
            zone=wanted.zone or "",
            assignee=wanted.assignee.strip(),
            note=wanted.note.strip(),
            created_at=now,
            created_by=author,
            changed_at=now,
            version=1,
        )
        step = WorkOrderStep(now, author, row.state, row.assignee, row.note)
        number = await asyncio.to_thread(self._store.add_work_order, row, step, intent)
        return await self.one(number)

    async def change(self, number: int, wanted: Change, author: str) -> WorkOrderRow:
        """Move it on; stored before this returns. A change that changes nothing makes no step.

        Raises `NoSuchWorkOrder`, and `WorkOrderChanged` where somebody was faster.
        """
        row = await self.one(number)
        if wanted.version is not None and wanted.version != row.version:
            raise WorkOrderChanged(SAY("order_changed", number=number))
        state, note = wanted.state or row.state, wanted.note.strip()
        assignee = row.assignee if wanted.assignee is None else wanted.assignee.strip()
        if (state, assignee) == (row.state, row.assignee) and note in {"", row.note}:
            return row
        if state != row.state and state not in _NEXT[_state(row)]:
            raise WorkOrderChanged(
                SAY("order_ended", number=number, state=SAY(f"order_state_{row.state}"))
            )
        now = self._now()
        changed = row._replace(
            state=state,
            assignee=assignee,
            note=note or row.note,
            changed_at=now,
            version=row.version + 1,
        )
        step = WorkOrderStep(now, author, state, assignee, note)
        if not await asyncio.to_thread(self._store.change_work_order, changed, step):
            raise WorkOrderChanged(SAY("order_changed", number=number))
        return changed


def luminaires_of(row: WorkOrderRow) -> list[str]:
    """The luminaires that it is about."""
    return [str(name) for name in json.loads(row.luminaires)]


def _state(row: WorkOrderRow) -> State:
    return next(state for state in STATES if state == row.state)
