"""Reports as files, read back by readers that are not ours."""

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import Any
from unicodedata import east_asian_width

import openpyxl
import pytest
from pypdf import PdfReader

from controller.reports.build import Question, build
from controller.reports.cells import safe_text
from controller.reports.content import AlarmCount, DayState, Report, kwh
from controller.reports.pdf import report_pdf
from controller.reports.plain import report_csv, report_json
from controller.reports.screen import screen_lines
from controller.reports.words import Words
from controller.reports.xlsx import report_xlsx
from schedules import Language, Site
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.presets import demo_tariff
from schedules.energy.targets import Target
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)
HOSTILE = '=HYPERLINK("http://x","a")'


def site_of(**zone: object) -> Site:
    where = small_site()
    zones = (where.inventory.zones[0].model_copy(update=zone), *where.inventory.zones[1:])
    plan = where.plan.model_copy(
        update={
            "tariffs": (demo_tariff(),),
            "targets": (
                Target(id="y", saved_ratio=0.5),
                Target(id="q", period="quarter", energy_kwh=100, district="d"),
            ),
        }
    )
    return where.model_copy(
        update={"inventory": where.inventory.model_copy(update={"zones": zones}), "plan": plan}
    )


@pytest.fixture(scope="module")
def report() -> Report:
    site = site_of(name=HOSTILE, road_length_m=100.0, road_width_m=10.0)
    question = Question(
        site,
        NOVEMBER,
        datetime(2026, 11, 22, 4, tzinfo=UTC),
        district="d",
        revision=7,
        alarms=(AlarmCount("lamp_failure", "warning", 3, 1),),
        quarantined={"stuck": 12},
    )
    history = PlannedHistory(site, date(2026, 10, 20), 33, missing=[date(2026, 11, 5)])
    return build(question, history)


def book(content: bytes, *, values: bool) -> Any:
    """The workbook, with the values of its formulas or the formulas themselves."""
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def column(sheet: Any, head: str) -> list[Any]:
    """The cells below a head of the third row, without the total."""
    index = next(cell.column for cell in sheet[3] if cell.value == head)
    return [sheet.cell(row, index).value for row in range(4, sheet.max_row)]


def test_the_workbooks_account_adds_up_to_the_report(report: Report) -> None:
    content = report_xlsx(report, Language.ENGLISH)
    values, formulas = book(content, values=True), book(content, values=False)
    account = values["Account- zones by night"]
    assert sum(column(account, "Energy used")) == pytest.approx(kwh(report.ladder.used_j))
    assert sum(column(account, "Baseline energy")) == pytest.approx(kwh(report.ladder.baseline_j))
    assert len(column(account, "Energy used")) == 2 * 30
    for row in range(4, account.max_row + 1):
        figures = [account.cell(row, at).value for at in range(4, 23)]
        assert figures[9] == pytest.approx(figures[7] + figures[8])
        assert figures[10] == pytest.approx(figures[0] - figures[9])
        assert sum(figures[11:18]) == pytest.approx(figures[10], abs=1e-6)
    live = formulas["Account- zones by night"]
    assert live.cell(4, 13).value == "=K4+L4"
    assert live.cell(4, 14).value == "=D4-M4"
    assert live.cell(live.max_row, 13).value == "=SUM($M$4:$M$63)"
    # Every rung stands between two neighbours, the last one before the use.
    assert [live.cell(4, at).value for at in range(15, 22)] == [
        "=D4-E4", "=E4-F4", "=F4-G4", "=G4-H4", "=H4-I4", "=I4-J4", "=J4-M4",
    ]  # fmt: skip


def test_the_front_page_is_reckoned_from_the_account(report: Report) -> None:
    content = report_xlsx(report, Language.CHINESE)
    front = book(content, values=False).worksheets[0]
    values = book(content, values=True).worksheets[0]
    rows: dict[str, int] = {}
    for row in range(1, values.max_row + 1):
        rows.setdefault(values.cell(row, 1).value, row)
    used = rows["实际用电量"]
    assert front.cell(used, 3).value == "='账目：分区逐夜'!$M$64"
    assert values.cell(used, 3).value == pytest.approx(kwh(report.ladder.used_j))
    assert "'账目：15分钟'!" in front.cell(rows["电费"], 3).value
    assert values.cell(rows["电费"], 3).value == pytest.approx(report.money[0].cost)
    assert values.cell(rows["碳排放"], 3).value == pytest.approx(report.whole.emission_kg)
    assert values.cell(rows["告警数"], 3).value == 3


