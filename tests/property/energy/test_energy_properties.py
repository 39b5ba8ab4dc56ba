"""Tariffs part every day; ladders add up; targets warn in order."""

from datetime import date, timedelta
from math import isclose
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import Weekday, Weekdays, day_bounds
from schedules.energy.figures import BandUse, Money, uncertainty
from schedules.energy.ladder import Ladder, Rung
from schedules.energy.periods import Period, PeriodKind, period_of, read_period
from schedules.energy.targets import Target, WarningLevel
from schedules.energy.tariffs import ClockSpan, PriceBand, Tariff, prices_at
from schedules.models import Metering

ZONES = [
    "Asia/Shanghai",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
]
energies = st.floats(-1e12, 1e12)
quarters = st.integers(0, 95)
days = st.dates(date(2020, 1, 1), date(2035, 12, 30))


def clock(number: int) -> str:
    return f"{number // 4:02d}:{number % 4 * 15:02d}"


@st.composite
def spans(draw: st.DrawFn) -> ClockSpan:
    first = draw(quarters)
    last = draw(st.integers(1, 96).filter(lambda one: one != first))
    return ClockSpan.read(f"{clock(first)}-{clock(last)}")


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=4))
    return Tariff(
        id="t",
        name="t",
        valid_from=date(2020, 1, 1),
        currency="CNY",
        price_per_kwh=draw(st.floats(0, 3)),
        bands=tuple(
            PriceBand(
                name=name,
                price_per_kwh=draw(st.floats(0, 3)),
                hours=tuple(draw(st.lists(spans(), min_size=1, max_size=3))),
                when=draw(
                    st.just(())
                    | st.frozensets(st.sampled_from(Weekday), min_size=1).map(
                        lambda chosen: (Weekdays(days=chosen),)
                    )
                ),
            )
            for name in names
        ),
    )


@given(tariffs(), days, st.sampled_from(ZONES))
def test_every_quarter_hour_of_a_control_day_has_one_price(
    tariff: Tariff, day: date, name: str
) -> None:
    zone_info = ZoneInfo(name)
    start, end = day_bounds(zone_info, day)
    starts = range(start, end, 900)
    found = prices_at(tariff, starts, zone_info)
    # 22 to 26 hours: a summer time of a whole or half an hour, or a government's whim.
    assert len(found) * 900 == end - start
    prices = {band.name: band.price_per_kwh for band in tariff.bands}
    prices[tariff.flat_name] = tariff.price_per_kwh
    assert all(one.price_per_kwh == prices[one.band] for one in found)
    # The bands' energies add up to the whole, and so do their costs.
    by_band = {
        (tariff.id, name): BandUse(
            name, price, sum(3.6e6 for one in found if one.band == name), 0.0
        )
        for name, price in prices.items()
    }
    money = Money("CNY", by_band)
    assert sum(one.energy_j for one in by_band.values()) == len(found) * 3.6e6
    assert isclose(money.cost, sum(one.price_per_kwh for one in found), abs_tol=1e-9)


@given(tariffs(), days, quarters)
def test_a_day_is_priced_by_its_first_band(tariff: Tariff, day: date, quarter: int) -> None:
    wanted = next(
        (
            band.name
            for band in tariff.bands
            if band.holds_on(day) and any(quarter in one.quarters() for one in band.hours)
        ),
        tariff.flat_name,
    )
    assert tariff.day_prices(day)[quarter].band == wanted


@given(st.lists(st.tuples(*[energies] * 9), max_size=20))
def test_a_ladder_adds_up_to_baseline_minus_used(rows: list[tuple[float, ...]]) -> None:
    whole = Ladder.of(Ladder(*row) for row in rows)
    steps = dict(whole.steps())
    assert list(steps) == list(Rung)
    scale = 1 + sum(abs(value) for row in rows for value in row)
    assert isclose(sum(steps.values()), whole.saved_j, abs_tol=1e-12 * scale)
    summed = Ladder()
    for row in rows:
        summed = summed.plus(Ladder(*row))
    assert isclose(summed.saved_j, whole.saved_j, abs_tol=1e-12 * scale)


@given(
    st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0.5, 1), st.floats(1, 2), st.floats(0.01, 0.99)
)
def test_using_more_never_warns_less(
    less: float, more: float, yellow: float, red: float, saved: float
) -> None:
    target = Target(id="t", saved_ratio=saved, yellow_above=yellow, red_above=red)
    levels = list(WarningLevel)
    low, high = sorted((less, more))
    assert levels.index(target.level(low, 1e6)) <= levels.index(target.level(high, 1e6))
    assert target.level(0, 1e6) is WarningLevel.GREEN


@given(st.floats(0, 1e12), st.floats(0, 1e12), st.floats(0, 1e12), st.floats(0, 1))
def test_uncertainties_are_between_the_greatest_part_and_the_sum(
    metered: float, modelled: float, baseline: float, share: float
) -> None:
    metering = Metering()
    ladder = Ladder(baseline_j=baseline, metered_j=metered, modelled_j=modelled)
    found = uncertainty(ladder, metering, share)
    parts = [metered * 0.02, modelled * 0.1]
    assert max(parts) * (1 - 1e-12) <= found.used_j <= sum(parts) * (1 + 1e-12)
    assert found.saved_j >= found.used_j


@settings(max_examples=200)
@given(days, st.sampled_from(PeriodKind))
def test_periods_lie_end_to_end(day: date, kind: PeriodKind) -> None:
    period = period_of(kind, day)
    assert period.first_day <= day <= period.last_day
    assert read_period(kind, period.text) == period
    assert period.before().last_day == period.first_day - timedelta(days=1)
    zone_info = ZoneInfo("Europe/London")
    assert period.before().bounds(zone_info)[1] == period.bounds(zone_info)[0]
    assert isinstance(period, Period)
