"""`resolve`: the level, the layers, the overrides, and the chain of reasons."""

from datetime import date, datetime, timedelta

import pytest

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    DynamicRule,
    Holiday,
    Language,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Plan,
    Reading,
    ReasonCode,
    RuleAction,
    Selector,
    Site,
    UnknownTarget,
    Weekday,
    Weekdays,
    compile_baseline,
    compile_luminaire,
    compile_zone,
    known_years,
    overrides_in_force,
    reason_text,
    resolve,
    resolve_zone,
)
from tests.fakes.one_zone import (
    LUMINAIRE,
    NEIGHBOUR,
    ZONE,
    inventory,
    local,
    program,
    site,
    unix,
)
from zones.models import Category

NIGHT = program("18:00", "06:00", ("23:00", 50), ramp_s=60)
ALL = Selector(city=True)


def override(
    identifier: str,
    level: float | None = None,
    *,
    kind: OverrideKind = OverrideKind.OPERATOR,
    start: str = "2026-03-20T20:00",
    end: str = "2026-03-20T22:00",
    selector: Selector = ALL,
    runs: str | None = None,
    created: str | None = None,
) -> Override:
    return Override(
        id=identifier,
        selector=selector,
        level=level,
        program=runs,
        kind=kind,
        start_at=local(start),
        end_at=local(end),
        reason="parade",
        author="Li",
        created_at=None if created is None else local(created),
    )


def level_at(where: Site, text: str, luminaire: str = LUMINAIRE) -> float:
    return resolve(where, luminaire, local(text)).level


def codes(where: Site, text: str) -> list[ReasonCode]:
    return [one.code for one in resolve(where, LUMINAIRE, local(text)).reasons]


def test_the_chain_names_layer_calendar_window_and_step() -> None:
    decision = resolve(site(NIGHT), LUMINAIRE, local("2026-03-21T01:00"))
    assert (decision.level, decision.ramp_s) == (50, 60)
    assert decision.control_day.isoformat() == "2026-03-20"
    assert [one.code for one in decision.reasons] == [
        ReasonCode.ASSIGNMENT,
        ReasonCode.CALENDAR_DEFAULT,
        ReasonCode.WINDOW_LIT,
        ReasonCode.STEP,
    ]
    step = decision.reasons[-1].params
    assert (step["step"], step["level"], step["step_anchor"]) == (1, 50, "23:00")
    assert step["step_at"] == unix("2026-03-20T23:00")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-03-20T15:00", ReasonCode.WINDOW_DARK),
        ("2026-03-20T18:00", ReasonCode.BASE_LEVEL),
        ("2026-03-21T05:59:59", ReasonCode.STEP),
        ("2026-03-21T06:00", ReasonCode.WINDOW_DARK),
    ],
)
def test_intervals_are_half_open(text: str, code: ReasonCode) -> None:
    assert codes(site(NIGHT), text)[-1] is code


def test_an_empty_window_a_part_night_and_a_short_burn_are_told_apart() -> None:
    assert codes(site(program("06:00", "sunrise")), "2026-06-22T05:00")[-1] is (
        ReasonCode.WINDOW_EMPTY
    )
    part = site(program("18:00", "05:10", extinguish=("23:00", "05:00"), min_burn_s=1800))
    assert codes(part, "2026-03-21T01:00")[-1] is ReasonCode.EXTINGUISH
    assert codes(part, "2026-03-21T05:05")[-1] is ReasonCode.MIN_BURN


def test_without_a_calendar_it_is_lit_at_night_at_the_failsafe_level() -> None:
    where = Site(inventory=inventory(), plan=Plan(failsafe_level=80))
    assert level_at(where, "2026-03-20T23:00") == 80
    assert level_at(where, "2026-03-20T13:00") == 0
    assert codes(where, "2026-03-20T23:00")[0] is ReasonCode.NO_CALENDAR
    points = compile_zone(where, ZONE, unix("2026-03-20T12:00"), unix("2026-03-21T12:00"))
    assert [point.level for point in points] == [0, 80, 0]


