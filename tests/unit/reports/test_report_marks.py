"""What a report must not leave unsaid: costs in part, nights to come, lamps too many, by day."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import hypot
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from controller.ports.energy import IntervalEnergy
from controller.reports.build import Question, build
from controller.reports.content import DayState, Report, kwh
from controller.reports.errors import NoData
from controller.reports.lines import figure_lines, target_lines, title_lines
from controller.reports.pdf import report_pdf
from controller.reports.plain import report_csv, report_data
from controller.reports.screen import screen_lines
from controller.reports.source_lines import source_lines
from controller.reports.words import Words
from controller.reports.xlsx import report_xlsx
from schedules import Language, Site
from schedules.energy.baselines import DeclaredBaseline
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.planned import planned_nights
from schedules.energy.targets import Target
from schedules.energy.tariffs import Tariff
from schedules.overrides import Selector
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)
FIRST = date(2026, 11, 1)
AFTER = datetime(2026, 12, 5, tzinfo=UTC)
ENGLISH = Words(Language.ENGLISH)
BERLIN = {"longitude": 13.4, "latitude": 52.5}


def site_in_berlin(**plan: object) -> Site:
    """A city for which no tariff is assumed."""
    where = small_site()
    inventory = where.inventory
    city = inventory.city.model_copy(update={"time_zone": "Europe/Berlin", **BERLIN})
    zones = tuple(one.model_copy(update=BERLIN) for one in inventory.zones)
    return Site(
        inventory=inventory.model_copy(update={"city": city, "zones": zones}),
        plan=where.plan.model_copy(update=plan),
    )


def report_of(site: Site, now: datetime = AFTER, first: date = FIRST, days: int = 30) -> Report:
    return build(Question(site, NOVEMBER, now), PlannedHistory(site, first, days))


def text_of(report: Report, language: Language = Language.ENGLISH) -> str:
    pages = PdfReader(io.BytesIO(report_pdf(report, language))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def cells(report: Report) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(report_xlsx(report, Language.ENGLISH)), data_only=True)
    return [row for sheet in book for row in sheet.iter_rows(values_only=True)]


@pytest.fixture(scope="module")
def partial() -> Report:
    """Zone ``a`` has a price from the 16th on, zone ``b`` always had one; October lacks a's."""
    late = Tariff(
        id="late", name="late", valid_from=date(2026, 11, 16), currency="EUR", price_per_kwh=0.25,
        selector=Selector(zones=frozenset({"a"})),
    )  # fmt: skip
    early = Tariff(
        id="early", name="early", valid_from=date(2020, 1, 1), currency="EUR", price_per_kwh=0.2,
        selector=Selector(zones=frozenset({"b"})),
    )  # fmt: skip
    site = site_in_berlin(tariffs=(late, early))
    return report_of(site, first=date(2026, 10, 1), days=61)


def test_every_cost_that_leaves_energy_out_is_marked(partial: Report) -> None:
    a, b = partial.zones
    (october,) = partial.compared
    assert (a.group.is_cost_partial, b.group.is_cost_partial) == (True, False)
    assert sum(one.group.unpriced_j[0] for one in partial.zones) == partial.unpriced_j
    assert october.unpriced_j[0] == pytest.approx(october.ladder.used_j / 2)
    data = report_data(partial)
    said = [(one["is_cost_partial"], one["unpriced_kwh"] > 0) for one in data["zones"]]
    assert said == [(True, True), (False, False)]
    assert data["compared"][0]["is_cost_partial"]
    assert data["districts"][0]["is_cost_partial"]
    rows = list(csv.DictReader(io.StringIO(report_csv(partial).decode("utf-8-sig"))))
    assert [one["is_cost_partial"] for one in rows if one["level"] == "zone"] == ["yes", "no"]
    lines = {one.key: one for one in figure_lines(partial, ENGLISH)}
    assert lines["cost"].partial == (True, True, False)
    assert lines["unpriced"].previous == pytest.approx(kwh(october.unpriced_j[0]))


