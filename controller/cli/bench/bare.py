"""The bare client: what no controller in this language can undercut.

Does the same exchanges as the service with nothing but packets: no store, no schedule, no
check of what arrives, no retry. ``python -m controller.cli.bench.bare BROKER EXCHANGE``
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from controller.cli.bench.city import Exchange, read_exchange
from controller.cli.bench.packets import BrokerRefused, Link, connected
from controller.cli.bench.talk import cpu_s, orders, run_child, tell

_IN_FLIGHT = 2000
"""Messages that the broker has not confirmed, and commands that the street has not answered."""


class Bare:
    """One connection, and what came over it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._heard: set[bytes] = set()
        self._answers: Callable[[bytes], bool] = lambda _: True
        """Whether a state is what the exchange waits for."""
        self._readings = 0
        self._first_at = 0.0
        self._to_send: Iterator[tuple[bytes, bytes, bool]] = iter(())
        self._sent = 0
        self._is_one_by_one = False
        self._is_done: Callable[[], bool] = lambda: True
        self._done = asyncio.Event()
        self.link: Link | None = None

    async def open(self, url: str) -> None:
        """Connect."""
        self.link = await connected(url, "bare", self._take, self._turn)

    async def listen(self) -> None:
        """Subscribe to what a controller hears; the states that the broker kept will come."""
        assert self.link is not None
        base = self._exchange.root.encode()
        leaves = (b"luminaire/+/state", b"luminaire/+/availability", b"gateway/+/availability")
        filters = [b"%s/%s" % (base, leaf) for leaf in (*leaves, b"luminaire/+/telemetry")]
        await self.link.subscribe(filters, 1)

    async def settle(self) -> None:
        """Listen, and wait until every luminaire was heard."""
        self._is_done = lambda: len(self._heard) == self._exchange.luminaires
        await self.listen()
        await self._until_done()

    def _take(self, topic: bytes, payload: bytes) -> None:
        if topic.endswith(b"/state"):
            if self._answers(payload):
                self._heard.add(topic)
        elif topic.endswith(b"/telemetry"):
            if not self._readings:
                self._first_at = time.perf_counter()
            self._readings += 1

    def _turn(self) -> None:
        link = self.link
        if link is None:
            return
        while link.unconfirmed < _IN_FLIGHT:
            if self._is_one_by_one and self._sent - len(self._heard) >= _IN_FLIGHT:
                break
            following = next(self._to_send, None)
            if following is None:
                break
            topic, payload, retained = following
            link.publish(topic, payload, retained=retained)
            self._sent += 1
        if self._is_done() or link.is_lost:
            self._done.set()
        link.flush()

    async def _exchanged(
        self,
        messages: Iterator[tuple[bytes, bytes, bool]],
        *,
        one_by_one: bool,
        is_deaf: bool = False,
    ) -> dict[str, float]:
        """Send everything, and wait until every luminaire has answered."""
        link = self.link
        assert link is not None
        began, cpu = time.perf_counter(), cpu_s(os.getpid())
        self._heard.clear()
        if is_deaf:
            await self.listen()
        self._sent, self._to_send, self._is_one_by_one = 0, messages, one_by_one
        count = self._exchange.luminaires
        self._is_done = lambda: len(self._heard) == count and link.unconfirmed == 0
        await self._until_done()
        return {"seconds": time.perf_counter() - began, "cpu_s": cpu_s(os.getpid()) - cpu}

    async def _until_done(self) -> None:
        assert self.link is not None
        self._done.clear()
        self._turn()
        await self._done.wait()
        if self.link.is_lost:
            raise BrokerRefused("the broker was lost in the middle of an exchange")
        self._is_done = lambda: True

    async def push(self) -> dict[str, float]:
        """Listen, and publish every program and config."""
        documents = self._exchange.documents
        messages = ((topic.encode(), payload, True) for topic, payload in documents)
        self._answers = _holds_config
        return await self._exchanged(messages, one_by_one=False, is_deaf=True)

    async def wave(self) -> dict[str, float]:
        """Command every luminaire by itself."""
        base, start = self._exchange.root, int(self._exchange.site_at) - 60
        names = [name for link in self._exchange.links for name in link.ids]
        messages = (
            (
                f"{base}/luminaire/{name}/command".encode(),
                (
                    f'{{"command_id":"1-{1_000_000 + rev}","rev":{1_000_000 + rev},'
                    f'"start":{start},"expires_at":{start + 43_261},"level":100.0,"report":true,'
                    '"reason":"follow"}'
                ).encode(),
                False,
            )
            for rev, name in enumerate(names)
        )
        self._answers = _follows_command
        return await self._exchanged(messages, one_by_one=True)

    async def hear(self, count: int) -> dict[str, float]:
        """Take so many measurements in."""
        cpu = cpu_s(os.getpid())
        self._readings = 0
        self._is_done = lambda: self._readings >= count
        await self._until_done()
        return {
            "seconds": time.perf_counter() - self._first_at,
            "cpu_s": cpu_s(os.getpid()) - cpu,
        }

    async def forget(self) -> None:
        """Clear all that the exchanges left with the broker."""
        base = self._exchange.root
        topics = [topic for topic, _ in self._exchange.documents]
        for behind in self._exchange.links:
            topics += [f"{base}/luminaire/{name}/state" for name in behind.ids]
            topics += [f"{base}/gateway/{name}/availability" for name in behind.gateways]
        link = self.link
        assert link is not None
        self._to_send = ((topic.encode(), b"", True) for topic in topics)
        self._sent, self._is_one_by_one = 0, False
        self._is_done = lambda: self._sent == len(topics) and link.unconfirmed == 0
        await self._until_done()


def _holds_config(state: bytes) -> bool:
    return not state.startswith(b'{"rev":0,')


def _follows_command(state: bytes) -> bool:
    return b'"source":"command"' in state


async def _run(url: str, exchange: Exchange) -> None:
    bare = Bare(exchange)
    await bare.open(url)
    tell("ready")
    async for order in orders():
        match order["order"]:
            case "settle":
                await bare.settle()
                tell("settled")
            case "push":
                tell("pushed", **await bare.push())
            case "wave":
                tell("waved", **await bare.wave())
            case "hear":
                tell("hearing")
                tell("heard", **await bare.hear(order["count"]))
            case "forget":
                await bare.forget()
                tell("forgotten")
    assert bare.link is not None
    bare.link.close()


def main() -> None:
    """Exchange until standard input is closed."""
    url, file = sys.argv[1:]
    run_child(_run(url, read_exchange(Path(file))))


if __name__ == "__main__":
    main()
