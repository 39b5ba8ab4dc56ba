"""The second person."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.errors import ConfigurationError
from controller.service.people import Approvals, Audit, Caller, Grant, Place, Right, Role
from controller.service.people.approvals import LASTS_S, ApprovalRefused, NoSuchApproval
from tests.fakes.small_city import small_inventory


def person(name: str, *grants: Grant) -> Caller:
    return Caller(name, name, grants or (Grant(Role.PLANNER),))


ASKER, SECOND = person("ada"), person("bob")


class House:
    """Approvals with a clock of their own, and what they did."""

    def __init__(self, store: SqliteStore) -> None:
        self.now = 1_800_000_000.0
        self.done: list[tuple[str, Mapping[str, Any]]] = []
        self.fails: Exception | None = None
        self.audit = Audit(store.people(), lambda: self.now)
        self.people: dict[str, Caller] = {"ada": ASKER}
        self.store = store.people()
        self.approvals = self.again()

    def again(self) -> Approvals:
        """The same after a restart."""
        made = Approvals(self.store, self.audit, lambda: self.now, small_inventory, self.present)
        made.carries_out("edit", Right.EDIT, self.execute)
        return made

    async def present(self, user: str) -> Caller | None:
        return self.people.get(user)

    async def execute(self, caller: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        self.done.append((caller.user, body))
        return {"revision": 7}

    async def asked(self) -> int:
        row = await self.approvals.ask(
            ASKER,
            "edit",
            {"level": 10},
            summary="zone a to 10 %",
            reasons=["below the floor of 20 %"],
            zones=["a"],
        )
        return row.number


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with SqliteStore(tmp_path) as store:
        yield House(store)


async def test_it_waits_for_somebody_else(house: House) -> None:
    number = await house.asked()
    with pytest.raises(ApprovalRefused, match="was asked for by 'ada' too"):
        await house.approvals.approve(ASKER, number)
    assert house.done == []
    row = await house.approvals.approve(SECOND, number, "looked at it on site")
    assert (row.state, row.decided_by, row.outcome) == ("done", "bob", '{"revision": 7}')
    assert house.done == [("bob", {"level": 10})]


async def test_it_is_done_once(house: House) -> None:
    number = await house.asked()
    third = person("cleo")
    outcomes = await asyncio.gather(
        *(house.approvals.approve(who, number) for who in (SECOND, third, SECOND, third)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, ApprovalRefused) for one in outcomes) == 1
    assert len(house.done) == 1
    with pytest.raises(ApprovalRefused, match="is done"):
        await house.approvals.approve(third, number)


async def test_it_takes_both_rights_in_all_the_zones(house: House) -> None:
    number = await house.asked()
    for who in (
        person("op", Grant(Role.OPERATOR)),
        person("other", Grant(Role.PLANNER, Place.ZONE, "b")),
        person("viewer", Grant(Role.VIEWER)),
    ):
        with pytest.raises(ApprovalRefused, match="in all the zones it touches"):
            await house.approvals.approve(who, number)
    await house.approvals.approve(person("near", Grant(Role.PLANNER, Place.ZONE, "a")), number)


async def test_no_is_no(house: House) -> None:
    number = await house.asked()
    await house.approvals.reject(SECOND, number, "too dark")
    with pytest.raises(ApprovalRefused, match="is rejected"):
        await house.approvals.approve(SECOND, number)
    own = await house.asked()
    assert (await house.approvals.reject(ASKER, own)).state == "rejected"


async def test_it_goes_over(house: House) -> None:
    number = await house.asked()
    house.now += LASTS_S
    with pytest.raises(ApprovalRefused, match="is expired"):
        await house.approvals.approve(SECOND, number)
    assert await house.approvals.newest(only_open=True) == []
    assert [row.state for row in await house.approvals.newest()] == ["expired"]


@pytest.mark.parametrize(
    "fault", [ConfigurationError("the documents changed meanwhile"), KeyError("changed meanwhile")]
)
async def test_what_cannot_be_done_says_so_and_is_over(house: House, fault: Exception) -> None:
    number = await house.asked()
    house.fails = fault
    with pytest.raises(type(fault), match="changed meanwhile"):
        await house.approvals.approve(SECOND, number)
    row = await house.approvals.one(number)
    assert row.state == "failed"
    assert "changed meanwhile" in row.outcome
    with pytest.raises(ApprovalRefused):
        await house.approvals.approve(SECOND, number)
    (line,) = (row for row in house.store.audit(after=0) if row.outcome == "failed")
    assert (line.actor, line.action, line.subject) == ("bob", "approve edit", str(number))


async def test_killed_in_the_middle_it_is_not_done_again(house: House) -> None:
    number = await house.asked()
    row = await house.approvals.one(number)
    assert house.store.move_approval(row._replace(state="taken", decided_by="bob"), "open")
    again = house.again()
    await again.begin()
    over = await again.one(number)
    assert (over.state, "see the history" in over.outcome) == ("failed", True)
    with pytest.raises(ApprovalRefused, match="is failed"):
        await again.approve(SECOND, number)
    assert house.done == []


async def test_who_asked_must_still_be_there_and_may_do_it(house: House) -> None:
    number = await house.asked()
    for present in (None, person("ada", Grant(Role.VIEWER))):
        house.people.clear()
        if present is not None:
            house.people["ada"] = present
        with pytest.raises(ApprovalRefused, match="'ada', who asked, may not do this any more"):
            await house.approvals.approve(SECOND, number)
    house.people["ada"] = ASKER
    await house.approvals.approve(SECOND, number)


async def test_a_token_of_who_asked_is_no_second_person(house: House) -> None:
    number = await house.asked()
    token = Caller(
        "ada", "backdoor", (Grant(Role.ADMIN),), "token", "k", bounds=(Grant(Role.ADMIN),)
    )
    with pytest.raises(ApprovalRefused, match="was asked for by 'ada' too"):
        await house.approvals.approve(token, number)


async def test_what_nobody_carries_out_is_not_asked_for(house: House) -> None:
    with pytest.raises(ConfigurationError, match="nobody carries out 'dance'"):
        await house.approvals.ask(ASKER, "dance", {}, summary="", reasons=[], zones=[])
    with pytest.raises(NoSuchApproval, match="approval 9 was never asked for"):
        await house.approvals.one(9)
