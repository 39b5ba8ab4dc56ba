"""Sessions, tokens and one-time links: what lets somebody in by a secret.

Of a secret only its digest is kept. What is asked at each request is kept in memory and
forgotten at each change.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from controller.errors import ConfigurationError, NoSuchPerson
from controller.ports.people import PassKind, PassRow, PeopleStore, PersonRow
from controller.service.people.audit import Audit
from controller.service.people.caller import Caller
from controller.service.people.kept_grants import grant_row, kept_grants
from controller.service.people.rights import Grant
from controller.service.people.secrets import csrf_token, digest, new_secret
from controller.service.people.sentences import SAY

IDLE_S: Final = 12 * 3600.0
"""A session that nobody uses ends."""
SESSION_S: Final = 7 * 86_400.0
"""Every session ends."""
LINK_S: Final = 24 * 3600.0
LONGEST_TOKEN_S: Final = 5 * 365 * 86_400.0
_SEEN_EVERY_S: Final = 60.0
_SESSIONS_EACH: Final = 20
_TOKENS_EACH: Final = 100
_REMEMBERED: Final = 10_000


class Entered(NamedTuple):
    """A session."""

    caller: Caller
    csrf: str
    secret: str = ""
    """The cookie's value; only where the session is new."""


class Invitation(NamedTuple):
    """A one-time link's secret, and until when it is good, Unix seconds UTC."""

    secret: str
    kind: PassKind
    expires_at: float