def test_the_narrowest_assignment_wins() -> None:
    levels = {"c": 90, "d": 80, "a": 70, "z": 60, "l": 50}
    targets = (
        (Layer.CITY, "c", "c"),
        (Layer.DISTRICT, "d", "d"),
        (Layer.CATEGORY, "arterial", "a"),
        (Layer.ZONE, ZONE, "z"),
        (Layer.LUMINAIRE, LUMINAIRE, "l"),
    )
    found = []
    for count in range(1, 6):
        plan = Plan(
            programs=tuple(
                program("18:00", "06:00", identifier=name, base_level=level)
                for name, level in levels.items()
            ),
            calendars=tuple(Calendar(id=name, name=name, default=name) for name in levels),
            assignments=tuple(
                Assignment(layer=layer, target=target, calendar=name)
                for layer, target, name in targets[:count]
            ),
        )
        where = Site(inventory=inventory(), plan=plan)
        found.append(level_at(where, "2026-03-20T20:00"))
        assert level_at(where, "2026-03-20T20:00", NEIGHBOUR) == max(found[-1], 60)
    assert found == [90, 80, 70, 60, 50]


def test_a_luminaire_has_points_of_its_own_only_where_something_is_said_of_it() -> None:
    since, until = unix("2026-03-20T12:00"), unix("2026-03-21T12:00")
    plain = site(NIGHT)
    assert compile_luminaire(plain, LUMINAIRE, since, until) is None
    limit = Limit(layer=Layer.LUMINAIRE, target=LUMINAIRE, floor=70)
    raised = site(NIGHT, limits=[limit])
    points = compile_luminaire(raised, LUMINAIRE, since, until)
    assert points is not None
    assert [point.level for point in points] == [0, 100, 70, 0]
    assert compile_luminaire(raised, NEIGHBOUR, since, until) is None


def test_calendar_rules_look_at_the_control_day_not_at_the_date() -> None:
    weekend = CalendarRule(
        name="Friday night",
        when=(Weekdays(days=frozenset({Weekday.FRIDAY})),),
        program="late",
    )
    plan = Plan(
        programs=(NIGHT, program("18:00", "06:00", identifier="late")),
        calendars=(Calendar(id="all", name="all", rules=(weekend,), default="p"),),
        assignments=(Assignment(layer=Layer.CITY, target="c", calendar="all"),),
    )
    where = Site(inventory=inventory(), plan=plan)
    # 20 March 2026 is a Friday: its night reaches into Saturday morning.
    assert level_at(where, "2026-03-21T03:00") == 100
    assert level_at(where, "2026-03-22T03:00") == 50
    assert codes(where, "2026-03-21T03:00")[1] is ReasonCode.CALENDAR_RULE


def test_an_override_acts_from_its_start_until_before_its_end_in_daytime_too() -> None:
    burn = override("o", 30, start="2026-03-20T13:00", end="2026-03-20T14:00")
    where = site(NIGHT, overrides=[burn])
    assert [
        level_at(where, f"2026-03-20T{text}") for text in ("12:59:59", "13:00", "13:59:59", "14:00")
    ] == [0, 30, 30, 0]
    told = resolve(where, LUMINAIRE, local("2026-03-20T13:00")).reasons[-1]
    assert told.code is ReasonCode.OVERRIDE
    assert (told.params["author"], told.params["reason"]) == ("Li", "parade")


def test_kinds_come_before_newness() -> None:
    where = site(
        NIGHT,
        overrides=[
            override("event", 10, kind=OverrideKind.EVENT, created="2026-03-20T19:00"),
            override("operator", 20, created="2026-03-20T18:00"),
            override("maintenance", 30, kind=OverrideKind.MAINTENANCE, end="2026-03-20T21:30"),
            override("emergency", 100, kind=OverrideKind.EMERGENCY, end="2026-03-20T21:00"),
        ],
    )
    asked = ("20:30", "21:00", "21:30", "22:00")
    assert [level_at(where, f"2026-03-20T{text}") for text in asked] == [100, 30, 20, 100]


