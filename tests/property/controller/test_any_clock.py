"""Whatever the wall clock does, trusted time stays right and even; what is wrong is noticed."""

from hypothesis import given
from hypothesis import strategies as st

from controller.engine.clock_guard import ClockDistrusted, ClockGuard, ClockState, ClockTrusted
from controller.engine.clock_rate import Sample

NOW = 1_795_377_600.0
EVERY_S = 0.25

steps = st.tuples(st.just("step"), st.floats(-1e9, 1e9))
rates = st.tuples(st.just("rate"), st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.0, 1.001, 1.1, 3.0]))
suspends = st.tuples(st.just("suspend"), st.floats(1, 1e6))
waits = st.tuples(st.just("wait"), st.floats(1, 120))
happenings = st.lists(st.one_of(steps, rates, suspends, waits), max_size=12)


class Machine:
    """A machine whose wall clock was right when the service started."""

    def __init__(self) -> None:
        self.wall, self.steady, self.rate = NOW, 50.0, 1.0
        self.guard = ClockGuard(Sample(self.wall, self.steady))
        self.guard.open(None, None)
        self.passed_s = 0.0

    def run(self, seconds: float) -> bool:
        """Let time pass; returns whether the guard said that it distrusts the clock."""
        is_noticed = False
        for _ in range(int(seconds / EVERY_S)):
            before = self.guard.time(self.steady)
            self.steady += EVERY_S
            self.passed_s += EVERY_S
            self.wall += EVERY_S * self.rate
            event = self.guard.sample(Sample(self.wall, self.steady), None, None)
            is_noticed = is_noticed or isinstance(event, ClockDistrusted)
            assert not isinstance(event, ClockTrusted) or event.moved_s == 0, "nobody confirmed"
            assert 0.9 * EVERY_S < self.guard.time(self.steady) - before < 1.1 * EVERY_S
        return is_noticed

    @property
    def error_s(self) -> float:
        return self.guard.time(self.steady) - (NOW + self.passed_s)


@given(happenings)
def test_trusted_time_runs_on_evenly_whatever_the_wall_clock_does(
    happens: list[tuple[str, float]],
) -> None:
    machine = Machine()
    for what, value in happens:
        match what:
            case "step":
                machine.wall += value
            case "rate":
                machine.rate = value
            case "suspend":
                machine.wall += value
                machine.steady += value
                machine.passed_s += value
            case _:
                machine.run(value)
    machine.run(10)
    # What is followed by and by is bounded: 0.1 %, and two seconds at once.
    assert abs(machine.error_s) < 4 * (1 + len(happens)) + 0.002 * machine.passed_s


@given(st.floats(5, 600), st.one_of(st.floats(2.1, 1e9), st.floats(-1e9, -2.1)))
def test_every_step_is_noticed(after_s: float, by_s: float) -> None:
    machine = Machine()
    assert not machine.run(after_s)
    machine.wall += by_s
    assert machine.run(5)
    assert machine.guard.state is ClockState.HELD


@given(st.floats(5, 120), st.one_of(st.floats(-2, 0.97), st.floats(1.03, 10)))
def test_every_wrong_rate_is_noticed(after_s: float, rate: float) -> None:
    machine = Machine()
    assert not machine.run(after_s)
    machine.rate = rate
    assert machine.run(5)
    assert abs(machine.error_s) < 0.1


@given(st.lists(st.floats(0.9996, 1.0004), min_size=1, max_size=20))
def test_what_a_time_service_does_is_no_news(rates: list[float]) -> None:
    machine = Machine()
    for rate in rates:
        machine.rate = rate
        assert not machine.run(60)
    assert abs(machine.guard.offset_s) < 0.01