def test_the_marks_stand_in_every_form(partial: Report) -> None:
    cost = f"{partial.money[0].cost:,.2f} *"
    for text in (text_of(partial), "\n".join(screen_lines(partial, ENGLISH))):
        assert cost in text
        assert "part of the energy has no price" in text
    found = cells(partial)
    assert any(row[0] == "Cost *" for row in found)
    of_a = next(row for row in found if row[0] == "a" and "Burned by day" not in row)
    assert pytest.approx(kwh(partial.zones[0].group.unpriced_j[0])) in of_a
    # The change from a cost in part to another says nothing.
    row = next(row for row in found if row[0] == "Cost *")
    assert row[4] in (None, "")


def test_the_gap_between_tariffs_is_named(partial: Report) -> None:
    (gap,) = partial.sources.unpriced
    assert (gap.first, gap.last, gap.zones) == (FIRST, date(2026, 11, 15), ("a",))
    details = [one.detail for one in source_lines(partial, ENGLISH)]
    assert "no price from 2026-11-01 to 2026-11-15 for 1 zones (a): not in the cost" in details
    assert report_data(partial)["sources"]["unpriced"] == [
        {"first": "2026-11-01", "last": "2026-11-15", "zones": ["a"]}
    ]


def test_past_nights_without_data_are_not_nights_to_come() -> None:
    site = site_in_berlin(targets=(Target(id="t", period="quarter", energy_kwh=1000.0),))
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    history = PlannedHistory(site, date(2026, 10, 1), 51, missing=[date(2026, 11, 3)])
    ((_, standing),) = build(Question(site, NOVEMBER, now), history).standings
    planned = planned_nights(site, date(2026, 10, 1), 92).energy_j.sum(axis=0)
    assert standing.unaccounted_kwh == pytest.approx(kwh(planned[33]), rel=1e-3)
    assert standing.planned_kwh == pytest.approx(kwh(float(planned[51:].sum())), rel=1e-3)
    whole = standing.used_kwh + standing.unaccounted_kwh + standing.planned_kwh
    assert standing.forecast_kwh == pytest.approx(whole)
    told = dict(target_lines(standing, ENGLISH))
    assert told["No data, as planned"] == f"{standing.unaccounted_kwh:,.0f} kWh"
    assert told["Nights to come"] == f"{standing.planned_kwh:,.0f} kWh"


class TooMany(PlannedHistory):
    """Zone ``a`` counts a third luminaire on some nights."""

    def intervals(self, since, until, zones=None):  # type: ignore[no-untyped-def]  # as its base
        for row in super().intervals(since, until, zones):
            is_more = row.zone == "a" and row.start_at >= self.from_at
            figures = [value * 1.5 for value in row[2:-1]] if is_more else row[2:-1]
            yield IntervalEnergy(row.zone, row.start_at, *figures)

    from_at = int(datetime(2026, 11, 28, 11, tzinfo=UTC).timestamp())


def test_more_than_there_can_be_is_flagged() -> None:
    site = site_in_berlin()
    report = build(Question(site, NOVEMBER, AFTER), TooMany(site, FIRST, 30))
    states = [one.state for one in report.days]
    assert states == [DayState.COMPLETE] * 27 + [DayState.EXCESS] * 3
    assert report.days[-1].coverage == pytest.approx(1.25, rel=1e-2)
    (zone,) = report.quality.excess
    assert (zone.zone, zone.days) == ("a", 3)
    assert zone.coverage == pytest.approx(1.5, rel=1e-2)
    data = report_data(report)
    assert data["days"][-1]["state"] == "excess"
    assert data["quality"]["zones_in_excess"][0]["zone"] == "a"
    assert "a: on 3 days more was accounted than its luminaires can use" in text_of(report)
    assert any("on 3 days more was accounted" in str(row[2]) for row in cells(report) if row[2:])


def test_a_baseline_that_changes_within_the_period_counts_by_its_energy() -> None:
    documents = [
        DeclaredBaseline(id=name, valid_from=since, uncertainty=share, source=f"survey {name}")
        for name, since, share in (
            ("one", date(2020, 1, 1), 0.2),
            ("two", date(2026, 11, 11), 0.1),
            ("three", date(2026, 11, 13), 0.05),
        )
    ]
    report = report_of(site_in_berlin(baselines=tuple(documents)))
    used = report.sources.baselines
    assert [one.baseline for one in used] == documents
    assert sum(one.energy_j for one in used) == pytest.approx(report.ladder.baseline_j)
    by_day = [one.ladder.baseline_j for one in report.days]
    parts = [sum(by_day[a:b]) for a, b in pairwise((0, 10, 12, 30))]
    assert [one.energy_j for one in used] == pytest.approx(parts)
    expected = hypot(parts[0] * 0.2, parts[1] * 0.1, parts[2] * 0.05) / sum(parts)
    assert report.baseline_uncertainty == pytest.approx(expected)
    told = [one.source for one in source_lines(report, ENGLISH)]
    assert told[:3] == ["survey one", "survey two", "survey three"]