def test_the_newest_within_a_kind_wins_and_its_end_gives_back_what_lies_below() -> None:
    where = site(
        NIGHT,
        overrides=[
            override("new", 40, created="2026-03-20T19:30", end="2026-03-20T21:00"),
            override("old", 20, created="2026-03-20T19:00"),
        ],
    )
    assert level_at(where, "2026-03-20T20:30") == 40
    assert level_at(where, "2026-03-20T21:30") == 20


def test_two_overrides_that_end_at_the_same_second_leave_nothing() -> None:
    where = site(NIGHT, overrides=[override("a", 10), override("b", 20)])
    assert level_at(where, "2026-03-20T21:59:59") == 20
    assert level_at(where, "2026-03-20T22:00") == 100
    assert overrides_in_force(where.plan.overrides, local("2026-03-20T22:00")) == ()


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (OverrideKind.EVENT, 40),
        (OverrideKind.OPERATOR, 40),
        (OverrideKind.EMERGENCY, 40),
        (OverrideKind.MAINTENANCE, 0),
    ],
)
def test_only_maintenance_goes_below_the_floor(kind: OverrideKind, level: float) -> None:
    floor = Limit(layer=Layer.ZONE, target=ZONE, floor=40)
    where = site(NIGHT, limits=[floor], overrides=[override("o", 0, kind=kind)])
    assert level_at(where, "2026-03-20T21:00") == level


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (OverrideKind.EVENT, 60),
        (OverrideKind.OPERATOR, 60),
        (OverrideKind.EMERGENCY, 100),
        (OverrideKind.MAINTENANCE, 100),
    ],
)
def test_a_ceiling_binds_operator_and_event(kind: OverrideKind, level: float) -> None:
    ceiling = Limit(layer=Layer.ZONE, target=ZONE, ceiling=60)
    where = site(NIGHT, limits=[ceiling], overrides=[override("o", 100, kind=kind)])
    assert level_at(where, "2026-03-20T21:00") == level


def test_the_floor_is_no_matter_in_daytime() -> None:
    floor = Limit(layer=Layer.ZONE, target=ZONE, floor=40)
    burn = override("o", 10, start="2026-03-20T13:00", end="2026-03-20T14:00")
    where = site(NIGHT, limits=[floor], overrides=[burn])
    assert level_at(where, "2026-03-20T13:30") == 10


def test_an_override_may_run_another_program() -> None:
    other = program("19:00", "21:00", identifier="show", base_level=35)
    where = site(
        NIGHT,
        others=[other],
        overrides=[override("o", runs="show", start="2026-03-20T18:00", end="2026-03-20T23:00")],
    )
    asked = ("18:30", "20:00", "21:30", "23:00")
    assert [level_at(where, f"2026-03-20T{text}") for text in asked] == [0, 35, 0, 50]


@pytest.mark.parametrize(
    ("selector", "neighbour"),
    [
        (Selector(luminaires=frozenset({LUMINAIRE})), 100),
        (Selector(zones=frozenset({ZONE})), 15),
        (Selector(categories=frozenset({Category.ARTERIAL})), 15),
        (Selector(districts=frozenset({"d"})), 15),
        (Selector(categories=frozenset({Category.PARK}), luminaires=frozenset({LUMINAIRE})), 100),
    ],
)
def test_selectors(selector: Selector, neighbour: float) -> None:
    where = site(NIGHT, overrides=[override("o", 15, selector=selector)])
    assert level_at(where, "2026-03-20T21:00") == 15
    assert level_at(where, "2026-03-20T21:00", NEIGHBOUR) == neighbour


def test_the_zone_s_program_knows_no_override() -> None:
    where = site(NIGHT, overrides=[override("o", 15)])
    assert resolve_zone(where, ZONE, local("2026-03-20T21:00")).level == 100


def test_limits_are_told() -> None:
    floor = Limit(layer=Layer.ZONE, target=ZONE, floor=60, reason="class I")
    where = site(NIGHT, limits=[floor])
    told = resolve(where, LUMINAIRE, local("2026-03-21T01:00")).reasons[-1]
    assert told.code is ReasonCode.FLOOR
    assert reason_text(told, where.time_zone) == (
        "raised from 50 % to the floor 60 % of zone z (class I)"
    )


