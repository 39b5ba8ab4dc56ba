"""One luminaire against the wire contract, sentence by sentence (docs/wire.md, 3 to 5)."""

import numpy as np
import pytest

from simulator.columns import NONE
from simulator.faults import FaultKind
from tests.fakes.one_luminaire import (
    HOUR,
    NOON,
    Bench,
    command,
    config,
    lamp,
    program,
    standing,
)


class TestNothingKnown:
    def test_lit_at_full_level_before_any_message(self) -> None:
        bench = Bench()
        assert (bench.level, bench.source, bench.is_lit) == (100, "failsafe", True)

    def test_without_a_program_lit_at_the_configs_failsafe_level(self) -> None:
        bench = Bench()
        bench.configure(config(failsafe_level=80))
        assert (bench.level, bench.source, bench.program_rev) == (80, "failsafe", 0)

    def test_without_a_clock_lit_at_the_power_on_level(self) -> None:
        bench = Bench(lamp(has_clock=False))
        bench.configure(config(power_on_level=70))
        assert (bench.level, bench.source) == (70, "local")

    @pytest.mark.parametrize("has_clock", [True, False])
    def test_a_safe_level_of_zero_counts_as_full(self, has_clock: bool) -> None:
        bench = Bench(lamp(has_clock=has_clock))
        bench.configure(config(failsafe_level=0, power_on_level=0))
        assert bench.level == 100


class TestProgram:
    @pytest.mark.parametrize(
        ("hours", "level"),
        [(0, 0), (5.999, 0), (6, 100), (10.999, 100), (11, 50), (17.999, 50), (18, 0), (20, 0)],
    )
    def test_each_point_holds_from_its_instant_on(self, hours: float, level: float) -> None:
        bench = standing().at(hours)
        assert (bench.level, bench.source, bench.program_rev) == (level, "program", 10)

    def test_the_state_carries_the_exact_instant_of_the_change(self) -> None:
        bench = standing().at(7.3)
        assert bench.changed_at == 6
        assert bench.told() == [0]

    def test_nothing_is_told_where_nothing_changed(self) -> None:
        bench = standing().at(7)
        bench.told()
        bench.at(10)
        assert bench.told() == []

    def test_before_its_first_point_a_program_says_that_points_level(self) -> None:
        bench = standing(clock_offset_s=-10 * HOUR)
        assert (bench.level, bench.source) == (0, "program")

    def test_scale_applies_to_program_levels_up_to_full(self) -> None:
        bench = standing()
        bench.configure(config(rev=2, scale=0.8))
        assert bench.at(7).level == pytest.approx(80)
        bench.configure(config(rev=3, scale=1.5), 7)
        assert bench.level == 100
        assert bench.at(12).level == pytest.approx(75)

    def test_scale_and_floor_leave_darkness_dark(self) -> None:
        bench = standing()
        bench.configure(config(rev=2, scale=1.5, floor=60))
        assert bench.at(5).level == 0

    def test_the_floor_holds_while_lit(self) -> None:
        bench = standing()
        bench.configure(config(rev=2, scale=0.5, floor=60))
        assert bench.at(12).level == 60

    @pytest.mark.parametrize(("rev", "level"), [(9, 100), (10, 100), (11, 30)])
    def test_only_a_higher_revision_is_taken(self, rev: int, level: float) -> None:
        bench = standing().at(7)
        bench.run_zone(program((6, 30, 0), rev=rev), 7)
        assert bench.level == level

    def test_its_own_program_beats_the_zones_while_present(self) -> None:
        bench = standing().at(7)
        bench.run_own(program((6, 30, 0), rev=5), 7)
        assert (bench.level, bench.program_rev) == (30, 5)
        bench.run_zone(program((6, 60, 0), rev=20), 7.5)
        assert (bench.level, bench.program_rev) == (30, 5)
        bench.run_own(None, 8)
        assert (bench.level, bench.program_rev) == (60, 20)
        assert bench.changed_at == 8

    def test_a_cleared_program_is_forgotten_with_its_revision(self) -> None:
        bench = standing().at(7)
        bench.run_own(program((6, 30, 0), rev=12), 7)
        bench.run_own(None, 8)
        bench.run_own(program((6, 40, 0), rev=5), 9)
        assert bench.level == 40

    def test_revisions_of_zone_program_own_program_and_config_do_not_compare(self) -> None:
        bench = Bench()
        bench.configure(config(rev=50))
        bench.run_zone(program((6, 100, 0), rev=40))
        bench.run_own(program((6, 30, 0), rev=30))
        assert bench.program_rev == 30
        assert bench.columns.config_rev[0] == 50

    def test_another_zone_means_another_program(self) -> None:
        bench = standing().at(7)
        bench.configure(config(rev=2, zone="elsewhere"), 7)
        assert (bench.level, bench.source, bench.program_rev) == (80, "failsafe", 0)
        bench.run_zone(program((6, 40, 0), rev=3), 7)
        assert bench.level == 40, "the other zone's revisions begin anew"

    def test_a_cleared_zone_program_leaves_it_lit(self) -> None:
        bench = standing().at(2)
        bench.fleet.clear_zone_program(bench.rows, NOON + 2 * HOUR)
        assert (bench.level, bench.source, bench.program_rev) == (80, "failsafe", 0)

    def test_a_cleared_config_leaves_it_as_it_came_from_the_factory(self) -> None:
        bench = standing().at(2)
        bench.fleet.clear_configs(bench.rows, bench.columns.since, np.array([NONE]))
        assert (bench.level, bench.columns.config_rev[0]) == (100, -1)


