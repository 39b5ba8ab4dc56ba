"""Slows guessing down, for each user and each address, without locking a city out for ever.

A name at which somebody failed often waits, twice as long each time, at most a quarter of an
hour. Strangers' failures count apart from those at addresses that the user came in from before:
whoever guesses from elsewhere does not keep the control room out. A one-time link, from another
admin or from the command line on the machine, opens at once. An address that failed often, at
whatever names, waits as well. All that is remembered is bounded.

Ref: NIST SP 800-63B-4 3.2.2 (rate limiting); OWASP Authentication Cheat Sheet.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from controller.ports.people import GuessRow, PeopleStore
from controller.service.people.logins import Logins
from controller.service.people.refusals import MustWait
from controller.service.people.secrets import digest

_FREE: Final = 5
"""Wrong passwords in a row that cost nothing."""
_LONGEST_S: Final = 900.0
_FORGOTTEN_S: Final = 86_400.0
"""A row of failures that nobody went on with."""
_NAMES: Final = 10_000
_FAMILIAR: Final = 20
"""Addresses that are remembered of a user."""
_ADDRESS_FREE: Final = 30
_ADDRESS_SPAN_S: Final = 600.0
_ADDRESSES: Final = 10_000


def wait_after(failures: int) -> float:
    """Machine seconds that a user waits after so many wrong passwords in a row."""
    if failures < _FREE:
        return 0.0
    return float(min(_LONGEST_S, 2.0 ** min(failures - _FREE, 20)))


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the network that one household or host is given.

    Ref: RFC 6177 (a /64 at least), RFC 4291 2.5.5.2 (IPv4 in IPv6).
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


class AddressThrottle:
    """Failures by address, within a moving span; in memory only."""

    def __init__(self, free: int = _ADDRESS_FREE) -> None:
        self._free = free
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, address: str, now: float) -> float:
        """Machine seconds until this address may try again; 0: now."""
        recent = self._recent(neighbourhood(address), now)
        return recent[0] + _ADDRESS_SPAN_S - now if len(recent) >= self._free else 0.0

    def fail(self, address: str, now: float) -> None:
        """One more wrong guess from there."""
        place = neighbourhood(address)
        recent = [*self._recent(place, now), now]
        self._failures[place] = recent[-self._free :]
        self._failures.move_to_end(place)
        while len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def forgive(self, address: str) -> None:
        """The last one was none."""
        place = neighbourhood(address)
        kept = self._failures.get(place)
        if kept:
            kept.pop()
            if not kept:
                del self._failures[place]

    def _recent(self, place: str, now: float) -> list[float]:
        kept = self._failures.get(place, [])
        return [at for at in kept if now - _ADDRESS_SPAN_S < at <= now]


class Attempt(NamedTuple):
    """A password that is about to be looked at."""

    user: str
    address: str
    at_whom: bytes
    wait_s: float
    """Machine seconds that the next one waits if this one is wrong."""


class Guesses:
    """Counts a password as wrong before it is looked at: many at once count as many.

    Names that there are and others are treated alike, to the last write on the disk.
    """

    def __init__(self, store: PeopleStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._addresses = AddressThrottle()
        self._counting = asyncio.Lock()
        self.logins = Logins()

    def refuse_address(self, address: str) -> None:
        """Raises `MustWait` where too much went wrong from an address."""
        wait_s = self._addresses.wait_s(address, self._now())
        if wait_s > 0:
            raise MustWait(wait_s)

    def fail(self, address: str) -> None:
        """A link was wrong."""
        self._addresses.fail(address, self._now())
        self._count_address(address)

    def was_wrong(self, attempt: Attempt) -> None:
        """The password was not the one, as `begin` took it."""
        if attempt.wait_s > 0:
            self.logins.lockouts["user"] += 1
        self._count_address(attempt.address)

    async def begin(self, user: str, address: str) -> Attempt:
        """Before a password is looked at; raises `MustWait` where that must not be yet."""
        self.refuse_address(address)
        self._addresses.fail(address, self._now())
        async with self._counting:
            return await asyncio.to_thread(self._begin, user, address)

    async def was_right(self, attempt: Attempt) -> None:
        """The password was the one; the address is familiar from now on."""
        self._addresses.forgive(attempt.address)
        async with self._counting:
            await asyncio.to_thread(self._was_right, attempt)

    async def came_in(self, user: str, address: str) -> None:
        """A user came in otherwise."""
        place = neighbourhood(address)
        await asyncio.to_thread(self._store.save_familiar, user, place, self._now(), _FAMILIAR)

    async def open_again(self, user: str) -> None:
        """Nobody waits for this user's earlier failures any more."""

        def forget() -> None:
            places = ["", *self._store.familiar(user)]
            self._store.forget_guesses([_at_whom(user, place) for place in places])

        async with self._counting:
            await asyncio.to_thread(forget)

    async def locked_until(self, user: str) -> float:
        """Until when strangers' guesses make a user wait, Unix seconds UTC; 0: not."""
        now = self._now()
        found = await asyncio.to_thread(self._counted, _at_whom(user, ""), now)
        return 0.0 if found is None or found.locked_until <= now else found.locked_until

    def _count_address(self, address: str) -> None:
        if self._addresses.wait_s(address, self._now()) > 0:
            self.logins.lockouts["address"] += 1

    def _begin(self, user: str, address: str) -> Attempt:
        now, place = self._now(), neighbourhood(address)
        is_familiar = place in self._store.familiar(user)
        at_whom = _at_whom(user, place if is_familiar else "")
        row = self._counted(at_whom, now) or GuessRow(at_whom, 0, 0.0, now)
        if row.locked_until > now:
            self._addresses.forgive(address)  # nothing was learnt by it
            raise MustWait(row.locked_until - now)
        failures = row.failures + 1
        wait_s = wait_after(failures)
        self._store.save_guess(GuessRow(at_whom, failures, now + wait_s, now), _NAMES)
        return Attempt(user, address, at_whom, wait_s)

    def _counted(self, at_whom: bytes, now: float) -> GuessRow | None:
        """Failures that count at ``now``; None: there are none."""
        row = self._store.guess(at_whom)
        # What a clock that was ahead has counted must not keep anybody out until that day.
        if row is None or not -_LONGEST_S <= now - row.last_at <= _FORGOTTEN_S:
            return None
        return row

    def _was_right(self, attempt: Attempt) -> None:
        self._store.forget_guesses([attempt.at_whom])
        place = neighbourhood(attempt.address)
        self._store.save_familiar(attempt.user, place, self._now(), _FAMILIAR)


def _at_whom(user: str, place: str) -> bytes:
    return digest(f"{user}\0{place}")
