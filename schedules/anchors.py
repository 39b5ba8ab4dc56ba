"""Anchors: the points of a control day that programs hang on.

Owns the anchor documents and their compact text notation. Knows no sun and no calendar:
`schedules.day` turns an anchor into an instant.

The notation, `text` and `parse_anchor`, round-trips::

    23:00                       local clock time; 12:00 to 23:59 is the evening of the
                                control day, 00:00 to 11:59 the next morning
    sunset+10m                  with an offset of elapsed time: 90s, 10m, 1h30m
    civil_dawn-5m               also sunrise, civil_dusk
    elevation(-4)setting        geometric elevation of the sun, degrees
    lux(20)rising               clear-sky illuminance, lx
    sunset+10m not_before 17:00 not_after 20:30
"""

import re
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, assert_never

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from schedules.sentences import SAY
from zones.models import Document
from zones.said import fault_of

MAX_OFFSET_S = 12 * 3600


class SunEvent(StrEnum):
    """A named solar event."""

    SUNSET = "sunset"
    SUNRISE = "sunrise"
    CIVIL_DUSK = "civil_dusk"
    CIVIL_DAWN = "civil_dawn"


class Direction(StrEnum):
    """Which way the sun crosses an elevation: rising before solar noon, setting after it."""

    RISING = "rising"
    SETTING = "setting"


def _is_wall_time(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError(SAY("wall_time", value=value.isoformat()))
    if value.microsecond:
        raise ValueError(SAY("whole_second", value=value.isoformat()))
    return value


def _read_wall_time(value: Any) -> Any:
    return _parse_time(value) if isinstance(value, str) else value


LocalTime = Annotated[
    time,
    BeforeValidator(_read_wall_time),
    AfterValidator(_is_wall_time),
    PlainSerializer(lambda value: _time_text(value), return_type=str),
]
"""Local wall time, ``HH:MM`` or ``HH:MM:SS``."""


def order_in_control_day(local_time: time) -> tuple[bool, time]:
    """Sort key of clock times within a control day: noon first, 11:59 last."""
    return local_time < time(12), local_time


class _AnchorBase(Document):
    offset_s: Annotated[int, Field(ge=-MAX_OFFSET_S, le=MAX_OFFSET_S)] = 0
    """Elapsed seconds after (before, if negative) the event, at most 12 hours."""
    not_before: LocalTime | None = None
    not_after: LocalTime | None = None

    @model_validator(mode="after")
    def _clamps_are_in_order(self) -> Self:
        if self.not_before is not None and self.not_after is not None:
            first, last = (
                order_in_control_day(self.not_before),
                order_in_control_day(self.not_after),
            )
            if first > last:
                raise ValueError(
                    SAY(
                        "clamps_crossed",
                        first=_time_text(self.not_before),
                        last=_time_text(self.not_after),
                    )
                )
        return self


class SunAnchor(_AnchorBase):
    """Sunset, sunrise (upper limb, standard refraction), civil dusk or civil dawn (-6 degrees)."""

    kind: Literal["sun"] = "sun"
    event: SunEvent


class ElevationAnchor(_AnchorBase):
    """The sun's centre at a geometric elevation, degrees above the horizon."""

    kind: Literal["elevation"] = "elevation"
    elevation: Annotated[float, Field(ge=-18, le=30, allow_inf_nan=False)]
    direction: Direction


class IlluminanceAnchor(_AnchorBase):
    """Clear-sky horizontal illuminance falling (setting) or rising through a value in lx."""

    kind: Literal["illuminance"] = "illuminance"
    illuminance_lx: Annotated[float, Field(ge=0.01, le=10_000, allow_inf_nan=False)]
    direction: Direction


class ClockAnchor(_AnchorBase):
    """A local clock time of the control day: before noon is the next calendar date."""

    kind: Literal["clock"] = "clock"
    local_time: LocalTime


AnyAnchor = SunAnchor | ElevationAnchor | IlluminanceAnchor | ClockAnchor


_BASE = re.compile(
    r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)"
    r"|(?P<event>sunset|sunrise|civil_dusk|civil_dawn)"
    r"|(?P<quantity>elevation|lux)\(\s*(?P<value>[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*\)\s*(?P<direction>rising|setting)"
)
_OFFSET = re.compile(
    r"\s*(?P<sign>[-+])\s*(?=\d)(?:(?P<h>\d{1,5})h)?(?:(?P<m>\d{1,5})m)?(?:(?P<s>\d{1,5})s)?"
)
_CLAMP = re.compile(r"\s+(?P<which>not_before|not_after)\s+(?P<time>\d{1,2}:\d{2}(?::\d{2})?)")
_EXAMPLES = SAY("anchor_examples")


