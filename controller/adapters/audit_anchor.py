"""The audit log's head, kept in a small file beside the store.

Who cuts lines off the end of the log leaves a chain that holds; the file still names the line
that was last. It is written after the line's commit, so that it is never ahead of the log.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

from controller.adapters.sentences import SAY
from controller.errors import StoreError
from controller.ports.people import Head

FILE_NAME: Final = "audit-head"


class AuditAnchor:
    """The file of one data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE_NAME

    def read(self) -> Head | None:
        """What it holds; None where it is not there or says nothing that can be read."""
        try:
            number, head = self._path.read_text(encoding="ascii").split()
            return Head(int(number), bytes.fromhex(head))
        except (OSError, ValueError):
            return None

    def write(self, head: Head) -> None:
        """Keep a newer head; on the disk when this returns. Raises `StoreError`."""
        beside = self._path.with_name(f"{FILE_NAME}.new")
        try:
            with beside.open("w", encoding="ascii") as out:
                out.write(f"{head.number} {head.hash.hex()}\n")
                out.flush()
                os.fsync(out.fileno())
            beside.chmod(0o600)
            beside.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise StoreError(
                SAY("anchor_unwritten", path=str(self._path), why=error.strerror)
            ) from error