def test_quarter_hours_have_a_price_and_a_cost_each(report: Report) -> None:
    content = report_xlsx(report, Language.ENGLISH)
    sheet = book(content, values=True)["Account- quarter-hours"]
    live = book(content, values=False)["Account- quarter-hours"]
    rows = range(4, 4 + 30 * 96)
    cost = sum(sheet.cell(row, 7).value for row in rows)
    assert cost == pytest.approx(report.money[0].cost)
    assert live.cell(4, 7).value == "=F4*D4"
    assert sheet.cell(4, 1).value == "2026-11-01 12:00+08:00"
    assert sheet.cell(rows[-1], 1).value == "2026-12-01 11:45+08:00"
    assert {sheet.cell(row, 3).value for row in rows} == {
        "平段 / flat", "高峰 / peak", "低谷 / valley",
    }  # fmt: skip
    last = sheet.max_row
    assert sheet.cell(last, 6).value == 0
    assert "ROUND" in live.cell(last, 6).value


def test_the_workbook_has_native_charts_and_no_formula_of_a_name(report: Report) -> None:
    workbook = book(report_xlsx(report, Language.ENGLISH), values=False)
    charts = workbook.worksheets[0]._charts
    assert len(charts) == 2
    names = {
        cell.value
        for sheet in workbook.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "HYPERLINK" in cell.value
    }
    assert names == {f"'{HOSTILE}"}


def test_no_formula_ends_in_an_error(report: Report) -> None:
    workbook = book(report_xlsx(report, Language.ENGLISH), values=True)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "e", cell.coordinate


@pytest.mark.parametrize("language", Language)
def test_the_pdf_says_what_the_report_says(report: Report, language: Language) -> None:
    content = report_pdf(report, language)
    reader = PdfReader(io.BytesIO(content))
    text = "\n".join(page.extract_text() for page in reader.pages)
    words = Words(language)
    for key in ("title", "figures", "targets", "ladder", "daily", "quality", "sources", "method"):
        assert words[key] in text, key
    assert f"{kwh(report.ladder.used_j):,.1f}" in text
    assert "2026-11-05" in text
    assert "demo-time-of-use" in text
    assert words.alarm("lamp_failure") in text
    assert f"{words.reason('stuck')}: 12" in text
    assert "HYPERLINK" in text
    fonts = [
        font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]  # pypdf's own tree
    ]
    assert fonts
    for font in fonts:
        if font["/BaseFont"] == "/Helvetica":
            continue  # a drawing's first font, of which nothing is set
        assert "NotoSansSC" in font["/BaseFont"]
        assert "/FontFile2" in font["/FontDescriptor"], "a reader needs no font of its own"
    assert report_pdf(report, language) == content


def test_the_csv_opens_in_excel_and_runs_nothing(report: Report) -> None:
    content = report_csv(report)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["level"] for row in rows] == ["district", "category", "zone", "zone"]
    assert float(rows[0]["used_kwh"]) == pytest.approx(kwh(report.ladder.used_j), abs=0.001)
    assert sum(float(row["used_kwh"]) for row in rows[2:]) == pytest.approx(
        float(rows[0]["used_kwh"]), abs=0.01
    )
    assert rows[2]["name"] == f"'{HOSTILE}"
    rungs = sum(
        float(rows[0][f"{name}_kwh"])
        for name in (
            "retrofit", "window", "dimming", "constant_light", "rules", "overrides", "deviation",
        )
    )  # fmt: skip
    assert rungs == pytest.approx(float(rows[0]["saved_kwh"]), abs=0.01)
    assert rows[3]["lpd_w_per_m2"] == ""


def test_the_json_is_whole(report: Report) -> None:
    told = json.loads(report_json(report))
    assert told["format"] == 1
    assert told["revision"] == 7
    assert told["district"]["id"] == "d"
    assert len(told["days"]) == 30
    assert told["quality"]["days"]["missing"] == ["2026-11-05"]
    assert told["quality"]["alarms"] == [
        {"type": "lamp_failure", "severity": "warning", "raised": 3, "open": 1}
    ]
    assert told["figures"]["ladder_kwh"].keys() == {
        "retrofit", "window", "dimming", "constant_light", "rules", "overrides", "deviation",
    }  # fmt: skip
    assert told["zones"][1]["density"]["lpd_w_per_m2"] == {"lacks": ["area_m2"]}
    assert told["sources"]["emission_factors"][0]["is_default"] is True
    assert told["sources"]["zones_without_declared_baseline"] == 2
    (target,) = told["targets"]
    assert target["id"] == "q"
    assert target["period"]["text"] == "2026-Q4"


@pytest.mark.parametrize("language", Language)
def test_the_screen_has_a_line_for_every_figure(report: Report, language: Language) -> None:
    text = "\n".join(screen_lines(report, Words(language)))
    assert f"{kwh(report.ladder.saved_j):,.1f}" in text
    assert "china-2023" in text
    assert Words(language).state(DayState.MISSING) in text


