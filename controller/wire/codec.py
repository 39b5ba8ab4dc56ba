"""Payload bytes to messages and back.

Decoding never raises: whatever arrives gives a message, `Cleared`, or `Rejected` with one
of a fixed set of reasons. Knows the rules between fields that a JSON Schema cannot say.
Whether a message is from a known device, or too old, is the service's to judge; the
reasons for that are in the same set so that all refusals are counted in one place.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec

from controller.wire.messages import (
    MAX_PAYLOAD_BYTES,
    Availability,
    Command,
    Config,
    Heartbeat,
    Message,
    Program,
    Reading,
    State,
    Telemetry,
    Withdrawal,
)
from controller.wire.topics import Topic

_DETAIL_CHARACTERS = 200


class Reason(StrEnum):
    """Why a message was dropped."""

    OVERSIZE = "oversize"
    """Longer than `MAX_PAYLOAD_BYTES`."""
    ENCODING = "encoding"
    """Not UTF-8."""
    JSON = "json"
    """Not JSON; NaN and Infinity are not JSON."""
    SCHEMA = "schema"
    """A field is missing or of the wrong kind, or a bare text is not one of its words."""
    RANGE = "range"
    """A number is outside its range."""
    RULE = "rule"
    """Fields contradict each other."""
    EMPTY = "empty"
    """An empty payload where nothing can be cleared."""
    RETAINED = "retained"
    """Kept by the broker, where the contract has the leaf not retained."""
    TOPIC = "topic"
    """No topic of the contract."""
    UNKNOWN_DEVICE = "unknown_device"
    """From a device that is not in the inventory (judged by the service)."""
    IDENTITY = "identity"
    """From another device than it claims (judged by the service)."""
    STALE = "stale"
    """Older than what is known already (judged by the service)."""
    UNSIGNED = "unsigned"
    """Without a signature where keys are known."""
    SIGNER = "signer"
    """Signed with a key that is not known."""
    SIGNATURE = "signature"
    """Signed by nobody who is known, or for another topic."""


class Rejected(msgspec.Struct, frozen=True):
    """A message that is dropped: why, and one line of detail of at most 200 characters."""

    reason: Reason
    detail: str


class Cleared(msgspec.Struct, frozen=True):
    """What stood on a retained topic is no more: an empty payload, or a `Withdrawal`."""

    rev: int | None = None
    """Of the withdrawal, which is remembered; None for an empty payload, which forgets all."""


CLEARED: Final = Cleared()

_TYPES: Final[dict[tuple[str, str], type[Message]]] = {
    ("zone", "program"): Program,
    ("zone", "command"): Command,
    ("luminaire", "program"): Program,
    ("luminaire", "config"): Config,
    ("luminaire", "command"): Command,
    ("luminaire", "state"): State,
    ("luminaire", "telemetry"): Telemetry,
    ("sensor", "reading"): Reading,
    ("controller", "heartbeat"): Heartbeat,
}
RETAINED_LEAVES: Final = frozenset({"program", "config", "state", "availability"})
"""Leaves that hold a state and are published retained; the others are never retained."""

_AVAILABILITY: Final[dict[bytes, Availability]] = {b"online": "online", b"offline": "offline"}
_WITHDRAWN_LEAVES: Final = frozenset({"program", "config"})
_WITHDRAWAL: Final[msgspec.json.Decoder[Message]] = msgspec.json.Decoder(Withdrawal)
_ENCODER: Final = msgspec.json.Encoder()


def encode(message: Message) -> bytes:
    """Compact JSON: fields in the order of the contract, those at their default left out."""
    return _ENCODER.encode(message)


def decode(
    topic: Topic, payload: bytes, *, retained: bool = False
) -> Message | Availability | Cleared | Rejected:
    """Read what arrived on ``topic``. Never raises.

    ``retained`` says that the broker had kept the message and sends it because of a new
    subscription; it is refused for leaves that hold no state.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Rejected(
            Reason.OVERSIZE, f"{len(payload)} bytes; at most {MAX_PAYLOAD_BYTES} are read"
        )
    leaf = topic.leaf
    if leaf in RETAINED_LEAVES:
        if not payload:
            return CLEARED
    elif retained:
        return Rejected(Reason.RETAINED, f"{leaf} is not a state and must not be retained")
    elif not payload:
        return Rejected(Reason.EMPTY, f"an empty {leaf}")
    if leaf == "availability":
        word = _AVAILABILITY.get(payload)
        if word is None:
            return Rejected(Reason.SCHEMA, _clip(f"{payload[:40]!r} is not online or offline"))
        return word
    decoder = _DECODERS.get((topic.owner, leaf))
    if decoder is None:
        return Rejected(Reason.TOPIC, _clip(f"{topic.owner}/{leaf} is not in the contract"))
    if b'"cleared"' in payload and leaf in _WITHDRAWN_LEAVES:
        withdrawal = _decode(_WITHDRAWAL, None, payload)
        if isinstance(withdrawal, Withdrawal) and withdrawal.cleared:
            return Cleared(withdrawal.rev)
    return _decode(*decoder, payload)


