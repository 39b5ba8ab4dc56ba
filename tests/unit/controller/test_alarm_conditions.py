"""Each type of alarm: what raises it, what does not, what clears it."""

import numpy as np
import pytest

from controller.engine.alarm_signs import CYCLES
from controller.engine.alarm_types import (
    LUMINAIRE_TYPES,
    RULES,
    SERVICE_TYPES,
    AlarmKey,
    AlarmType,
    Scope,
    Severity,
)
from controller.engine.faults import FaultBit
from tests.fakes.alarm_street import AlarmStreet

LAMP, OTHER = "c0f0-0", "c0f0-1"


def lit(level: float = 100.0) -> AlarmStreet:
    """A street at night."""
    street = AlarmStreet()
    street.want(level)
    street.say(*street.columns.ids, level=level)
    street.step()
    return street


def only(kind: AlarmType, subject: str = LAMP) -> list[AlarmKey]:
    return [AlarmKey(kind, Scope.LUMINAIRE, subject)]


def test_a_street_that_is_well_raises_nothing() -> None:
    street = lit()
    street.wait(3600)
    street.want(0.0)
    street.say(*street.columns.ids, level=0.0)
    street.wait(3600)
    assert street.raised == []


def test_every_type_has_a_rule_and_is_of_one_kind() -> None:
    assert set(RULES) == set(AlarmType)
    assert set(LUMINAIRE_TYPES) | set(SERVICE_TYPES) == set(AlarmType)
    assert not set(LUMINAIRE_TYPES) & set(SERVICE_TYPES)


# --- lamp failure -------------------------------------------------------------------------


def test_a_reported_lamp_failure_is_raised_and_cleared_when_it_burns_again() -> None:
    street = lit()
    street.say(LAMP, faults=FaultBit.LAMP_FAILURE)
    street.wait(30)
    assert street.raised == []
    street.wait(60)
    assert street.raised == only(AlarmType.LAMP_FAILURE)
    # By day the gear does not see it: that repairs nothing.
    street.want(0.0)
    street.say(*street.columns.ids, level=0.0, faults=0)
    street.wait(3600)
    assert street.types(LAMP) == {AlarmType.LAMP_FAILURE}
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.wait(300)
    assert street.cleared == []
    street.wait(400)
    assert street.cleared == only(AlarmType.LAMP_FAILURE)


def test_a_lamp_that_says_it_is_lit_and_draws_nothing_has_failed() -> None:
    street = lit()
    street.keep_measuring(LAMP, 1.5, 300)
    assert street.raised == [], "one measurement proves nothing"
    street.keep_measuring(LAMP, 1.5, 900)
    assert street.raised == only(AlarmType.LAMP_FAILURE)
    street.keep_measuring(LAMP, 98.0, 2400)
    assert street.cleared == only(AlarmType.LAMP_FAILURE)


def test_power_of_a_lamp_that_is_dark_is_no_lamp_failure() -> None:
    street = AlarmStreet()
    street.keep_measuring(LAMP, 0.0, 7200)
    assert street.raised == []


# --- day burner ---------------------------------------------------------------------------


def test_a_lamp_lit_by_day_is_a_day_burner_and_stays_one_over_the_night() -> None:
    street = AlarmStreet()
    street.say(LAMP, level=100.0)
    street.wait(600)
    assert street.raised == []
    street.wait(400)
    assert street.raised == only(AlarmType.DAY_BURNER)
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.wait(3600)
    assert street.cleared == []
    street.want(0.0)
    street.say(*street.columns.ids, level=0.0)
    street.wait(1000)
    assert street.cleared == only(AlarmType.DAY_BURNER)


def test_power_by_day_shows_a_day_burner_that_says_it_is_dark() -> None:
    street = AlarmStreet()
    street.keep_measuring(LAMP, 97.0, 1800)
    assert street.raised == only(AlarmType.DAY_BURNER)
    # At night it is as it should be; that is no cure.
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.keep_measuring(LAMP, 97.0, 3600)
    assert street.cleared == []
    street.want(0.0)
    street.say(*street.columns.ids, level=0.0)
    street.keep_measuring(LAMP, 0.8, 3600)
    assert street.cleared == only(AlarmType.DAY_BURNER)


def test_a_lamp_that_is_late_in_the_morning_is_no_day_burner() -> None:
    street = lit()
    street.want(0.0)
    street.wait(600)
    street.say(*street.columns.ids, level=0.0)
    street.wait(3600)
    assert street.raised == []


