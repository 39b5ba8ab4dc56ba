"""Reports of odd cities: nothing saved, nothing metered, nothing burned, hostile names."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from pypdf import PdfReader

from controller.reports.build import Question, build
from controller.reports.content import Report
from controller.reports.errors import NoData
from controller.reports.pdf import report_pdf
from controller.reports.plain import report_csv, report_json
from controller.reports.screen import screen_lines
from controller.reports.words import Words
from controller.reports.xlsx import report_xlsx
from schedules import Language, Site
from schedules.energy.baselines import DeclaredBaseline, PreviousLamps
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.targets import Target
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site
from zones import District

NOW = datetime(2026, 12, 3, tzinfo=UTC)
NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)
FIRST = date(2026, 11, 1)


def every_form(report: Report) -> None:
    for language in Language:
        workbook = openpyxl.load_workbook(io.BytesIO(report_xlsx(report, language)))
        assert len(workbook.worksheets) == 11
        assert PdfReader(io.BytesIO(report_pdf(report, language))).pages
        assert list(screen_lines(report, Words(language)))
    assert report_csv(report)
    assert b"NaN" not in report_json(report)


def site_with(**plan: object) -> Site:
    where = small_site()
    return where.model_copy(update={"plan": where.plan.model_copy(update=plan)})


@pytest.mark.parametrize(("metered", "more"), [(0.0, 5.0), (1.0, 0.0)], ids=["worse", "dark"])
def test_savings_may_be_negative_and_use_nothing(metered: float, more: float) -> None:
    history = PlannedHistory(small_site(), FIRST, 2, metered=metered, more=more)
    report = build(Question(small_site(), NOVEMBER, NOW), history)
    every_form(report)
    if more > 1:
        assert report.ladder.saved_j < 0


def test_a_baseline_of_nothing() -> None:
    nothing = DeclaredBaseline(id="n", valid_from=FIRST, lamps=(PreviousLamps(power_w=0),))
    target = Target(id="t", saved_ratio=0.5)
    site = site_with(baselines=(nothing,), targets=(target,))
    report = build(Question(site, NOVEMBER, NOW), PlannedHistory(site, FIRST, 30))
    assert report.ladder.saved_ratio is None
    every_form(report)


@pytest.mark.parametrize(
    "names",
    [
        ("<b>&amp;", "=1+1", "\x01\x0b", "灯" * 200),
        ("x" * 200, "a\nb\tc", "😀", "مرحبا"),
        ("[]:*?/\\'", '"', "{0}", "%s"),
    ],
)
def test_names_of_any_kind(names: tuple[str, str, str, str]) -> None:
    where = small_site()
    inventory = where.inventory
    zones = tuple(
        one.model_copy(update={"name": name})
        for one, name in zip(inventory.zones, names, strict=False)
    )
    districts = tuple(one.model_copy(update={"name": names[2]}) for one in inventory.districts)
    city = inventory.city.model_copy(update={"name": names[3]})
    site = where.model_copy(
        update={
            "inventory": inventory.model_copy(
                update={"zones": zones, "districts": districts, "city": city}
            )
        }
    )
    history = PlannedHistory(site, FIRST, 1)
    every_form(build(Question(site, NOVEMBER, NOW, "d"), history))


def test_a_district_without_zones_has_nothing_to_report() -> None:
    where = small_site()
    empty = District(id="e", name="e", longitude=0, latitude=0)
    inventory = where.inventory.model_copy(
        update={"districts": (*where.inventory.districts, empty)}
    )
    site = where.model_copy(update={"inventory": inventory})
    with pytest.raises(NoData, match="district e has no zones; nothing to report"):
        build(Question(site, NOVEMBER, NOW, "e"), PlannedHistory(site, FIRST, 1))


def test_a_year_is_drawn_by_months() -> None:
    site = small_site()
    year = Period(PeriodKind.YEAR, 2026, 1)
    report = build(Question(site, year, NOW), PlannedHistory(site, date(2026, 6, 1), 40))
    assert len(report.days) == 365
    assert PdfReader(io.BytesIO(report_pdf(report, Language.CHINESE))).pages
