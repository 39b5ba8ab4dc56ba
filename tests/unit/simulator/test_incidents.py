"""What goes wrong in a street: outages, faults that come and go, lying meters, scripts."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from schedules import SwitchingPoint
from simulator.causes import EXPIRED, FAULT, OUTAGE, SOFTWARE
from simulator.chaos.script import ScriptWrong, parse_script
from simulator.chaos.steps import Fault, FeederOutage, LinkStep, ReconnectStorm
from simulator.faults import FaultKind
from simulator.fleet import BOOT_S
from simulator.lies import Liars, MeterLie
from simulator.oracle import Oracle, Timetables
from simulator.telemetry import Meters
from tests.fakes.one_luminaire import DAY, HOUR, NOON, Bench, command, config, program, standing


def at(hours: float) -> float:
    return NOON + hours * HOUR


def judged(**changes: Any) -> tuple[Bench, Oracle]:
    """A standing bench with an oracle that expects just its night."""
    points = [SwitchingPoint(NOON + hour * HOUR, level, 0) for hour, level in PLAN]
    oracle = Oracle(Timetables([points], NOON + 3 * DAY), np.array([0]), NOON)
    bench = standing(**changes)
    bench.fleet.witness = oracle
    return bench, oracle


PLAN = [(0, 0.0), (6, 100.0), (11, 50.0), (18, 0.0), (30, 100.0), (42, 0.0)]


class TestOutage:
    def test_without_supply_it_is_dark_takes_nothing_and_the_outage_answers_for_it(self) -> None:
        bench, oracle = judged()
        bench.at(7).fleet.cut_power(bench.rows, at(7))
        assert (bench.is_lit, bench.power_w) == (False, 0)
        used = bench.energy_wh
        bench.at(9)
        assert bench.energy_wh == used
        assert oracle.dark_s[:, 0].tolist() == [0, 0, 2 * HOUR, 0]

    def test_without_supply_no_command_arrives_but_the_gateway_keeps_programs(self) -> None:
        bench = standing().at(7)
        bench.fleet.cut_power(bench.rows, at(7))
        bench.told()
        bench.order(command(20, level=30, hours=7), 7.5)
        bench.run_zone(program((6, 60, 0), rev=11), 7.5)
        assert (bench.command_id, bench.is_lit) == ("", False)
        bench.fleet.restore_power(bench.rows, at(8))
        bench.at(8.5)
        assert (bench.level, bench.program_rev, bench.source) == (60, 11, "program")

    def test_with_the_supply_it_starts_anew(self) -> None:
        bench, oracle = judged()
        bench.order(command(20, level=30, hours=7, expires_at=NOON + DAY), 7)
        bench.at(7.5).fleet.cut_power(bench.rows, at(7.5))
        bench.fleet.restore_power(bench.rows, at(9))
        assert (bench.level, bench.source, bench.command_id) == (70, "local", "")
        assert bench.told() == [0]
        bench.at(9 + (BOOT_S + 1) / HOUR)
        assert (bench.level, bench.source) == (100, "program")
        assert oracle.dark_s[OUTAGE, 0] == 1.5 * HOUR

    def test_a_start_by_day_is_answered_for_by_the_outage(self) -> None:
        bench, oracle = judged()
        bench.fleet.cut_power(bench.rows, at(2))
        bench.fleet.restore_power(bench.rows, at(3))
        bench.at(4)
        assert oracle.daylight_s[:, 0].tolist() == [0, 0, BOOT_S, 0]

    def test_of_two_outages_the_last_to_end_counts(self) -> None:
        bench = standing().at(7)
        bench.fleet.cut_power(bench.rows, at(7))
        bench.fleet.cut_power(bench.rows, at(7.1))
        seen = []
        for hours in (7.2, 7.3, 7.4):
            bench.fleet.restore_power(bench.rows, at(hours))
            seen.append(bench.is_lit)
        assert seen == [False, True, True]
        assert bench.columns.outages[0] == 0

    def test_its_meter_says_nothing_meanwhile(self) -> None:
        bench = standing()
        meters = Meters(bench.fleet, HOUR, NOON)
        assert len(meters.due(at(1.5))) == 2
        bench.fleet.cut_power(bench.rows, at(1.5))
        assert meters.due(at(5)) == []
        bench.fleet.restore_power(bench.rows, at(5))
        assert len(meters.due(at(7))) == 2

    def test_no_switching_point_lights_it(self) -> None:
        bench, oracle = judged()
        bench.fleet.cut_power(bench.rows, at(2))
        bench.at(20)
        assert oracle.lit_as_expected_s[0] == 0
        assert oracle.dark_s[OUTAGE, 0] == 12 * HOUR


class TestFaultsThatComeAndGo:
    def test_a_lamp_fails_and_is_replaced(self) -> None:
        bench, oracle = judged()
        rng = np.random.default_rng(1)
        bench.at(7).told()
        bench.fleet.begin_fault(FaultKind.LAMP_FAILURE, bench.rows, at(7), rng)
        assert (bench.told(), bench.is_lit) == ([0], False)
        assert bench.columns.faults.noticed(bench.rows) == [["lamp_failure"]]
        bench.fleet.end_fault(FaultKind.LAMP_FAILURE, bench.rows, at(9))
        assert (bench.told(), bench.is_lit) == ([0], True)
        bench.at(18)
        assert oracle.dark_s[:, 0].tolist() == [0, 2 * HOUR, 0, 0]
        assert oracle.lit_as_expected_s[0] == 10 * HOUR

    def test_a_cycling_lamp_is_out_a_third_of_the_time(self) -> None:
        bench, oracle = judged()
        bench.fleet.begin_fault(FaultKind.CYCLING, bench.rows, at(6), np.random.default_rng(1))
        bench.at(18)
        assert oracle.dark_s[FAULT, 0] == pytest.approx(4 * HOUR, abs=900)
        assert oracle.dark_s[SOFTWARE, 0] == 0
        assert bench.columns.faults.noticed(bench.rows) == [["cycling"]]
        bench.fleet.end_fault(FaultKind.CYCLING, bench.rows, at(18))
        dark_s = oracle.dark_s.sum()
        bench.at(42)
        assert oracle.dark_s.sum() == pytest.approx(dark_s + oracle.dark_s[EXPIRED, 0])

    def test_however_it_is_stepped_a_cycling_lamp_is_the_same(self) -> None:
        def run(hours: list[float]) -> float:
            bench = standing(fault=FaultKind.CYCLING)
            for hour in hours:
                bench.at(hour)
            return bench.at(18).energy_wh

        assert run([]) == pytest.approx(run([x / 7 for x in range(100)]), rel=1e-12)

    def test_a_wrong_power_is_truly_used(self) -> None:
        bench = standing(fault=FaultKind.POWER_RANGE).at(7)
        scale = bench.columns.faults.power_scale[0]
        assert scale != 1
        assert bench.power_w == pytest.approx(100 * scale)
        used = bench.energy_wh
        assert bench.at(8).energy_wh - used == pytest.approx(100 * scale)

    def test_a_clock_that_is_set_right_again_switches_at_once(self) -> None:
        bench, oracle = judged()
        rng = np.random.default_rng(1)
        bench.fleet.begin_fault(FaultKind.WRONG_CLOCK, bench.rows, at(5), rng)
        bench.columns.faults.clock_offset_s[0] = 2.0 * HOUR
        bench.fleet.decide_anew(at(5))
        assert bench.level == 100
        bench.fleet.end_fault(FaultKind.WRONG_CLOCK, bench.rows, at(5.5))
        assert bench.level == 0
        bench.at(18)
        assert oracle.daylight_s[:, 0].tolist() == [0, HOUR / 2, 0, 0]

    @pytest.mark.parametrize("kind", list(FaultKind))
    def test_every_kind_begins_and_ends(self, kind: FaultKind) -> None:
        bench = standing()
        bench.fleet.begin_fault(kind, bench.rows, at(7), np.random.default_rng(1))
        assert bench.columns.faults.rows_with(kind).tolist() == [True]
        bench.at(8).fleet.end_fault(kind, bench.rows, at(8))
        assert not bench.columns.faults.is_any.any()
        assert (bench.at(12).level, bench.power_w) == (50, 50)


class TestAfterTheProgram:
    def test_what_the_seasons_shift_is_answered_for_by_nobody_present(self) -> None:
        bench, oracle = judged()
        points = [SwitchingPoint(NOON, 0.0, 0), SwitchingPoint(NOON + 29 * HOUR, 100.0, 0)]
        oracle.extend(Timetables([points], NOON + 3 * DAY), np.array([0]), NOON)
        bench.at(24)
        before = oracle.dark_s.copy(), oracle.daylight_s.copy()
        bench.at(31)
        assert (oracle.dark_s - before[0])[:, 0].tolist() == [0, 0, 0, HOUR]
        assert (oracle.daylight_s - before[1]).sum() == 0


class TestChangesOfLevel:
    def test_planned_changes_are_no_surplus(self) -> None:
        bench, oracle = judged()
        bench.columns.level_changes[:] = 0
        bench.at(20)
        assert bench.columns.level_changes[0] == oracle.planned_changes(at(20))[0] == 3

    def test_a_flicker_is_two(self) -> None:
        bench, oracle = judged()
        bench.columns.level_changes[:] = 0
        bench.order(command(20, level=30, hours=7), 7)
        bench.order(command(21, hours=7, resume=True), 7.1)
        assert bench.columns.level_changes[0] - oracle.planned_changes(at(7.2))[0] == 2

    def test_what_it_does_before_it_is_told_is_not_counted(self) -> None:
        bench = Bench()
        bench.configure(config())
        bench.run_zone(program((6, 100, 0)))
        assert bench.columns.level_changes[0] == 0
        assert bench.at(7).columns.level_changes[0] == 1


class TestLyingMeters:
    def said(self, kind: MeterLie, hours: int = 40) -> tuple[list[Any], Bench]:
        bench = standing()
        liars = Liars(1, seed=1)
        meters = Meters(bench.fleet, HOUR, NOON, liars)
        meters.due(at(7))
        liars.begin(kind, [0])
        return [reading for _, reading in meters.due(at(7 + hours))], bench

    def test_the_truth_stays_what_it_is(self) -> None:
        used = {self.said(kind)[1].energy_wh for kind in MeterLie}
        assert used == {standing().at(46 + 1 / HOUR).energy_wh}

    def test_a_reset_counter_begins_at_nothing(self) -> None:
        readings, _ = self.said(MeterLie.RESET)
        assert readings[0].energy_wh == 0
        assert readings[3].energy_wh == pytest.approx(300)

    def test_a_stuck_counter_stands(self) -> None:
        assert len({one.energy_wh for one in self.said(MeterLie.STUCK)[0]}) == 1

    def test_backwards_falls(self) -> None:
        counters = [one.energy_wh for one in self.said(MeterLie.BACKWARDS)[0]]
        assert any(later < before for before, later in pairwise(counters))

    def test_a_thousandfold(self) -> None:
        counters = [one.energy_wh for one in self.said(MeterLie.THOUSANDFOLD)[0]]
        assert counters[1] - counters[0] == pytest.approx(100_000)

    def test_the_future(self) -> None:
        readings, _ = self.said(MeterLie.FUTURE)
        assert all(one.at_ms >= (NOON + 8 * HOUR) * 1000 for one in readings)

    def test_gaps_and_duplicates(self) -> None:
        assert 0 < len(self.said(MeterLie.GAPS)[0]) < 25
        readings, _ = self.said(MeterLie.DUPLICATES)
        assert 80 <= len(readings) <= 120
        assert len({one.at_ms for one in readings}) == 40

    def test_a_lie_may_end(self) -> None:
        liars = Liars(3, seed=1)
        liars.begin(MeterLie.STUCK, [0, 1])
        liars.end([0])
        assert [liars.kind_of(row) for row in range(3)] == [None, MeterLie.STUCK, None]

    def test_shares(self) -> None:
        liars = Liars(1000, seed=1)
        liars.assign(0.1, {MeterLie.STUCK: 0.2})
        kinds = [liars.kind_of(row) for row in range(1000)]
        assert liars.count == 300
        assert kinds.count(MeterLie.STUCK) >= 200
        assert set(kinds) == {None, *MeterLie}


class TestScripts:
    def test_steps_are_read_with_their_lines(self) -> None:
        text = b"""