class TestRamps:
    def test_a_ramp_goes_evenly_and_is_told_at_its_beginning(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program((6, 100, 600)))
        bench.told()
        bench.at(6 + 150 / HOUR)
        assert (bench.level, bench.told()) == (100, [0])
        assert bench.gear_level == pytest.approx(25)
        bench.at(6 + 600 / HOUR)
        assert bench.gear_level == 100
        assert bench.told() == []

    def test_a_new_order_starts_from_the_level_that_there_is(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program((6, 100, 600)))
        bench.at(6 + 300 / HOUR)
        bench.order(command(99, level=0, hours=6, ramp_s=100), 6 + 300 / HOUR)
        assert bench.gear_level == pytest.approx(50)
        assert bench.at(6 + 350 / HOUR).gear_level == pytest.approx(25)

    def test_a_program_that_arrives_within_a_ramp_takes_what_is_left_of_it(self) -> None:
        bench = standing().at(6 + 300 / HOUR)
        bench.run_zone(program((6, 60, 600), rev=11), 6 + 300 / HOUR)
        assert bench.at(6 + 450 / HOUR).gear_level == pytest.approx(80)
        assert bench.at(6 + 600 / HOUR).gear_level == pytest.approx(60)


class TestCommand:
    def test_a_level_holds_until_it_expires_and_then_the_program_returns(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=30, hours=7), 7.25)
        assert (bench.level, bench.source, bench.command_id) == (30, "command", "c20")
        assert bench.changed_at == 7.25
        assert bench.at(7.999).level == 30
        bench.at(8)
        assert (bench.level, bench.source, bench.command_id) == (100, "program", "c20")
        assert bench.changed_at == 8

    def test_while_commanded_the_state_still_names_the_program(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=30, hours=7), 7)
        assert bench.program_rev == 10

    def test_scale_and_floor_do_not_apply(self) -> None:
        bench = standing()
        bench.configure(config(rev=2, scale=0.5, floor=60))
        bench.order(command(20, level=10, hours=7), 7)
        assert bench.level == 10

    @pytest.mark.parametrize("given", [6.9, 8.0, 9.0])
    def test_before_its_start_and_from_its_end_on_it_is_ignored(self, given: float) -> None:
        bench = standing().at(given)
        bench.told()
        bench.order(command(20, level=30, hours=7), given)
        assert (bench.level, bench.command_id, bench.told()) == (100, "", [])

    def test_one_that_came_too_early_is_taken_when_it_is_repeated_in_time(self) -> None:
        bench = standing().at(6.5)
        message = command(20, level=30, hours=7)
        bench.order(message, 6.5)
        bench.order(message, 7)
        assert bench.level == 30

    def test_the_luminaires_own_clock_decides(self) -> None:
        bench = standing(clock_offset_s=-HOUR).at(7.5)
        bench.order(command(20, level=30, hours=7), 7.5)
        assert bench.command_id == "", "by its clock it is half past six"

    def test_lower_revisions_are_ignored_and_higher_ones_replace(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=30, hours=7), 7)
        bench.order(command(19, level=40, hours=7), 7)
        assert (bench.level, bench.command_id) == (30, "c20")
        bench.order(command(21, level=50, hours=7), 7)
        assert (bench.level, bench.command_id) == (50, "c21")

    def test_a_repeat_is_ignored_but_answered_where_it_asks(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=30, hours=7), 7)
        bench.told()
        bench.order(command(20, level=99, hours=7), 7)
        assert (bench.level, bench.told()) == (30, [])
        bench.order(command(20, level=30, hours=7, report=True), 7)
        assert bench.told() == [0]

    def test_resume_returns_to_the_program(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=30, hours=7), 7)
        bench.order(command(21, hours=7, resume=True), 7.5)
        assert (bench.level, bench.source, bench.command_id) == (100, "program", "c21")

    def test_resume_may_take_its_time(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=0, hours=7), 7)
        bench.order(command(21, hours=7, resume=True, ramp_s=600), 7.5)
        assert bench.at(7.5 + 300 / HOUR).gear_level == pytest.approx(50)

    def test_report_alone_changes_nothing_and_is_answered(self) -> None:
        bench = standing().at(7)
        bench.order(command(20, level=30, hours=7), 7)
        bench.told()
        bench.order(command(21, hours=7, report=True), 7.2)
        assert (bench.level, bench.source, bench.command_id) == (30, "command", "c21")
        assert bench.told() == [0]
        assert bench.at(8).level == 100

    def test_a_command_does_not_ramp_back_when_it_ends(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program((6, 100, 2 * HOUR)))
        bench.order(command(20, level=0, hours=6), 6)
        assert bench.at(7).gear_level == 100


