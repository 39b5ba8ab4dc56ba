"""The least that is an MQTT 3.1.1 client: the ceiling that the controller is measured against.

Builds and reads the packets of an exchange with as little work a message as Python allows:
no futures, no queues, no objects, one write a turn of the loop. Knows nothing of payloads.
Not for a street: it neither reconnects nor repeats anything.

Ref: MQTT 3.1.1, 2.2 (fixed header), 3.1 (CONNECT), 3.3 (PUBLISH), 3.8 (SUBSCRIBE).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from controller.errors import ConfigurationError, ControllerError

_CONNACK: Final = 2
_PUBLISH: Final = 3
_PUBACK: Final = 4
_SUBACK: Final = 9
_KEEPALIVE_S: Final = 600
"""Longer than any exchange: nobody pings."""
_ANSWER_WITHIN_S: Final = 30.0

OnPublish = Callable[[bytes, bytes], None]
"""Topic and payload of a message that arrived."""


class BrokerRefused(ControllerError):
    """The broker of a benchmark could not be used."""


def packet(first: int, body: bytes) -> bytes:
    """A control packet: its first byte, the length of the rest, the rest."""
    left = len(body)
    if left < 128:
        return bytes((first, left)) + body
    head = bytearray((first,))
    while left:
        left, digit = left >> 7, left & 0x7F
        head.append(digit | 0x80 if left else digit)
    return bytes(head) + body


def text(value: bytes) -> bytes:
    """A string as packets hold it."""
    return len(value).to_bytes(2, "big") + value


def broker_address(url: str) -> tuple[str, int, bytes | None, bytes | None]:
    """Host, port, user and password of ``mqtt://user:password@host:port``.

    Raises `ConfigurationError` for anything else; a bare client speaks no TLS.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError(
            "broker URL of the benchmarks cannot be read; one such is 'mqtt://127.0.0.1:1883'"
        ) from None  # the cause may quote the password
    if parts.scheme != "mqtt" or not parts.hostname or port == 0:
        raise ConfigurationError(
            f"broker of the benchmarks with scheme {parts.scheme!r} and host "
            f"{parts.hostname or ''!r}: must be mqtt://host:port, without TLS"
        )
    user = None if parts.username is None else unquote(parts.username).encode()
    password = None if parts.password is None else unquote(parts.password).encode()
    return parts.hostname, port or 1883, user, password


class Link(asyncio.Protocol):
    """One connection; made by `connected`."""

    def __init__(self, on_publish: OnPublish, on_turn: Callable[[], None]) -> None:
        self._on_publish = on_publish
        self._on_turn = on_turn
        self._rest = b""
        self._message_id = 0
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self.unconfirmed = 0
        """Messages sent with QoS 1 that the broker has not confirmed."""
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed; nothing more will come."""
        self.is_lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(
                BrokerRefused(f"the broker closed the connection: {exc or 'no reason given'}")
            )
        self._on_turn()

    def data_received(self, data: bytes) -> None:
        """Take whole packets out of what came; confirm what asks for it with one write."""
        if self._rest:
            data = self._rest + data
        position, end = 0, len(data)
        confirmations = bytearray()
        while end - position >= 2:
            first, length, body = data[position], data[position + 1], position + 2
            if length & 0x80:
                length &= 0x7F
                shift = 7
                while body < end:
                    digit = data[body]
                    body += 1
                    length |= (digit & 0x7F) << shift
                    shift += 7
                    if not digit & 0x80:
                        break
                else:
                    break
            stop = body + length
            if stop > end:
                break
            kind = first >> 4
            if kind == _PUBLISH:
                name = body + 2
                after = name + (data[body] << 8 | data[body + 1])
                topic = data[name:after]
                if first & 0x06:
                    confirmations += b"\x40\x02" + data[after : after + 2]
                    after += 2
                self._on_publish(topic, data[after:stop])
            elif kind == _PUBACK:
                self.unconfirmed -= 1
            elif self._answer is not None and not self._answer.done():
                self._answer.set_result((kind, data[body:stop]))
            position = stop
        self._rest = data[position:]
        if confirmations:
            self._out.append(bytes(confirmations))
        self._on_turn()
        self.flush()

    def publish(self, topic: bytes, payload: bytes, *, retained: bool = False) -> None:
        """Send with QoS 1 at the next `flush`."""
        number = self._message_id = self._message_id % 65_535 + 1
        body = text(topic) + number.to_bytes(2, "big") + payload
        self._out.append(packet(0x33 if retained else 0x32, body))
        self.unconfirmed += 1

    def flush(self) -> None:
        """Hand the socket all that waits, in one piece."""
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    async def connect(self, client_id: str, user: bytes | None, password: bytes | None) -> None:
        """Introduce ourselves. Raises `BrokerRefused`."""
        flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
        body = text(b"MQTT") + bytes((4, flags)) + _KEEPALIVE_S.to_bytes(2, "big")
        body += text(client_id.encode())
        for secret in (user, password):
            body += b"" if secret is None else text(secret)
        kind, answer = await self._ask(packet(0x10, body))
        if kind != _CONNACK or answer[1]:
            raise BrokerRefused(f"the broker refused the connection with code {answer[1]}")

    async def subscribe(self, filters: Sequence[bytes], qos: int) -> None:
        """Subscribe to all of ``filters``. Raises `BrokerRefused`."""
        for first in range(0, len(filters), 300):
            some = filters[first : first + 300]
            body = b"\x00\x01" + b"".join(text(one) + bytes((qos,)) for one in some)
            kind, answer = await self._ask(packet(0x82, body))
            if kind != _SUBACK or max(answer[2:]) > 1:
                raise BrokerRefused("the broker refused a subscription of the benchmarks")

    async def _ask(self, question: bytes) -> tuple[int, bytes]:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(question)
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                return await self._answer
        except TimeoutError:
            raise BrokerRefused("the broker does not answer") from None

    def close(self) -> None:
        """Say goodbye and close."""
        if self._transport is not None and not self.is_lost:
            self._transport.write(b"\xe0\x00")
            self._transport.close()


async def connected(
    url: str, client_id: str, on_publish: OnPublish, on_turn: Callable[[], None]
) -> Link:
    """An open connection. Raises `BrokerRefused`."""
    host, port, user, password = broker_address(url)
    loop = asyncio.get_running_loop()
    try:
        _, link = await loop.create_connection(lambda: Link(on_publish, on_turn), host, port)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise BrokerRefused(f"broker mqtt://{host}:{port}: {why}") from None
    try:
        await link.connect(client_id, user, password)
    except BaseException:
        link.close()
        raise
    return link


async def try_broker(url: str) -> None:
    """Connect and leave. Raises `BrokerRefused` where that is not possible."""
    link = await connected(url, "lamplighter-bench", lambda _topic, _payload: None, lambda: None)
    link.close()