def parse_anchor(text: str) -> AnyAnchor:
    """Read the compact notation; raises ValueError naming the text and what would be right."""
    source = text.strip()
    base = _BASE.match(source)
    if base is None:
        raise ValueError(SAY("no_anchor", text=text, examples=_EXAMPLES))
    rest = source[base.end() :]
    fields: dict[str, Any] = {}
    offset = _OFFSET.match(rest)
    if offset is not None:
        seconds = sum(
            int(offset[unit] or 0) * factor for unit, factor in (("h", 3600), ("m", 60), ("s", 1))
        )
        fields["offset_s"] = -seconds if offset["sign"] == "-" else seconds
        rest = rest[offset.end() :]
    while clamp := _CLAMP.match(rest):
        if clamp["which"] in fields:
            raise ValueError(SAY("anchor_twice", text=text, which=clamp["which"]))
        fields[clamp["which"]] = clamp["time"]
        rest = rest[clamp.end() :]
    if rest.strip():
        raise ValueError(SAY("anchor_rest", text=text, rest=rest.strip(), examples=_EXAMPLES))
    try:
        return _build(base, fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        why = fault_of(first)
        if not where:
            raise ValueError(SAY("anchor_wrong", text=text, why=why)) from error
        raise ValueError(SAY("anchor_field_wrong", text=text, where=where, why=why)) from error


def _build(base: re.Match[str], fields: dict[str, Any]) -> AnyAnchor:
    if base["clock"]:
        return ClockAnchor(local_time=_parse_time(base["clock"]), **fields)
    if base["event"]:
        return SunAnchor(event=SunEvent(base["event"]), **fields)
    direction = Direction(base["direction"])
    if base["quantity"] == "elevation":
        return ElevationAnchor(elevation=float(base["value"]), direction=direction, **fields)
    return IlluminanceAnchor(illuminance_lx=float(base["value"]), direction=direction, **fields)


def anchor_text(anchor: AnyAnchor) -> str:
    """The compact notation of an anchor."""
    match anchor:
        case ClockAnchor():
            base = _time_text(anchor.local_time)
        case SunAnchor():
            base = anchor.event.value
        case ElevationAnchor():
            base = f"elevation({_number_text(anchor.elevation)}){anchor.direction.value}"
        case IlluminanceAnchor():
            base = f"lux({_number_text(anchor.illuminance_lx)}){anchor.direction.value}"
        case _:
            assert_never(anchor)
    parts = [base + _offset_text(anchor.offset_s)]
    if anchor.not_before is not None:
        parts.append(f"not_before {_time_text(anchor.not_before)}")
    if anchor.not_after is not None:
        parts.append(f"not_after {_time_text(anchor.not_after)}")
    return " ".join(parts)


def _parse_time(text: str) -> time:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text.strip())
    if match is not None:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if (hour, minute, second) == (24, 0, 0):
            return time(0, 0)
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    raise ValueError(SAY("no_clock_time", text=text, example="23:00"))


def _time_text(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")


def _number_text(value: float) -> str:
    return repr(int(value)) if value.is_integer() else repr(value)


def _offset_text(offset_s: int) -> str:
    if not offset_s:
        return ""
    hours, rest = divmod(abs(offset_s), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return ("-" if offset_s < 0 else "+") + "".join(f"{n}{unit}" for n, unit in parts if n)


def _read(value: Any) -> Any:
    return parse_anchor(value) if isinstance(value, str) else value


Anchor = Annotated[
    Annotated[AnyAnchor, Field(discriminator="kind")],
    BeforeValidator(_read),
    PlainSerializer(anchor_text, return_type=str),
]
"""An anchor, given as an object or in the compact notation; written in the notation."""
