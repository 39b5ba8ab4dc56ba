"""The smaller parts of the fleet: clock, faults, meters, inbox, stored programs, lamps."""

import time

import numpy as np
import pytest

from controller.wire.codec import CLEARED
from controller.wire.messages import Command, Config, Program
from controller.wire.timebase import Timebase
from simulator.broker_url import OptionWrong, broker_address
from simulator.clock import SiteClock
from simulator.electrics import LampTable
from simulator.faults import FaultKind, assign_faults
from simulator.inbox import Arrival, Inbox, Segment, ZoneArrival
from simulator.programs import ProgramTable, last_night
from simulator.telemetry import Meters
from tests.fakes.one_luminaire import DAY, HOUR, NOON, Bench, command, config, lamp, program


class TestClock:
    def test_stands_until_it_is_told(self) -> None:
        clock = SiteClock(NOON)
        assert (clock.now(), clock.seconds_until(NOON + 1)) == (NOON, float("inf"))

    def test_the_first_timebase_may_begin_anywhere(self) -> None:
        clock = SiteClock(NOON)
        clock.set_timebase(Timebase(real_at=1e12, site_at=NOON - 500, speed=60))
        assert clock.now() == NOON - 500

    def test_runs_at_speed_and_ends(self) -> None:
        clock = SiteClock(NOON, end_at=NOON + 3600)
        clock.set_timebase(Timebase(real_at=time.time() - 10, site_at=NOON, speed=60))
        assert NOON + 600 <= clock.now() < NOON + 3600
        clock.set_timebase(Timebase(real_at=0, site_at=NOON, speed=60))
        assert clock.now() == NOON + 3600
        assert clock.seconds_until(NOON + 3601) == float("inf")

    def test_never_goes_back(self) -> None:
        clock = SiteClock(NOON)
        clock.set_timebase(Timebase(real_at=1e12, site_at=NOON, speed=60))
        clock.set_timebase(Timebase(real_at=1e12, site_at=NOON - 500, speed=60))
        assert clock.now() == NOON

    def test_a_speed_of_zero_stands(self) -> None:
        clock = SiteClock(NOON)
        clock.set_timebase(Timebase(real_at=0, site_at=NOON, speed=0))
        assert (clock.now(), clock.seconds_until(NOON + 1)) == (NOON, float("inf"))


class TestFaultAssignment:
    def test_the_same_seed_gives_the_same_faults(self) -> None:
        first, second = (assign_faults(500, 0.2, {}, 7) for _ in range(2))
        other = assign_faults(500, 0.2, {}, 8)
        assert (first.is_any == second.is_any).all()
        assert (first.is_any != other.is_any).any()

    def test_the_share_is_met_and_every_kind_occurs(self) -> None:
        faults = assign_faults(1000, 0.2, {}, 1)
        assert faults.is_any.sum() == 200
        for column in (faults.lamp_failed, faults.stuck_on, faults.silent, faults.dimming_failed):
            assert column.any()
        assert np.isfinite(faults.reboot_every_s).any()
        assert (faults.clock_offset_s != 0).any()

    def test_shares_of_kinds_fall_on_different_luminaires(self) -> None:
        faults = assign_faults(
            100, 0.1, {FaultKind.SILENT: 0.3, FaultKind.STUCK_ON: 0.2, FaultKind.REBOOTING: 0.1}, 3
        )
        assert faults.is_any.sum() == 70
        assert faults.silent.sum() >= 30

    def test_none_is_none(self) -> None:
        assert not assign_faults(10, 0.0, {}, 1).is_any.any()
        assert not assign_faults(0, 1.0, {}, 1).is_any.any()