def test_power_measured_before_the_lamp_went_out_says_nothing() -> None:
    street = lit()
    for _ in range(3):
        street.measure(LAMP, 100.0)
        street.step()
        street.say(LAMP, level=0.0)
        street.wait(5)
        street.say(LAMP, level=100.0)
        street.wait(60)
    assert AlarmType.DAY_BURNER not in street.types(LAMP)


# --- dimming failure ----------------------------------------------------------------------


def test_a_reported_dimming_failure() -> None:
    street = lit(50.0)
    street.say(LAMP, faults=FaultBit.DIMMING_FAILURE)
    street.wait(90)
    assert street.raised == only(AlarmType.DIMMING_FAILURE)
    street.say(LAMP, faults=0)
    street.wait(700)
    assert street.cleared == only(AlarmType.DIMMING_FAILURE)


def test_full_power_at_a_lower_level_is_a_dimming_failure_and_no_power_alarm() -> None:
    street = lit(50.0)
    street.keep_measuring(LAMP, 99.0)
    assert street.raised == only(AlarmType.DIMMING_FAILURE)
    # At full level nothing can be seen of it.
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.keep_measuring(LAMP, 99.0, 3600)
    assert street.cleared == []
    street.want(50.0)
    street.say(*street.columns.ids, level=50.0)
    street.keep_measuring(LAMP, 50.0, 3600)
    assert street.cleared == only(AlarmType.DIMMING_FAILURE)


# --- power range --------------------------------------------------------------------------


@pytest.mark.parametrize("power_w", [30.0, 70.0])
def test_power_off_range_is_raised_and_cleared(power_w: float) -> None:
    street = lit(50.0)
    street.keep_measuring(LAMP, power_w, 2400)
    assert street.raised == only(AlarmType.POWER_RANGE)
    street.keep_measuring(LAMP, 51.0, 3600)
    assert street.cleared == only(AlarmType.POWER_RANGE)


@pytest.mark.parametrize("power_w", [40.0, 60.0])
def test_power_within_tolerance_is_fine(power_w: float) -> None:
    street = lit(50.0)
    street.keep_measuring(LAMP, power_w, 7200)
    assert street.raised == []


def test_power_during_a_ramp_is_not_compared() -> None:
    street = AlarmStreet(ramp_s=3600)
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.keep_measuring(LAMP, 40.0, 3500)
    assert street.raised == []
    street.keep_measuring(LAMP, 40.0, 3500)
    assert street.raised == only(AlarmType.POWER_RANGE)


# --- cycling ------------------------------------------------------------------------------


def test_a_lamp_that_goes_on_and_off_by_itself_is_cycling() -> None:
    street = lit()
    for turn in range(CYCLES + 2):
        street.say(LAMP, level=0.0 if turn % 2 == 0 else 100.0)
        street.wait(120)
    assert AlarmType.CYCLING in street.types(LAMP)
    street.say(LAMP, level=100.0)
    street.wait(4 * 3600)
    assert AlarmKey(AlarmType.CYCLING, Scope.LUMINAIRE, LAMP) in street.cleared


def test_switching_as_asked_is_no_cycling() -> None:
    street = AlarmStreet()
    for turn in range(4 * CYCLES):
        level = 100.0 if turn % 2 == 0 else 0.0
        street.want(level)
        street.step()
        street.say(*street.columns.ids, level=level)
        street.wait(60)
    assert street.raised == []


def test_reported_cycling_is_believed() -> None:
    street = lit()
    street.say(LAMP, faults=FaultBit.CYCLING)
    street.wait(2)
    assert street.types(LAMP) == {AlarmType.CYCLING}


# --- communication failure ----------------------------------------------------------------


def test_an_offline_luminaire_is_lost_after_a_while_and_found_after_a_while() -> None:
    street = lit()
    street.columns.is_online[street.row(LAMP)] = False
    street.wait(15)
    assert street.raised == []
    street.wait(10)
    assert street.raised == only(AlarmType.COMMUNICATION_FAILURE)
    street.columns.is_online[street.row(LAMP)] = True
    street.wait(20)
    assert street.cleared == []
    street.wait(15)
    assert street.cleared == only(AlarmType.COMMUNICATION_FAILURE)


def test_a_flapping_link_is_one_alarm() -> None:
    street = lit()
    row = street.row(LAMP)
    for turn in range(60):
        street.columns.is_online[row] = turn % 4 == 3
        street.wait(10)
    assert street.raised == only(AlarmType.COMMUNICATION_FAILURE)
    assert street.cleared == []