class TestAfterTheProgram:
    """After ``valid_until`` the last night repeats."""

    @pytest.mark.parametrize(
        ("hours", "level"),
        [(24, 0), (29.999, 0), (30, 90), (41.999, 90), (42, 0), (54, 90), (66, 0), (150.5, 90)],
    )
    def test_on_and_off_repeat_every_day_at_the_failsafe_level(
        self, hours: float, level: float
    ) -> None:
        bench = standing().at(hours)
        assert (bench.level, bench.source, bench.program_rev) == (level, "failsafe", 10)

    def test_a_part_night_burns_through(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program((6, 100, 0), (12, 0, 0), (16, 100, 0), (18, 0, 0)))
        assert bench.at(14).level == 0
        assert bench.at(38).level == 90

    def test_a_program_that_was_never_lit_leaves_it_lit(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program())
        assert bench.at(23).level == 0
        assert bench.at(30).level == 90
        assert bench.at(45).level == 90

    def test_a_program_lit_round_the_clock_stays_lit(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program(points=[(NOON, 100.0, 0)]))
        assert bench.at(24).level == 90
        assert bench.at(100).level == 90

    def test_a_night_that_reaches_valid_until_ends_there(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program((18, 100, 0)))
        assert [bench.at(hours).level for hours in (24, 41, 42, 47.9, 48)] == [0, 0, 90, 90, 0]

    def test_a_command_still_comes_first(self) -> None:
        bench = standing().at(26)
        bench.order(command(20, level=30, hours=26), 26)
        assert (bench.level, bench.source) == (30, "command")

    def test_a_new_program_ends_it(self) -> None:
        bench = standing().at(26)
        fresh = program((31, 100, 0), rev=11, valid_until=NOON + 48 * HOUR)
        bench.run_zone(fresh, 26)
        assert (bench.at(30.5).level, bench.at(31.5).level, bench.source) == (0, 100, "program")