class TestMeters:
    def running(self, *, every_s: float = HOUR, size: int = 4) -> tuple[Bench, Meters]:
        bench = Bench(size=size)
        bench.configure(config())
        bench.run_zone(program((6, 100, 0), (18, 0, 0)))
        return bench, Meters(bench.fleet, every_s, NOON)

    def test_each_luminaire_reads_once_an_interval_at_its_own_second(self) -> None:
        _, meters = self.running()
        readings = meters.due(NOON + HOUR)
        assert [row for row, _ in readings] == [0, 1, 2, 3]
        assert [reading.at_ms for _, reading in readings] == [
            (NOON + second) * 1000 for second in (1, 901, 1801, 2701)
        ]
        assert len(meters.due(NOON + 3 * HOUR)) == 8
        assert meters.due(NOON + 3 * HOUR) == []

    def test_energy_is_exact_at_the_readings_instant_whenever_it_is_taken(self) -> None:
        bench, meters = self.running(every_s=2 * HOUR, size=1)
        readings = [reading for _, reading in meters.due(NOON + 8 * HOUR)]
        start = bench.columns.meter_start_wh[0]
        used = [round((one.energy_wh or 0) - start, 6) for one in readings]
        # 2 W standby until the sixth hour, then 100 W.
        assert used == pytest.approx(
            [2 / 3600, 4 + 2 / 3600, 8 + 2 / 3600, 12 + 100 / 3600], abs=1e-3
        )
        assert [one.power_w for one in readings] == [2, 2, 2, 100]

    def test_a_silent_luminaire_reads_nothing(self) -> None:
        bench = Bench(fault=FaultKind.SILENT)
        assert Meters(bench.fleet, HOUR, NOON).due(NOON + DAY) == []

    def test_a_reading_carries_the_luminaires_own_clock(self) -> None:
        bench = Bench(clock_offset_s=500.0)
        ((_, reading),) = Meters(bench.fleet, HOUR, NOON).due(NOON + 1)
        assert reading.at_ms == (NOON + 501) * 1000


class TestInbox:
    def rig(self, size: int = 3) -> tuple[Bench, Inbox, Segment, list[str]]:
        bench = Bench(size=size)
        joined: list[str] = []
        segment = Segment(bench.rows, joined.append)
        return bench, Inbox(bench.fleet), segment, joined

    def test_order_holds_for_each_luminaire(self) -> None:
        bench, inbox, segment, joined = self.rig()
        for row, level in ((0, 40.0), (1, 40.0), (0, 60.0)):
            rev = round(level) + row
            inbox.put(Arrival(row, "config", config(rev=rev), NOON, segment))
            inbox.put(Arrival(row, "command", command(rev, level=level), NOON, segment))
        assert len(inbox) == 6
        inbox.drain()
        assert bench.columns.level.tolist() == [60, 40, 100]
        assert joined == ["z"]
        assert len(inbox) == 0

    def test_a_zone_program_goes_to_the_luminaires_of_the_zone(self) -> None:
        bench, inbox, segment, _ = self.rig()
        inbox.put(Arrival(0, "config", config(), NOON, segment))
        inbox.put(Arrival(1, "config", config(zone="other"), NOON, segment))
        inbox.put(ZoneArrival("z", program(), NOON, segment))
        inbox.drain()
        assert bench.columns.program_rev.tolist() == [10, 0, 0]

    def test_a_luminaire_that_joins_later_gets_the_program_that_was_heard(self) -> None:
        bench, inbox, segment, joined = self.rig()
        inbox.put(Arrival(0, "config", config(), NOON, segment))
        inbox.put(ZoneArrival("z", program(), NOON, segment))
        inbox.put(Arrival(2, "config", config(), NOON, segment))
        inbox.drain()
        assert bench.columns.program_rev.tolist() == [10, 0, 10]
        assert joined == ["z"]

    def test_a_cleared_zone_program_is_gone_for_those_who_join_later(self) -> None:
        bench, inbox, segment, _ = self.rig()
        inbox.put(Arrival(0, "config", config(), NOON, segment))
        inbox.put(ZoneArrival("z", program(), NOON, segment))
        inbox.put(ZoneArrival("z", CLEARED, NOON, segment))
        inbox.put(Arrival(1, "config", config(), NOON, segment))
        inbox.drain()
        assert bench.columns.program_rev.tolist() == [0, 0, 0]

    def test_a_zone_command_reaches_its_luminaires_only(self) -> None:
        bench, inbox, segment, _ = self.rig()
        inbox.put(Arrival(0, "config", config(), NOON, segment))
        inbox.put(ZoneArrival("z", command(30, level=20.0), NOON, segment))
        inbox.drain()
        assert bench.columns.command_id == ["c30", "", ""]

    def test_many_are_taken_as_one_by_one(self) -> None:
        def run(*, together: bool) -> list[float]:
            bench, inbox, segment, _ = self.rig(size=20)
            messages: list[tuple[int, Config | Command | Program]] = []
            rng = np.random.default_rng(5)
            for number in range(300):
                row, level = int(rng.integers(20)), float(rng.integers(1, 100))
                kind = rng.integers(3)
                if kind == 0:
                    messages.append((row, config(rev=number, failsafe_level=level)))
                elif kind == 1:
                    messages.append((row, command(number, level=level)))
                else:
                    messages.append((row, program(points=[(NOON, level, 0)], rev=number)))
            for row, message in messages:
                leaf = {Config: "config", Command: "command", Program: "program"}[type(message)]
                inbox.put(Arrival(row, leaf, message, NOON, segment))  # type: ignore[arg-type]  # one of the three
                if not together:
                    inbox.drain()
            inbox.drain()
            columns = bench.at(2).columns
            found: list[float] = columns.level.tolist() + columns.command_rev.tolist()
            return found

        assert run(together=True) == run(together=False)


