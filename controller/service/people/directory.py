"""Users of one site: how they come in, and what is changed of them.

Every change is stored before it is answered.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from controller.errors import ConfigurationError, NoSuchPerson
from controller.ports.people import PassRow, PeopleStore, PersonRow
from controller.service.people.audit import Audit
from controller.service.people.caller import Caller
from controller.service.people.kept_grants import grant_row, kept_grants
from controller.service.people.logins import Way
from controller.service.people.naming import checked_name, refuse_bad_user
from controller.service.people.passes import Entered, Invitation, Passes
from controller.service.people.passwords import Passwords
from controller.service.people.refusals import NotLetIn
from controller.service.people.rights import Grant, Place, Right, Role
from controller.service.people.secrets import digest
from controller.service.people.sentences import SAY
from controller.service.people.throttle import Guesses

_P = ParamSpec("_P")
_R = TypeVar("_R")


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
        passes: Passes,
        passwords: Passwords | None = None,
    ) -> None:
        self._store = store
        self._audit = audit
        self._now = now
        self._passes = passes
        self._passwords = passwords or Passwords()
        self._guesses = Guesses(store, now)
        self.logins = self._guesses.logins
        self._changing = asyncio.Lock()

    # --- entering -----------------------------------------------------------------------

    async def first_link(self) -> Invitation | None:
        """A one-time link that makes the first admin; None where there are users already."""
        await asyncio.to_thread(self._store.delete_over, self._now())
        if await asyncio.to_thread(self._store.people):
            return None
        old = await asyncio.to_thread(self._store.passes, "setup")
        await asyncio.to_thread(self._store.delete_passes, [one.digest for one in old])
        return await self._passes.link("setup", "")

    @_counted("setup")
    async def set_up(self, link: str, user: str, name: str, password: str, address: str) -> Entered:
        """Make the first admin by the link of the first start, and let them in."""
        self._passwords.refuse_bad(password)
        refuse_bad_user(user)
        known_as = checked_name(name)
        taken = await self._taken(link, address)
        if taken is None or taken.kind != "setup" or taken.expires_at <= self._now():
            await self._refuse_link(address, "set up")
        hashed = await self._passwords.hashed(password)
        async with self._changing:
            if await asyncio.to_thread(self._store.people):
                raise ConfigurationError(SAY("not_first"))
            row = _new_person(user, known_as, hashed, self._now())
            admin = [grant_row(Grant(Role.ADMIN))]
            await asyncio.to_thread(self._store.save_person, row, admin)
            return await self._passes.let_in(row, address, "set up")

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
            return await self._passes.let_in(present, address, "log in", instead_of)

    @_counted("link")
    async def enter(self, link: str, address: str, instead_of: str = "") -> Entered:
        """Let a user in by a one-time link."""
        taken = await self._taken(link, address)
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
            return await self._passes.let_in(row, address, "enter by link", instead_of)

    @_counted("provider")
    async def enter_known(self, user: str, address: str, instead_of: str = "") -> Entered:
        """Let a user in for whom a provider vouches; one whom we do not know stays out."""
        self._guesses.refuse_address(address)
        async with self._changing:
            row = await asyncio.to_thread(self._store.person, user)
            if row is None or row.is_disabled:
                await self._refuse_link(address, "enter by provider")
            return await self._passes.let_in(row, address, "enter by provider", instead_of)

    @_counted("provider")
    async def refuse_known(self, address: str, why: str) -> NoReturn:
        """Somebody whom the provider does not vouch for: raises `NotLetIn`, or `MustWait`."""
        self._guesses.refuse_address(address)
        await self._refuse_link(address, "enter by provider", why)

    async def log_out(self, caller: Caller, *, everywhere: bool = False) -> None:
        """End the caller's session, or all of theirs."""
        kept = await asyncio.to_thread(self._store.passes, "session", caller.user)
        gone = [one.digest for one in kept if everywhere or one.key == caller.key]
        await self._passes.drop(gone)
        await self._audit.write(caller, "log out everywhere" if everywhere else "log out")

    # --- users --------------------------------------------------------------------------

    async def users(self) -> list[tuple[PersonRow, list[Grant]]]:
        """All users with their grants."""

        def read() -> list[tuple[PersonRow, list[Grant]]]:
            people = self._store.people()
            return [(row, kept_grants(self._store, f"user:{row.id}")) for row in people]

        return await asyncio.to_thread(read)

    async def present(self, user: str) -> Caller | None:
        """What a user may do now; None: they are gone or disabled."""

        def read() -> Caller | None:
            row = self._store.person(user)
            if row is None or row.is_disabled:
                return None
            grants = tuple(kept_grants(self._store, f"user:{row.id}"))
            return Caller(row.id, row.name, grants, language=row.language)

        return await asyncio.to_thread(read)

    async def invite(self, by: Caller, user: str, name: str, grants: Iterable[Grant]) -> Invitation:
        """Make a user without a password, and a link by which they choose one."""
        refuse_bad_user(user)
        known_as = checked_name(name)
        given = list(grants)
        if not given:
            raise ConfigurationError(SAY("role_missing", user=user))
        async with self._changing:
            if await asyncio.to_thread(self._store.person, user) is not None:
                raise ConfigurationError(SAY("user_there", user=user))
            row = _new_person(user, known_as, None, self._now())
            rows = [grant_row(one) for one in given]
            await asyncio.to_thread(self._store.save_person, row, rows)
            made = await self._passes.link("invitation", user)
        await self._audit.write(by, "invite user", user, detail={"grants": list(map(str, given))})
        return made

    async def new_link(self, by: Caller, user: str) -> Invitation:
        """A one-time link for a user who forgot the password, or is locked; older ones are void."""
        async with self._changing:
            await self._person(user)
            await self._passes.void_links(user)
            await self._guesses.open_again(user)
            made = await self._passes.link("entry", user)
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
                name=row.name if name is None else checked_name(name) or row.id,
                language=row.language if language is None else language,
                is_disabled=row.is_disabled if is_disabled is None else is_disabled,
            )
            rows = None if given is None else [grant_row(one) for one in given]
            await asyncio.to_thread(self._store.save_person, row, rows)
            if is_disabled:
                kept = await asyncio.to_thread(self._store.passes, None, user)
                await asyncio.to_thread(self._store.delete_passes, [one.digest for one in kept])
            self._passes.forget()
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
            self._passes.forget()
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
            await self._passes.void_links(caller.user)
            kept = await asyncio.to_thread(self._store.passes, "session", caller.user)
            await self._passes.drop([one.digest for one in kept if one.key != caller.key])
        await self._audit.write(caller, "change password", caller.user)

    # --- inside -------------------------------------------------------------------------

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

    async def _refuse_password(self, row: PersonRow | None, address: str) -> NoReturn:
        # What was typed as the name of nobody may be a password.
        nobody = Caller("" if row is None else row.id, "", (), address=address)
        await self._audit.write(nobody, "log in", outcome="refused")
        raise NotLetIn(SAY("wrong_login"))

    async def _taken(self, link: str, address: str) -> PassRow | None:
        """What a link opens, which it opens no more; a right one also where an address waits."""
        key = digest(link)
        if await asyncio.to_thread(self._store.one_pass, key) is None:
            self._guesses.refuse_address(address)  # so guesses cost the store no write
        return await asyncio.to_thread(self._store.take_pass, key)

    async def _refuse_link(self, address: str, action: str, why: str = "") -> NoReturn:
        self._guesses.fail(address)
        nobody = Caller("", "", (), address=address)
        detail = {"why": why} if why else {}
        await self._audit.write(nobody, action, outcome="refused", detail=detail)
        raise NotLetIn(SAY("wrong_link"))

    async def locked_until(self, user: str) -> float:
        """Until when a user waits for the guesses of strangers, Unix seconds UTC; 0: not."""
        return await self._guesses.locked_until(user)


def _new_person(user: str, name: str, password: str | None, now: float) -> PersonRow:
    return PersonRow(
        user,
        name or user,
        password,
        language=None,
        is_disabled=False,
        created_at=now,
    )


def _is_admin(grants: Iterable[Grant]) -> bool:
    return any(Right.ADMIN in one.rights and one.place is Place.CITY for one in grants)
