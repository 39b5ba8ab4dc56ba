import asyncio

from controller.adapters.mqtt_session import Slots


async def test_no_more_than_the_count_are_out_and_the_first_comes_first() -> None:
    slots, out, most, order = Slots(3), 0, 0, []

    async def use(number: int) -> None:
        nonlocal out, most
        await slots.take()
        out += 1
        most = max(most, out)
        order.append(number)
        await asyncio.sleep(0)
        out -= 1
        slots.give()

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(use(number))
    assert most == 3
    assert order == list(range(50))


async def test_slot_of_a_cancelled_waiter_is_not_lost() -> None:
    slots = Slots(1)
    await slots.take()
    waiting = asyncio.create_task(slots.take())
    following = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    slots.give()  # handed to the first, which is cancelled before it runs
    waiting.cancel()
    await asyncio.wait([waiting])
    await asyncio.wait([following], timeout=30)
    assert waiting.cancelled()
    assert following.done()


async def test_waiter_cancelled_before_its_turn_is_passed_over() -> None:
    slots = Slots(1)
    await slots.take()
    waiting = asyncio.create_task(slots.take())
    following = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    slots.give()
    await asyncio.wait([following], timeout=30)
    assert following.done()
