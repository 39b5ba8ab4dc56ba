"""The audit log's chain: each line's hash covers the line and the hash before it.

Who changes or takes out a line breaks every later hash. Ref: FIPS 180-4 (SHA-256).
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Final, NamedTuple

from controller.ports.people import AuditRow
from controller.service.people.sentences import SAY

BEGIN: Final = bytes(32)
"""What the first line hangs on."""


class Break(NamedTuple):
    """Where the chain does not hold."""

    number: int
    why: str


def link(before: bytes, row: AuditRow) -> bytes:
    """The hash of a line, whose own ``hash`` does not count."""
    words = json.dumps(list(row[:-1]), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + words.encode()).digest()


def first_break(
    rows: Iterable[AuditRow], before: bytes = BEGIN, after: int = 0
) -> tuple[Break | None, int, bytes]:
    """Walk lines in order; returns the first break, and the last good number and hash."""
    number = after
    for row in rows:
        if row.number != number + 1:
            is_gap = row.number > number
            why = SAY("line_missing", number=number + 1) if is_gap else SAY("disordered")
            return Break(number + 1, why), number, before
        if link(before, row) != row.hash:
            return Break(row.number, SAY("line_changed")), number, before
        number, before = row.number, row.hash
    return None, number, before