def test_a_report_of_nights_to_come_is_provisional_in_every_form() -> None:
    site = site_in_berlin()
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    report = report_of(site, now, days=20)
    assert (report.nights_ahead, report.is_provisional) == (10, True)
    data = report_data(report)
    assert (data["status"], data["nights_ahead"]) == ("provisional", 10)
    assert b"provisional" in report_csv(report)
    said = "PROVISIONAL, not final: 10 of the period's 30 nights were not over"
    assert dict(title_lines(report, ENGLISH))["Status"].startswith(said)
    text = text_of(report)
    assert said in text
    assert text.count("(provisional)") > 2
    assert "（暂报）" in text_of(report, Language.CHINESE)
    assert any("(provisional)" in str(row[0]) for row in cells(report) if row)
    # The account of a street whose clock is ahead of the machine's is none the more final.
    assert report_of(site, now).is_provisional
    done = report_of(site, datetime(2026, 12, 1, 11, 30, tzinfo=UTC))
    assert report_data(done)["status"] == "final"
    assert report_of(site, datetime(2026, 12, 1, 10, 30, tzinfo=UTC)).nights_ahead == 1


def test_a_month_that_has_not_begun_is_refused_as_such() -> None:
    with pytest.raises(NoData, match=r"whose nights are to come: .* 2026-11-01, .* is 2026-10-20"):
        report_of(site_in_berlin(), datetime(2026, 10, 20, 12, tzinfo=UTC), date(2026, 9, 1), 10)


class ByDay(PlannedHistory):
    """A luminaire of zone ``a`` burns at full from 12:00 to 14:00 UTC each day; rows so long."""

    span_s = 900

    def intervals(self, since, until, zones=None):  # type: ignore[no-untyped-def]  # as its base
        for row in super().intervals(since, until, zones):
            burns = row.zone == "a" and 12 <= row.start_at % 86_400 / 3600 < 14
            more = row._replace(metered_j=row.metered_j + burns * 100.0 * 900)
            yield more._replace(span_s=self.span_s)


def test_what_burns_by_day_is_told_with_its_hours() -> None:
    site = site_in_berlin()
    summer = Period(PeriodKind.MONTH, 2026, 7)
    history = ByDay(site, date(2026, 7, 1), 31)
    report = build(Question(site, summer, AFTER), history)
    a, b = (one.group for one in report.zones)
    assert kwh(a.daylight_j or 0) == pytest.approx(31 * 0.2)
    assert a.daylight_hours == pytest.approx(31 * 2)
    assert (b.daylight_j, b.daylight_hours) == (0, 0)
    data = report_data(report)["figures"]
    assert data["day_burning_kwh"] == pytest.approx(6.2)
    assert data["day_burning_luminaire_hours"] == pytest.approx(62)
    assert "Burned by day, unasked, sunrise to sunset kWh 6.2" in text_of(report)
    winter = build(Question(site, NOVEMBER, AFTER), PlannedHistory(site, FIRST, 30))
    assert winter.whole.daylight_j == pytest.approx(0, abs=1)


def test_rows_of_whole_days_cannot_tell_what_burned_by_day() -> None:
    site = site_in_berlin()

    class Coarse(ByDay):
        span_s = int(timedelta(days=1).total_seconds())

    report = build(Question(site, NOVEMBER, AFTER), Coarse(site, FIRST, 30))
    assert report.whole.daylight_j is None
    assert report_data(report)["figures"]["day_burning_kwh"] is None
    lines = {one.key: one.value for one in figure_lines(report, ENGLISH)}
    assert lines["daylight"] == lines["daylight_hours"] == "not known"
