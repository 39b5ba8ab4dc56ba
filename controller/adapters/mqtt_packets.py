"""The control packets of MQTT 3.1.1 and 5, as far as a controller needs them.

Bytes to values and back; knows no socket and no time. QoS 2, wills, topic aliases and
enhanced authentication are not here: nothing of ours asks for them, so no broker uses them.

Ref: MQTT 3.1.1 and MQTT 5.0, 2.1 (fixed header), 2.2.2 (properties), 2.4 (reason codes).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from controller.ports.bus import Outbound

REFUSED: Final = 128
"""Reason codes from here on are refusals (MQTT 5, 2.4; MQTT 3.1.1, 3.9.3)."""
PINGREQ: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"

_CLEAN: Final = 0x02
_PASSWORD: Final = 0x40
_USER: Final = 0x80
_RETAIN: Final = 0x01
_QOS_1: Final = 0x02
_EXPIRY: Final = 0x02
_LONGEST_TEXT: Final = 65_535
_LONGEST_EXPIRY_S: Final = 2**32 - 1


class Kind(IntEnum):
    """What a packet is: the upper half of its first byte."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    PINGRESP = 13
    DISCONNECT = 14


class Malformed(Exception):
    """What arrived is no MQTT."""


class Greeting(NamedTuple):
    """A broker's answer to CONNECT."""

    code: int
    """0: welcome."""
    receive_maximum: int | None
    """Most messages it takes unconfirmed; None where it does not say."""
    longest_packet: int | None
    """Bytes of the longest packet it takes; None where it does not say."""
    keepalive_s: int | None
    """Where it wants another than we asked for."""


def connect_packet(
    client_id: str,
    username: str | None,
    password: str | None,
    *,
    keepalive_s: int,
    is_v5: bool,
) -> bytes:
    """CONNECT with a session that begins empty and ends with the connection (3.1)."""
    flags = _CLEAN | (_USER if username is not None else 0)
    flags |= _PASSWORD if password is not None else 0
    body = _text("MQTT") + bytes((5 if is_v5 else 4, flags)) + keepalive_s.to_bytes(2, "big")
    body += b"\x00" if is_v5 else b""
    body += _text(client_id)
    for secret in (username, password):
        body += _text(secret) if secret is not None else b""
    return _packet(Kind.CONNECT << 4, body)


def subscribe_packet(message_id: int, filters: Sequence[tuple[str, int]], *, is_v5: bool) -> bytes:
    """SUBSCRIBE to (topic filter, QoS) pairs (3.8)."""
    body = message_id.to_bytes(2, "big") + (b"\x00" if is_v5 else b"")
    body += b"".join(_text(one) + bytes((qos,)) for one, qos in filters)
    return _packet(Kind.SUBSCRIBE << 4 | 0x02, body)


def publish_packet(message: Outbound, message_id: int, *, is_v5: bool) -> bytes:
    """PUBLISH (3.3); ``message_id`` is 1 to 65,535 and stands only in QoS 1.

    Raises `ValueError` for a topic that no packet can hold.
    """
    topic = message.topic.encode()
    if len(topic) > _LONGEST_TEXT:
        raise ValueError(f"topic of {len(topic)} bytes: at most {_LONGEST_TEXT} are possible")
    first = Kind.PUBLISH << 4 | (_RETAIN if message.retained else 0)
    head = len(topic).to_bytes(2, "big") + topic
    if message.qos:
        first |= _QOS_1
        head += message_id.to_bytes(2, "big")
    if is_v5:
        head += _expiry(message.expiry_s)
    return _packet(first, head + message.payload)


def _expiry(expiry_s: int | None) -> bytes:
    if expiry_s is None:
        return b"\x00"
    seconds = max(1, min(expiry_s, _LONGEST_EXPIRY_S))
    return bytes((5, _EXPIRY)) + seconds.to_bytes(4, "big")


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(first: int, body: bytes) -> bytes:
    left = len(body)
    if left < 128:
        return bytes((first, left)) + body
    head = bytearray((first,))
    while left:
        left, digit = left >> 7, left & 0x7F
        head.append(digit | 0x80 if left else digit)
    return bytes(head) + body


