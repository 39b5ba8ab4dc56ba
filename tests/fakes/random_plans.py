"""Strategies for plans of the small city whose every change is on a whole minute of one day."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from schedules import (
    ClockAnchor,
    ControlProgram,
    DynamicRule,
    Extinguish,
    Limit,
    Override,
    OverrideKind,
    Plan,
    RuleAction,
    RuleScope,
    Selector,
    Site,
    Step,
    Window,
)
from schedules.models import Assignment, Layer
from tests.fakes.small_city import small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC)
NAMES = ("a1", "a2", "b1", "b2")
KIND = "vehicles_per_hour"
BASE = small_site()
DAY_MINUTES = 1440

levels = st.sampled_from([0.0, 20.0, 50.0, 75.0, 100.0])
clock = st.builds(lambda minutes: ClockAnchor(local_time=time(*divmod(minutes, 60))),
                  st.integers(0, DAY_MINUTES - 1))  # fmt: skip
selectors = st.builds(
    Selector,
    city=st.booleans(),
    zones=st.frozensets(st.sampled_from(["a", "b"]), max_size=1),
    luminaires=st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2),
)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@st.composite
def programs(draw: st.DrawFn, identifier: str) -> ControlProgram:
    on = draw(st.integers(0, 500))
    off = draw(st.integers(on + 1, DAY_MINUTES - 1))
    hole = None
    if draw(st.booleans()):
        first = draw(st.integers(on, off))
        hole = Extinguish(off=_local(first), on=_local(draw(st.integers(first, off)) + 1))
    return ControlProgram(
        id=identifier,
        name=identifier,
        window=Window(on=_local(on), off=_local(off)),
        extinguish=hole,
        steps=tuple(draw(st.lists(st.builds(Step, at=clock, level=levels), max_size=4))),
        base_level=draw(st.sampled_from([60.0, 100.0])),
    )


def _local(minutes: int) -> ClockAnchor:
    """Minutes after noon as a local clock time."""
    return ClockAnchor(local_time=time(*divmod((minutes + 720) % DAY_MINUTES, 60)))


@st.composite
def overrides(draw: st.DrawFn, identifier: str) -> Override:
    begin = draw(st.integers(-300, DAY_MINUTES))
    program = draw(st.none() | st.just("q"))
    return Override(
        id=identifier,
        selector=draw(selectors),
        level=draw(levels) if program is None else None,
        program=program,
        kind=draw(st.sampled_from(OverrideKind)),
        start_at=at(begin),
        end_at=at(begin + draw(st.integers(1, 900))),
        reason="r",
        author="a",
    )


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """The small city with another plan, and lamps that are kept at constant light."""
    rules = tuple(
        DynamicRule(
            id=f"r{number}",
            name="r",
            selector=draw(selectors),
            sensors=frozenset({"s"}),
            reading=KIND,
            above=100,
            action=draw(st.sampled_from(RuleAction)),
            level=draw(st.sampled_from([10.0, 40.0, 100.0])),
            scope=draw(st.sampled_from(RuleScope)),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    plan = Plan(
        programs=(draw(programs("night")), draw(programs("q"))),
        calendars=(
            *BASE.plan.calendars,
            BASE.plan.calendars[0].model_copy(update={"id": "own", "default": "q"}),
        ),
        assignments=(
            *BASE.plan.assignments,
            *([Assignment(layer=Layer.LUMINAIRE, target="a2", calendar="own")]
              if draw(st.booleans()) else []),
        ),
        limits=(Limit(layer=Layer.ZONE, target="b", floor=30, ceiling=80, reason="r"),)
        if draw(st.booleans())
        else (),
        rules=rules,
        overrides=tuple(draw(overrides(f"o{n}")) for n in range(draw(st.integers(0, 3)))),
        baseline=BASE.plan.baseline.model_copy(update={"on": _local(360), "off": _local(1080)}),
    )  # fmt: skip
    constant = {
        "lumen_maintenance": 0.7,
        "rated_life_h": 100_000,
        "power_curve": ((0, 0.1), (50, 0.4), (100, 1.0)),
    }
    types = tuple(one.model_copy(update=constant) for one in BASE.inventory.lamp_types)
    lamps = tuple(
        one.model_copy(update={"installed_on": date(2024, 1, 1)}) if one.id in {"a1", "b2"} else one
        for one in BASE.inventory.luminaires
    )
    inventory = BASE.inventory.model_copy(update={"lamp_types": types, "luminaires": lamps})
    return Site(inventory=inventory, plan=plan)
