"""Bad messages over MQTT, as fast as the broker confirms them."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from controller.wire.codec import Reason
from simulator.chaos.garbage import Bad
from simulator.mqtt import BrokerAddress, Link, LinkLost

_MOST_IN_FLIGHT: Final = 2000
_TURN: Final = 200
_CONFIRM_TIMEOUT_S: Final = 30.0


@dataclass
class Sent:
    """What was sent."""

    count: int = 0
    seconds: float = 0.0
    connections: int = 0
    """One more than the broker ended for what was sent."""
    by_reason: Counter[str] = field(default_factory=Counter)

    def say(self) -> dict[str, Any]:
        """For people and machines."""
        return {
            "sent": self.count,
            "seconds": round(self.seconds, 3),
            "connections": self.connections,
            "by_reason": dict(sorted(self.by_reason.items())),
        }


async def send_garbage(
    address: BrokerAddress, client_id: str, messages: Iterable[Bad], *, keeps: bool
) -> Sent:
    """Publish the messages; ``keeps`` lets the broker keep what is bad on a retained topic.

    What is bad only because a broker kept it is passed over. Raises `LinkLost` where the broker
    cannot be reached.
    """
    sent = Sent()
    started = time.monotonic()
    waiting = iter(messages)
    bad = next(waiting, None)
    while bad is not None:
        room = asyncio.Event()
        will = (f"{client_id}/gone", b"")
        link = Link(address, client_id, will, lambda *_: None, room.set)
        sent.connections += 1
        try:
            await link.open()
            while bad is not None:
                if bad.reason is not Reason.RETAINED:
                    if not link.send(bad.topic, bad.payload, retain=keeps and bad.is_retained):
                        break
                    sent.count += 1
                    sent.by_reason[bad.reason.value] += 1
                bad = next(waiting, None)
                if sent.count % _TURN == 0:
                    await asyncio.sleep(0)
                if link.in_flight >= _MOST_IN_FLIGHT:
                    await _until(link, room, _MOST_IN_FLIGHT // 2)
            await _until(link, room, 0)
        except LinkLost:
            if sent.count == 0:
                raise
        finally:
            await link.close()
    sent.seconds = time.monotonic() - started
    return sent


async def _until(link: Link, room: asyncio.Event, in_flight: int) -> None:
    """Wait until the broker has confirmed all but so many."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CONFIRM_TIMEOUT_S):
            while link.in_flight > in_flight:
                room.clear()
                await room.wait()
