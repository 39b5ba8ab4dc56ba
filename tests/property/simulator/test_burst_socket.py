"""The socket for bursts: confirmations are taken out, all else reaches the library unchanged."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st

from simulator.burst import BurstSocket, publish_packet


def length_field(count: int) -> bytes:
    """The remaining length as MQTT 3.1.1, 2.2.3 writes it."""
    digits = bytearray()
    while True:
        count, digit = divmod(count, 128)
        digits.append(digit + 128 if count else digit)
        if not count:
            return bytes(digits)


def puback(number: int) -> bytes:
    return b"\x40\x02" + number.to_bytes(2, "big")


sizes = st.one_of(st.integers(0, 300), st.sampled_from([127, 128, 16_383, 16_384]))
others = st.builds(
    lambda kind, size: bytes([kind]) + length_field(size) + b"\x40" * size,
    st.sampled_from([0x20, 0x30, 0x31, 0x32, 0x90, 0xB0, 0xD0]),
    sizes,
)
packets = st.lists(
    st.one_of(others.map(lambda one: (one, False)), st.just((puback(0x8001), True))), max_size=30
)


@contextmanager
def connected() -> Iterator[tuple[socket.socket, BurstSocket, list[int]]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    confirmed: list[int] = []
    try:
        yield theirs, BurstSocket(ours, confirmed.append), confirmed
    finally:
        ours.close()
        theirs.close()


@given(packets, st.lists(st.integers(1, 400), max_size=40), st.integers(1, 5000))
def test_confirmations_are_counted_and_the_rest_is_untouched(
    sent: list[tuple[bytes, bool]], cuts: list[int], chunk: int
) -> None:
    stream = b"".join(packet for packet, _ in sent)
    received = bytearray()
    with connected() as (theirs, sock, confirmed):

        def read_all() -> None:
            with contextlib.suppress(BlockingIOError):
                while part := sock.recv(chunk):
                    received.extend(part)
            assert sock.pending() == 0, "or the library would spin"

        start = 0
        for cut in cuts:
            theirs.sendall(stream[start : start + cut])
            start += cut
            read_all()
        while start < len(stream):
            theirs.sendall(stream[start : start + 20_000])
            start += 20_000
            read_all()
        assert bytes(received) == b"".join(packet for packet, is_ack in sent if not is_ack)
        assert sum(confirmed) == sum(is_ack for _, is_ack in sent)


@given(st.text(min_size=1, max_size=60), st.integers(1, 65_535), sizes, st.booleans())
def test_a_publish_packet_is_as_the_standard_writes_it(
    topic: str, number: int, size: int, retain: bool
) -> None:
    name, payload = topic.encode(), b"x" * size
    body = len(name).to_bytes(2, "big") + name + number.to_bytes(2, "big") + payload
    first = bytes([0b0011_0010 | retain])
    packet = publish_packet(topic, number, payload, retain=retain)
    assert packet == first + length_field(len(body)) + body


def test_what_is_sent_leaves_with_the_flush() -> None:
    with connected() as (theirs, sock, _):
        theirs.setblocking(False)
        sock.send(b"one ")
        sock.send(b"two")
        with contextlib.suppress(BlockingIOError):
            assert theirs.recv(10) == b"never"
        assert sock.flush()
        assert theirs.recv(10) == b"one two"


def test_a_full_kernel_buffer_keeps_the_rest_for_later() -> None:
    burst = b"0123456789" * 400_000
    with connected() as (theirs, sock, _):
        sock.send(burst)
        assert not sock.flush()
        received = bytearray()
        while len(received) < len(burst):
            received += theirs.recv(1 << 20)
            sock.flush()
        assert bytes(received) == burst


def test_the_end_of_the_stream_is_empty() -> None:
    with connected() as (theirs, sock, _):
        theirs.close()
        assert sock.recv(1) == b""
