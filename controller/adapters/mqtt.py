"""The bus over MQTT.

`MqttBus` keeps one session with a broker: connects, subscribes, hands over what arrives
straight from the receive loop, and reconnects with jittered backoff. Knows nothing of topics
or payloads.

There is no queue of ours or the client's between socket and handler: while a handler runs
nothing is read, and what the broker has to say waits in the kernel's buffer and then in the
broker. Going out, at most ``in_flight`` messages are unconfirmed; more callers wait.
"""

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence
from typing import Final

from controller.adapters.mqtt_options import MqttOptions, SessionLost
from controller.adapters.mqtt_session import MqttSession
from controller.ports.bus import BusUnavailable, LinkHandler, MessageHandler, Outbound, Refused

__all__ = ["MqttBus", "MqttOptions"]

_FIRST_DELAY_S: Final = 0.5
_LAST_DELAY_S: Final = 30.0
_FILTERS_PER_SUBSCRIBE: Final = 100

_log = logging.getLogger("lamplighter.mqtt")


class MqttBus:
    """A `controller.ports.bus.Bus` on an MQTT 3.1.1 or 5 broker.

    ``on_link(True)`` comes when every subscription stands; retained messages may arrive
    just before it. ``on_link(False)`` comes when the session is lost, and once when the
    first attempt of all fails. A broker that refuses (a wrong password, say) is tried again
    like one that is away: the street runs by itself meanwhile, and the operator may mend it.
    """

    def __init__(self, options: MqttOptions) -> None:
        self._options = options
        self._session: MqttSession | None = None
        self._is_up: bool | None = None
        self._last_error: str | None = None
        self._broker_not_after: float | None = None

    @property
    def broker_not_after(self) -> float | None:
        """Until when the certificate is valid that the broker showed last, Unix seconds UTC.

        None without TLS, and before the broker was reached.
        """
        return self._broker_not_after

    @property
    def last_error(self) -> str | None:
        """Why there is no link, in one line; None while there is one or before the first try."""
        return self._last_error

    @property
    def is_up(self) -> bool:
        """True while the session stands."""
        return self._session is not None

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        """Keep the session up until cancelled. See `controller.ports.bus.Bus.run`."""
        self._is_up = None
        delays = _delays()
        loop = asyncio.get_running_loop()
        while True:
            started_at = loop.time()
            try:
                await self._hold(filters, on_message, on_link)
            except (SessionLost, OSError) as error:
                self._last_error = self._options.describe(error)
            self._tell(on_link, is_up=False)
            if loop.time() - started_at > _LAST_DELAY_S:  # it held a while: no refusal
                delays = _delays()
            delay = next(delays)
            _log.warning("%s; trying again in %.1f s", self._last_error, delay)
            await asyncio.sleep(delay)

    async def publish(self, message: Outbound) -> None:
        """Send a message; for QoS 1 return when the broker has taken it.

        Raises `BusUnavailable` at once where there is no session.
        """
        for refused in await self.publish_all((message,)):
            raise refused.why

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Send all. See `controller.ports.bus.Bus.publish_all`."""
        session = self._session
        if session is None:
            why = self._last_error or f"{self._options.address}: not connected yet"
            return [Refused(message, BusUnavailable(why)) for message in messages]
        return await session.send(messages)

    async def _hold(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        session = MqttSession(self._options, on_message)
        try:
            await session.open()
            self._broker_not_after = session.broker_not_after
            for first in range(0, len(filters), _FILTERS_PER_SUBSCRIBE):
                await session.subscribe_all(filters[first : first + _FILTERS_PER_SUBSCRIBE])
            self._session = session
            self._last_error = None
            _log.info("%s: connected", self._options.address)
            self._tell(on_link, is_up=True)
            await session.wait_lost()
        finally:
            self._session = None
            await session.close(f"{self._options.address}: connection lost")

    def _tell(self, on_link: LinkHandler, *, is_up: bool) -> None:
        if self._is_up is not is_up:
            self._is_up = is_up
            on_link(is_up)


def _delays() -> Iterator[float]:
    """Seconds between attempts: doubling, each drawn from the upper half of its range."""
    delay = _FIRST_DELAY_S
    while True:
        yield delay * random.uniform(0.5, 1.0)
        delay = min(_LAST_DELAY_S, delay * 2)
