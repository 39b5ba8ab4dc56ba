"""Anchors and their compact notation."""

from datetime import time

import pytest
from pydantic import TypeAdapter, ValidationError

from schedules import (
    Anchor,
    ClockAnchor,
    Direction,
    ElevationAnchor,
    IlluminanceAnchor,
    SunAnchor,
    SunEvent,
    anchor_text,
    parse_anchor,
)

ANCHOR: TypeAdapter[object] = TypeAdapter(Anchor)


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("23:00", ClockAnchor(local_time=time(23))),
        ("05:30:15", ClockAnchor(local_time=time(5, 30, 15))),
        ("24:00", ClockAnchor(local_time=time(0))),
        ("sunset+10m", SunAnchor(event=SunEvent.SUNSET, offset_s=600)),
        ("civil_dawn-1h30m", SunAnchor(event=SunEvent.CIVIL_DAWN, offset_s=-5400)),
        (
            "elevation(-4)setting",
            ElevationAnchor(elevation=-4, direction=Direction.SETTING),
        ),
        (
            "lux(20) rising + 90s",
            IlluminanceAnchor(illuminance_lx=20, direction=Direction.RISING, offset_s=90),
        ),
        (
            "sunset not_before 17:00 not_after 20:30",
            SunAnchor(event=SunEvent.SUNSET, not_before=time(17), not_after=time(20, 30)),
        ),
    ],
)
def test_notation_reads_and_round_trips(text: str, anchor: object) -> None:
    parsed = parse_anchor(text)
    assert parsed == anchor
    assert parse_anchor(anchor_text(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no anchor"),
        ("noon", "no anchor"),
        ("25:00", "25:00"),
        ("23:60", "23:60"),
        ("sunset+", "not understood"),
        ("sunset+10", "not understood"),
        ("sunset+13h", "43200"),
        ("sunset+10m10m", "10m"),
        ("elevation(-40)setting", "elevation.*-18"),
        ("elevation(-4)", "no anchor"),
        ("lux(0)setting", "0.01"),
        ("sunset not_before 17:00 not_before 18:00", "twice"),
        ("sunset not_before 20:00 not_after 17:00", "comes after"),
        ("sunset not_before 01:00 not_after 23:00", "comes after"),
    ],
)
def test_a_wrong_notation_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        parse_anchor(text)
    assert "\n" not in str(caught.value)


def test_documents_take_objects_and_write_the_notation() -> None:
    from_object = ANCHOR.validate_python({"kind": "sun", "event": "sunset", "offset_s": 600})
    assert from_object == ANCHOR.validate_python("sunset+10m")
    assert ANCHOR.dump_json(from_object) == b'"sunset+10m"'


@pytest.mark.parametrize("value", [5, None, {"kind": "moon"}, {"kind": "clock"}])
def test_what_is_neither_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        ANCHOR.validate_python(value)
