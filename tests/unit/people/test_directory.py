"""Users come in, go out, and lose what they had."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from controller.adapters.sqlite import SqliteStore
from controller.errors import ConfigurationError, NoSuchPerson
from controller.service.people import Audit, Caller, Directory, Grant, Passes, Place, Right, Role
from controller.service.people.caller import local_caller
from controller.service.people.passes import IDLE_S, LINK_S, SESSION_S, Entered
from controller.service.people.passwords import LONGEST, Passwords
from controller.service.people.refusals import MustWait, NotLetIn
from tests.fakes.small_city import small_inventory

HERE = "10.0.0.7"
WORD = "correct horse battery"
MACHINE = local_caller("root")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class House:
    """A directory with a clock of its own."""

    def __init__(self, store: SqliteStore) -> None:
        self.now = 1_800_000_000.0
        self.store = store.people()
        self.audit = Audit(self.store, lambda: self.now)
        self.again()

    def again(self) -> "House":
        """Begin, or begin anew as after a restart."""
        self.passes = Passes(self.store, self.audit, lambda: self.now)
        self.directory = Directory(
            self.store, self.audit, lambda: self.now, self.passes, Passwords(QUICK)
        )
        return self

    async def admin(self) -> Caller:
        """The first admin, let in by the first link."""
        first = await self.directory.first_link()
        assert first is not None
        return (await self.directory.set_up(first.secret, "ada", "Ada", WORD, HERE)).caller

    def lines(self) -> list[tuple[str, str, str]]:
        """Actor, action and outcome of the audit log, in order."""
        return [(row.actor, row.action, row.outcome) for row in self.store.audit(after=0)]


def all_bytes(folder: Path) -> bytes:
    """What stands in the files of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with SqliteStore(tmp_path) as store:
        yield House(store)


async def test_there_is_nobody_until_the_first_link_is_used(house: House) -> None:
    with pytest.raises(NotLetIn):
        await house.directory.log_in("admin", "admin", HERE)
    admin = await house.admin()
    assert admin.is_citywide(Right.ADMIN)
    assert await house.directory.first_link() is None


async def test_the_first_link_is_good_once_and_for_a_day(house: House) -> None:
    old = await house.directory.first_link()
    new = await house.directory.first_link()
    assert old is not None
    assert new is not None
    with pytest.raises(NotLetIn):  # a newer one was printed
        await house.directory.set_up(old.secret, "eve", "", WORD, HERE)
    house.now += LINK_S
    with pytest.raises(NotLetIn):
        await house.directory.set_up(new.secret, "eve", "", WORD, HERE)


async def test_a_session_is_a_new_one_each_time(house: House) -> None:
    await house.admin()
    one = await house.directory.log_in("ada", WORD, HERE)
    two = await house.directory.log_in("ada", WORD, HERE)
    assert one.secret != two.secret
    assert one.csrf != two.csrf
    found = await house.again().passes.caller_of_session(one.secret, "10.0.0.9")
    assert found is not None
    assert (found.caller.user, found.caller.address) == ("ada", "10.0.0.9")
    assert found.csrf == one.csrf


async def test_no_secret_is_on_disk(house: House, tmp_path: Path) -> None:
    await house.admin()
    entered = await house.directory.log_in("ada", WORD, HERE)
    token, _ = await house.passes.make_token(
        entered.caller, "scraper", [Grant(Role.VIEWER)], 86_400
    )
    kept = all_bytes(tmp_path)
    for secret in (WORD, entered.secret, entered.csrf, token):
        assert secret.encode() not in kept


async def test_a_session_ends_idle_and_at_last(house: House) -> None:
    await house.admin()
    secret = (await house.directory.log_in("ada", WORD, HERE)).secret
    for _ in range(int(SESSION_S / (IDLE_S - 60)) - 1):
        house.now += IDLE_S - 60
        assert await house.passes.caller_of_session(secret, HERE) is not None
    house.now += IDLE_S + 60
    assert await house.passes.caller_of_session(secret, HERE) is None
    other = (await house.directory.log_in("ada", WORD, HERE)).secret
    house.now += SESSION_S
    assert await house.passes.caller_of_session(other, HERE) is None


async def test_out_is_out(house: House) -> None:
    await house.admin()
    one = await house.directory.log_in("ada", WORD, HERE)
    two = await house.directory.log_in("ada", WORD, HERE)
    await house.directory.log_out(one.caller)
    assert await house.passes.caller_of_session(one.secret, HERE) is None
    assert await house.passes.caller_of_session(two.secret, HERE) is not None
    await house.directory.log_out(two.caller, everywhere=True)
    assert await house.passes.sessions("ada") == []


