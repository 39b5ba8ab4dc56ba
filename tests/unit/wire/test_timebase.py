from hypothesis import given
from hypothesis import strategies as st

from controller.wire.timebase import Timebase

INSTANTS = st.floats(0, 4e9)


@given(INSTANTS, INSTANTS, st.floats(1, 10_000), st.floats(0, 1e6))
def test_machine_time_and_site_time_are_inverse(
    real_at: float, site_at: float, speed: float, later: float
) -> None:
    base = Timebase(real_at, site_at, speed)
    there = base.site_time(real_at + later)
    assert abs(base.real_time(there) - (real_at + later)) < 1e-2


@given(INSTANTS, INSTANTS, st.floats(0.01, 10_000), st.floats(0, 1e6))
def test_site_time_waits_for_its_start(
    real_at: float, site_at: float, speed: float, earlier: float
) -> None:
    assert Timebase(real_at, site_at, speed).site_time(real_at - earlier) == site_at


def test_identity() -> None:
    assert Timebase().site_time(1_790_000_000.25) == 1_790_000_000.25
