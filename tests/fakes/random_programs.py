"""Strategies for anchors, programs and plans as operators might write them."""

from datetime import date, time

from hypothesis import strategies as st

from schedules import (
    ClockAnchor,
    ControlProgram,
    Direction,
    ElevationAnchor,
    Extinguish,
    IlluminanceAnchor,
    SunAnchor,
    SunEvent,
    Window,
)
from schedules.anchors import AnyAnchor, order_in_control_day
from schedules.programs import Step
from tests.fakes.one_zone import SPOTS

clock_times = st.builds(
    time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]), st.sampled_from([0, 0, 30])
)
offsets = st.sampled_from([0, 0, 0, 600, -600, 5400, -5400, 1, -43_200, 43_200])
levels = st.sampled_from([0.0, 1.0, 12.5, 30.0, 50.0, 80.0, 100.0])
spots = st.sampled_from(SPOTS)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31)) | st.sampled_from(
    [
        date(2028, 2, 28),
        date(2026, 12, 31),
        date(2026, 3, 28),
        date(2026, 10, 24),
        date(2026, 4, 4),
        date(2026, 10, 3),
        date(2026, 4, 17),
        date(2026, 10, 26),
    ]
)


@st.composite
def clamps(draw: st.DrawFn) -> dict[str, time]:
    """Perhaps a not_before, perhaps a not_after, in order."""
    first, last = sorted((draw(clock_times), draw(clock_times)), key=order_in_control_day)
    wanted = draw(st.sampled_from(["", "", "", "first", "last", "both"]))
    found = {}
    if wanted in {"first", "both"}:
        found["not_before"] = first
    if wanted in {"last", "both"}:
        found["not_after"] = last
    return found


@st.composite
def anchors(draw: st.DrawFn) -> AnyAnchor:
    """Any anchor."""
    offset_s, bounds = draw(offsets), draw(clamps())
    direction = draw(st.sampled_from(Direction))
    match draw(st.sampled_from(["clock", "clock", "sun", "sun", "elevation", "illuminance"])):
        case "clock":
            return ClockAnchor(local_time=draw(clock_times), offset_s=offset_s, **bounds)
        case "sun":
            return SunAnchor(event=draw(st.sampled_from(SunEvent)), offset_s=offset_s, **bounds)
        case "elevation":
            elevation = draw(st.sampled_from([-18.0, -12.5, -4.0, -0.8333, 0.0, 10.0]))
            return ElevationAnchor(
                elevation=elevation, direction=direction, offset_s=offset_s, **bounds
            )
        case _:
            return IlluminanceAnchor(
                illuminance_lx=draw(st.sampled_from([0.01, 3.5, 10.0, 20.0, 30.0, 5000.0])),
                direction=direction,
                offset_s=offset_s,
                **bounds,
            )


@st.composite
def programs(draw: st.DrawFn, identifier: str = "p") -> ControlProgram:
    """Any control program, sensible or not."""
    on, off = draw(anchors()), draw(anchors())
    if on == off:
        off = ClockAnchor(local_time=time(6, 7))
    has_hole = draw(st.booleans())
    return ControlProgram(
        id=identifier,
        name=identifier,
        window=Window(on=on, off=off),
        extinguish=Extinguish(off=draw(anchors()), on=draw(anchors())) if has_hole else None,
        steps=draw(
            st.lists(
                st.builds(Step, at=anchors(), level=levels, ramp_s=st.sampled_from([0, 60])),
                max_size=6,
            ).map(tuple)
        ),
        base_level=draw(st.sampled_from([100.0, 70.0])),
        min_burn_s=draw(st.sampled_from([0, 0, 600, 7200])),
    )
