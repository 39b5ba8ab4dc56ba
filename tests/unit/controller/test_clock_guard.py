"""Trusted time: what is followed, what is not, and who may vouch for a new time."""

import pytest

from controller.engine.clock_evidence import KernelClock, StreetClock, StreetTime
from controller.engine.clock_guard import (
    ClockDistrusted,
    ClockEvent,
    ClockFault,
    ClockGuard,
    ClockState,
    ClockTrusted,
    Witness,
)
from controller.engine.clock_rate import Sample

NOW = 1_795_377_600.0
SYNCHRONISED = KernelClock(is_synchronised=True, max_error_s=0.02)
ALONE = KernelClock(is_synchronised=False, max_error_s=16.0)


class Machine:
    """Two clocks that are told how to run, and a guard that looks four times a second."""

    def __init__(
        self,
        wall: float = NOW,
        last_known: float | None = None,
        kernel: KernelClock | None = ALONE,
    ) -> None:
        self.wall, self.steady, self.rate = wall, 1000.0, 1.0
        self.kernel = kernel
        self.street: float | None = None
        """The street's clocks minus the right time, s; None: silent."""
        self.right_ahead_s = NOW - self.steady
        self.guard = ClockGuard(Sample(wall, self.steady))
        self.guard.open(last_known, kernel)
        self.events: list[ClockEvent] = []

    @property
    def right(self) -> float:
        return self.steady + self.right_ahead_s

    def run(self, seconds: float, every_s: float = 0.25) -> list[ClockEvent]:
        heard: list[ClockEvent] = []
        for _ in range(round(seconds / every_s)):
            self.steady += every_s
            self.wall += every_s * self.rate
            street = None
            if self.street is not None:
                street = StreetTime(self.right_ahead_s + self.street, 20)
            event = self.guard.sample(Sample(self.wall, self.steady), self.kernel, street)
            if event is not None:
                heard.append(event)
        self.events += heard
        return heard

    @property
    def error_s(self) -> float:
        return self.guard.time(self.steady) - self.right


def is_trusted(event: ClockEvent | None, witness: Witness, moved_s: float) -> bool:
    return (
        isinstance(event, ClockTrusted)
        and event.witness is witness
        and abs(event.moved_s - moved_s) < 0.01
    )


def is_distrusted(event: ClockEvent | None, fault: ClockFault, offset_s: float) -> bool:
    return (
        isinstance(event, ClockDistrusted)
        and event.fault is fault
        and abs(event.offset_s - offset_s) < 0.01
    )


@pytest.mark.parametrize("step_s", [-86_400.0, -3600.0, -2.5, 2.5, 3600.0, 86_400.0, 4e8, -NOW])
def test_a_step_is_noticed_at_once_and_not_followed(step_s: float) -> None:
    machine = Machine()
    machine.run(60)
    machine.wall += step_s
    (event,) = machine.run(1)
    assert is_distrusted(event, ClockFault.STEPPED, step_s)
    assert machine.guard.state is ClockState.HELD
    assert machine.guard.steps == 1
    machine.run(3600)
    assert machine.events == [event]
    assert abs(machine.error_s) < 0.01
    assert machine.guard.offset_s == pytest.approx(step_s)


@pytest.mark.parametrize(
    ("rate", "fault"),
    [
        (0.0, ClockFault.STANDING),
        (1.1, ClockFault.DRIFTING),
        (0.9, ClockFault.DRIFTING),
        (1.03, ClockFault.DRIFTING),
        (2.0, ClockFault.DRIFTING),
        (-1.0, ClockFault.STANDING),
    ],
)
def test_a_wrong_rate_is_noticed_within_five_seconds(rate: float, fault: ClockFault) -> None:
    machine = Machine()
    machine.run(60)
    machine.rate = rate
    (event,) = machine.run(5)
    assert isinstance(event, ClockDistrusted)
    assert event.fault is fault
    machine.run(600)
    assert machine.events == [event]
    assert abs(machine.error_s) < 0.1


def test_ten_per_cent_is_too_fast_for_a_time_service_too() -> None:
    machine = Machine(kernel=SYNCHRONISED)
    machine.run(60)
    machine.rate = 1.1
    (event,) = machine.run(5)
    assert isinstance(event, ClockDistrusted)


def test_a_slow_drift_is_noticed_before_it_is_three_seconds() -> None:
    machine = Machine()
    machine.rate = 1.005
    (event,) = machine.run(900)
    assert isinstance(event, ClockDistrusted)
    assert event.fault is ClockFault.DRIFTING
    assert 0 < machine.error_s < 3