class TestStoredPrograms:
    def test_what_nobody_holds_is_freed_and_numbers_stay(self) -> None:
        table = ProgramTable()
        numbers = [table.add(program((6, level, 0), rev=level)) for level in (10, 20, 30)]
        local = np.full(1, NOON + 7.0 * HOUR)
        before = table.look_up(np.array([numbers[2]]), local)
        points = table.points
        table.forget_all_but(np.array([numbers[2]]))
        assert table.points < points
        after = table.look_up(np.array([numbers[2]]), local)
        assert (after.level, after.next_at) == (before.level, before.next_at)
        fourth = table.add(program((6, 40, 0)))
        assert table.look_up(np.array([fourth]), local).level == 40

    def test_many_luminaires_of_a_zone_store_its_program_once(self) -> None:
        table, shared = ProgramTable(), program((6, 50, 0))
        assert table.add(shared) == table.add(shared)
        assert table.add(program((6, 50, 0), rev=11)) != table.add(shared)
        assert len(table) == 2

    def test_a_freed_program_may_come_again(self) -> None:
        table, shared = ProgramTable(), program((6, 50, 0))
        first = table.add(shared)
        table.forget_all_but(np.array([], dtype=np.int64))
        again = table.add(shared)
        assert again != first
        level = table.look_up(np.array([again]), np.full(1, NOON + 7.0 * HOUR)).level
        assert level == 50

    @pytest.mark.parametrize("earlier", [-120, 0, 120])
    def test_the_last_night_as_nights_grow_and_shrink(self, earlier: int) -> None:
        """In spring the night before still burns 24 hours before the last off."""
        tonight = NOON + DAY
        points = [
            (NOON, 0.0, 0),
            (NOON + 6 * HOUR - earlier, 100.0, 0),
            (NOON + 18 * HOUR + earlier, 0.0, 0),
            (tonight + 6 * HOUR, 100.0, 0),
            (tonight + 12 * HOUR, 50.0, 0),
            (tonight + 18 * HOUR, 0.0, 0),
        ]
        night = last_night(program(points=points, valid_until=NOON + 2 * DAY))
        assert night == (tonight + 6 * HOUR, 12 * HOUR)


class TestLampTable:
    CURVE = ((0, 0.04), (10, 0.13), (50, 0.48), (100, 1.0))

    def test_power_equals_the_lamp_types_own_figure(self) -> None:
        types = [lamp(), lamp(id="curve", power_curve=self.CURVE, rated_power_w=60)]
        table = LampTable(types)
        for index, lamp_type in enumerate(types):
            levels = np.array([0, 0.001, 5, 10, 10.5, 50, 77, 100.0])
            power = table.power_w(np.full(len(levels), index), levels)
            assert power.tolist() == pytest.approx([lamp_type.power_w(one) for one in levels])

    @pytest.mark.parametrize(("begin", "end"), [(0, 100), (100, 0), (5, 77), (30, 30), (60, 60.5)])
    def test_energy_of_a_ramp_equals_fine_stepping(self, begin: float, end: float) -> None:
        lamp_type = lamp(power_curve=self.CURVE)
        table = LampTable([lamp_type])
        exact = table.energy_j(
            np.array([0]), np.array([float(begin)]), np.array([float(end)]), np.array([60.0])
        )
        steps = [
            lamp_type.power_w(begin + (end - begin) * (i + 0.5) / 20_000) for i in range(20_000)
        ]
        assert exact[0] == pytest.approx(sum(steps) * 60 / 20_000, rel=1e-6)


class TestBrokerUrl:
    def test_parts(self) -> None:
        address = broker_address("mqtt://street:a%40b@broker.example:2883")
        assert (address.host, address.port) == ("broker.example", 2883)
        assert (address.username, address.password) == ("street", "a@b")
        assert broker_address("mqtt://[::1]").port == 1883

    def test_the_password_is_never_shown(self) -> None:
        address = broker_address("mqtt://street:secret@broker.example")
        assert "secret" not in f"{address} {address!r}"

    @pytest.mark.parametrize(
        "url",
        [
            "broker",
            "http://broker",
            "mqtt://",
            "mqtt://b:99999",
            "mqtt://u:secret@b/x",
            "mqtt://:secret@b",
        ],
    )
    def test_what_is_no_broker_gets_one_line_without_secrets(self, url: str) -> None:
        with pytest.raises(OptionWrong) as caught:
            broker_address(url)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)