async def test_a_new_password_ends_every_other_session(house: House) -> None:
    await house.admin()
    mine = await house.directory.log_in("ada", WORD, HERE)
    stolen = await house.directory.log_in("ada", WORD, HERE)
    with pytest.raises(NotLetIn, match="the old password is wrong"):
        await house.directory.change_password(mine.caller, "guess", "another long word")
    await house.directory.change_password(mine.caller, WORD, "another long word")
    assert await house.passes.caller_of_session(stolen.secret, HERE) is None
    assert await house.passes.caller_of_session(mine.secret, HERE) is not None
    with pytest.raises(NotLetIn):
        await house.directory.log_in("ada", WORD, HERE)


@pytest.mark.parametrize("word", ["short", "x" * (LONGEST + 1), "aaaaaaaaaaaaaaaa"])
async def test_a_bad_password_is_not_taken(house: House, word: str) -> None:
    first = await house.directory.first_link()
    assert first is not None
    with pytest.raises(ConfigurationError, match="a password has"):
        await house.directory.set_up(first.secret, "ada", "", word, HERE)
    await house.directory.set_up(first.secret, "ada", "", WORD, HERE)  # the link is still good


async def test_what_looks_alike_is_one_password(house: House) -> None:
    first = await house.directory.first_link()
    assert first is not None
    await house.directory.set_up(first.secret, "ada", "", "café au lait 街灯", HERE)
    await house.directory.log_in("ada", "cafe\u0301 au lait 街灯", HERE)


async def test_guessing_gets_slower_and_never_locks_for_good(house: House) -> None:
    await house.admin()
    stranger, other = "10.8.8.8", "10.9.9.9"
    for _ in range(5):
        with pytest.raises(NotLetIn):
            await house.directory.log_in("ada", "guess", stranger)
    with pytest.raises(MustWait) as refused:
        await house.directory.log_in("ada", WORD, other)
    assert refused.value.wait_s == 1
    for _ in range(20):
        house.now += 900
        with pytest.raises(NotLetIn):
            await house.directory.log_in("ada", "guess", stranger)
    with pytest.raises(MustWait) as refused:
        await house.again().directory.log_in("ada", WORD, other)  # remembered over a restart
    assert refused.value.wait_s == 900
    assert await house.directory.locked_until("ada") == house.now + 900
    link = await house.directory.new_link(MACHINE, "ada")
    entered = await house.directory.enter(link.secret, other)
    assert entered.caller.user == "ada"
    await house.directory.log_in("ada", WORD, other)


async def test_a_right_link_opens_where_an_address_waits(house: House) -> None:
    await house.admin()
    for number in range(30):
        with pytest.raises(NotLetIn):
            await house.directory.enter(f"guess {number}", HERE)
    for refused in (
        house.directory.enter("one more guess", HERE),
        house.directory.log_in("ada", WORD, HERE),
    ):
        with pytest.raises(MustWait):
            await refused
    link = await house.directory.new_link(MACHINE, "ada")
    assert (await house.directory.enter(link.secret, HERE)).caller.user == "ada"


async def test_a_clock_that_was_ahead_keeps_nobody_out(house: House) -> None:
    await house.admin()
    right, ahead = house.now, house.now + 10 * 365 * 86_400
    house.now = ahead
    with pytest.raises(NotLetIn):
        await house.directory.log_in("ada", "mistyped", "10.8.8.8")
    house.now = right
    assert await house.directory.locked_until("ada") == 0
    await house.directory.log_in("ada", WORD, "10.9.9.9")


async def test_strangers_do_not_lock_the_control_room_out(house: House) -> None:
    await house.admin()
    await house.directory.log_in("ada", WORD, HERE)
    for _ in range(8):
        house.now += 900
        with pytest.raises(NotLetIn):
            await house.directory.log_in("ada", "guess", "10.8.8.8")
    with pytest.raises(MustWait):
        await house.directory.log_in("ada", WORD, "10.9.9.9")
    await house.directory.log_in("ada", WORD, HERE)
    # Also where she came in from, guessing has an end.
    for _ in range(5):
        with pytest.raises(NotLetIn):
            await house.directory.log_in("ada", "guess", HERE)
    with pytest.raises(MustWait):
        await house.directory.log_in("ada", WORD, HERE)


async def test_many_guesses_at_once_count_as_many(house: House) -> None:
    await house.admin()
    outcomes = await asyncio.gather(
        *(house.directory.log_in("ada", f"guess {n}", "10.8.8.8") for n in range(12)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NotLetIn) for one in outcomes) == 5
    assert sum(isinstance(one, MustWait) for one in outcomes) == 7


async def test_a_name_that_is_nobodys_behaves_as_one_that_is(house: House) -> None:
    await house.admin()

    async def tries(user: str, address: str) -> list[str]:
        found = []
        for _ in range(7):
            with pytest.raises((NotLetIn, MustWait)) as refused:
                await house.directory.log_in(user, "guess", address)
            found.append(str(refused.value))
        return found

    assert await tries("ada", "10.8.8.8") == await tries("nobody", "10.8.8.9")