name: a bad night
steps:
  - {do: feeder_outage, at_s: 3600, feeders: [f-*], for_s: 600}
  - do: reconnect_storm
    at_s: 10
    clock: machine
    within_s: 5
  - do: link
    latency_s: 2
"""
        assert parse_script(text, "x") == [
            (4, FeederOutage(at_s=3600, feeders=("f-*",), for_s=600)),
            (5, ReconnectStorm(at_s=10, clock="machine", within_s=5)),
            (9, LinkStep(latency_s=2)),
        ]

    def test_json_is_yaml_too(self) -> None:
        text = b'[{"do": "fault", "kind": "cycling", "ratio": 0.5}]'
        assert parse_script(text, "x") == [(1, Fault(kind=FaultKind.CYCLING, ratio=0.5))]

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("", "no list of steps"),
            ("steps: 5", "no list of steps"),
            ("plan: []", "line 1: 'plan' is not known"),
            ("steps:\n- do: explode", "line 2: do: Invalid value 'explode'"),
            ("steps:\n- do: fault\n  kind: sad", "line 3: kind: Invalid enum value 'sad'"),
            ("steps:\n- do: fault\n  kind: cycling\n  ratio: 7", "line 4: ratio: "),
            ("steps:\n- {do: feeder_outage}", "line 2: Object missing required field `feeders`"),
            ("steps:\n- do: heal\n  when: now", "line 3: when: Object contains unknown field"),
            ("steps:\n- 5", "line 2: "),
            ("steps:\n- do: heal\n  at_s: .nan", "line 3: at_s: "),
            ("steps: [", "line 1: "),
            ("steps:\n- &a [*a]", "line 2: "),
            ("\x00", "script 'x'"),
            ("steps:\n- do: !!python/object:os.system {}", "line 2: "),
            ("- {do: heal, at_s: 1e400}", "line 1: at_s: "),
        ],
    )
    def test_errors_name_line_and_field(self, text: str, wanted: str) -> None:
        with pytest.raises(ScriptWrong) as raised:
            parse_script(text.encode(), "x")
        assert wanted in str(raised.value)
        assert "\n" not in str(raised.value)

    def test_what_is_not_utf8_is_said(self) -> None:
        with pytest.raises(ScriptWrong, match="not UTF-8"):
            parse_script(b"\xff\xfe", "x")