@pytest.mark.parametrize("rate", [1.0005, 0.9995])
def test_what_a_time_service_corrects_is_followed(rate: float) -> None:
    machine = Machine()
    machine.rate = rate
    assert machine.run(4 * 3600, every_s=1.0) == []
    assert abs(machine.guard.offset_s) < 0.01


def test_a_small_step_is_followed_evenly() -> None:
    machine = Machine()
    machine.run(10)
    machine.wall += 1.5
    before = machine.guard.time(machine.steady)
    for _ in range(1200):
        machine.run(0.25)
        after = machine.guard.time(machine.steady)
        assert 0.2 < after - before < 0.3
        before = after
    assert machine.events == []
    assert abs(machine.guard.offset_s) < 0.01


def test_a_time_service_may_let_the_clock_catch_up_quickly() -> None:
    machine = Machine(kernel=SYNCHRONISED)
    machine.run(10)
    machine.rate = 1.08
    assert machine.run(60) == []
    assert abs(machine.guard.offset_s) < 1


def test_a_suspend_is_nothing_where_the_steady_clock_counts_it() -> None:
    machine = Machine()
    machine.run(10)
    machine.steady += 7200
    machine.wall += 7200
    assert machine.run(10) == []
    assert abs(machine.error_s) < 0.01


def test_a_clock_that_comes_back_is_trusted_again() -> None:
    machine = Machine()
    machine.run(60)
    machine.wall += 3600
    machine.run(10)
    machine.wall -= 3599
    (event,) = machine.run(10)
    assert event == ClockTrusted(Witness.ITSELF, 0.0)
    assert machine.guard.state is ClockState.TRUSTED
    machine.run(300)
    assert abs(machine.guard.offset_s) < 0.01


def test_a_clock_that_ran_wrong_is_trusted_a_minute_after_it_was_repaired() -> None:
    machine = Machine()
    machine.run(60)
    machine.rate = 0.0
    machine.run(10)
    machine.rate, machine.wall = 1.0, machine.right
    assert machine.run(55) == []
    (event,) = machine.run(15)
    assert event == ClockTrusted(Witness.ITSELF, 0.0)


def test_the_street_may_vouch_for_a_step() -> None:
    machine = Machine(wall=NOW - 3600)  # it was an hour late all along, and nobody knew
    machine.run(60)
    machine.wall += 3600
    machine.run(10)
    assert machine.guard.state is ClockState.HELD
    machine.street = 0.5
    (event,) = machine.run(1)
    assert is_trusted(event, Witness.STREET, 3600)
    assert abs(machine.error_s) < 0.01


def test_the_street_does_not_vouch_for_a_wrong_time() -> None:
    machine = Machine()
    machine.run(60)
    machine.street = 0.0
    machine.wall += 3600
    machine.run(600)
    assert machine.guard.state is ClockState.HELD
    assert abs(machine.error_s) < 0.01


def test_the_time_service_vouches_once_it_is_synchronised_again() -> None:
    machine = Machine(wall=NOW - 3600)
    machine.run(60)
    machine.wall += 3600
    machine.run(30)
    machine.kernel = SYNCHRONISED
    (event,) = machine.run(10)
    assert is_trusted(event, Witness.KERNEL, 3600)


def test_a_time_service_is_not_believed_against_the_street() -> None:
    machine = Machine()
    machine.run(60)
    machine.street, machine.kernel = 0.0, SYNCHRONISED
    machine.run(10)
    machine.wall += 3600
    machine.run(600)
    assert machine.guard.state is ClockState.HELD
    assert abs(machine.error_s) < 0.01


def test_a_time_service_that_still_lets_the_clock_catch_up_is_not_believed() -> None:
    machine = Machine()
    machine.run(60)
    machine.wall += 3600
    machine.kernel, machine.rate = SYNCHRONISED, 1 - 0.0833
    machine.run(3600)
    assert machine.guard.state is ClockState.HELD


def test_an_operator_vouches() -> None:
    machine = Machine(wall=NOW - 3600)
    machine.run(60)
    machine.wall += 3600
    machine.run(2)
    assert is_trusted(machine.guard.accept(), Witness.OPERATOR, 3600)
    assert machine.guard.accept() is None
    assert machine.run(60) == []


@pytest.mark.parametrize("rate", [0.0, 1.1])
def test_a_clock_that_still_runs_wrong_cannot_be_accepted(rate: float) -> None:
    machine = Machine()
    machine.run(60)
    machine.rate = rate
    machine.run(10)
    with pytest.raises(ValueError, match="rate"):
        machine.guard.accept()


def test_1970_cannot_be_accepted() -> None:
    machine = Machine(wall=60.0)
    with pytest.raises(ValueError, match="set it first"):
        machine.guard.accept()


