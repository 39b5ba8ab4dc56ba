"""The fleet's connections over MQTT.

The only module of the simulator that imports the MQTT client. One `Link` is one connection,
used once. Knows no topics and no payloads.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiomqtt

from simulator.burst import BurstSocket, publish_packet

_FIRST_MESSAGE_ID: Final = 0x8000
"""The library counts its own packets up from 1; identifiers in flight must differ."""
_LAST_MESSAGE_ID: Final = 0xFFFF
_REFUSED: Final = 128
"""Return codes of a subscription from here on are refusals (MQTT 3.1.1, 3.9.3)."""

Handler = Callable[[str, bytes, bool], None]
"""Topic, payload, whether the broker had kept it."""


class LinkLost(Exception):
    """The connection could not be made, or was lost; a retry may help. One line says why."""


@dataclass(frozen=True)
class BrokerAddress:
    """Where the broker is and how to be let in."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    keepalive_s: int = 60

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"broker mqtt{'s' if self.tls else ''}://{host}:{self.port}"


class Link(aiomqtt.Client):
    """A connection: `open`, `subscribe_all`, `send`, `wait_lost`, `close`, in this order.

    Replaces callbacks of the library that it does not promise to keep; its version is
    bounded in the project's dependencies.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        will: tuple[str, bytes],
        on_message: Handler,
        on_confirmed: Callable[[], None],
    ) -> None:
        super().__init__(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=client_id,
            protocol=aiomqtt.ProtocolVersion.V311,
            will=aiomqtt.Will(will[0], will[1], qos=1, retain=True),
            clean_session=True,
            timeout=30,
            keepalive=address.keepalive_s,
            tls_context=address.tls,
            # Not bounded here: the library's bound searches all pending at each answer.
            max_inflight_messages=0,
        )
        self._address = address
        self._client.connect_timeout = 10.0
        self._handler = on_message
        self._confirmed = on_confirmed
        self._thread = threading.get_ident()
        self._socket: BurstSocket | None = None
        self._message_id = _FIRST_MESSAGE_ID
        self._is_flush_due = False
        self.in_flight = 0
        """Messages of QoS 1 that the broker has not confirmed yet."""

    async def open(self) -> None:
        """Connect. Raises `LinkLost`; `close` must follow in any case."""
        try:
            await self.__aenter__()
        except (aiomqtt.MqttError, OSError) as error:
            _obey_cancellation()
            raise LinkLost(f"{self._address}: {_one_line(error)}") from None
        _obey_cancellation()

    async def subscribe_all(self, filters: Sequence[str], qos: int) -> None:
        """Subscribe with one packet. Raises `LinkLost`, also where a filter is refused."""
        try:
            codes = await self.subscribe([(one, qos) for one in filters])
        except (aiomqtt.MqttError, OSError) as error:
            _obey_cancellation()
            raise LinkLost(f"{self._address}: {_one_line(error)}") from None
        _obey_cancellation()
        for topic_filter, code in zip(filters, codes, strict=False):
            granted: Any = code
            if getattr(granted, "value", granted) >= _REFUSED:
                raise LinkLost(f"{self._address}: subscription to {topic_filter} refused")

    def send(self, topic: str, payload: bytes, *, retain: bool) -> bool:
        """Publish with QoS 1, without waiting. False where the connection is gone."""
        sock = self._socket
        if sock is None or sock.fileno() < 0 or self._disconnected.done():
            return False
        number = self._message_id
        self._message_id = _FIRST_MESSAGE_ID if number == _LAST_MESSAGE_ID else number + 1
        sock.send(publish_packet(topic, number, payload, retain=retain))
        self.in_flight += 1
        self._flush_soon()
        return True

    async def wait_lost(self) -> None:
        """Return never; raise `LinkLost` when the connection is lost."""
        try:
            await asyncio.shield(self._disconnected)
        except (aiomqtt.MqttError, OSError) as error:
            raise LinkLost(f"{self._address}: {_one_line(error)}") from None
        raise LinkLost(f"{self._address}: connection closed")

    async def close(self, *, is_abrupt: bool = False) -> None:
        """Say goodbye where there is still somebody to hear it, and leave nothing behind.

        An abrupt end says nothing: the broker publishes the last will.
        """
        if not is_abrupt:
            self._client.disconnect()
            self._client.loop_write()
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.flush()
        self._client._sock_close()  # noqa: SLF001 - nothing public closes a socket that hangs
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.wait([self._misc_task])
        for future in (self._disconnected, self._connected):
            if future.done() and not future.cancelled():
                future.exception()  # seen here, so not reported as never retrieved

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        with contextlib.suppress(UnicodeDecodeError):
            self._handler(message.topic, message.payload, message.retain)

    def _note_confirmed(self, count: int) -> None:
        self.in_flight -= count
        self._confirmed()

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        # Bursts of small messages must not wait for the acknowledgement of each segment.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = BurstSocket(sock, self._note_confirmed)
        client._sock = self._socket  # noqa: SLF001 - no hook for a socket
        # Called from the thread that connects; the socket may be closed again before our turn.
        self._loop.call_soon_threadsafe(self._watch, client, self._socket)

    def _watch(self, client: Any, sock: BurstSocket) -> None:
        if sock.fileno() > -1:
            self._loop.add_reader(sock.fileno(), self._read, client)
            self._misc_task = self._loop.create_task(self._misc_loop())

    def _read(self, client: Any) -> None:
        try:
            client.loop_read()
            while (sock := client._sock) is not None and sock.pending():  # noqa: SLF001 - as above
                client.loop_read()
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        if (descriptor := sock.fileno()) > -1:
            self._loop.remove_writer(descriptor)
        super()._on_socket_close(client, userdata, sock)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        if threading.get_ident() != self._thread:  # while connecting
            self._loop.call_soon_threadsafe(self._write)
        else:
            self._flush_soon()

    def _on_socket_unregister_write(self, client: Any, userdata: Any, sock: Any) -> None:
        """Nothing to do: the writer is registered only while the kernel's buffer is full."""

    def _flush_soon(self) -> None:
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        self._is_flush_due = False
        sock = self._socket
        if sock is None or sock.fileno() < 0:
            return
        try:
            self._client.loop_write()
            if sock.flush():
                self._loop.remove_writer(sock.fileno())
            else:
                self._loop.add_writer(sock.fileno(), self._write)
        except Exception as error:
            if not self._disconnected.done():
                self._disconnected.set_exception(error)


def _one_line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


def _obey_cancellation() -> None:
    """Raise a cancellation that came together with an answer.

    The library waits with `asyncio.wait_for`, which before Python 3.12 gives the answer and
    forgets the cancellation.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
