"""Outbound messages: order, coalescing, what happens while the link is down."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from controller.ports.bus import BusUnavailable, Outbound, Refused
from controller.service.dispatch import Dispatch
from controller.service.tally import Tally


class Wire:
    """A bus's sending half: notes what was taken, refuses while it is down."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.is_up = True
        self.in_flight = self.most_in_flight = 0

    async def run(self, *_: object) -> None:
        """Never called here."""

    async def publish(self, message: Outbound) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        if not self.is_up:
            raise BusUnavailable("down")
        self.taken.append((message.topic, message.payload))

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        refused: list[Refused] = []

        async def send(message: Outbound) -> None:
            try:
                await self.publish(message)
            except BusUnavailable as error:
                refused.append(Refused(message, error))

        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(send(message))
        return refused


class Word:
    """An errand that notes what became of it."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self.is_still_wanted = is_wanted
        self.outcome = ""

    def is_wanted(self) -> bool:
        return self.is_still_wanted

    def sent(self) -> None:
        self.outcome = "sent"

    def failed(self) -> None:
        self.outcome = "failed"


@asynccontextmanager
async def running(dispatch: Dispatch) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(dispatch.run(), name="test.dispatch")
        try:
            yield
        finally:
            task.cancel()


async def settle(dispatch: Dispatch) -> None:
    for _ in range(5000):
        await asyncio.sleep(0.001)
        if not dispatch.length and not dispatch.sending:
            return
    raise AssertionError("the queue does not drain")


async def test_urgent_first_and_the_latest_per_topic() -> None:
    wire = Wire()
    dispatch = Dispatch(wire, Tally(), in_flight=1)
    dispatch.put(2, Outbound("x/late", b"1"))
    dispatch.put(1, Outbound("x/a", b"old"))
    dispatch.put(0, Outbound("x/first", b"1"))
    dispatch.put(1, Outbound("x/a", b"new"))
    async with running(dispatch):
        dispatch.set_link(is_up=True)
        await settle(dispatch)
    assert wire.taken == [("x/first", b"1"), ("x/a", b"new"), ("x/late", b"1")]


async def test_nothing_goes_before_the_link_is_up_and_all_goes_after() -> None:
    wire = Wire()
    dispatch = Dispatch(wire, Tally())
    async with running(dispatch):
        for number in range(50):
            dispatch.put(1, Outbound(f"x/{number}", b"1"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert wire.taken == []
        dispatch.set_link(is_up=True)
        await settle(dispatch)
    assert len(wire.taken) == 50


async def test_a_document_that_was_not_sent_stays_and_a_command_does_not() -> None:
    wire, tally = Wire(), Tally()
    wire.is_up = False
    dispatch = Dispatch(wire, tally, in_flight=4)
    dispatch.put(1, Outbound("x/zone/program", b"p", retained=True))
    word = Word()
    dispatch.put(0, Outbound("x/one/command", b"c"), word)
    async with running(dispatch):
        dispatch.set_link(is_up=True)
        for _ in range(5):
            await asyncio.sleep(0)
        dispatch.set_link(is_up=False)
        for _ in range(10):
            await asyncio.sleep(0)
        assert dispatch.length == 1
        assert word.outcome == "failed"
        wire.is_up = True
        dispatch.set_link(is_up=True)
        await settle(dispatch)
    assert wire.taken == [("x/zone/program", b"p")]


async def test_a_bounded_number_is_in_flight() -> None:
    wire = Wire()
    dispatch = Dispatch(wire, Tally(), in_flight=8)
    for number in range(500):
        dispatch.put(1, Outbound(f"x/{number}", b"1"))
    async with running(dispatch):
        dispatch.set_link(is_up=True)
        await settle(dispatch)
    assert wire.most_in_flight == 8
    assert len(wire.taken) == 500


async def test_commands_do_not_wait_for_a_link_and_what_is_not_wanted_does_not_go() -> None:
    wire = Wire()
    dispatch = Dispatch(wire, Tally(), in_flight=4)
    lost, unwanted, wanted = Word(), Word(is_wanted=False), Word()
    dispatch.put(0, Outbound("x/one/command", b"old"), lost)
    dispatch.put(1, Outbound("x/zone/program", b"p", retained=True))
    dispatch.set_link(is_up=False)
    assert lost.outcome == "failed"
    dispatch.put(0, Outbound("x/two/command", b"no"), unwanted)
    dispatch.put(0, Outbound("x/three/command", b"yes"), wanted)
    async with running(dispatch):
        dispatch.set_link(is_up=True)
        await settle(dispatch)
    assert wire.taken == [("x/three/command", b"yes"), ("x/zone/program", b"p")]
    assert (unwanted.outcome, wanted.outcome) == ("", "sent")


async def test_a_message_put_again_keeps_its_place_and_takes_a_more_urgent_one() -> None:
    wire = Wire()
    dispatch = Dispatch(wire, Tally(), in_flight=1)
    for name in ("a", "b", "c"):
        dispatch.put(2, Outbound(f"x/{name}", b"old"))
    for _ in range(5000):
        dispatch.put(2, Outbound("x/a", b"new"))
        dispatch.put(0, Outbound("x/c", b"urgent"))
        dispatch.put(1, Outbound("x/c", b"less urgent"))
    async with running(dispatch):
        dispatch.set_link(is_up=True)
        await settle(dispatch)
    assert wire.taken == [("x/c", b"less urgent"), ("x/a", b"new"), ("x/b", b"old")]
