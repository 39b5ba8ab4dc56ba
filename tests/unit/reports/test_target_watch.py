"""Standings of targets as the service looks at them, day by day."""

from datetime import UTC, date, datetime

import pytest

from controller.reports.build import Question, build
from controller.reports.standing import TargetWatch
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.targets import Target
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


def test_the_watch_says_what_the_report_says_and_reads_closed_days_once() -> None:
    where = small_site()
    targets = (
        Target(id="y", saved_ratio=0.6),
        Target(id="q", district="d", period="quarter", energy_kwh=900.0),
    )
    site = where.model_copy(update={"plan": where.plan.model_copy(update={"targets": targets})})
    rows = PlannedHistory(site, date(2026, 1, 1), 19, more=1.2)
    watch = TargetWatch(site, rows)
    first = watch.look(NOW)
    assert [(one.district, one.period.text) for one in first] == [(None, "2026"), ("d", "2026-Q1")]
    month = Period(PeriodKind.MONTH, 2026, 1)
    for told in first:
        report = build(Question(site, month, NOW, told.district), rows)
        (reported,) = [one for period, one in report.standings if period == told.period]
        assert told.standing.forecast_kwh == pytest.approx(reported.forecast_kwh)
        assert told.standing.level is reported.level
        assert told.standing.accounted_days == 19
    before = rows.reads
    again = watch.look(NOW)
    assert again == first
    assert rows.reads - before == 4, "three days and the present one may still change"


def test_without_targets_nothing_is_read() -> None:
    site = small_site()
    rows = PlannedHistory(site, date(2026, 1, 1), 5)
    assert TargetWatch(site, rows).look(NOW) == ()
    assert rows.reads == 0
