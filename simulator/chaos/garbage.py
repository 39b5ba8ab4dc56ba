"""Bad messages of every kind, the same for the same seed.

Owns what is wrong with them. Each is sure to be refused by a reader of the wire contract, and
carries the reason; none asks for a change that anybody might take. Made for millions: plain
bytes, no I/O.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from controller.wire.codec import RETAINED_LEAVES, Reason, Rejected, decode
from controller.wire.messages import MAX_PAYLOAD_BYTES
from controller.wire.topics import Topic, Topics, root

_NOW: Final = 1_790_000_000
_BAD_TOPICS: Final = 0.08
_UNKNOWN_DEVICES: Final = 0.05
_WRONGLY_RETAINED: Final = 0.02
_RETAINED: Final = 0.1
"""Shares of messages."""


class Bad(NamedTuple):
    """A message that must be dropped, and the reason to count it under."""

    topic: str
    payload: bytes
    is_retained: bool
    """True: as a broker hands it to a new subscriber; False: as it comes live."""
    reason: Reason


@dataclass(frozen=True)
class Targets:
    """Whose topics get bad messages; leave out what is not to be troubled."""

    site: str
    luminaires: Sequence[str] = ()
    zones: Sequence[str] = ()
    gateways: Sequence[str] = ()
    sensors: Sequence[str] = ()
    has_unknown: bool = True
    """Right messages of devices that nobody knows, too."""


_BASES: Final[dict[str, dict[str, Any]]] = {
    "program": {
        "rev": 41,
        "valid_from": _NOW,
        "valid_until": _NOW + 1_209_600,
        "points": [[_NOW - 43_200, 0, 0], [_NOW + 3600, 100, 30], [_NOW + 21_600, 60, 300]],
        "failsafe_level": 100,
    },
    "config": {
        "rev": 42,
        "zone": "Z-0007",
        "scale": 0.92,
        "floor": 20,
        "failsafe_level": 100,
        "power_on_level": 100,
    },
    "command": {
        "command_id": "c-1001",
        "rev": 43,
        "start": _NOW,
        "expires_at": _NOW + 3600,
        "level": 80,
        "ramp_s": 5,
        "reason": "road works",
    },
    "state": {
        "rev": 42,
        "program_rev": 41,
        "level": 80,
        "source": "command",
        "at_ms": _NOW * 1000,
        "command_id": "c-1001",
        "faults": ["cycling"],
    },
    "telemetry": {
        "at_ms": _NOW * 1000,
        "power_w": 61.5,
        "energy_wh": 120_345.25,
        "voltage_v": 229.8,
        "burning_hours": 8123.4,
    },
    "reading": {"at_ms": _NOW * 1000, "kind": "traffic", "value": 120},
    "heartbeat": {"at_ms": _NOW * 1000, "epoch": 3},
}
_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "program": ("rev", "valid_from", "valid_until", "points", "failsafe_level"),
    "config": ("rev", "zone", "scale", "floor", "failsafe_level", "power_on_level"),
    "command": ("command_id", "rev", "start", "expires_at"),
    "state": ("rev", "program_rev", "level", "source", "at_ms"),
    "telemetry": ("at_ms",),
    "reading": ("at_ms", "kind", "value"),
    "heartbeat": ("at_ms", "epoch"),
}
_PLAIN: Final = {leaf: json.dumps(base).encode() for leaf, base in _BASES.items()}
_STRANGE_VALUES: Final = (
    "null", "true", "[]", "{}", '""', '"80"', "-1", "1e400", "-1e400", "NaN", "Infinity",
    "9007199254740993", "18446744073709551616", "-9223372036854775809", "1e13", '"\\u0000"',
    '"' + "x" * 65 + '"', '"../../etc"', '"a b"', '[[[]]]', "0x10", "5.5e", "+1", '"\\ud800"',
)  # fmt: skip
_WHOLE: Final = (
    b"null", b"true", b"0", b"-1", b'""', b"[]", b"{}", b"[[]]", b'"online"', b"{", b"}", b"[",
    b"{}{}", b"{'rev':1}", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", b" ", b"\n", b"<xml/>",
    b"NaN", b"online\n", b"ONLINE", b"offline ", b"\x1f\x8b\x08\x00", b"GET / HTTP/1.1\r\n\r\n",
)  # fmt: skip
_RULES: Final[dict[str, tuple[bytes, ...]]] = {
    "program": (
        b'{"rev":1,"valid_from":9,"valid_until":9,"points":[[1,0,0]],"failsafe_level":100}',
        b'{"rev":1,"valid_from":5,"valid_until":9,"points":[[6,0,0]],"failsafe_level":100}',
        b'{"rev":1,"valid_from":5,"valid_until":9,"points":[[4,0,0],[4,9,0]],"failsafe_level":9}',
        b'{"rev":1,"valid_from":5,"valid_until":9,"points":[],"failsafe_level":100}',
    ),
    "command": (
        b'{"command_id":"c","rev":1,"start":9,"expires_at":9,"level":0}',
        b'{"command_id":"c","rev":1,"start":1,"expires_at":9,"level":0,"resume":true}',
        b'{"command_id":"c","rev":1,"start":1,"expires_at":9}',
        b'{"command_id":"c\\n","rev":1,"start":1,"expires_at":9,"level":0}',
    ),
    "state": (
        b'{"rev":1,"program_rev":1,"level":0,"source":"program","at_ms":1,"command_id":"c\\n"}',
        b'{"rev":1,"program_rev":1,"level":0,"source":"program","at_ms":1,"faults":["x\\n"]}',
    ),
    "config": (
        b'{"rev":1,"zone":"z\\n","scale":1,"floor":0,"failsafe_level":0,"power_on_level":0}',
    ),
    "reading": (b'{"at_ms":1,"kind":"traffic\\n","value":1}',),
}
_UNKNOWN: Final = "nobody-"


def garbage(targets: Targets, count: int, seed: int = 1) -> Iterator[Bad]:
    """``count`` bad messages. Raises ValueError where ``targets`` names nobody."""
    rng = random.Random(seed)
    leaves = _leaves(targets)
    if not leaves:
        raise ValueError("no luminaire, zone, gateway or sensor to send bad messages for")
    topics = Topics(targets.site)
    made = 0
    while made < count:
        owner, names, leaf = leaves[rng.randrange(len(leaves))]
        name = names[rng.randrange(len(names))]
        bad = _one(rng, topics, targets, Topic(owner, name, leaf))
        if bad is not None:
            made += 1
            yield bad


def _leaves(targets: Targets) -> list[tuple[str, Sequence[str], str]]:
    found: list[tuple[str, Sequence[str], str]] = []
    for owner, names, leaves in (
        ("luminaire", targets.luminaires, ("state", "telemetry", "availability")),
        ("luminaire", targets.luminaires, ("program", "config", "command")),
        ("zone", targets.zones, ("program", "command")),
        ("gateway", targets.gateways, ("availability",)),
        ("sensor", targets.sensors, ("reading",)),
    ):
        found += [(owner, names, leaf) for leaf in leaves if names]
    return found


def _one(rng: random.Random, topics: Topics, targets: Targets, topic: Topic) -> Bad | None:
    """A bad message on or near a topic; None where chance made a good one of it."""
    name = f"{root(targets.site)}/{topic.owner}/{topic.identifier}/{topic.leaf}"
    draw = rng.random()
    if draw < _BAD_TOPICS:
        name = _bad_topic(rng, targets.site, topic)
        if topics.parse(name) is not None:
            return None
        return Bad(name, _PLAIN.get(topic.leaf, b"online"), is_retained=False, reason=Reason.TOPIC)
    if draw < _BAD_TOPICS + _UNKNOWN_DEVICES:
        return _of_nobody(rng, targets, topic)
    if draw > 1 - _WRONGLY_RETAINED and topic.leaf not in RETAINED_LEAVES:
        return Bad(name, _PLAIN[topic.leaf], is_retained=True, reason=Reason.RETAINED)
    payload = _bad_payload(rng, topic.leaf)
    is_retained = rng.random() < _RETAINED and topic.leaf in RETAINED_LEAVES
    decoded = decode(topic, payload, retained=is_retained)
    if not isinstance(decoded, Rejected):
        return None
    return Bad(name, payload, is_retained, decoded.reason)


def _of_nobody(rng: random.Random, targets: Targets, topic: Topic) -> Bad | None:
    is_of_street = topic.leaf in ("state", "telemetry", "availability", "reading")
    if not targets.has_unknown or not is_of_street:
        return None
    name = f"{root(targets.site)}/{topic.owner}/{_UNKNOWN}{rng.randrange(10_000)}/{topic.leaf}"
    payload = _PLAIN.get(topic.leaf, b"offline")
    return Bad(name, payload, topic.leaf in RETAINED_LEAVES, Reason.UNKNOWN_DEVICE)


def _bad_topic(rng: random.Random, site: str, topic: Topic) -> str:
    owner, name, leaf = topic.owner, topic.identifier, topic.leaf
    return rng.choice(
        (
            f"{root(site)}/{owner}/{name}/{leaf}/more",
            f"{root(site)}/{owner}/{name}",
            f"{root(site)}/{owner}/{name}/{leaf}s",
            f"{root(site)}/{owner}//{leaf}",
            f"{root(site)}/{owner}/{'x' * 65}/{leaf}",
            f"{root(site)}/{owner}/a b/{leaf}",
            f"{root(site)}/{owner}/\u8def\u706f/{leaf}",
            f"{root(site)}/lamp/{name}/{leaf}",
            f"{root(site)}/controller/{name}/heartbeat",
            f"{root(site)}/{owner}/{name}/{leaf.upper()}",
            f"{root(site)}x/{owner}/{name}/{leaf}",
            f"{root(site)}/",
            f"lamplighter/v2/{site}/{owner}/{name}/{leaf}",
        )
    )


def _bad_payload(rng: random.Random, leaf: str) -> bytes:
    base = _PLAIN.get(leaf)
    if base is None or rng.random() < 0.1:
        return rng.choice(_WHOLE)
    return rng.choice(_SPOILS)(rng, leaf, base)


def _truncated(rng: random.Random, _leaf: str, base: bytes) -> bytes:
    return base[: rng.randrange(len(base))]


def _flipped(rng: random.Random, _leaf: str, base: bytes) -> bytes:
    spoiled = bytearray(base)
    for _ in range(rng.randrange(1, 4)):
        spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
    return bytes(spoiled)


def _random_bytes(rng: random.Random, _leaf: str, _base: bytes) -> bytes:
    return rng.randbytes(rng.randrange(1, 120))


def _strange_value(rng: random.Random, leaf: str, _base: bytes) -> bytes:
    fields = _BASES[leaf]
    chosen = rng.choice(list(fields))
    parts = [
        f'"{field}":{rng.choice(_STRANGE_VALUES) if field == chosen else json.dumps(value)}'
        for field, value in fields.items()
    ]
    return ("{" + ",".join(parts) + "}").encode()


def _field_missing(rng: random.Random, leaf: str, _base: bytes) -> bytes:
    gone = rng.choice(_REQUIRED[leaf])
    kept = {field: value for field, value in _BASES[leaf].items() if field != gone}
    return json.dumps(kept).encode()


def _against_rules(rng: random.Random, leaf: str, base: bytes) -> bytes:
    return rng.choice(_RULES.get(leaf, (base[:-1],)))


def _doubled(_rng: random.Random, _leaf: str, base: bytes) -> bytes:
    return base + base


def _not_utf8(rng: random.Random, _leaf: str, base: bytes) -> bytes:
    return base[:-1] + b',"note":"' + rng.choice((b"\xff", b"\xc3", b"\xed\xa0\x80")) + b'"}'


def _marked(_rng: random.Random, _leaf: str, base: bytes) -> bytes:
    return b"\xef\xbb\xbf" + base


def _deep(rng: random.Random, _leaf: str, base: bytes) -> bytes:
    depth = rng.choice((1200, 5000))
    return base[:-1] + b',"note":' + b"[" * depth + b"]" * (depth - rng.randrange(2)) + b"}"


def _empty(_rng: random.Random, _leaf: str, _base: bytes) -> bytes:
    return b""


def _oversize(rng: random.Random, _leaf: str, base: bytes) -> bytes:
    # Rarely: the bytes count, and one of these weighs as much as a thousand others.
    if rng.random() > 0.02:
        return base[: len(base) // 2]
    return base + b" " * (MAX_PAYLOAD_BYTES + 1 - len(base))


_SPOILS: Final[tuple[Callable[[random.Random, str, bytes], bytes], ...]] = (
    _truncated,
    _flipped,
    _flipped,
    _random_bytes,
    _strange_value,
    _strange_value,
    _strange_value,
    _field_missing,
    _against_rules,
    _doubled,
    _not_utf8,
    _marked,
    _deep,
    _empty,
    _oversize,
)


def leftovers(targets: Targets, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Retained messages of an older run and of another controller: well-formed, and wrong.

    States with revisions from a future that never was, old states, states and availability of
    devices that are gone. Nothing on topics that luminaires obey: what another controller
    left there is theirs to follow.
    """
    rng = random.Random(seed)
    topics = Topics(targets.site)
    gone = [f"{_UNKNOWN}{index}" for index in range(max(1, len(targets.luminaires) // 10))]
    for name in (*targets.luminaires, *gone):
        rev = rng.choice((0, 1, rng.randrange(10**6), 2**53 - 1))
        state = {
            "rev": rev,
            "program_rev": rng.choice((0, rev, rng.randrange(2**53))),
            "level": rng.choice((0, 0, 30, 100)),
            "source": rng.choice(("program", "command", "failsafe", "local")),
            "at_ms": rng.choice((0, 1000 * (_NOW - rng.randrange(10**8)), 2**50)),
            "command_id": rng.choice(("", "c-1", "x" * 64)),
        }
        yield topics.luminaire(name, "state"), json.dumps(state).encode()
    for name in gone:
        yield topics.luminaire(name, "availability"), b"offline"
        yield topics.gateway(name), rng.choice((b"online", b"offline"))