def test_a_luminaire_that_does_not_answer_is_lost_until_it_is_heard() -> None:
    street = lit()
    for _ in range(2):
        street.ask(LAMP)
        street.wait(60)
    assert street.raised == []
    street.ask(LAMP)
    street.wait(30)
    assert street.raised == only(AlarmType.COMMUNICATION_FAILURE)
    street.wait(600)
    assert street.cleared == []
    street.say(LAMP)
    street.wait(40)
    assert street.cleared == only(AlarmType.COMMUNICATION_FAILURE)


def test_without_a_link_nobody_is_judged() -> None:
    street = lit()
    street.is_linked = False
    street.columns.is_online[:] = False
    for _ in range(20):
        street.ask(*street.columns.ids)
        street.wait(10)
    assert street.raised == [AlarmKey(AlarmType.BROKER_DOWN, Scope.SERVICE, "")]
    street.columns.is_online[:] = True
    street.is_linked = True
    street.wait(60)
    assert street.cleared == [AlarmKey(AlarmType.BROKER_DOWN, Scope.SERVICE, "")]
    assert len(street.raised) == 1


def test_what_was_known_of_a_lost_luminaire_stands() -> None:
    street = lit()
    street.say(LAMP, faults=FaultBit.LAMP_FAILURE)
    street.is_stale[street.row(OTHER)] = True
    street.wait(100)
    for name in (LAMP, OTHER):
        street.columns.is_online[street.row(name)] = False
    street.wait(1000)
    assert street.types(LAMP) == {AlarmType.LAMP_FAILURE, AlarmType.COMMUNICATION_FAILURE}
    # That its program is old follows from its being lost.
    assert street.types(OTHER) == {AlarmType.COMMUNICATION_FAILURE}


# --- clock --------------------------------------------------------------------------------


def test_a_wrong_clock_explains_light_at_the_wrong_time() -> None:
    street = AlarmStreet()
    street.clock_says(-3000.0, LAMP)
    street.say(LAMP, level=100.0)
    street.columns.attempts[street.row(LAMP)] = 6
    street.wait(3600)
    assert street.raised == [], "one word proves nothing, but it is a doubt"
    street.clock_says(-3000.0, LAMP)
    street.wait(3600)
    assert street.raised == only(AlarmType.WRONG_CLOCK)
    street.clock_says(2.0, LAMP)
    street.say(LAMP, level=0.0)
    street.wait(700)
    assert street.cleared == only(AlarmType.WRONG_CLOCK)


def test_a_minute_is_tolerated_and_late_words_too() -> None:
    street = AlarmStreet()
    street.clock_says(59.0)
    street.wait(2000)
    street.clock_says(-59.0)
    street.wait(2000)
    # Held back somewhere and delivered in one go.
    for late_s in (7200.0, 3600.0, 1800.0):
        street.clock_says(-late_s)
        street.wait(3)
    street.clock_says(-0.5)
    street.wait(2000)
    assert street.raised == []


def test_a_distrusted_clock_of_ours_blames_nobody() -> None:
    street = AlarmStreet()
    street.is_clock_trusted = False
    for _ in range(10):
        street.clock_says(3600.0)
        street.wait(300)
    assert street.raised == []


def test_where_time_runs_fast_the_way_of_a_word_counts() -> None:
    street = AlarmStreet(speed=720.0)
    for _ in range(20):
        street.clock_says(-600.0, LAMP)
        street.clock_says(-1800.0, OTHER)
        street.wait(5)
    assert street.raised == only(AlarmType.WRONG_CLOCK, OTHER)


def test_a_corrected_time_of_ours_changes_no_alarm() -> None:
    street = lit()
    for _ in range(3):
        street.ask(LAMP)
        street.step()
    street.say(OTHER, faults=FaultBit.LAMP_FAILURE)
    street.wait(30)
    assert street.raised == only(AlarmType.COMMUNICATION_FAILURE)
    for by_s in (7200.0, -90_000.0):
        street.now += by_s
        for column in (street.columns.heard_at, street.columns.reported_at):
            column += by_s
        street.columns.clock_offset_s -= by_s
        street.alarms.time_moved(by_s)
        street.wait(10)
    assert street.raised == only(AlarmType.COMMUNICATION_FAILURE), "no jump made it last longer"
    street.wait(60)
    assert street.cleared == []
    assert street.raised[1:] == only(AlarmType.LAMP_FAILURE, OTHER)


# --- not following, stale program ---------------------------------------------------------