@pytest.mark.parametrize(
    ("text", "safe"),
    [("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), ("a=1", "a=1"),
     ("-", "-"), ("", ""), ("＝1", "'＝1"), ("＠x", "'＠x"), ("\n=1", "'\n=1")],
)  # fmt: skip
def test_texts_that_a_spreadsheet_would_reckon(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def test_every_zones_cost_rests_on_its_energy_at_each_price(report: Report) -> None:
    workbook = book(report_xlsx(report, Language.ENGLISH), values=True)
    rows = list(workbook["Zones by price"].iter_rows(min_row=4, values_only=True))
    zones = workbook["Zones"]
    cost = next(cell.column for cell in zones[3] if str(cell.value).startswith("Cost"))
    for zone in report.zones:
        own = [row for row in rows if row[0] == zone.zone.id]
        (currency,) = zone.group.money
        assert sum(float(row[5]) * float(row[4]) for row in own) == pytest.approx(
            zone.group.money[currency][0]
        )
        shown = next(row for row in zones.iter_rows(min_row=4) if row[0].value == zone.zone.id)
        assert shown[cost - 1].value == pytest.approx(zone.group.money[currency][0])
    used = sum(float(row[5]) for row in rows)
    assert used == pytest.approx(kwh(report.ladder.used_j) - kwh(report.unpriced_j))


def test_uncertainties_and_what_was_avoided_are_formulas(report: Report) -> None:
    live = book(report_xlsx(report, Language.ENGLISH), values=False).worksheets[0]
    words = Words(Language.ENGLISH)
    formulas = {row[0].value: row[2].value for row in live.iter_rows(min_row=1, max_col=3)}
    for key in ("used_uncertainty", "saved_uncertainty", "avoided"):
        assert str(formulas[words[key]]).startswith("="), key


@pytest.mark.parametrize("language", Language)
def test_the_ladder_ends_in_what_was_saved_and_what_was_used_each_in_its_row(
    report: Report, language: Language
) -> None:
    words = Words(language)
    sheet = book(report_xlsx(report, language), values=True).worksheets[0]
    rows: dict[object, tuple[object, ...]] = {}
    is_ladder = False
    for row in sheet.iter_rows(max_col=5, values_only=True):
        is_ladder = is_ladder or row[0] == words["rung"]
        if is_ladder:
            rows.setdefault(row[0], row[2:])
    ladder = report.ladder
    share = ladder.used_j / ladder.baseline_j
    assert rows[words["used"]] == (
        None, pytest.approx(kwh(ladder.used_j)), pytest.approx(share),
    )  # fmt: skip
    assert rows[words["total_saved"]] == (
        pytest.approx(kwh(ladder.saved_j)), None, pytest.approx(1 - share),
    )  # fmt: skip


@pytest.mark.parametrize("language", Language)
def test_the_screens_figures_stand_in_a_column_and_what_is_not_known_has_no_unit(
    report: Report, language: Language
) -> None:
    words = Words(language)
    lines = list(screen_lines(report, words))
    begin = lines.index("") + 1
    figures = lines[begin : lines.index("", begin)]
    kwh_at = {
        sum(2 if east_asian_width(one) in "WF" else 1 for one in line[: line.index(" kWh")])
        for line in figures
        if " kWh" in line
    }
    assert len(kwh_at) == 1
    (unknown,) = [line for line in figures if words["power_density"] in line]
    assert "W/(lx" not in unknown
    assert not any("± kWh" in line for line in figures)


def test_every_price_of_a_zone_is_the_sum_of_its_nights(report: Report) -> None:
    content = report_xlsx(report, Language.ENGLISH)
    formulas, values = book(content, values=False), book(content, values=True)
    nights = values["Account- zones, nights, price"]
    rows = list(nights.iter_rows(min_row=4, values_only=True))
    assert {row[4] for row in rows} == {"高峰 / peak", "平段 / flat", "低谷 / valley"}
    assert sum(row[6] for row in rows) == pytest.approx(kwh(report.ladder.used_j))
    assert sum(row[8] for row in rows) == pytest.approx(report.money[0].cost)
    days = {row[2].date() for row in rows if row[0] == "a"}
    assert days == {one.day for one in report.days if one.ladder.used_j}
    assert nights.cell(4, 9).value == pytest.approx(rows[0][6] * rows[0][5])
    used = formulas["Zones by price"].cell(4, 6).value
    count = sum(row[0] == "a" and row[4] == rows[0][4] for row in rows)
    assert used == f"=SUM('Account- zones, nights, price'!$G$4:$G${3 + count})"