_Check = Callable[[Any], str | None]


def _decode(
    decoder: msgspec.json.Decoder[Message], check: _Check | None, payload: bytes
) -> Message | Rejected:
    try:
        if not payload.isascii():
            payload.decode()  # fields that are skipped are not looked at by the decoder
        message = decoder.decode(payload)
    except msgspec.ValidationError as error:
        reason = Reason.RANGE if _is_range_error(str(error)) else Reason.SCHEMA
        return Rejected(reason, _clip(str(error)))
    except UnicodeDecodeError as error:
        return Rejected(Reason.ENCODING, f"byte {error.start} is not UTF-8")
    except msgspec.DecodeError as error:
        return Rejected(Reason.JSON, _clip(str(error)))
    except RecursionError:
        return Rejected(Reason.JSON, "nested too deeply")
    if check is not None:
        fault = check(message)
        if fault is not None:
            return Rejected(Reason.RULE, _clip(fault))
    return message


def _is_range_error(text: str) -> bool:
    # msgspec tells a number out of bounds from a wrong type in its text alone.
    return text.startswith(
        (
            "Expected `int` <=",
            "Expected `int` >=",
            "Expected `float` <=",
            "Expected `float` >=",
            "Number out of range",
            "Integer value out of range",
        )
    )


def _clip(text: str) -> str:
    return text if len(text) <= _DETAIL_CHARACTERS else text[: _DETAIL_CHARACTERS - 1] + "…"


def _check_program(program: Program) -> str | None:
    if program.valid_until <= program.valid_from:
        return f"valid_until {program.valid_until} is not after valid_from {program.valid_from}"
    before = program.points[0][0]
    if before > program.valid_from:
        return f"the first point {before} is after valid_from {program.valid_from}"
    for at, _, _ in program.points[1:]:
        if at <= before:
            return f"point {at} does not rise above {before}"
        before = at
    return None


def _check_command(command: Command) -> str | None:
    if command.expires_at <= command.start:
        return f"expires_at {command.expires_at} is not after start {command.start}"
    if command.level is not None and command.resume:
        return "level and resume together"
    if command.level is None and not command.resume and not command.report:
        return "none of level, resume and report"
    return _check_identifier("command_id", command.command_id)


def _check_state(state: State) -> str | None:
    for fault in state.faults:
        if fault.endswith("\n"):
            return _check_identifier("fault", fault)
    return _check_identifier("command_id", state.command_id)


def _check_config(config: Config) -> str | None:
    return _check_identifier("zone", config.zone)


def _check_reading(reading: Reading) -> str | None:
    return _check_identifier("kind", reading.kind)


def _check_identifier(field: str, value: str) -> str | None:
    # In the decoder's dialect of patterns "$" lets one line break pass.
    return f"{field} {value!r} ends in a line break" if value.endswith("\n") else None


_CHECKS: Final[dict[type[Message], _Check]] = {
    Program: _check_program,
    Command: _check_command,
    State: _check_state,
    Config: _check_config,
    Reading: _check_reading,
}
_DECODERS: Final[dict[tuple[str, str], tuple[msgspec.json.Decoder[Message], _Check | None]]] = {
    key: (msgspec.json.Decoder(kind), _CHECKS.get(kind)) for key, kind in _TYPES.items()
}