class TestStart:
    def test_a_first_start_trusts_a_plausible_clock(self) -> None:
        machine = Machine()
        assert machine.guard.state is ClockState.TRUSTED
        assert not machine.guard.is_confirmed
        assert machine.run(60) == []

    @pytest.mark.parametrize(
        ("wall", "last_known", "fault"),
        [
            (0.0, None, ClockFault.IMPLAUSIBLE),
            (0.0, NOW, ClockFault.IMPLAUSIBLE),
            (2_147_483_648.0, None, ClockFault.IMPLAUSIBLE),
            (2_147_483_648.0, NOW, ClockFault.LONG_AFTER_LAST),
            (NOW - 3600, NOW - 30, ClockFault.BEFORE_LAST),
            (NOW - 86_400, NOW - 30, ClockFault.BEFORE_LAST),
            (NOW + 30 * 86_400, NOW, ClockFault.LONG_AFTER_LAST),
        ],
    )
    def test_a_clock_that_cannot_be_right_is_not_trusted(
        self, wall: float, last_known: float | None, fault: ClockFault
    ) -> None:
        machine = Machine(wall, last_known)
        assert machine.guard.state is ClockState.UNKNOWN
        assert machine.guard.fault is fault
        machine.run(3600, every_s=1.0)
        assert machine.guard.state is ClockState.UNKNOWN

    def test_a_month_off_is_fine_where_the_time_service_says_so(self) -> None:
        machine = Machine(NOW, NOW - 30 * 86_400, SYNCHRONISED)
        assert machine.guard.state is ClockState.TRUSTED
        assert machine.guard.is_confirmed

    def test_the_street_tells_a_controller_without_a_clock_the_time(self) -> None:
        machine = Machine(wall=0.0, last_known=NOW - 600)
        machine.street = 0.0
        (event,) = machine.run(2)
        assert is_trusted(event, Witness.STREET, 600)
        assert machine.guard.fault is ClockFault.IMPLAUSIBLE
        assert abs(machine.error_s) < 0.01
        machine.wall = machine.right  # the time service set it
        machine.run(10)
        assert machine.guard.state is ClockState.TRUSTED

    def test_the_street_objects_to_a_clock_that_nobody_confirmed(self) -> None:
        machine = Machine(NOW + 3600, last_known=NOW - 600)
        machine.run(1)
        machine.street = 0.0
        events = machine.run(2)
        assert is_distrusted(events[0], ClockFault.STREET_DIFFERS, 3600)
        assert machine.guard.state is ClockState.HELD
        assert abs(machine.error_s) < 0.01

    def test_a_clock_that_was_confirmed_is_not_overruled_by_the_street(self) -> None:
        machine = Machine(kernel=SYNCHRONISED)
        machine.street = -3600.0  # a maker's clocks all miss the change of the hour
        assert machine.run(600) == []
        assert abs(machine.error_s) < 0.01

    def test_a_clock_set_right_by_hand_is_trusted(self) -> None:
        machine = Machine(wall=0.0, last_known=NOW - 600)
        machine.run(10)
        machine.wall = machine.right
        (event,) = machine.run(10)
        assert isinstance(event, ClockTrusted)
        assert abs(machine.error_s) < 0.01


class TestStreet:
    def test_two_are_no_street(self) -> None:
        street = StreetClock()
        street.note(1, 1000.0, 10.0)
        street.note(2, 1000.0, 10.0)
        assert street.time(10.0) is None

    def test_most_of_it_counts_and_one_word_each(self) -> None:
        street = StreetClock()
        for row in range(8):
            street.note(row, 1000.0 + row * 0.1, 10.0)
        for _ in range(100):
            street.note(99, 5000.0, 10.0)
        said = street.time(12.0)
        assert said is not None
        assert said.ahead_s == pytest.approx(990.4)
        assert said.luminaires == 9

    def test_of_many_minds_it_says_nothing(self) -> None:
        street = StreetClock()
        for row in range(9):
            street.note(row, 1000.0 + 3600.0 * (row % 2), 10.0)
        assert street.time(10.0) is None

    def test_old_words_do_not_count(self) -> None:
        street = StreetClock()
        for row in range(9):
            street.note(row, 1000.0, 10.0)
        assert street.time(10.0 + 800) is not None
        assert street.time(10.0 + 1000) is None

    def test_it_remembers_a_bounded_number(self) -> None:
        street = StreetClock()
        for row in range(10_000):
            street.note(row, 1000.0, 10.0)
        said = street.time(10.0)
        assert said is not None
        assert said.luminaires == 256