class TestWithoutClock:
    def test_programs_mean_nothing_to_it(self) -> None:
        bench = standing(lamp(has_clock=False)).at(3)
        assert (bench.level, bench.source, bench.program_rev) == (70, "local", 0)

    def test_a_command_is_taken_by_its_revision_alone_and_holds_until_the_next(self) -> None:
        bench = standing(lamp(has_clock=False)).at(3)
        bench.order(command(20, level=0, hours=1), 3)
        assert (bench.at(20).level, bench.source) == (0, "command")
        bench.order(command(19, level=50, hours=20), 20)
        assert bench.level == 0
        bench.order(command(21, level=50, hours=20), 20)
        assert bench.level == 50

    def test_resume_lights_it(self) -> None:
        bench = standing(lamp(has_clock=False))
        bench.order(command(20, level=0, hours=0), 0)
        bench.order(command(21, hours=0, resume=True), 1)
        assert (bench.level, bench.source) == (70, "local")


class TestFaults:
    def test_a_failed_lamp_is_dark_though_its_gear_is_set(self) -> None:
        bench = standing(fault=FaultKind.LAMP_FAILURE).at(7)
        assert (bench.level, bench.is_lit, bench.power_w) == (100, False, 2)

    def test_a_day_burner_burns_at_full_level_by_day(self) -> None:
        bench = standing(fault=FaultKind.STUCK_ON).at(3)
        assert (bench.level, bench.is_lit, bench.power_w) == (0, True, 100)

    def test_a_lamp_that_does_not_dim_burns_at_full_level_at_night_only(self) -> None:
        bench = standing(fault=FaultKind.DIMMING_FAILURE).at(12)
        assert (bench.level, bench.power_w) == (50, 100)
        bench.at(20)
        assert (bench.is_lit, bench.power_w) == (False, 2)

    def test_a_type_that_cannot_dim_says_the_level_it_was_asked_for(self) -> None:
        bench = standing(lamp(is_dimmable=False)).at(12)
        assert (bench.level, bench.power_w) == (50, 100)

    def test_a_start_forgets_the_command_and_keeps_the_program(self) -> None:
        bench = standing(fault=FaultKind.REBOOTING)
        bench.order(command(20, level=30, hours=0, expires_at=NOON + 48 * HOUR), 0)
        first = float(bench.columns.reboot_at[0] - NOON)
        bench.at((first + 10) / HOUR)
        assert (bench.level, bench.source, bench.command_id) == (70, "local", "")
        assert bench.changed_at * HOUR == pytest.approx(first)
        bench.at((first + 31) / HOUR)
        assert bench.source == "program"
        assert bench.program_rev == 10

    def test_after_a_start_the_same_command_is_taken_again(self) -> None:
        bench = standing(fault=FaultKind.REBOOTING)
        message = command(20, level=30, hours=0, expires_at=NOON + 48 * HOUR)
        bench.order(message, 0)
        again = float(bench.columns.reboot_at[0] - NOON + 60) / HOUR
        bench.at(again)
        bench.order(message, again)
        assert (bench.level, bench.command_id) == (30, "c20")

    def test_a_wrong_clock_switches_early(self) -> None:
        bench = standing(clock_offset_s=2 * HOUR)
        assert bench.at(3.9).level == 0
        assert bench.at(4).level == 100
        assert bench.changed_at == 6, "by its own clock"


class TestMeter:
    def test_energy_follows_the_levels_exactly(self) -> None:
        bench = standing().at(24)
        assert bench.energy_wh == pytest.approx(5 * 100 + 7 * 50 + 12 * 2, abs=1e-9)

    def test_burning_hours_count_light(self) -> None:
        bench = standing().at(24)
        assert bench.columns.burning_s[0] == 12 * HOUR

    def test_a_lamp_warms_up_in_light_not_in_power(self) -> None:
        bench = standing(lamp(warm_up_s=600)).at(7)
        assert bench.columns.light_percent_s[0] == pytest.approx(100 * (HOUR - 300))
        assert bench.energy_wh == pytest.approx(6 * 2 + 100)