async def test_what_nobody_is_called_is_not_kept(house: House, tmp_path: Path) -> None:
    """People type their password as their name."""
    with pytest.raises(NotLetIn):
        await house.directory.log_in("my-dear-secret", "", HERE)
    assert b"my-dear-secret" not in all_bytes(tmp_path)
    assert house.lines() == [("", "log in", "refused")]


async def test_disabled_while_the_password_is_looked_at(house: House) -> None:
    admin = await house.admin()
    link = await house.directory.invite(admin, "bob", "", [Grant(Role.VIEWER)])
    bob = (await house.directory.enter(link.secret, HERE)).caller
    await house.directory.change_password(bob, None, WORD)

    async def disable() -> None:
        await house.directory.change_user(admin, "bob", is_disabled=True)

    async with asyncio.TaskGroup() as group:
        coming = group.create_task(_tried(house.directory.log_in("bob", WORD, HERE)))
        group.create_task(disable())
    entered = coming.result()
    assert (await house.directory.users())[1][0].is_disabled
    if entered is not None:
        assert await house.passes.caller_of_session(entered.secret, HERE) is None


async def test_one_that_was_ended_does_not_come_back(house: House) -> None:
    await house.admin()
    entered = await house.directory.log_in("ada", WORD, HERE)
    house.now += 120
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(house.passes.caller_of_session(entered.secret, HERE))
        group.create_task(house.directory.log_out(entered.caller))
    assert await house.passes.caller_of_session(entered.secret, HERE) is None
    assert await house.again().passes.caller_of_session(entered.secret, HERE) is None


async def test_logging_in_again_ends_the_session_of_the_browser(house: House) -> None:
    await house.admin()
    one = await house.directory.log_in("ada", WORD, HERE)
    await house.directory.log_in("ada", WORD, HERE, one.secret)
    assert await house.passes.caller_of_session(one.secret, HERE) is None
    token, _ = await house.passes.make_token(one.caller, "t", [Grant(Role.VIEWER)], 3600)
    await house.directory.log_in("ada", WORD, HERE, token)
    assert await house.passes.caller_of_token(token, HERE) is not None


async def test_a_newer_link_voids_the_older(house: House) -> None:
    admin = await house.admin()
    old = await house.directory.invite(admin, "bob", "", [Grant(Role.VIEWER)])
    new = await house.directory.new_link(admin, "bob")
    with pytest.raises(NotLetIn):
        await house.directory.enter(old.secret, HERE)
    await house.directory.enter(new.secret, HERE)


@pytest.mark.parametrize("name", ["王芳", "José da Silva", "O'Neill-Åström", "علي", "Zoë 🙂"])
async def test_names_are_what_people_are_called(house: House, name: str) -> None:
    admin = await house.admin()
    await house.directory.invite(admin, "bob", name, [Grant(Role.VIEWER)])
    assert (await house.directory.users())[1][0].name == name


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x1b[31m", "admin\u202e", "\u2067x", "x" * 101, "\ue000"]
)
async def test_what_turns_text_round_is_no_name(house: House, name: str) -> None:
    admin = await house.admin()
    with pytest.raises(ConfigurationError, match="name"):
        await house.directory.invite(admin, "bob", name, [Grant(Role.VIEWER)])


async def _tried(entering: Coroutine[None, None, Entered]) -> Entered | None:
    try:
        return await entering
    except NotLetIn:
        return None


async def test_an_address_that_tries_many_users_waits(house: House) -> None:
    await house.admin()
    for number in range(30):
        with pytest.raises(NotLetIn):
            await house.directory.log_in(f"user{number}", "guess", "10.6.6.6")
    with pytest.raises(MustWait):
        await house.directory.log_in("ada", WORD, "10.6.6.6")
    await house.directory.log_in("ada", WORD, HERE)
    house.now += 600
    await house.directory.log_in("ada", WORD, "10.6.6.6")


async def test_an_invited_user_chooses_a_password(house: House) -> None:
    admin = await house.admin()
    grants = [Grant(Role.OPERATOR, Place.DISTRICT, "d")]
    link = await house.directory.invite(admin, "bob", "Bob", grants)
    with pytest.raises(NotLetIn):
        await house.directory.log_in("bob", "", HERE)
    entered = await house.directory.enter(link.secret, HERE)
    with pytest.raises(NotLetIn):
        await house.directory.enter(link.secret, HERE)
    assert entered.caller.grants == tuple(grants)
    await house.directory.change_password(entered.caller, None, WORD)
    await house.directory.log_in("bob", WORD, HERE)