def read_length(data: bytes, position: int) -> tuple[int, int] | None:
    """The variable byte integer at ``position`` and where it ends; None where it goes on.

    Raises `Malformed` where it is longer than four bytes (2.2.3).
    """
    value = 0
    for index, digit in enumerate(data[position : position + 4]):
        value |= (digit & 0x7F) << (7 * index)
        if not digit & 0x80:
            return value, position + index + 1
    if len(data) - position >= 4:
        raise Malformed("a length of more than four bytes")
    return None


def skip_properties(data: bytes, position: int) -> int:
    """Where the properties at ``position`` end (MQTT 5)."""
    read = read_length(data, position)
    if read is None or read[0] + read[1] > len(data):
        raise Malformed("properties beyond their packet")
    return read[0] + read[1]


def read_greeting(body: bytes, *, is_v5: bool) -> Greeting:
    """CONNACK (3.2)."""
    if len(body) < 2:
        raise Malformed("a CONNACK without code")
    found = _properties(body, 2) if is_v5 and len(body) > 2 else {}
    return Greeting(body[1], found.get(0x21), found.get(0x27), found.get(0x13))


def read_granted(body: bytes, *, is_v5: bool) -> bytes:
    """SUBACK (3.9): one code for each filter that was asked for."""
    return body[skip_properties(body, 2) if is_v5 else 2 :]


_ONE: Final = frozenset({0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A})
_TWO: Final = frozenset({0x13, 0x21, 0x22, 0x23})
_FOUR: Final = frozenset({0x02, 0x11, 0x18, 0x27})
_TEXT: Final = frozenset({0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F})
_PAIR: Final = 0x26
"""Properties by the form of their value (MQTT 5, 2.2.2.2)."""


def _properties(data: bytes, position: int) -> dict[int, int]:
    """The properties that are numbers, by identifier; the others are passed over."""
    end = skip_properties(data, position)
    read = read_length(data, position)
    at = read[1] if read is not None else end
    found: dict[int, int] = {}
    while at < end:
        identifier, at = data[at], at + 1
        if identifier in _TEXT or identifier == _PAIR:
            for _ in range(2 if identifier == _PAIR else 1):
                at += 2 + int.from_bytes(data[at : at + 2], "big")
            continue
        size = 1 if identifier in _ONE else 2 if identifier in _TWO else 4
        if size == 4 and identifier not in _FOUR:
            raise Malformed(f"an unknown property {identifier:#x}")
        found[identifier] = int.from_bytes(data[at : at + size], "big")
        at += size
    if at > end:
        raise Malformed("a property beyond its packet")
    return found


_OLD_REASONS: Final = {
    1: "it does not speak this version of the protocol",
    2: "client identifier not accepted",
    3: "server unavailable",
    4: "user name or password is wrong",
    5: "not authorized",
}
"""MQTT 3.1.1, 3.2.2.3."""

_REASONS: Final = {
    0x80: "Unspecified error",
    0x81: "Malformed packet",
    0x82: "Protocol error",
    0x83: "Implementation specific error",
    0x84: "Unsupported protocol version",
    0x85: "Client identifier not valid",
    0x86: "Bad user name or password",
    0x87: "Not authorized",
    0x88: "Server unavailable",
    0x89: "Server busy",
    0x8A: "Banned",
    0x8B: "Server shutting down",
    0x8D: "Keep alive timeout",
    0x8E: "Session taken over",
    0x8F: "Topic filter invalid",
    0x90: "Topic name invalid",
    0x91: "Packet identifier in use",
    0x93: "Receive maximum exceeded",
    0x95: "Packet too large",
    0x96: "Message rate too high",
    0x97: "Quota exceeded",
    0x98: "Administrative action",
    0x99: "Payload format invalid",
    0x9A: "Retain not supported",
    0x9B: "QoS not supported",
    0x9C: "Use another server",
    0x9D: "Server moved",
    0x9F: "Connection rate exceeded",
}
"""MQTT 5, 2.4."""


def reason_text(code: int) -> str:
    """A reason code in words."""
    found = _REASONS.get(code) or _OLD_REASONS.get(code)
    return found if found is not None else f"reason code {code}"