class Passes:
    """The passes of one site. ``now`` gives Unix seconds UTC of the machine."""

    def __init__(self, store: PeopleStore, audit: Audit, now: Callable[[], float]) -> None:
        self._store = store
        self._audit = audit
        self._now = now
        self._known: dict[bytes, tuple[PassRow, Caller]] = {}
        self._changes = 0
        """Counts what ends sessions: what was read before must not be remembered after."""
        self._adding = asyncio.Lock()

    async def caller_of_session(self, secret: str, address: str) -> Entered | None:
        """Who has this cookie; None where the session is over."""
        found = await self._holder(digest(secret), {"session"})
        if found is None:
            return None
        row, caller = found
        now = self._now()
        if now - row.seen_at > _SEEN_EVERY_S:
            if row.digest in self._known:
                self._known[row.digest] = (row._replace(seen_at=now), caller)
            # One that was ended meanwhile stays so.
            await asyncio.to_thread(self._store.touch_pass, row.digest, now)
        return Entered(_at(caller, address), csrf_token(secret))

    async def caller_of_token(self, secret: str, address: str) -> Caller | None:
        """Whose token it is; None where it is none, or over."""
        found = await self._holder(digest(secret), {"token"})
        return None if found is None else _at(found[1], address)

    async def sessions(self, user: str | None = None) -> list[PassRow]:
        """Sessions that are not over, of one user or of all; the newest first."""
        return await self._alive("session", user)

    async def tokens(self, user: str | None = None) -> list[tuple[PassRow, list[Grant]]]:
        """Tokens that are not over, with their grants."""
        rows = await self._alive("token", user)

        def read() -> list[tuple[PassRow, list[Grant]]]:
            return [(row, kept_grants(self._store, f"token:{row.key}")) for row in rows]

        return await asyncio.to_thread(read)

    async def make_token(
        self, by: Caller, name: str, grants: Iterable[Grant], lasts_s: float
    ) -> tuple[str, PassRow]:
        """A token for a program; its secret is given once.

        It can never do more than its owner may at that time.
        """
        given = list(grants)
        if not given:
            raise ConfigurationError(SAY("token_role_missing"))
        if not 60 <= lasts_s <= LONGEST_TOKEN_S:
            raise ConfigurationError(
                SAY("token_lasts", most=LONGEST_TOKEN_S / 86_400, days=lasts_s / 86_400)
            )
        secret, now = new_secret(), self._now()
        row = PassRow(
            digest(secret), "token", new_secret()[:12], by.user, name, "", now, now + lasts_s, 0.0
        )
        rows = [grant_row(one) for one in given]
        async with self._adding:
            if len(await self._alive("token", by.user)) >= _TOKENS_EACH:
                raise ConfigurationError(SAY("tokens_many", most=_TOKENS_EACH))
            await asyncio.to_thread(self._store.save_pass, row, rows)
        detail = {"name": name, "grants": list(map(str, given)), "expires_at": row.expires_at}
        await self._audit.write(by, "make token", row.key, detail=detail)
        return secret, row

    async def end(self, by: Caller, kind: PassKind, key: str, owner: str | None = None) -> bool:
        """End a session or token by its key, where it is ``owner``'s; False: there is none."""
        kept = await asyncio.to_thread(self._store.passes, kind, owner)
        found = [one for one in kept if one.key == key]
        if not found:
            return False
        await self.drop([one.digest for one in found])
        await self._audit.write(by, f"end {kind}", key, detail={"of": found[0].person})
        return True

    async def end_all(self, by: Caller, user: str) -> int:
        """End every session and token of a user; returns how many there were."""
        if await asyncio.to_thread(self._store.person, user) is None:
            raise NoSuchPerson(SAY("no_user", user=user))
        kept = await asyncio.to_thread(self._store.passes, None, user)
        gone = [one.digest for one in kept if one.kind in {"session", "token"}]
        await self.drop(gone)
        await self._audit.write(by, "end all sessions and tokens", user)
        return len(gone)

    def count_sessions(self) -> int:
        """How many sessions are not over; may block on the disk."""
        return len(self._not_over(self._store.passes("session")))

    @property
    def changes(self) -> int:
        """Counts what ends sessions and changes rights: who holds one asks anew after it."""
        return self._changes

    # --- for the directory --------------------------------------------------------------

    async def let_in(
        self, row: PersonRow, address: str, action: str, instead_of: str = ""
    ) -> Entered:
        """A new session with a new secret, whatever cookie came along."""
        secret, now = new_secret(), self._now()
        made = PassRow(
            digest(secret),
            *("session", new_secret()[:12], row.id, "", address),
            *(now, now + SESSION_S, now),
        )
        await asyncio.to_thread(self._store.save_pass, made)
        await asyncio.to_thread(self._store.delete_over, now)
        kept = await asyncio.to_thread(self._store.passes, "session", row.id)
        over = [one.digest for one in kept[_SESSIONS_EACH:]]
        over += [one.digest for one in kept if now - one.seen_at > IDLE_S]
        if instead_of:
            before = await asyncio.to_thread(self._store.one_pass, digest(instead_of))
            over += [before.digest] if before is not None and before.kind == "session" else []
        await self.drop(over)
        found = await self._holder(made.digest, {"session"})
        assert found is not None, "just made"
        caller = _at(found[1], address)
        await self._audit.write(caller, action)
        return Entered(caller, csrf_token(secret), secret)

    async def void_links(self, user: str) -> None:
        """End the one-time links of a user that nobody has used."""
        kept = await asyncio.to_thread(self._store.passes, None, user)
        links = [one.digest for one in kept if one.kind in {"invitation", "entry"}]
        await asyncio.to_thread(self._store.delete_passes, links)

    async def link(self, kind: PassKind, user: str) -> Invitation:
        """A new one-time link, good for `LINK_S` seconds."""
        secret, now = new_secret(), self._now()
        row = PassRow(digest(secret), kind, new_secret()[:12], user, "", "", now, now + LINK_S, now)
        await asyncio.to_thread(self._store.save_pass, row)
        return Invitation(secret, kind, row.expires_at)

    async def _alive(self, kind: PassKind, user: str | None) -> list[PassRow]:
        return self._not_over(await asyncio.to_thread(self._store.passes, kind, user))

    def _not_over(self, kept: list[PassRow]) -> list[PassRow]:
        now = self._now()
        return [
            one
            for one in kept
            if one.expires_at > now and not (one.kind == "session" and now - one.seen_at > IDLE_S)
        ]

    async def drop(self, digests: list[bytes]) -> None:
        """End the passes of these digests."""
        if digests:
            await asyncio.to_thread(self._store.delete_passes, digests)
            self.forget()

    def forget(self) -> None:
        """Ask the store anew at the next request: people or what they may do changed."""
        self._changes += 1
        self._known.clear()

    # --- inside -------------------------------------------------------------------------

    async def _holder(self, of: bytes, kinds: set[str]) -> tuple[PassRow, Caller] | None:
        found = self._known.get(of)
        if found is None:
            changes = self._changes
            found = await asyncio.to_thread(self._looked_up, of)
            if found is None:
                return None
            if changes == self._changes:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[of] = found
        row, _ = found
        now = self._now()
        is_idle = row.kind == "session" and now - row.seen_at > IDLE_S
        if row.kind not in kinds or row.expires_at <= now or is_idle:
            return None
        return found

    def _looked_up(self, of: bytes) -> tuple[PassRow, Caller] | None:
        row = self._store.one_pass(of)
        person = None if row is None else self._store.person(row.person)
        if row is None or person is None or person.is_disabled:
            return None
        own = tuple(kept_grants(self._store, f"user:{person.id}"))
        if row.kind == "token":
            grants = tuple(kept_grants(self._store, f"token:{row.key}"))
            return row, Caller(
                person.id, row.name or person.name, grants, "token", row.key, bounds=own
            )
        return row, Caller(
            person.id, person.name, own, "session", row.key, language=person.language
        )


def _at(caller: Caller, address: str) -> Caller:
    return Caller(
        *(caller.user, caller.name, caller.grants, caller.via, caller.key, caller.bounds),
        *(caller.language, address),
    )
