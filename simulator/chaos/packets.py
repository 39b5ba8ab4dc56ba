"""Reading MQTT packets out of a stream, as far as the chaos kit needs it.

Ref: MQTT 3.1.1 and 5.0, 2.1 (fixed header), 3.1 (CONNECT), 3.3 (PUBLISH).
"""

from typing import Final

CONNECT: Final = 0x10
CONNACK: Final = 0x20
PUBLISH: Final = 0x30
_KIND: Final = 0xF0
_QOS: Final = 0x06
_RETAIN: Final = 0x01
_LONGEST_LENGTH: Final = 4


def length_of(buffer: bytes, position: int = 0) -> int | None:
    """Whole length of the packet that begins at ``position``; None where not known yet.

    Raises ValueError where no MQTT packet can begin like this.
    """
    remaining = 0
    for index in range(_LONGEST_LENGTH):
        at = position + 1 + index
        if at >= len(buffer):
            return None
        remaining |= (buffer[at] & 0x7F) << (7 * index)
        if not buffer[at] & 0x80:
            return 2 + index + remaining
    raise ValueError("remaining length of more than four bytes")


def body_at(packet: bytes) -> int:
    """Where the variable header of a whole packet begins."""
    at = 1
    while packet[at] & 0x80:
        at += 1
    return at + 1


def client_id_of(data: bytes) -> str | None:
    """Client identifier where ``data`` begins with a whole CONNECT packet."""
    if not data or data[0] != CONNECT:
        return None
    try:
        length = length_of(data)
        if length is None or length > len(data):
            return None
        at = body_at(data)
        name_length = int.from_bytes(data[at : at + 2])
        at += 2 + name_length
        version = data[at]
        at += 4  # level, flags, keep alive
        if version == 5:
            properties = 0
            for index in range(_LONGEST_LENGTH):
                byte = data[at]
                at += 1
                properties |= (byte & 0x7F) << (7 * index)
                if not byte & 0x80:
                    break
            at += properties
        size = int.from_bytes(data[at : at + 2])
        return data[at + 2 : at + 2 + size].decode()
    except (ValueError, IndexError):
        return None


def is_publish(packet: bytes) -> bool:
    """True for a PUBLISH packet."""
    return packet[0] & _KIND == PUBLISH


def topic_of(packet: bytes) -> str:
    """Topic of a whole PUBLISH packet; raises ValueError where there is none."""
    at = body_at(packet)
    size = int.from_bytes(packet[at : at + 2])
    return packet[at + 2 : at + 2 + size].decode()


def copy_of(packet: bytes) -> bytes:
    """The PUBLISH packet once more, as QoS 0: nobody confirms it, no identifier is taken."""
    at = body_at(packet)
    after_topic = at + 2 + int.from_bytes(packet[at : at + 2])
    has_identifier = bool(packet[0] & _QOS)
    rest = packet[after_topic + 2 * has_identifier :]
    body = packet[at:after_topic] + rest
    head = bytearray((PUBLISH | (packet[0] & _RETAIN),))
    length = len(body)
    while True:
        length, digit = divmod(length, 128)
        head.append(digit + 128 if length else digit)
        if not length:
            return bytes(head) + body