async def test_a_disabled_user_is_out_at_once(house: House) -> None:
    admin = await house.admin()
    link = await house.directory.invite(admin, "bob", "", [Grant(Role.VIEWER)])
    entered = await house.directory.enter(link.secret, HERE)
    token, _ = await house.passes.make_token(entered.caller, "t", [Grant(Role.VIEWER)], 86_400)
    assert await house.passes.caller_of_token(token, HERE) is not None
    await house.directory.change_user(admin, "bob", is_disabled=True)
    assert await house.passes.caller_of_session(entered.secret, HERE) is None
    assert await house.passes.caller_of_token(token, HERE) is None
    later = await house.directory.new_link(admin, "bob")
    with pytest.raises(NotLetIn):
        await house.directory.enter(later.secret, HERE)


async def test_changed_grants_hold_at_once(house: House) -> None:
    admin = await house.admin()
    link = await house.directory.invite(admin, "bob", "", [Grant(Role.PLANNER)])
    entered = await house.directory.enter(link.secret, HERE)
    await house.directory.change_user(admin, "bob", grants=[Grant(Role.VIEWER)])
    found = await house.passes.caller_of_session(entered.secret, HERE)
    assert found is not None
    assert not found.caller.has(Right.EDIT)


async def test_somebody_is_always_admin(house: House) -> None:
    admin = await house.admin()
    for change in (
        house.directory.delete_user(admin, "ada"),
        house.directory.change_user(admin, "ada", is_disabled=True),
        house.directory.change_user(admin, "ada", grants=[Grant(Role.ADMIN, Place.DISTRICT, "d")]),
    ):
        with pytest.raises(ConfigurationError, match="the last admin of the whole city"):
            await change
    link = await house.directory.invite(admin, "bob", "", [Grant(Role.ADMIN)])
    await house.directory.enter(link.secret, HERE)
    await house.directory.delete_user(admin, "ada")


async def test_a_token_never_exceeds_its_owner(house: House) -> None:
    admin = await house.admin()
    link = await house.directory.invite(
        admin, "bob", "", [Grant(Role.OPERATOR, Place.ZONE, "a"), Grant(Role.VIEWER)]
    )
    bob = (await house.directory.enter(link.secret, HERE)).caller
    secret, row = await house.passes.make_token(bob, "all", [Grant(Role.ADMIN)], 3600)
    program = await house.passes.caller_of_token(secret, HERE)
    assert program is not None
    inventory = small_inventory()
    assert program.zones(Right.OVERRIDE, inventory) == frozenset({"a"})
    assert program.zones(Right.VIEW, inventory) is None
    assert not program.has(Right.ADMIN)
    house.now += 3600
    assert await house.passes.caller_of_token(secret, HERE) is None
    assert row.expires_at == house.now


async def test_a_session_is_no_token_and_a_token_no_session(house: House) -> None:
    admin = await house.admin()
    session = (await house.directory.log_in("ada", WORD, HERE)).secret
    token, _ = await house.passes.make_token(admin, "t", [Grant(Role.VIEWER)], 3600)
    assert await house.passes.caller_of_token(session, HERE) is None
    assert await house.passes.caller_of_session(token, HERE) is None
    for secret in (session, token, "", "x"):
        with pytest.raises(NotLetIn):
            await house.directory.enter(secret, HERE)
    # What was shown at the wrong door is void.
    assert await house.again().passes.caller_of_token(token, HERE) is None


async def test_one_ends_only_ones_own(house: House) -> None:
    admin = await house.admin()
    link = await house.directory.invite(admin, "bob", "", [Grant(Role.VIEWER)])
    bob = (await house.directory.enter(link.secret, HERE)).caller
    assert not await house.passes.end(bob, "session", admin.key, "bob")
    assert await house.passes.end(admin, "session", bob.key)
    assert await house.passes.sessions("bob") == []


async def test_whoever_is_not_there_is_named(house: House) -> None:
    with pytest.raises(NoSuchPerson, match="there is no user 'bob'"):
        await house.directory.new_link(MACHINE, "bob")
    with pytest.raises(ConfigurationError, match="1 to 64 of a-z"):
        await house.directory.invite(MACHINE, "Bob Müller", "", [Grant(Role.VIEWER)])
    with pytest.raises(ConfigurationError, match="needs at least one role"):
        await house.directory.invite(MACHINE, "bob", "", [])


async def test_all_of_it_is_in_the_audit_log(house: House) -> None:
    admin = await house.admin()
    with pytest.raises(NotLetIn):
        await house.directory.log_in("ada", "wrong password", HERE)
    await house.directory.invite(admin, "bob", "", [Grant(Role.VIEWER)])
    await house.directory.log_out(admin)
    assert house.lines() == [
        ("ada", "set up", "done"),
        ("ada", "log in", "refused"),
        ("ada", "invite user", "done"),
        ("ada", "log out", "done"),
    ]
    text = "".join(row.detail for row in house.store.audit(after=0))
    assert "wrong password" not in text
    assert WORD not in text