def test_a_luminaire_that_answers_and_stays_dark_does_not_follow() -> None:
    street = lit()
    street.say(LAMP, level=0.0)
    row = street.row(LAMP)
    for attempt in range(1, 6):
        street.columns.attempts[row] = attempt
        street.ask(LAMP)
        street.step()
        street.say(LAMP)
        street.wait(30)
    assert street.raised == only(AlarmType.NOT_FOLLOWING)
    # The next switching point begins to count anew; by day there is nothing to see.
    street.columns.attempts[row] = 0
    street.want(0.0)
    street.say(*street.columns.ids, level=0.0)
    street.wait(3600)
    assert street.cleared == []
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.wait(60)
    assert street.cleared == only(AlarmType.NOT_FOLLOWING)


def test_a_program_is_stale_after_grace() -> None:
    street = AlarmStreet()
    street.is_stale[:] = True
    street.wait(200)
    street.is_stale[:] = False
    street.is_stale[street.row(LAMP)] = True
    street.wait(150)
    assert street.raised == only(AlarmType.STALE_PROGRAM)
    street.is_stale[:] = False
    street.wait(20)
    assert street.cleared == only(AlarmType.STALE_PROGRAM)


def test_a_controller_that_only_listens_does_not_judge_what_another_sends() -> None:
    street = lit()
    street.is_in_charge = False
    street.is_stale[:] = True
    street.columns.attempts[:] = 6
    street.say(LAMP, level=0.0)
    street.columns.is_online[street.row(OTHER)] = False
    street.wait(600)
    assert street.raised == only(AlarmType.COMMUNICATION_FAILURE, OTHER)


# --- the service's own --------------------------------------------------------------------


def test_a_condition_of_the_service_has_hysteresis_too() -> None:
    street = AlarmStreet()
    for _ in range(10):
        street.alarms.set_condition(AlarmType.DOCUMENTS_DIFFER, is_present=True, detail="7, not 8")
        street.wait(20)
        street.alarms.set_condition(AlarmType.DOCUMENTS_DIFFER, is_present=False)
        street.wait(5)
    assert street.raised == []
    street.alarms.set_condition(AlarmType.DOCUMENTS_DIFFER, is_present=True, detail="7, not 8")
    street.wait(40)
    (event,) = street.open.values()
    assert event.detail == "7, not 8"
    street.alarms.set_condition(AlarmType.DOCUMENTS_DIFFER, is_present=False)
    street.wait(40)
    assert street.open == {}


def test_something_that_happened_is_raised_and_clears_by_itself() -> None:
    street = AlarmStreet()
    street.alarms.note(AlarmType.CLOCK_STEPPED, detail="+3600.0 s")
    street.step()
    assert street.raised == [AlarmKey(AlarmType.CLOCK_STEPPED, Scope.SERVICE, "")]
    street.wait(3000)
    street.alarms.note(AlarmType.CLOCK_STEPPED, detail="-3600.0 s")
    street.wait(3000)
    assert len(street.raised) == 1
    assert street.cleared == []
    street.wait(700)
    assert len(street.cleared) == 1


def test_subjects_tell_conditions_apart() -> None:
    street = AlarmStreet()
    for name in ("north", "south"):
        street.alarms.set_condition(AlarmType.TWO_CONTROLLERS, is_present=True, subject=name)
    street.step()
    assert [key.subject for key in street.raised] == ["north", "south"]


def test_a_condition_of_luminaires_is_not_told() -> None:
    with pytest.raises(ValueError, match="lamp_failure"):
        AlarmStreet().alarms.set_condition(AlarmType.LAMP_FAILURE, is_present=True)


def test_a_clock_that_goes_back_holds_nothing_up() -> None:
    street = lit()
    street.say(LAMP, faults=FaultBit.LAMP_FAILURE)
    street.step()
    street.now -= 86_400.0
    street.wait(100)
    assert street.raised == only(AlarmType.LAMP_FAILURE)


def test_groups_are_graver_than_one_luminaire() -> None:
    rule = RULES[AlarmType.COMMUNICATION_FAILURE]
    assert rule.severity_of(Scope.LUMINAIRE) is Severity.WARNING
    assert rule.severity_of(Scope.CABINET) is Severity.CRITICAL


def test_a_luminaire_never_heard_is_not_judged_by_what_it_never_said() -> None:
    street = AlarmStreet()
    row = street.row(LAMP)
    street.columns.reported[row] = np.nan
    street.columns.clock_offset_s[row] = np.nan
    street.is_stale[row] = True
    street.wait(3600)
    assert street.raised == []
