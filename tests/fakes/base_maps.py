"""Small PMTiles archives: one tile of the whole world, all land or all water.

Ref: PMTiles specification, version 3; Mapbox Vector Tile specification, version 2.
"""

import json
import struct
import zlib
from typing import Final

_EXTENT: Final = 4096


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _field(number: int, body: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def vector_tile(layer: str) -> bytes:
    """A tile that one polygon of a layer fills."""
    moves = [9, 0, 0, 26]  # to the corner; then three lines
    for step in (_EXTENT, 0), (0, _EXTENT), (-_EXTENT, 0):
        moves += [_zigzag(one) for one in step]
    moves.append(15)
    geometry = b"".join(map(_varint, moves))
    feature = _number(3, 3) + _field(4, geometry)
    body = _field(1, layer.encode()) + _field(2, feature) + _number(5, _EXTENT) + _number(15, 2)
    return _field(3, body)


def picture_tile(colour: tuple[int, int, int]) -> bytes:
    """A PNG of 256 x 256 pixels of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        whole = kind + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * 256) * 256
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def archive(tile: bytes, *, is_vector: bool, layers: tuple[str, ...] = ()) -> bytes:
    """An archive of that tile alone, at zoom 0."""
    metadata = json.dumps(
        {
            "attribution": '<a href="https://example.org/"><b>&copy; Survey</b></a>',
            "vector_layers": [{"id": layer, "fields": {}} for layer in layers],
        }
    ).encode()
    # One entry: tile 0, a run of one, its length, at offset 0.
    root = b"".join(map(_varint, (1, 0, 1, len(tile), 1)))
    places, at = [], 127
    for part in (root, metadata, b"", tile):
        places += [at, len(part)]
        at += len(part)
    head = b"PMTiles\x03" + struct.pack("<11Q", *places, 1, 1, 1)
    kinds = (1, 1, 1, 1 if is_vector else 2)  # clustered; nothing is packed
    bounds = struct.pack("<4i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
    head += bytes((*kinds, 0, 0)) + bounds + b"\0" + struct.pack("<2i", 0, 0)
    assert len(head) == 127
    return head + root + metadata + tile
