"""One connection to a broker, from its opening to its loss.

Adds to the client library what the controller cannot do without: messages handed over
without a queue, the reason code of a confirmation, a bound on what is unconfirmed, and a
closing that leaves neither socket nor task, whatever stage it comes in.
"""

import asyncio
import logging
import socket
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from controller.adapters.mqtt_options import MqttOptions
from controller.adapters.mqtt_socket import BufferedSocket
from controller.ports.bus import BusUnavailable, Inbound, MessageHandler, Outbound

_log = logging.getLogger("lamplighter.mqtt")

_CONNECT_TIMEOUT_S = 5.0
_REFUSED = 128
"""Reason codes from here on are refusals (MQTT 5, 2.4; MQTT 3.1.1, 3.9.3)."""


class Slots:
    """A semaphore that hands a slot straight to the one who waits longest.

    The standard one looks through all who were woken and have not run yet, at each release.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Wait for a slot."""
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give()  # it was handed over in the same turn of the loop
            raise

    def give(self) -> None:
        """Give a slot back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class MqttSession(aiomqtt.Client):
    """A session that is used once: `open`, `subscribe_all`, `send`, `wait_lost`, `close`.

    Overrides the library's receive and confirmation callbacks, which it does not promise to
    keep; the version is bounded in the project's dependencies and the contract tests of the
    bus notice.
    """

    def __init__(self, options: MqttOptions, on_message: MessageHandler) -> None:
        is_v5 = options.protocol == "5"
        super().__init__(
            options.host,
            options.port,
            username=options.username,
            password=options.password,
            identifier=options.client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if is_v5 else aiomqtt.ProtocolVersion.V311,
            clean_session=None if is_v5 else True,
            timeout=options.timeout_s,
            keepalive=options.keepalive_s,
            tls_context=options.tls,
            # Unbounded there, bounded here: its own bound searches all pending at each answer.
            max_inflight_messages=0,
        )
        self._client.connect_timeout = _CONNECT_TIMEOUT_S
        self._options = options
        self._is_v5 = is_v5
        self._handler = on_message
        self._thread = threading.get_ident()
        self._tried = asyncio.Event()
        self._slots = Slots(options.in_flight)
        self._unconfirmed: dict[int, tuple[asyncio.Future[ReasonCode | None], float]] = {}
        """By message id, in the order of sending: the answer to come, and when it was sent."""
        self._watch: asyncio.TimerHandle | None = None
        self._confirmed_at = 0.0
        self._closed_because: str | None = None
        self._buffered: BufferedSocket | None = None

    async def open(self) -> None:
        """Connect. Raises `aiomqtt.MqttError`; `close` must follow in any case."""
        entering = asyncio.create_task(self.__aenter__(), name="mqtt.connect")
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            # The connecting thread cannot be stopped; what it opens must not outlive us.
            self._client.on_disconnect = None  # the library's cannot bear what is cancelled
            if not entering.done():
                await self._tried.wait()
                entering.cancel()
                await asyncio.wait([entering])
            raise

    async def subscribe_all(self, filters: Sequence[tuple[str, int]]) -> None:
        """Subscribe in one packet. Raises `aiomqtt.MqttError`, also where a filter is refused."""
        if not filters:
            return
        if self._is_v5:
            codes = await self.subscribe([(f, SubscribeOptions(qos=qos)) for f, qos in filters])
        else:
            codes = await self.subscribe(list(filters))
        for (topic_filter, _), code in zip(filters, codes, strict=False):
            granted: Any = getattr(code, "value", code)  # a ReasonCode in MQTT 5, else a number
            if granted >= _REFUSED:
                raise aiomqtt.MqttError(f"subscription to {topic_filter} refused")

    async def send(self, message: Outbound) -> None:
        """Publish; return when QoS 0 is written or QoS 1 confirmed. Raises `BusUnavailable`."""
        slots = self._slots
        await slots.take()
        try:
            if self._closed_because is not None:
                raise BusUnavailable(self._closed_because)
            info = self._client.publish(
                message.topic, message.payload, message.qos, message.retained, self._expiry(message)
            )
            if info.rc != 0:
                raise BusUnavailable(
                    f"{self._options.address} took no message for {message.topic}: "
                    f"code {int(info.rc)}"
                )
            confirmed: asyncio.Future[ReasonCode | None] = self._loop.create_future()
            self._unconfirmed[info.mid] = (confirmed, self._loop.time())
            if self._watch is None:
                self._watch = self._loop.call_later(self.timeout, self._expire)
            try:
                code = await confirmed
            finally:
                self._unconfirmed.pop(info.mid, None)
        finally:
            slots.give()
        if code is not None and code.is_failure:
            raise BusUnavailable(f"{self._options.address} refused {message.topic}: {code}")

    async def wait_lost(self) -> None:
        """Return never; raise `aiomqtt.MqttError` when the connection is lost."""
        async for _ in self.messages:
            pass  # nothing is queued there: messages go to the handler

    async def close(self, reason: str) -> None:
        """Disconnect and fail what is unconfirmed with ``reason``. Never raises but cancelled."""
        self._closed_because = reason
        if self._watch is not None:
            self._watch.cancel()
        for confirmed, _ in self._unconfirmed.values():
            if not confirmed.done():
                confirmed.set_exception(BusUnavailable(reason))
        # The library's own farewell waits for writability; one try at once is enough: no will
        # is set, so a broker that does not hear it does nothing but free the session.
        self._client.disconnect()
        self._client.loop_write()
        self._client._sock_close()  # noqa: SLF001 - nothing public closes a socket that hangs
        task = self._misc_task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()  # seen here, so not reported as never retrieved

    def _expiry(self, message: Outbound) -> Properties | None:
        if message.expiry_s is None or not self._is_v5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
        properties.MessageExpiryInterval = max(1, min(message.expiry_s, 2**32 - 1))
        return properties

    def _expire(self) -> None:
        """Fail what waits too long; come again when the oldest of the rest would."""
        self._watch = None
        now = self._loop.time()
        reason = f"no confirmation within {self.timeout:g} s"
        for confirmed, sent_at in list(self._unconfirmed.values()):  # oldest first
            if confirmed.done():
                continue
            if now < sent_at + self.timeout:
                self._watch = self._loop.call_at(sent_at + self.timeout, self._expire)
                return
            confirmed.set_exception(BusUnavailable(f"{self._options.address}: {reason}"))
            if self._confirmed_at < sent_at and not self._disconnected.done():
                # Nothing at all was confirmed meanwhile: the broker is deaf, not slow.
                self._disconnected.set_exception(aiomqtt.MqttError(reason))

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self._tried.set)

    def _on_socket_open(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        # Without this a burst of small messages waits 40 ms and more for the broker's
        # delayed acknowledgement of each segment.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffered = self._buffered = BufferedSocket(sock)
        client._sock = buffered  # type: ignore[assignment]  # noqa: SLF001  # no hook for a socket
        super()._on_socket_open(client, userdata, buffered)

    def _on_socket_close(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_writer(sock.fileno())
        super()._on_socket_close(client, userdata, sock)

    def _on_socket_register_write(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        # The library lets the loop do this later, by when the socket may be closed.
        if threading.get_ident() == self._thread:
            self._loop.add_writer(sock.fileno(), self._write)
        else:
            self._loop.call_soon_threadsafe(self._write)

    def _on_socket_unregister_write(self, client: PahoClient, userdata: Any, sock: Any) -> None:
        pass  # the library has nothing left to write, the buffer may: `_write` decides

    def _write(self) -> None:
        try:
            self._client.loop_write()
            buffered = self._buffered
            if buffered is None or buffered.fileno() < 0:
                return
            if buffered.flush() and not self._client.want_write():
                self._loop.remove_writer(buffered.fileno())
            else:
                self._loop.add_writer(buffered.fileno(), self._write)
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _on_connect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        maximum = getattr(properties, "ReceiveMaximum", None)
        if maximum is not None:
            self._slots = Slots(min(self._options.in_flight, maximum))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_message(self, client: PahoClient, userdata: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        try:
            self._handler(Inbound(topic, bytes(message.payload), message.retain))
        except Exception:
            # The handler promises not to raise. Where it does, one message is lost, not the link.
            _log.exception("message on %s could not be handled", topic[:200])

    def _on_publish(
        self,
        client: PahoClient,
        userdata: Any,
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        self._confirmed_at = self._loop.time()
        waiting = self._unconfirmed.get(mid)
        if waiting is not None and not waiting[0].done():
            waiting[0].set_result(reason_code if self._is_v5 else None)
