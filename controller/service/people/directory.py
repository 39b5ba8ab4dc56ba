"""Users, sessions, tokens and one-time links of one site.

Every change is stored before it is answered. What is asked at each request is kept in memory
and forgotten at each change.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, Concatenate, Final, NamedTuple, NoReturn, ParamSpec, TypeVar

from controller.errors import ConfigurationError, NoSuchPerson
from controller.ports.people import GrantRow, PassKind, PassRow, PeopleStore, PersonRow
from controller.service.people.audit import Audit
from controller.service.people.caller import Caller
from controller.service.people.logins import Way
from controller.service.people.passwords import Passwords
from controller.service.people.refusals import NotLetIn
from controller.service.people.rights import Grant, Place, Right, Role
from controller.service.people.secrets import csrf_token, digest, new_secret
from controller.service.people.sentences import SAY
from controller.service.people.throttle import Guesses

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
_LONGEST_NAME: Final = 100
_NO_LETTERS: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters that nobody sees: with one in it a name looks like another's."""
_P = ParamSpec("_P")
_R = TypeVar("_R")
_USER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


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


def _counted(
    way: Way,
) -> Callable[
    [Callable[Concatenate["Directory", _P], Coroutine[Any, Any, _R]]],
    Callable[Concatenate["Directory", _P], Coroutine[Any, Any, _R]],
]:
    """Let what comes of a way in be counted."""

    def around(
        enter: Callable[Concatenate["Directory", _P], Coroutine[Any, Any, _R]],
    ) -> Callable[Concatenate["Directory", _P], Coroutine[Any, Any, _R]]:
        @wraps(enter)
        async def counting(self: "Directory", /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            with self.logins.attempt(way):
                return await enter(self, *args, **kwargs)

        return counting

    return around


class Directory:
    """The people of one site. ``now`` gives Unix seconds UTC of the machine."""

    def __init__(
        self,
        store: PeopleStore,
        audit: Audit,
        now: Callable[[], float],
        passwords: Passwords | None = None,
    ) -> None:
        self._store = store
        self._audit = audit
        self._now = now
        self._passwords = passwords or Passwords()
        self._guesses = Guesses(store, now)
        self.logins = self._guesses.logins
        self._known: dict[bytes, tuple[PassRow, Caller]] = {}
        self._changes = 0
        """Counts what ends sessions: what was read before must not be remembered after."""
        self._changing = asyncio.Lock()

    # --- entering -----------------------------------------------------------------------

    async def first_link(self) -> Invitation | None:
        """A one-time link that makes the first admin; None where there are users already."""
        await asyncio.to_thread(self._store.delete_over, self._now())
        if await asyncio.to_thread(self._store.people):
            return None
        old = await asyncio.to_thread(self._store.passes, "setup")
        await asyncio.to_thread(self._store.delete_passes, [one.digest for one in old])
        return await self._link("setup", "")

    @_counted("setup")
    async def set_up(self, link: str, user: str, name: str, password: str, address: str) -> Entered:
        """Make the first admin by the link of the first start, and let them in."""
        self._passwords.refuse_bad(password)
        _checked_user(user)
        known_as = _checked_name(name)
        self._guesses.refuse_address(address)
        taken = await asyncio.to_thread(self._store.take_pass, digest(link))
        if taken is None or taken.kind != "setup" or taken.expires_at <= self._now():
            await self._refuse_link(address, "set up")
        hashed = await self._passwords.hashed(password)
        async with self._changing:
            if await asyncio.to_thread(self._store.people):
                raise ConfigurationError(SAY("not_first"))
            row = _new_person(user, known_as, hashed, self._now())
            admin = [_grant_row(Grant(Role.ADMIN))]
            await asyncio.to_thread(self._store.save_person, row, admin)
            return await self._let_in(row, address, "set up")

    @_counted("password")
    async def log_in(self, user: str, password: str, address: str, instead_of: str = "") -> Entered:
        """Let a user in by password; ``instead_of`` is the secret of a session that ends with it.

        Raises `NotLetIn`, and `MustWait` after too many wrong ones.
        """
        attempt = await self._guesses.begin(user, address)
        row = await asyncio.to_thread(self._store.person, user)
        usable = None if row is None or row.is_disabled else row.password
        if not await self._passwords.fits(usable, password) or row is None:
            self._guesses.was_wrong(attempt)
            await self._refuse_password(row, address)
        anew = None
        if usable is not None and self._passwords.is_outdated(usable):
            anew = await self._passwords.hashed(password)
        async with self._changing:
            present = await asyncio.to_thread(self._store.person, user)
            if present is None or present.is_disabled or present.password != usable:
                await self._refuse_password(row, address)  # it changed while it was looked at
            if anew is not None:
                present = present._replace(password=anew)
                await asyncio.to_thread(self._store.save_person, present, None)
            await self._guesses.was_right(attempt)
            return await self._let_in(present, address, "log in", instead_of)

    @_counted("link")
    async def enter(self, link: str, address: str, instead_of: str = "") -> Entered:
        """Let a user in by a one-time link."""
        self._guesses.refuse_address(address)
        taken = await asyncio.to_thread(self._store.take_pass, digest(link))
        if (
            taken is None
            or taken.kind not in {"invitation", "entry"}
            or taken.expires_at <= self._now()
        ):
            await self._refuse_link(address, "enter by link")
        async with self._changing:
            row = await asyncio.to_thread(self._store.person, taken.person)
            if row is None or row.is_disabled:
                await self._refuse_link(address, "enter by link")
            await self._guesses.open_again(row.id)
            await self._guesses.came_in(row.id, address)
            return await self._let_in(row, address, "enter by link", instead_of)

    @_counted("provider")
    async def enter_known(self, user: str, address: str, instead_of: str = "") -> Entered:
        """Let a user in for whom a provider vouches; one whom we do not know stays out."""
        self._guesses.refuse_address(address)
        async with self._changing:
            row = await asyncio.to_thread(self._store.person, user)
            if row is None or row.is_disabled:
                await self._refuse_link(address, "enter by provider")
            return await self._let_in(row, address, "enter by provider", instead_of)

    @_counted("provider")
    async def refuse_known(self, address: str, why: str) -> NoReturn:
        """Somebody whom the provider does not vouch for: raises `NotLetIn`, or `MustWait`."""
        self._guesses.refuse_address(address)
        await self._refuse_link(address, "enter by provider", why)

    async def log_out(self, caller: Caller, *, everywhere: bool = False) -> None:
        """End the caller's session, or all of theirs."""
        kept = await asyncio.to_thread(self._store.passes, "session", caller.user)
        gone = [one.digest for one in kept if everywhere or one.key == caller.key]
        await self._end(gone)
        await self._audit.write(caller, "log out everywhere" if everywhere else "log out")

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

    # --- users --------------------------------------------------------------------------

    async def users(self) -> list[tuple[PersonRow, list[Grant]]]:
        """All users with their grants."""

        def read() -> list[tuple[PersonRow, list[Grant]]]:
            return [(row, self._grants(f"user:{row.id}")) for row in self._store.people()]

        return await asyncio.to_thread(read)

    async def present(self, user: str) -> Caller | None:
        """What a user may do now; None: they are gone or disabled."""

        def read() -> Caller | None:
            row = self._store.person(user)
            if row is None or row.is_disabled:
                return None
            grants = tuple(self._grants(f"user:{row.id}"))
            return Caller(row.id, row.name, grants, language=row.language)

        return await asyncio.to_thread(read)

    async def invite(self, by: Caller, user: str, name: str, grants: Iterable[Grant]) -> Invitation:
        """Make a user without a password, and a link by which they choose one."""
        _checked_user(user)
        known_as = _checked_name(name)
        given = list(grants)
        if not given:
            raise ConfigurationError(SAY("role_missing", user=user))
        async with self._changing:
            if await asyncio.to_thread(self._store.person, user) is not None:
                raise ConfigurationError(SAY("user_there", user=user))
            row = _new_person(user, known_as, None, self._now())
            rows = [_grant_row(one) for one in given]
            await asyncio.to_thread(self._store.save_person, row, rows)
            made = await self._link("invitation", user)
        await self._audit.write(by, "invite user", user, detail={"grants": list(map(str, given))})
        return made

    async def new_link(self, by: Caller, user: str) -> Invitation:
        """A one-time link for a user who forgot the password, or is locked; older ones are void."""
        async with self._changing:
            await self._person(user)
            await self._void_links(user)
            await self._guesses.open_again(user)
            made = await self._link("entry", user)
        await self._audit.write(by, "make link", user)
        return made

    async def change_user(
        self,
        by: Caller,
        user: str,
        *,
        name: str | None = None,
        language: str | None = None,
        grants: Iterable[Grant] | None = None,
        is_disabled: bool | None = None,
    ) -> None:
        """Change what is given. A disabled user's sessions and tokens end.

        Raises `ConfigurationError` where no enabled admin of the whole city would be left.
        """
        async with self._changing:
            row = await self._person(user)
            given = None if grants is None else list(grants)
            if given is not None or is_disabled:
                stays = not is_disabled and (given is None or _is_admin(given))
                await self._keep_an_admin(user, stays=stays)
            row = row._replace(
                name=row.name if name is None else _checked_name(name) or row.id,
                language=row.language if language is None else language,
                is_disabled=row.is_disabled if is_disabled is None else is_disabled,
            )
            rows = None if given is None else [_grant_row(one) for one in given]
            await asyncio.to_thread(self._store.save_person, row, rows)
            if is_disabled:
                kept = await asyncio.to_thread(self._store.passes, None, user)
                await asyncio.to_thread(self._store.delete_passes, [one.digest for one in kept])
            self._forget()
        changed = {
            "name": name,
            "language": language,
            "grants": None if given is None else list(map(str, given)),
            "disabled": is_disabled,
        }
        detail = {word: value for word, value in changed.items() if value is not None}
        await self._audit.write(by, "change user", user, detail=detail)

    async def delete_user(self, by: Caller, user: str) -> None:
        """Forget a user; what they did stays in the histories."""
        async with self._changing:
            await self._person(user)
            await self._keep_an_admin(user, stays=False)
            await asyncio.to_thread(self._store.delete_person, user)
            self._forget()
        await self._audit.write(by, "delete user", user)

    @_counted("change")
    async def change_password(self, caller: Caller, old: str | None, new: str) -> None:
        """Choose a new password; every other session of the user ends.

        ``old`` may be None where the user has none yet. Raises `NotLetIn` for a wrong one.
        """
        self._passwords.refuse_bad(new)
        row = await self._person(caller.user)
        if row.password is not None:
            attempt = await self._guesses.begin(caller.user, caller.address)
            if not await self._passwords.fits(row.password, old or ""):
                self._guesses.was_wrong(attempt)
                await self._audit.write(caller, "change password", caller.user, "refused")
                raise NotLetIn(SAY("old_wrong"))
            await self._guesses.was_right(attempt)
        hashed = await self._passwords.hashed(new)
        async with self._changing:
            present = await self._person(caller.user)
            if present.password != row.password or present.is_disabled:
                raise NotLetIn(SAY("password_changed"))
            await asyncio.to_thread(
                self._store.save_person, present._replace(password=hashed), None
            )
            await self._void_links(caller.user)
            kept = await asyncio.to_thread(self._store.passes, "session", caller.user)
            await self._end([one.digest for one in kept if one.key != caller.key])
        await self._audit.write(caller, "change password", caller.user)

    # --- sessions and tokens ------------------------------------------------------------

    async def sessions(self, user: str | None = None) -> list[PassRow]:
        """Sessions that are not over, of one user or of all; the newest first."""
        return await self._alive("session", user)

    async def tokens(self, user: str | None = None) -> list[tuple[PassRow, list[Grant]]]:
        """Tokens that are not over, with their grants."""
        rows = await self._alive("token", user)
        return [(row, await asyncio.to_thread(self._grants, f"token:{row.key}")) for row in rows]

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
        rows = [_grant_row(one) for one in given]
        async with self._changing:
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
        await self._end([one.digest for one in found])
        await self._audit.write(by, f"end {kind}", key, detail={"of": found[0].person})
        return True

    async def end_all(self, by: Caller, user: str) -> int:
        """End every session and token of a user; returns how many there were."""
        await self._person(user)
        kept = await asyncio.to_thread(self._store.passes, None, user)
        gone = [one.digest for one in kept if one.kind in {"session", "token"}]
        await self._end(gone)
        await self._audit.write(by, "end all sessions and tokens", user)
        return len(gone)

    def count_sessions(self) -> int:
        """How many sessions are not over; may block on the disk."""
        return len(self._not_over(self._store.passes("session")))

    @property
    def changes(self) -> int:
        """Counts what ends sessions and changes rights: who holds one asks anew after it."""
        return self._changes

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
        own = tuple(self._grants(f"user:{person.id}"))
        if row.kind == "token":
            grants = tuple(self._grants(f"token:{row.key}"))
            return row, Caller(
                person.id, row.name or person.name, grants, "token", row.key, bounds=own
            )
        return row, Caller(
            person.id, person.name, own, "session", row.key, language=person.language
        )

    def _grants(self, whose: str) -> list[Grant]:
        return [
            Grant(Role(row.role), Place(row.place), row.id or None)
            for row in self._store.grants(whose)
        ]

    async def _person(self, user: str) -> PersonRow:
        row = await asyncio.to_thread(self._store.person, user)
        if row is None:
            raise NoSuchPerson(SAY("no_user", user=user))
        return row

    async def _keep_an_admin(self, user: str, *, stays: bool) -> None:
        if stays:
            return
        admins = [
            row.id
            for row, grants in await self.users()
            if not row.is_disabled and _is_admin(grants)
        ]
        if admins == [user]:
            raise ConfigurationError(SAY("last_admin", user=user))

    async def _let_in(
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
        await self._end(over)
        found = await self._holder(made.digest, {"session"})
        assert found is not None, "just made"
        caller = _at(found[1], address)
        await self._audit.write(caller, action)
        return Entered(caller, csrf_token(secret), secret)

    async def _refuse_password(self, row: PersonRow | None, address: str) -> NoReturn:
        # What was typed as the name of nobody may be a password.
        nobody = Caller("" if row is None else row.id, "", (), address=address)
        await self._audit.write(nobody, "log in", outcome="refused")
        raise NotLetIn(SAY("wrong_login"))

    async def _refuse_link(self, address: str, action: str, why: str = "") -> NoReturn:
        self._guesses.fail(address)
        nobody = Caller("", "", (), address=address)
        detail = {"why": why} if why else {}
        await self._audit.write(nobody, action, outcome="refused", detail=detail)
        raise NotLetIn(SAY("wrong_link"))

    async def _void_links(self, user: str) -> None:
        kept = await asyncio.to_thread(self._store.passes, None, user)
        links = [one.digest for one in kept if one.kind in {"invitation", "entry"}]
        await asyncio.to_thread(self._store.delete_passes, links)

    async def _link(self, kind: PassKind, user: str) -> Invitation:
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

    async def _end(self, digests: list[bytes]) -> None:
        if digests:
            await asyncio.to_thread(self._store.delete_passes, digests)
            self._forget()

    async def locked_until(self, user: str) -> float:
        """Until when a user waits for the guesses of strangers, Unix seconds UTC; 0: not."""
        return await self._guesses.locked_until(user)

    def _forget(self) -> None:
        self._changes += 1
        self._known.clear()


def _at(caller: Caller, address: str) -> Caller:
    return Caller(
        *(caller.user, caller.name, caller.grants, caller.via, caller.key, caller.bounds),
        *(caller.language, address),
    )


def _new_person(user: str, name: str, password: str | None, now: float) -> PersonRow:
    return PersonRow(
        user,
        name or user,
        password,
        language=None,
        is_disabled=False,
        created_at=now,
    )


def _grant_row(grant: Grant) -> GrantRow:
    return GrantRow(grant.role.value, grant.place.value, grant.id or "")


def _is_admin(grants: Iterable[Grant]) -> bool:
    return any(Right.ADMIN in one.rights and one.place is Place.CITY for one in grants)


def _checked_user(user: str) -> None:
    if not _USER.fullmatch(user):
        raise ConfigurationError(SAY("user_id", user=user))


def _checked_name(name: str) -> str:
    """A name as it is kept: nothing that turns text round, or that nobody sees.

    Ref: RFC 8266 2.3; RFC 8264 9.13 (default ignorable code points).
    """
    found = unicodedata.normalize("NFC", name).strip()
    wrong = [one for one in found if unicodedata.category(one) in _NO_LETTERS or one in _UNSEEN]
    if wrong:
        raise ConfigurationError(SAY("name_character", name=found, wrong=wrong[0]))
    if len(found) > _LONGEST_NAME:
        raise ConfigurationError(SAY("name_long", most=_LONGEST_NAME, given=len(found)))
    return found
