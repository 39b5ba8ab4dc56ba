"""Payloads of wire contract version 1.

Levels are % of rated light output, 0 to 100. Instants are Unix seconds UTC, or
milliseconds where a field ends in ``_ms``. Unknown fields are ignored when decoding.
"""

from typing import Annotated, Literal

import msgspec

MAX_PAYLOAD_BYTES = 65_536
"""Larger payloads are dropped unread."""

Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Level = Annotated[
    float, msgspec.Meta(ge=0, le=100, description="% of rated light output; 0 is dark")
]
Ratio = Annotated[float, msgspec.Meta(ge=0, le=10)]
Revision = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
InstantS = Annotated[int, msgspec.Meta(ge=0, le=2**40, description="Unix seconds UTC")]
InstantMs = Annotated[int, msgspec.Meta(ge=0, le=2**50, description="Unix milliseconds UTC")]
RampS = Annotated[int, msgspec.Meta(ge=0, le=86_400, description="seconds")]
Text = Annotated[str, msgspec.Meta(max_length=200)]

Point = tuple[InstantS, Level, RampS]
"""(at, level, ramp_s): from ``at`` on, ``level`` holds, reached within ``ramp_s`` seconds."""

Source = Literal["program", "command", "failsafe", "local"]
Fault = Literal[
    "lamp_failure", "dimming_failure", "cycling", "power_range", "temperature", "clock", "meter"
]
"""The faults that have a name here. A luminaire may report others by names of its own."""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payload."""


class Program(Message, frozen=True, kw_only=True):
    """Switching points of up to 14 nights (``zone/{zone}/program``, ``luminaire/{id}/program``).

    The first point is at or before ``valid_from``, so that a luminaire knows its level at
    once. Points rise strictly in ``at``.
    """

    rev: Revision
    valid_from: InstantS
    valid_until: InstantS
    points: Annotated[list[Point], msgspec.Meta(min_length=1, max_length=2000)]
    failsafe_level: Level


class Config(Message, frozen=True, kw_only=True):
    """What a luminaire is told of itself (``luminaire/{id}/config``)."""

    rev: Revision
    zone: Identifier
    scale: Ratio
    floor: Level
    failsafe_level: Level
    power_on_level: Level


class Withdrawal(Message, frozen=True, kw_only=True):
    """What stood on a program's or config's topic is no more, from this revision on.

    Says what an empty payload says, and can be signed; older revisions stay refused.
    """

    rev: Revision
    cleared: bool


class Command(Message, frozen=True, kw_only=True):
    """An order until ``expires_at`` (``zone/{zone}/command``, ``luminaire/{id}/command``).

    Exactly one of ``level``, ``resume`` or ``report`` says what: hold this level, go back
    to the program, or only send the state again. ``report`` may accompany the others.
    """

    command_id: Identifier
    rev: Revision
    start: InstantS
    expires_at: InstantS
    level: Level | None = None
    resume: bool = False
    report: bool = False
    ramp_s: RampS = 0
    reason: Text = ""


class State(Message, frozen=True, kw_only=True):
    """What a luminaire says of itself (``luminaire/{id}/state``).

    ``rev`` is the revision of the config it holds, ``program_rev`` that of the program it
    runs (its own before its zone's), 0 for none; ``command_id`` is the last command it
    accepted, empty for none. ``level`` is the level it holds or ramps to.
    """

    rev: Revision
    program_rev: Revision
    level: Level
    source: Source
    at_ms: InstantMs
    command_id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    faults: Annotated[list[Identifier], msgspec.Meta(max_length=32)] = []
    """Words of `Fault`, or the maker's own."""


class Telemetry(Message, frozen=True, kw_only=True):
    """Measurements (``luminaire/{id}/telemetry``). Only ``at_ms`` must be there."""

    at_ms: InstantMs
    power_w: Annotated[float, msgspec.Meta(ge=0, le=10_000)] | None = None
    energy_wh: Annotated[float, msgspec.Meta(ge=0, le=1e12)] | None = None
    """Counter since manufacture."""
    voltage_v: Annotated[float, msgspec.Meta(ge=0, le=1_000)] | None = None
    current_a: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    power_factor: Annotated[float, msgspec.Meta(ge=-1, le=1)] | None = None
    temperature_c: Annotated[float, msgspec.Meta(ge=-100, le=200)] | None = None
    burning_hours: Annotated[float, msgspec.Meta(ge=0, le=1e6)] | None = None


class Reading(Message, frozen=True, kw_only=True):
    """A sensor's value (``sensor/{id}/reading``)."""

    at_ms: InstantMs
    kind: Identifier
    value: Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]


class Heartbeat(Message, frozen=True, kw_only=True):
    """A controller is alive (``controller/heartbeat``).

    ``epoch`` is the one it leads with; a passive controller says the one that it last led
    with, 0 where another has led since. Of two that lead, the one with the lower epoch gives
    way, and of the same epoch the one whose ``instance`` sorts first.
    """

    at_ms: InstantMs
    epoch: Revision
    instance: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """Of this run of the controller; random."""
    role: Literal["active", "passive"] = "active"
    rev: Revision = 0
    """No revision above this one was given out by it."""
    documents: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """Digest of the site documents in force; the same on all controllers of a site."""


Availability = Literal["online", "offline"]
"""Bare text, not JSON (``luminaire/{id}/availability``, ``gateway/{id}/availability``)."""
