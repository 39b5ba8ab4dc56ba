"""One connection to a broker, from its opening to its loss.

Written for a street: hundreds of thousands of small messages of QoS 1 in both directions, each
of which must cost microseconds. So what is sent in one turn of the loop is one write, what
arrives is read in pieces and handed over without a queue, and nothing is made of a message
but itself: no task, no future, no lock. Knows nothing of topics or payloads.

Ref: MQTT 3.1.1 and MQTT 5.0; sections stand beside what they ask for.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from controller.adapters.certificates import peer_not_after
from controller.adapters.mqtt_options import GreetingRefused, MqttOptions, SessionLost
from controller.adapters.mqtt_packets import (
    DISCONNECT,
    PINGREQ,
    REFUSED,
    Kind,
    Malformed,
    connect_packet,
    publish_packet,
    read_granted,
    read_greeting,
    read_length,
    reason_text,
    skip_properties,
    subscribe_packet,
)
from controller.ports.bus import BusUnavailable, Inbound, MessageHandler, Outbound, Refused

_log = logging.getLogger("lamplighter.mqtt")

_CONNECT_TIMEOUT_S: Final = 5.0
_READ_BYTES: Final = 32_768
"""Bounds how long one turn of the event loop can be: some hundred messages."""
_LONGEST_READ: Final = 262_144
"""Of a longer packet the rest is passed over: its payload is too long for any message."""
_PUBLISH: Final = int(Kind.PUBLISH)
_PUBACK: Final = int(Kind.PUBACK)


class _Batch:
    """Messages that one caller waits for."""

    __slots__ = ("answered", "left", "refused")

    def __init__(self, count: int, answered: asyncio.Future[None]) -> None:
        self.left = count
        self.refused: list[Refused] = []
        self.answered = answered

    def take_off(self) -> None:
        """One of them has its answer."""
        self.left -= 1
        if not self.left and not self.answered.done():
            self.answered.set_result(None)

    def refuse(self, message: Outbound, why: str) -> None:
        """One of them was not taken."""
        self.refused.append(Refused(message, BusUnavailable(why)))
        self.take_off()


class _Unconfirmed(NamedTuple):
    """A message that the broker has not confirmed."""

    batch: _Batch
    message: Outbound
    sent_at: float


class MqttSession(asyncio.BufferedProtocol):
    """A session that is used once: `open`, `subscribe_all`, `send`, `wait_lost`, `close`."""

    def __init__(self, options: MqttOptions, on_message: MessageHandler) -> None:
        self._options = options
        self._is_v5 = options.protocol == "5"
        self._handler = on_message
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._view = memoryview(bytearray(_READ_BYTES))
        self.broker_not_after: float | None = None
        """Until when the broker's certificate is valid, Unix s; None without TLS."""
        self._rest = b""
        self._pass_over = 0
        """Bytes still to come of a packet that is too long to be kept."""
        self._answers: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        """What is asked for, by kind of packet that answers."""
        self._lost: asyncio.Future[str] = self._loop.create_future()
        self._closed = asyncio.Event()
        self._closed_because: str | None = None

        self._in_flight = options.in_flight
        self._longest_packet: int | None = None
        self._message_id = 0
        self._waiting: deque[tuple[_Batch, Outbound]] = deque()
        self._unconfirmed: dict[int, _Unconfirmed] = {}
        """By message id, in the order of sending."""
        self._outgoing: list[bytes] = []
        self._is_flush_due = False
        self._is_congested = False
        self._watch: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        """Instant of the loop's clock at which anything arrived last."""

    # --- from its opening to its loss ----------------------------------------------------

    async def open(self) -> None:
        """Connect. Raises `SessionLost` or `OSError`; `close` must follow in any case."""
        options = self._options
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                await self._loop.create_connection(
                    lambda: self,
                    options.host,
                    options.port,
                    ssl=options.tls,
                    server_hostname=options.host if options.tls is not None else None,
                )
        except TimeoutError:
            raise SessionLost(f"connecting timed out after {_CONNECT_TIMEOUT_S:g} s") from None
        packet = connect_packet(
            options.client_id,
            options.username,
            options.password,
            keepalive_s=options.keepalive_s,
            is_v5=self._is_v5,
        )
        _, body = await self._ask(packet, Kind.CONNACK, "greeting")
        greeting = read_greeting(body, is_v5=self._is_v5)
        if greeting.code:
            raise GreetingRefused(greeting.code, reason_text(greeting.code))
        if greeting.receive_maximum is not None:
            self._in_flight = min(self._in_flight, greeting.receive_maximum)
        self._longest_packet = greeting.longest_packet
        keepalive_s = options.keepalive_s if greeting.keepalive_s is None else greeting.keepalive_s
        if keepalive_s:
            self._ping(keepalive_s / 2)

    async def subscribe_all(self, filters: Sequence[tuple[str, int]]) -> None:
        """Subscribe in one packet. Raises `SessionLost`, also where a filter is refused."""
        if not filters:
            return
        packet = subscribe_packet(self._free_message_id(), filters, is_v5=self._is_v5)
        _, body = await self._ask(packet, Kind.SUBACK, "subscription")
        granted = read_granted(body, is_v5=self._is_v5)
        for (topic_filter, _), code in zip(filters, granted, strict=False):
            if code >= REFUSED:
                raise SessionLost(f"subscription to {topic_filter} refused")

    async def wait_lost(self) -> None:
        """Return never; raise `SessionLost` when the connection is lost."""
        raise SessionLost(await asyncio.shield(self._lost))

    async def close(self, reason: str) -> None:
        """Disconnect and refuse what is unconfirmed with ``reason``. Never raises but cancelled."""
        self._closed_because = reason
        for timer in (self._watch, self._beat):
            if timer is not None:
                timer.cancel()
        for entry in self._unconfirmed.values():
            entry.batch.refuse(entry.message, reason)
        for batch, message in self._waiting:
            batch.refuse(message, reason)
        self._unconfirmed.clear()
        self._waiting.clear()
        for answer in self._answers.values():
            answer.cancel()
        if self._transport is None:
            return
        # One try at once is enough: no will is set, so a broker that does not hear it does
        # nothing but free the session.
        self._flush()
        self._transport.write(DISCONNECT)
        self._transport.abort()
        await self._closed.wait()

    async def _ask(self, packet: bytes, kind: Kind, name: str) -> tuple[int, bytes]:
        assert self._transport is not None
        answer: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()
        self._answers[kind] = answer
        self._transport.write(packet)
        lost = self._lost
        try:
            async with asyncio.timeout(self._options.timeout_s):
                either: list[asyncio.Future[Any]] = [answer, lost]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise SessionLost(
                f"timed out: no {name} within {self._options.timeout_s:g} s"
            ) from None
        finally:
            del self._answers[kind]
            if not answer.done():
                answer.cancel()
        if not answer.done() or answer.cancelled():
            raise SessionLost(lost.result())
        return answer.result()

    def _lose(self, why: str) -> None:
        if not self._lost.done():
            self._lost.set_result(why)

    def _ping(self, every_s: float) -> None:
        """Let the broker know that we are there (3.1.2.10), and notice where it is not."""
        asked_at = self._loop.time()
        self._outgoing.append(PINGREQ)
        self._flush()
        within_s = min(every_s, self._options.timeout_s)

        def look() -> None:
            # Anything counts: behind much that waits for us an answer comes late.
            if self._heard_at < asked_at:
                self._lose(f"timed out: nothing heard for {within_s:g} s")
            else:
                left_s = asked_at + every_s - self._loop.time()
                self._beat = self._loop.call_later(left_s, self._ping, every_s)

        self._beat = self._loop.call_later(within_s, look)

    # --- out -----------------------------------------------------------------------------

    async def send(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Publish in this order; return when QoS 0 is written and QoS 1 answered."""
        if not messages:
            return ()
        batch = _Batch(len(messages), self._loop.create_future())
        if self._closed_because is not None:
            for message in messages:
                batch.refuse(message, self._closed_because)
            return batch.refused
        self._waiting.extend([(batch, message) for message in messages])
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)
        try:
            await batch.answered
        except asyncio.CancelledError:
            # What is sent stays sent; what is not shall not be.
            self._waiting = deque(one for one in self._waiting if one[0] is not batch)
            raise
        return batch.refused

    def _flush(self) -> None:
        """Write what waits, as far as the broker has confirmed enough, in one piece."""
        self._is_flush_due = False
        transport = self._transport
        if transport is None or self._lost.done():
            return
        waiting, unconfirmed, now = self._waiting, self._unconfirmed, self._loop.time()
        while waiting and len(unconfirmed) < self._in_flight and not self._is_congested:
            batch, message = waiting.popleft()
            self._put(batch, message, now)
        if self._outgoing:
            packets = b"".join(self._outgoing)
            self._outgoing.clear()
            transport.write(packets)
        if unconfirmed and self._watch is None:
            self._watch = self._loop.call_later(self._options.timeout_s, self._expire)

    def _put(self, batch: _Batch, message: Outbound, now: float) -> None:
        number = self._free_message_id() if message.qos else 0
        try:
            packet = publish_packet(message, number, is_v5=self._is_v5)
        except ValueError as error:
            batch.refuse(message, f"{self._options.address}: {error}")
            return
        if self._longest_packet is not None and len(packet) > self._longest_packet:
            why = f"a packet of {len(packet)} bytes, it takes at most {self._longest_packet}"
            batch.refuse(message, f"{self._options.address} refused {message.topic}: {why}")
            return
        self._outgoing.append(packet)
        if message.qos:
            self._unconfirmed[number] = _Unconfirmed(batch, message, now)
        else:
            batch.take_off()

    def _free_message_id(self) -> int:
        """The next that no unconfirmed message has (2.2.1)."""
        while True:
            number = self._message_id = self._message_id % 65_535 + 1
            if number not in self._unconfirmed:
                return number

    def _expire(self) -> None:
        """Refuse what waits too long; come again when the oldest of the rest would."""
        self._watch = None
        now, timeout_s = self._loop.time(), self._options.timeout_s
        why = f"no confirmation within {timeout_s:g} s"
        while self._unconfirmed:
            number, oldest = next(iter(self._unconfirmed.items()))
            if now < oldest.sent_at + timeout_s:
                self._watch = self._loop.call_at(oldest.sent_at + timeout_s, self._expire)
                break
            del self._unconfirmed[number]
            oldest.batch.refuse(oldest.message, f"{self._options.address}: {why}")
            if self._heard_at < oldest.sent_at:
                self._lose(why)  # nothing at all came meanwhile: it is deaf, not slow
        self._flush()

    # --- in ------------------------------------------------------------------------------

    def _take(self, data: bytes) -> bytes:
        """Take whole packets from the front of ``data``; returns what is left."""
        position, end = 0, len(data)
        confirmations = bytearray()
        while end - position >= 2:
            first, length, body = data[position], data[position + 1], position + 2
            if length & 0x80:
                read = read_length(data, position + 1)
                if read is None:
                    break
                length, body = read
            stop = body + length
            if stop > end:
                if end - position < _LONGEST_READ:
                    break
                self._pass_over, stop = stop - end, end
            kind = first >> 4
            if kind == _PUBLISH:
                name = body + 2
                after = name + (data[body] << 8 | data[body + 1])
                topic = data[name:after]
                if first & 0x06:
                    confirmations += b"\x40\x02" + data[after : after + 2]
                    after += 2
                if self._is_v5:
                    after = skip_properties(data, after)
                if after > stop:
                    raise Malformed("a topic beyond its packet")
                self._hand_over(topic, data[after:stop], is_retained=first & 0x01 == 1)
            elif kind == _PUBACK:
                code = data[body + 2] if length > 2 else 0
                self._confirm(data[body] << 8 | data[body + 1], code)
            else:
                self._take_other(kind, data[body:stop])
            position = stop
        if confirmations:
            self._outgoing.append(bytes(confirmations))
        return data[position:]

    def _hand_over(self, topic: bytes, payload: bytes, *, is_retained: bool) -> None:
        try:
            name = topic.decode()
        except UnicodeDecodeError:
            return
        try:
            self._handler(Inbound(name, payload, is_retained))
        except Exception:
            # The handler promises not to raise. Where it does, one message is lost, not the link.
            _log.exception("message on %s could not be handled", name[:200])

    def _confirm(self, number: int, code: int) -> None:
        entry = self._unconfirmed.pop(number, None)
        if entry is None:
            return  # it came too late
        if code < REFUSED:
            entry.batch.take_off()
        else:
            why = f"{self._options.address} refused {entry.message.topic}: {reason_text(code)}"
            entry.batch.refuse(entry.message, why)

    def _take_other(self, kind: int, body: bytes) -> None:
        answer = self._answers.get(kind)
        if answer is not None and not answer.done():
            answer.set_result((kind, body))
        elif kind == Kind.DISCONNECT:
            self._lose(f"disconnected: {reason_text(body[0]) if body else 'no reason given'}")

    # --- what the transport tells --------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.broker_not_after = peer_not_after(transport.get_extra_info("ssl_object"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        self._lose(self._options.reason_of(exc) if exc is not None else "connection closed")
        self._closed.set()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have come."""
        if self._closed_because is not None or self._lost.done():
            return
        self._heard_at = self._loop.time()
        data = bytes(self._view[:nbytes])
        if self._pass_over:
            passed = min(self._pass_over, nbytes)
            self._pass_over -= passed
            data = data[passed:]
        try:
            self._rest = self._take(self._rest + data)
        except (Malformed, IndexError) as error:
            self._lose(f"what came is no MQTT: {error}")
            return
        self._flush()

    def pause_writing(self) -> None:
        """The kernel's buffer is full, and ours is filling."""
        self._is_congested = True

    def resume_writing(self) -> None:
        """There is room again."""
        self._is_congested = False
        self._flush()
