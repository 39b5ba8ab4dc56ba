"""Which nights are proved, which rows, what is asked of them, and what is not known."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    Dates,
    Holiday,
    Language,
    Layer,
    Limit,
    OutOfRange,
    UnknownTarget,
)
from schedules.proof import prove, special_nights
from schedules.proof_rules import Finding, ProofRules
from tests.fakes.one_zone import BERLIN, LORD_HOWE, LUMINAIRE, NEIGHBOUR, ZONE, program
from tests.fakes.proofs import city
from zones.models import Category

NIGHT = program("sunset", "sunrise")


def test_special_nights_of_a_year() -> None:
    assert special_nights(ZoneInfo(BERLIN.time_zone), date(2026, 1, 1)) == {
        date(2026, 3, 28): "clock change, 23 hours",
        date(2026, 6, 21): "June solstice",
        date(2026, 10, 24): "clock change, 25 hours",
        date(2026, 12, 21): "December solstice",
        date(2028, 2, 29): "leap day",
    }
    half_hours = special_nights(ZoneInfo(LORD_HOWE.time_zone), date(2026, 1, 1))
    assert {"clock change, 24.5 hours", "clock change, 23.5 hours"} <= set(half_hours.values())


def test_a_proof_from_a_leap_day_ends_before_the_first_of_march() -> None:
    proof = prove(city(NIGHT), date(2028, 2, 29))
    assert (proof.first_day, proof.last_day) == (date(2028, 2, 29), date(2029, 2, 28))
    assert proof.nights == 366
    assert proof.special_nights[date(2028, 2, 29)] == "leap day"


@pytest.mark.parametrize("first", [date(2096, 3, 1), date(2097, 1, 1), date(2103, 12, 31)])
def test_the_leap_day_after_1900_and_2100_is_eight_years_away(first: date) -> None:
    leap = [day for day, name in special_nights(ZoneInfo("UTC"), first).items() if "leap" in name]
    assert leap == [date(2104, 2, 29)]


def test_the_night_of_the_leap_day_is_not_counted_twice() -> None:
    assert prove(city(NIGHT), date(2027, 3, 1)).nights == 366
    assert prove(city(NIGHT), date(2027, 2, 28)).nights == 365 + 3


def test_every_exception_is_proved_once() -> None:
    where = city(NIGHT, program("sunset", "22:00", identifier="early"))
    calendars = (*where.plan.calendars, Calendar(id="own", name="own", default="early"))
    own = [
        Assignment(layer=Layer.LUMINAIRE, target=one, calendar="own")
        for one in (LUMINAIRE, NEIGHBOUR)
    ]
    plan = where.plan.model_copy(
        update={"calendars": calendars, "assignments": (*where.plan.assignments, *own)}
    )
    proof = prove(where.model_copy(update={"plan": plan}), date(2026, 1, 1))
    assert (proof.zones, proof.exceptions) == (1, 1)
    (failure,) = proof.failures
    assert failure.finding is Finding.DARK_AT_NIGHT
    assert (failure.calendar, failure.program) == ("own", "early")
    assert (failure.example.zone, failure.example.luminaire) == (ZONE, LUMINAIRE)
    assert failure.example.reasons[0].params["layer"] == "luminaire"
    assert f"zone {ZONE}, luminaire {LUMINAIRE}" in proof.text()


def test_a_limit_equal_to_the_zone_s_is_no_exception() -> None:
    limits = [
        Limit(layer=Layer.ZONE, target=ZONE, floor=30),
        Limit(layer=Layer.LUMINAIRE, target=LUMINAIRE, floor=20),
    ]
    assert prove(city(NIGHT, limits=limits), date(2026, 1, 1)).exceptions == 0


def test_a_zone_without_a_calendar_is_lit_and_proved() -> None:
    where = city(NIGHT)
    plan = where.plan.model_copy(update={"assignments": ()})
    assert prove(where.model_copy(update={"plan": plan}), date(2026, 1, 1)).is_proved


def test_failures_are_grouped_by_kind_and_program() -> None:
    early = program("06:00", "03:00", identifier="early")
    late = program("03:00", "02:00", identifier="late")
    rules = [
        CalendarRule(
            name=one,
            when=(Dates(dates=frozenset({date(2026, 5, day), date(2026, 7, day)})),),
            program=one,
        )
        for one, day in (("early", 3), ("late", 1))
    ]
    proof = prove(city(NIGHT, early, late, rules=rules, zones=4), date(2026, 1, 1))
    told = [(one.finding, one.program, one.nights, one.zone_nights) for one in proof.failures]
    assert told == [
        (Finding.EMPTY_WINDOW, "late", 2, 8),
        (Finding.EMPTY_WINDOW, "early", 2, 8),
    ]
    assert proof.failures[0].zones == ("z", "z2", "z3", "z4")
    assert proof.failures[0].example.zone == "z"


def test_other_rules_find_other_faults() -> None:
    curfew = city(program("sunset", "22:00"), category=Category.PARK)
    first = date(2026, 1, 1)
    assert prove(curfew, first).is_proved
    strict = ProofRules(may_be_dark=frozenset())
    assert not prove(curfew, first, rules=strict).is_proved
    early = city(program("sunset-25m", "sunrise"))
    assert prove(early, first).is_proved
    assert not prove(early, first, rules=ProofRules(day_margin_s=600)).is_proved
    late = city(program("sunset+20m", "sunrise"))
    assert prove(late, first).is_proved
    assert not prove(late, first, rules=ProofRules(dark_elevation=-3)).is_proved


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"dark_elevation": 0.0}, "dark elevation 0.0"),
        ({"dark_elevation": float("nan")}, "dark elevation nan"),
        ({"day_elevation": -7.0}, "day elevation -7.0"),
        ({"day_margin_s": -1}, "day_margin_s -1"),
        ({"max_burning_share": float("nan")}, "max_burning_share nan"),
    ],
)
def test_rules_that_prove_nothing_are_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ProofRules(**fields)


def test_what_cannot_be_proved_is_said() -> None:
    with pytest.raises(UnknownTarget, match="zone 'nowhere'"):
        prove(city(NIGHT), date(2026, 1, 1), zones=["nowhere"])
    with pytest.raises(ValueError, match="years 0 must be 1 to 50"):
        prove(city(NIGHT), date(2026, 1, 1), years=0)
    with pytest.raises(OutOfRange, match="nights are proved from 1901 to 2190"):
        prove(city(NIGHT), date(2150, 1, 1), years=50)


def test_a_city_without_zones_has_nothing_to_prove() -> None:
    where = city(NIGHT)
    inventory = where.inventory.model_copy(update={"zones": (), "luminaires": ()})
    proof = prove(where.model_copy(update={"inventory": inventory}), date(2026, 1, 1))
    assert proof.is_proved
    assert proof.text() == "nothing to prove: there is no zone"


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    prove(city(NIGHT), date(2026, 1, 1), years=2, tell=lambda *one: told.append(one))
    assert told[-1] == (733, 733)
    assert told == sorted(told)


def test_a_rule_in_doubt_is_proved_both_ways() -> None:
    far = 2150
    rule = CalendarRule(name="holiday", when=(Holiday(country="CN"),), program="off")
    dark = program("03:00", "02:00", identifier="off")
    proof = prove(city(NIGHT, dark, rules=[rule]), date(far, 1, 1))
    (failure,) = proof.failures
    assert failure.finding is Finding.EMPTY_WINDOW
    assert failure.program == "off"
    assert failure.nights == proof.nights
    assert failure.example.reasons[1].params["rule"] == "holiday"
    assert sum(one.nights for one in proof.unknown) == proof.nights
    assert f"holidays of {far}, 2152 are not in the data; proved with and without 'holiday'" in (
        proof.text()
    )
    assert "“holiday”按适用与不适用分别证明" in proof.text(Language.CHINESE)
    assert proof.as_dict()["unknown"][0]["rules"] == ["holiday"]
    bright = program("sunset", "sunrise", ("23:00", 80.0), identifier="off")
    fine = prove(city(NIGHT, bright, rules=[rule]), date(far, 1, 1))
    assert fine.is_proved
    assert fine.unknown == proof.unknown
