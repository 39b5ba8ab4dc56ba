"""What a report says: sums, completeness, comparisons, targets, and what is not known."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from controller.reports.build import Question, build
from controller.reports.content import DayState, Report, kwh
from controller.reports.errors import NoData
from controller.reports.lines import Line, change_text, figure_lines, sides, target_lines
from controller.reports.plain import report_csv, report_data
from controller.reports.words import Words
from schedules import Language, Site, UnknownTarget
from schedules.emission_factors import EmissionFactor
from schedules.energy.baselines import DeclaredBaseline
from schedules.energy.figures import J_PER_KWH
from schedules.energy.outlook import baseline_nights
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.planned import planned_nights
from schedules.energy.targets import Target, WarningLevel
from schedules.energy.tariffs import Tariff
from schedules.forecast import forecast, total
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)
AFTER = datetime(2026, 12, 5, tzinfo=UTC)
FIRST = date(2026, 11, 1)


def site_of(**plan: object) -> Site:
    where = small_site()
    return where.model_copy(update={"plan": where.plan.model_copy(update=plan)})


def abroad(where: Site) -> Site:
    berlin = {"longitude": 13.4, "latitude": 52.5}
    city = where.inventory.city.model_copy(update={"time_zone": "Europe/Berlin", **berlin})
    zones = tuple(one.model_copy(update=berlin) for one in where.inventory.zones)
    inventory = where.inventory.model_copy(update={"city": city, "zones": zones})
    return where.model_copy(update={"inventory": inventory})


def november(
    site: Site, now: datetime = AFTER, days: int = 30, first: date = FIRST, **how: object
) -> Report:
    history = PlannedHistory(site, first, days, **how)  # type: ignore[arg-type]  # told by name
    return build(Question(site, NOVEMBER, now), history)


def test_the_sums_are_those_of_the_plan_that_was_followed() -> None:
    site = site_of()
    report = november(site)
    planned = planned_nights(site, FIRST, 30)
    assert report.ladder.used_j == pytest.approx(float(planned.energy_j.sum()))
    assert report.ladder.used_j == pytest.approx(total(forecast(site, FIRST, 30).values()).energy_j)
    assert report.ladder.baseline_j == pytest.approx(float(baseline_nights(site, FIRST, 30).sum()))
    assert report.whole.lit_ratio == pytest.approx(1)
    assert report.whole.night_hours == pytest.approx(12)
    assert report.ladder.metered_ratio == pytest.approx(0.8)
    assert [one.state for one in report.days] == [DayState.COMPLETE] * 30
    by_zone = sum(one.group.ladder.used_j for one in report.zones)
    assert by_zone == pytest.approx(report.ladder.used_j)
    assert report.districts[0].ladder.used_j == pytest.approx(report.ladder.used_j)


def test_days_that_lack_something_are_said() -> None:
    site = site_of()

    class HalfADay(PlannedHistory):
        def intervals(self, since, until, zones=None):  # type: ignore[no-untyped-def]  # as its base
            midnight = int(datetime(2026, 11, 2, 16, tzinfo=UTC).timestamp())
            half = range(midnight, midnight + 12 * 3600)
            rows = super().intervals(since, until, zones)
            return [row for row in rows if row.start_at not in half]

    now = datetime(2026, 11, 10, 3, tzinfo=UTC)
    history = HalfADay(site, FIRST, 9, missing=[date(2026, 11, 5)])
    report = build(Question(site, NOVEMBER, now), history)
    states = {one.day.day: one.state for one in report.days}
    assert states[2] is DayState.PARTIAL
    assert states[5] is DayState.MISSING
    # 11:00 on the 10th: the night of the 9th has not ended, though all of it is there.
    assert states[8] is states[9] is DayState.COMPLETE
    assert states[10] is DayState.TO_COME
    assert report.quality.days[DayState.MISSING] == (date(2026, 11, 5),)


def test_other_periods_stand_beside_it_as_far_as_there_is_data() -> None:
    site = site_of()
    report = november(site, first=date(2026, 9, 25), days=67)
    (october,) = report.compared
    assert october.period.text == "2026-10"
    assert october.complete_days == 31
    before, year_before = sides(report, Words(Language.ENGLISH))
    assert before.is_whole
    assert before.head == "Period before 2026-10"
    assert "no data" in year_before.head
    used = next(one for one in figure_lines(report, Words(Language.ENGLISH)) if one.key == "used")
    assert used.previous == pytest.approx(kwh(october.ladder.used_j))
    assert used.year_before is None


def test_a_forecast_is_what_was_used_and_the_planned_nights_to_come() -> None:
    target = Target(id="t", period="quarter", energy_kwh=1000.0)
    site = site_of(targets=(target,))
    planned = total(forecast(site, date(2026, 10, 1), 92).values()).energy_kwh
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    # From the beginning of October, a tenth more than planned.
    report = november(site, now, days=50, first=date(2026, 10, 1), more=1.1)
    ((period, standing),) = report.standings
    assert period.text == "2026-Q4"
    assert (standing.accounted_days, standing.planned_days, standing.unaccounted_days) == (
        50,
        42,
        0,
    )
    assert standing.forecast_kwh == pytest.approx(planned * (1 + 0.1 * 50 / 92))
    assert standing.baseline_kwh == pytest.approx(
        kwh(float(baseline_nights(site, date(2026, 10, 1), 92).sum()))
    )
    assert standing.shortfall_kwh == pytest.approx(max(0.0, standing.forecast_kwh - 1000))


@pytest.mark.parametrize(
    ("share", "level"),
    [(1.02, WarningLevel.GREEN), (0.98, WarningLevel.YELLOW), (0.9, WarningLevel.RED)],
)
def test_the_warning_level(share: float, level: WarningLevel) -> None:
    bare = site_of()
    planned = total(forecast(bare, date(2026, 10, 1), 92).values()).energy_kwh
    site = site_of(targets=(Target(id="t", period="quarter", energy_kwh=planned * share),))
    ((_, standing),) = november(site).standings
    assert standing.level is level


def test_a_level_that_rests_on_few_nights_is_not_assessable() -> None:
    site = site_of(targets=(Target(id="t", period="quarter", energy_kwh=1e9),))
    words = Words(Language.ENGLISH)
    few = november(site, days=3)
    ((_, standing),) = few.standings
    assert not standing.is_assessable
    told = dict(target_lines(standing, words))[words["level"]]
    assert told.startswith("not assessable")
    assert report_data(few)["targets"][0]["is_assessable"] is False
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    ((_, followed),) = november(site, now, days=50, first=date(2026, 10, 1)).standings
    assert followed.is_assessable
    assert dict(target_lines(followed, words))[words["level"]] == "green"


def test_ratios_are_compared_only_between_complete_periods() -> None:
    line = Line("saved_ratio", "", "%", 1, 0.6, 0.5)
    assert change_text(line, 0.5) == "+10.0 pt"
    assert change_text(line, 0.5, is_whole=False) == ""


def test_the_city_without_documents_gets_figures_that_say_so() -> None:
    report = november(site_of())
    assert report.sources.default_tariffs == {"default-china"}
    assert report.sources.default_factors == {"china-2023"}
    assert report.sources.undeclared_zones == 2
    assert report.money[0].currency == "CNY"
    assert report.standings == ()
    factor = report.sources.factors[0]
    assert report.whole.emission_kg == pytest.approx(factor.mass_kg(report.ladder.used_j))


def test_abroad_money_and_emission_are_not_known() -> None:
    report = november(abroad(site_of()))
    assert report.money == ()
    assert report.whole.emission_kg is None
    assert report.sources.zones_without_tariff == 2
    lines = {one.key: one for one in figure_lines(report, Words(Language.ENGLISH))}
    assert lines["emission"].value == "not known"
    assert "cost" not in lines


def test_energy_before_a_tariff_begins_is_shown_beside_the_cost() -> None:
    tariff = Tariff(
        id="late", name="late", valid_from=date(2026, 11, 16), currency="EUR", price_per_kwh=0.25
    )
    report = november(abroad(site_of(tariffs=(tariff,))))
    (money,) = report.money
    assert 0 < report.unpriced_j < report.ladder.used_j
    assert money.cost == pytest.approx(
        0.25 * kwh(report.ladder.used_j - report.unpriced_j), rel=1e-9
    )
    lines = {one.key: one for one in figure_lines(report, Words(Language.ENGLISH))}
    assert lines["unpriced"].value == kwh(report.unpriced_j)
    told = report_data(report)["figures"]["unpriced_kwh"]
    assert told == pytest.approx(kwh(report.unpriced_j), abs=1e-7)


def test_with_a_price_for_all_nothing_is_unpriced() -> None:
    report = november(site_of())
    assert report.unpriced_j == 0
    assert "unpriced" not in {one.key for one in figure_lines(report, Words(Language.ENGLISH))}


def test_the_rows_of_json_and_csv_add_up_to_the_joule() -> None:
    report = november(site_of())
    data = report_data(report)
    rows = list(csv.DictReader(io.StringIO(report_csv(report).decode("utf-8-sig"))))
    zones = [one for one in rows if one["level"] == "zone"]
    for name in ("used_kwh", "baseline_kwh", "metered_kwh"):
        whole = data["figures"][name]
        for parts in (data["days"], data["zones"], zones):
            assert sum(float(one[name]) for one in parts) * J_PER_KWH == pytest.approx(
                whole * J_PER_KWH, abs=1.0
            )
    assert not any("e" in one["power_density_w_per_lx_m2"] for one in rows)


def test_a_tariff_and_a_factor_change_within_a_period() -> None:
    def tariff(name: str, since: str, price: float) -> Tariff:
        return Tariff(
            id=name, name=name, valid_from=date.fromisoformat(since), currency="CNY",
            price_per_kwh=price,
        )  # fmt: skip

    def factor(name: str, since: str, grams: float) -> EmissionFactor:
        return EmissionFactor(
            id=name, g_per_kwh=grams, valid_from=date.fromisoformat(since), source="s"
        )

    site = site_of(
        tariffs=(tariff("old", "2020-01-01", 1.0), tariff("new", "2026-11-11", 2.0)),
        emission_factors=(factor("a", "2020-01-01", 500), factor("b", "2026-11-16", 1000)),
    )
    report = november(site)
    night = report.ladder.used_j / 30
    # The night of the 10th is paid at two prices, parted at midnight.
    halves = {name: use.energy_j for (name, _), use in report.money[0].bands.items()}
    assert sum(halves.values()) == pytest.approx(report.ladder.used_j)
    assert 9 * night < halves["old"] < 10 * night
    assert report.money[0].cost == pytest.approx(kwh(halves["old"]) + 2 * kwh(halves["new"]))
    expected = kwh(night) * (15 * 0.5 + 15 * 1.0)
    assert report.whole.emission_kg == pytest.approx(expected)
    by_zone = sum(one.group.money["CNY"][0] for one in report.zones)
    assert by_zone == pytest.approx(report.money[0].cost)


def test_a_day_of_25_hours_is_accounted_whole() -> None:
    site = abroad(site_of())
    period = Period(PeriodKind.MONTH, 2026, 10)
    history = PlannedHistory(site, date(2026, 10, 1), 31)
    report = build(Question(site, period, AFTER), history)
    assert report.until - report.since == timedelta(days=31)
    # Wall clocks say 31 days; an hour more has passed.
    assert report.history.quarters.size == 31 * 96 + 4
    assert all(one.state is DayState.COMPLETE for one in report.days)


def test_a_period_without_data_and_a_district_that_is_none() -> None:
    site = site_of()
    with pytest.raises(NoData, match="holds no account for 2026-11"):
        november(site, first=date(2026, 8, 1), days=5)
    with pytest.raises(
        UnknownTarget, match="district 'x' is not in the inventory; districts are d 区"
    ):
        build(Question(site, NOVEMBER, AFTER, district="x"), PlannedHistory(site, FIRST, 1))
    with pytest.raises(UnknownTarget, match="district '区' goes by its identifier, 'd'"):
        build(Question(site, NOVEMBER, AFTER, district="区"), PlannedHistory(site, FIRST, 1))
    far = Question(site, Period(PeriodKind.YEAR, 2199, 1), AFTER)
    with pytest.raises(NoData, match="whose nights are to come"):
        build(far, PlannedHistory(site, FIRST, 1))


def test_the_baseline_in_the_report_is_named() -> None:
    one = DeclaredBaseline(id="old", valid_from=date(2026, 1, 1), uncertainty=0.2)
    report = november(site_of(baselines=(one,)))
    assert report.sources.baselines == ((one, 2, report.ladder.baseline_j),)
    assert report.sources.undeclared_zones == 0
    assert report.baseline_uncertainty == pytest.approx(0.2)
    assert report.uncertainty.saved_j > report.uncertainty.used_j
