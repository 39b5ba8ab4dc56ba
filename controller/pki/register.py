"""What an authority issued and revoked: one line of JSON each, appended and synced.

The register is written before a certificate leaves the authority, so that whatever is out
there can be revoked.
"""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from controller.errors import ConfigurationError
from controller.pki.identity import Role


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate."""

    serial: int
    role: Role
    name: str
    hosts: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    """It is valid from ``not_before`` to ``not_after``, both UTC."""
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Neither revoked nor over."""
        return self.revoked_at is None and now < self.not_after


REGISTER: Final = "register.jsonl"


class _Entry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    what: Literal["issued", "revoked"]
    serial: str
    at: int
    role: Role | None = None
    name: str = ""
    hosts: tuple[str, ...] = ()
    not_before: int = 0
    not_after: int = 0


class Register:
    """The register of one authority; read anew by every command."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[int, Issued]:
        """Everything ever issued, by serial number, in order.

        Raises `ConfigurationError` naming the line that cannot be read. A last line that was
        cut off by a crash is none: its certificate never left.
        """
        issued: dict[int, Issued] = {}
        for number, entry in self._entries():
            serial = int(entry.serial, 16)
            if entry.what == "issued":
                if entry.role is None:
                    raise self._broken(number, "it names no role")
                issued[serial] = Issued(
                    serial,
                    entry.role,
                    entry.name,
                    entry.hosts,
                    _instant(entry.not_before),
                    _instant(entry.not_after),
                )
            elif serial in issued:
                issued[serial] = _revoked(issued[serial], _instant(entry.at))
            else:
                raise self._broken(number, f"serial {entry.serial} was never issued")
        return issued

    def add_issued(self, many: list[Issued], at: datetime) -> None:
        """Write down what is about to be handed out."""
        self._append(
            _Entry(
                "issued",
                f"{one.serial:x}",
                int(at.timestamp()),
                one.role,
                one.name,
                one.hosts,
                int(one.not_before.timestamp()),
                int(one.not_after.timestamp()),
            )
            for one in many
        )

    def add_revoked(self, serials: list[int], at: datetime) -> None:
        """Write down what is not valid any more."""
        self._append(_Entry("revoked", f"{serial:x}", int(at.timestamp())) for serial in serials)

    def _append(self, entries: Iterator[_Entry]) -> None:
        lines = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # two commands at once write one after the other
            file.truncate(file.read().rfind(b"\n") + 1)  # what a crash cut off
            file.seek(0, os.SEEK_END)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def _entries(self) -> Iterator[tuple[int, _Entry]]:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return
        for number, line in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), 1):
            try:
                yield number, msgspec.json.decode(line, type=_Entry)
            except msgspec.MsgspecError as error:
                raise self._broken(number, str(error)) from error

    def _broken(self, number: int, why: str) -> ConfigurationError:
        return ConfigurationError(f"register {str(self._path)!r}, line {number}: {why}")


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _revoked(one: Issued, at: datetime) -> Issued:
    return Issued(
        one.serial, one.role, one.name, one.hosts, one.not_before, one.not_after, revoked_at=at
    )
