"""Passwords: argon2id, RFC 9106's second recommended parameters (64 MiB, 3 passes, 4 lanes)."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from controller.errors import ConfigurationError
from controller.service.people.refusals import MustWait
from controller.service.people.sentences import SAY

SHORTEST: Final = 12
"""Characters of a new password. Ref: NIST SP 800-63B-4 3.1.1.2 asks for 8 or more, 15 alone."""
LONGEST: Final = 256

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
_AT_ONCE: Final = 2
"""Hashes at a time: each takes 64 MiB."""
_WAITING: Final = 32
"""Passwords that may wait for their turn; whoever comes then is told to come again."""


class Passwords:
    """Makes and checks hashes beside the loop, a few at a time."""

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobodys = ""

    @staticmethod
    def refuse_bad(password: str) -> None:
        """Raises `ConfigurationError` for a new password that is too short, too long, too plain."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise ConfigurationError(
                SAY("password_length", least=SHORTEST, most=LONGEST, given=len(password))
            )
        if len(set(password)) < 4:
            raise ConfigurationError(SAY("password_plain"))

    async def hashed(self, password: str) -> str:
        """The encoded hash of a new password; raises as `refuse_bad`, and `MustWait`."""
        self.refuse_bad(password)
        async with self._turn():
            return await asyncio.to_thread(self._hasher.hash, _plain(password))

    async def fits(self, encoded: str | None, password: str) -> bool:
        """Whether a password is the one; takes the same time where there is nobody.

        Raises `MustWait` where too many wait already.
        """
        if len(password) > LONGEST:
            return False
        async with self._turn():
            return await asyncio.to_thread(self._fits, encoded, password)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= _WAITING:
            raise MustWait(2.0, SAY("many_at_once"))
        self._waiting += 1
        try:
            async with self._room:
                yield
        finally:
            self._waiting -= 1

    def is_outdated(self, encoded: str) -> bool:
        """Whether it was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(encoded)

    def _fits(self, encoded: str | None, password: str) -> bool:
        if not self._nobodys:  # before the first look at anybody's
            self._nobodys = self._hasher.hash("nobody's password")
        try:
            self._hasher.verify(encoded or self._nobodys, _plain(password))
        except (VerificationError, InvalidHashError):
            return False
        return encoded is not None


def _plain(password: str) -> bytes:
    """One form for what looks alike, whatever keyboard it came from. Ref: RFC 8265 4.2."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
