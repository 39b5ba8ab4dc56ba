"""Reading MQTT packets out of a stream, as far as the chaos kit needs it.

Ref: MQTT 3.1.1 and 5.0, 2.1 (fixed header), 3.1 (CONNECT), 3.3 (PUBLISH).
"""

from typing import Final

CONNECT: Final = 0x10
PUBLISH: Final = 0x30
_KIND: Final = 0xF0
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
