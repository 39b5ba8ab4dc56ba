"""Commands on their way: to whom, which, since when, and what became of them.

Owns one slot a luminaire: of its own commands and its zone's only the newest counts, as the
wire contract has it. An answer is a state that names the command; a revision is never given
out twice, so it names a command for ever.
"""

import re
from collections import Counter
from enum import IntEnum, StrEnum
from typing import Final

import numpy as np

from controller.engine.columns import Columns, Flags, Floats, Ints, Rows

TIMEOUT_S: Final = 60.0
"""Machine seconds until a command counts as unanswered."""

_COMMAND_ID: Final = re.compile(r"(?:0|[1-9][0-9]{0,9})-([1-9][0-9]{0,15})")


class Sent(IntEnum):
    """What was sent to a luminaire."""

    NOTHING = 0
    OWN = 1
    """A command of its own."""
    QUESTION = 2
    """Only to say how it is: any state answers."""
    ZONE = 3
    """A command to its zone."""


class Outcome(StrEnum):
    """How a command ended. One to a zone ends once for each of its luminaires."""

    ACKED = "acked"
    FAILED = "failed"
    """The broker was not there to take it, or refused it."""
    TIMEOUT = "timeout"
    SUPERSEDED = "superseded"
    """A newer one went out, or the level is not wanted any more."""


def command_id(epoch: int, rev: int) -> str:
    """The identifier of a command."""
    return f"{epoch}-{rev}"


def rev_of(identifier: str) -> int:
    """The revision in an identifier; 0 where it is none of ours."""
    found = _COMMAND_ID.fullmatch(identifier)
    return int(found[1]) if found is not None else 0


class Awaited:
    """The commands of one fleet that nothing ended yet."""

    def __init__(self, columns: Columns) -> None:
        size = columns.size
        self.rev: Ints = np.zeros(size, dtype=np.int64)
        """Revision of the command whose answer is awaited; 0 for none."""
        self.sent: np.ndarray = np.zeros(size, dtype=np.int8)
        """Which kind, `Sent`."""
        self.since: Floats = np.full(size, -np.inf)
        """Machine instant at which it was ordered, or taken by the broker."""
        self.ended: Counter[tuple[Sent, Outcome]] = Counter()
        """Finished commands by what they were and how they ended."""

    def note(self, rows: Rows, rev: int, kind: Sent, elapsed: float) -> None:
        """A command goes out to these luminaires; it replaces what was awaited of them."""
        self.withdraw(rows)
        self.rev[rows], self.sent[rows], self.since[rows] = rev, kind, elapsed

    def note_one(self, row: int, rev: int, kind: Sent, elapsed: float) -> None:
        """A command goes out to one luminaire; the same as `note` of one row, only faster."""
        if self.rev[row] > 0:
            self.ended[Sent(self.sent[row]), Outcome.SUPERSEDED] += 1
        self.rev[row], self.sent[row], self.since[row] = rev, kind, elapsed

    def is_answer(self, rows: Rows, revs: Ints) -> Flags:
        """Which states, naming these commands (0: none), answer what is awaited."""
        awaited = self.rev[rows]
        is_answer: Flags = (awaited == revs) & (awaited > 0)
        return is_answer

    def answer(self, rows: Rows, revs: Ints) -> tuple[Ints, Floats]:
        """States arrived that name these commands. Any state answers a question.

        Returns which kinds (`Sent`) were answered, and since which machine instant each was
        under way.
        """
        is_asked = (self.rev[rows] > 0) & (self.sent[rows] == Sent.QUESTION)
        answered = rows[self.is_answer(rows, revs) | is_asked]
        kinds, since = self.sent[answered].astype(np.int64), self.since[answered]
        self._end(answered, Outcome.ACKED)
        return kinds, since

    def withdraw(self, rows: Rows) -> None:
        """What was awaited of these rows is not wanted any more."""
        self._end(rows[self.rev[rows] > 0], Outcome.SUPERSEDED)

    def fail(self, rows: Rows) -> None:
        """What was awaited of these rows did not go out."""
        self._end(rows[self.rev[rows] > 0], Outcome.FAILED)

    def forget_unanswered(self, elapsed: float) -> None:
        """Count commands that got no answer in time; their answers still count as states."""
        late = np.flatnonzero((self.rev > 0) & (self.since < elapsed - TIMEOUT_S))
        self._end(late, Outcome.TIMEOUT)

    @property
    def finished(self) -> Counter[Outcome]:
        """Finished commands by how they ended."""
        found: Counter[Outcome] = Counter()
        for (_, outcome), count in self.ended.items():
            found[outcome] += count
        return found

    @property
    def pending(self) -> int:
        """Commands neither answered, superseded nor timed out."""
        return int(np.count_nonzero(self.rev))

    def _end(self, rows: Rows, outcome: Outcome) -> None:
        if rows.size:
            for kind, count in enumerate(np.bincount(self.sent[rows]).tolist()):
                if count:
                    self.ended[Sent(kind), outcome] += count
            self.rev[rows] = 0
            self.sent[rows] = Sent.NOTHING