@pytest.mark.parametrize("language", list(Language))
def test_every_reason_has_words_in_both_languages(language: Language) -> None:
    part = program("18:00", "05:10", ("20:00", 0), extinguish=("23:00", "05:00"), min_burn_s=1800)
    where = site(
        part,
        others=[program("07:00", "sunrise", identifier="never")],
        limits=[Limit(layer=Layer.ZONE, target=ZONE, floor=20, ceiling=90)],
        overrides=[
            override("o", 5, end="2026-03-20T21:00"),
            override("p", runs="never", start="2026-03-20T13:00", end="2026-03-20T14:00"),
        ],
    )
    bare = Site(inventory=inventory(), plan=Plan())
    rule = CalendarRule(name="r", when=(Weekdays(days=frozenset(Weekday)),), program="never")
    ruled = where.model_copy(
        update={
            "plan": where.plan.model_copy(
                update={"calendars": (Calendar(id="all", name="all", rules=(rule,), default="p"),)}
            )
        }
    )
    (lamp,) = where.inventory.lamp_types
    sensing = where.model_copy(
        update={
            "inventory": where.inventory.model_copy(
                update={
                    "lamp_types": (
                        lamp.model_copy(update={"lumen_maintenance": 0.8, "rated_life_h": 50_000}),
                    ),
                    "luminaires": tuple(
                        one.model_copy(update={"installed_on": date(2026, 1, 1)})
                        for one in where.inventory.luminaires
                    ),
                }
            ),
            "plan": where.plan.model_copy(
                update={
                    "calendars": (
                        Calendar(
                            id="all",
                            name="all",
                            rules=(
                                CalendarRule(
                                    name="holidays", when=(Holiday(country="CN"),), program="never"
                                ),
                            ),
                            default="p",
                        ),
                    ),
                    "rules": (
                        DynamicRule(
                            id="busy",
                            name="busy",
                            selector=Selector(city=True),
                            sensors=frozenset({"s", "t"}),
                            reading="vehicles_per_hour",
                            above=100,
                            action=RuleAction.SET,
                            level=80,
                        ),
                    ),
                }
            ),
        }
    )
    seen = set()
    unannounced = known_years("CN")[1] + 1
    for one, year in ((where, 2026), (bare, 2026), (ruled, 2026), (sensing, unannounced)):
        for hour in range(48):
            instant = local(f"{year}-03-20T12:03") + timedelta(minutes=30 * hour)
            readings = {"s": [Reading(instant.timestamp(), "vehicles_per_hour", 200)]}
            for reason in resolve(one, LUMINAIRE, instant, readings).reasons:
                text = reason_text(reason, one.time_zone, language)
                assert "{" not in text
                assert "None" not in text
                seen.add(reason.code)
    assert seen == set(ReasonCode)


def test_the_baseline_is_full_from_sunset_to_sunrise() -> None:
    where = site(program("20:00", "22:00"))
    points = compile_baseline(where, ZONE, unix("2026-03-20T12:00"), unix("2026-03-21T12:00"))
    assert [point.level for point in points] == [0, 100, 0]


def test_the_first_point_carries_what_is_left_of_its_ramp() -> None:
    where = site(program("18:00", "06:00", ("23:00", 50), ramp_s=60))
    since = unix("2026-03-20T23:00:20")
    assert compile_zone(where, ZONE, since, since + 3600) == ((since, 50, 40),)
    assert compile_zone(where, ZONE, since + 60, since + 3600) == ((since + 60, 50, 0),)


def test_unknown_names_are_told_with_near_ones() -> None:
    with pytest.raises(UnknownTarget, match=r"luminaire 'L1' .*l1"):
        resolve(site(NIGHT), "L1", local("2026-03-20T21:00"))
    with pytest.raises(UnknownTarget, match="zone 'nowhere'"):
        compile_zone(site(NIGHT), "nowhere", 0, 1)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        resolve(site(NIGHT), LUMINAIRE, datetime(2026, 3, 20))  # noqa: DTZ001 - the subject
