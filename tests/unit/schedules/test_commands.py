"""``sun``, ``plan`` and ``explain`` as a user meets them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from controller.cli.schedule import explain, plan, sun
from controller.cli.site_source import open_store
from schedules import Calendar, CalendarRule, Layer, Limit, UnknownTarget
from schedules.holiday_conditions import Holiday
from tests.fakes.one_zone import BEIJING, LONGYEARBYEN, LUMINAIRE, ZONE, Spot, program, site

NIGHT = program("18:00", "06:00", ("23:00", 50), ramp_s=60)
URUMQI = ["--lat", "43.825", "--lon", "87.6168", "--tz", "Asia/Shanghai"]


def run(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def table(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.output)))


@pytest.fixture
def site_file(tmp_path: Path) -> str:
    return written(tmp_path, BEIJING)


def written(folder: Path, spot: Spot) -> str:
    floor = Limit(layer=Layer.ZONE, target=ZONE, floor=60, reason="class I")
    file = folder / "site.json"
    file.write_text(site(NIGHT, spot, limits=[floor]).model_dump_json(), encoding="utf-8")
    return str(file)


def test_sun_writes_a_row_for_each_date_and_event() -> None:
    found = table(
        run(
            sun, *URUMQI, "--from", "2026-03-20", "--to", "2026-04-10", "--event", "sunrise",
            "--format", "csv",
        )
    )  # fmt: skip
    assert list(found[0]) == ["date", "event", "utc", "status"]
    assert len(found) == 22
    assert found[0]["date"] == "2026-03-20"
    # Sunrise passes midnight UTC here, and every date still has one of its own.
    assert found[0]["utc"].startswith("2026-03-20T00:13:2")
    assert found[-1]["utc"].startswith("2026-04-09T23:3")
    assert {row["status"] for row in found} == {"ok"}


def test_sun_says_polar_day_and_polar_night() -> None:
    place = ["--lat", "78.2232", "--lon", "15.6267", "--tz", "Arctic/Longyearbyen"]
    asked = ["--event", "dusk", "--event", "noon", "--elevation=-6", "--format", "csv"]
    june = table(run(sun, *place, "--from", "2026-06-21", *asked))
    december = table(run(sun, *place, "--from", "2026-12-21", *asked))
    assert [(row["event"], row["status"]) for row in june] == [
        ("dusk", "polar_day"),
        ("noon", "ok"),
    ]
    assert (december[0]["utc"], december[0]["status"]) == ("", "polar_night")


def test_sun_takes_sunrise_and_sunset_for_granted_and_dawn_and_dusk_with_an_elevation() -> None:
    plain = json.loads(run(sun, *URUMQI, "--from", "2026-03-20", "--format", "json").output)
    at_four = json.loads(
        run(sun, *URUMQI, "--from", "2026-03-20", "--elevation", "-4", "--format", "json").output
    )
    assert [row["event"] for row in plain] == ["sunrise", "sunset"]
    assert [row["event"] for row in at_four] == ["dawn", "dusk"]
    assert at_four[0]["utc"] < plain[0]["utc"]


def test_a_skipped_date_has_no_row() -> None:
    found = table(
        run(
            sun, "--lat=-13.83", "--lon=-171.77", "--tz", "Pacific/Apia", "--from", "2011-12-29",
            "--to", "2011-12-31", "--event", "sunset", "--format", "csv",
        )
    )  # fmt: skip
    assert [row["date"] for row in found] == ["2011-12-29", "2011-12-31"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lat", "91", "--lon", "0", "--from", "2026-01-01"], "'91' is not in -90 to 90"),
        (["--lat", "nan", "--lon", "0", "--from", "2026-01-01"], "'nan' is not in -90 to 90"),
        (["--lat", "0", "--lon", "x", "--from", "2026-01-01"], "'x' is not in -180 to 180"),
        (["--lat", "0", "--lon", "0", "--from", "2026-02-30"], "'2026-02-30' is no date"),
        (["--lat", "0", "--lon", "0", "--from", "1850-02-01"], "computed from 1901"),
        ([*URUMQI, "--from", "2026-02-02", "--to", "2026-02-01"], "is after --to"),
        ([*URUMQI, "--from", "1950-01-01", "--to", "2080-01-01"], "longer than 100 years"),
        ([*URUMQI, "--from", "2026-02-02", "--event", "moonrise"], "'moonrise' is not one of"),
        (
            [*URUMQI, "--from", "2026-02-02", "--event", "sunset", "--elevation", "-4"],
            "goes with --event dusk",
        ),
        (["--lat", "0", "--lon", "0", "--tz", "Mars/One", "--from", "2026-01-01"], "'Mars/One'"),
        (["--lat", "0", "--lon", "0", "--tz", "../etc", "--from", "2026-01-01"], "'../etc'"),
        (["--lon", "0", "--from", "2026-01-01"], "--lat"),
    ],
)
def test_sun_refuses_what_is_no_place_or_date(arguments: list[str], says: str) -> None:
    result = run(sun, *arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_plan_gives_local_and_utc_times_levels_and_reasons(site_file: str) -> None:
    found = table(run(plan, ZONE, "--site", site_file, "--date", "2026-03-20", "--format", "csv"))
    assert [row["level"] for row in found] == ["100", "60", "0"]
    assert found[1]["at_local"] == "2026-03-20T23:00:00+08:00"
    assert found[1]["at_utc"] == "2026-03-20T15:00:00Z"
    assert "class I" in found[1]["reason"]
    assert {row["control_day"] for row in found} == {"2026-03-20"}


def test_plan_counts_burning_hours_and_keeps_the_whole_chain_in_json(site_file: str) -> None:
    arguments = ["--site", site_file, "--date", "2026-03-20", "--nights", "3"]
    told = json.loads(run(plan, "--zone", ZONE, *arguments, "--format", "json").output)
    assert [night["burning_hours"] for night in told["nights"]] == [12, 12, 12]
    codes = [reason["code"] for reason in told["nights"][0]["points"][1]["reasons"]]
    assert codes == ["assignment", "calendar_default", "window_lit", "step", "floor"]


def test_plan_of_a_polar_night_and_of_a_night_without_switching(tmp_path: Path) -> None:
    file = written(tmp_path, LONGYEARBYEN)
    text = run(plan, ZONE, "--site", file, "--date", "2026-06-21").output
    assert "12.00 h burning" in text
    never = site(program("sunset", "sunrise"), LONGYEARBYEN)
    Path(file).write_text(never.model_dump_json(), encoding="utf-8")
    summer = run(plan, ZONE, "--site", file, "--date", "2026-06-21").output
    assert "0.00 h burning" in summer
    assert "polar day" in summer
    winter = run(plan, ZONE, "--site", file, "--date", "2026-12-21").output
    assert "24.00 h burning" in winter
    assert "polar night" in winter


def test_plan_columns_are_a_promise(site_file: str) -> None:
    arguments = ["--site", site_file, "--date", "2026-12-31", "--format", "csv"]
    one = run(plan, ZONE, *arguments).stdout.splitlines()
    every = run(plan, "--all", *arguments).stdout.splitlines()
    assert one[0] == "control_day,at_utc,at_local,level,ramp_s,reason"
    assert one[2].startswith("2026-12-31,2026-12-31T15:00:00Z,2026-12-31T23:00:00+08:00,60,60,")
    assert every == [f"zone,{one[0]}", *(f"{ZONE},{line}" for line in one[1:])]


def test_plan_in_json_has_every_second_of_the_night_in_it(site_file: str) -> None:
    arguments = ["--site", site_file, "--date", "2026-03-20", "--format", "json"]
    told = json.loads(run(plan, ZONE, *arguments).stdout)
    assert told.keys() == {"zone", "name", "time_zone", "revision", "nights"}
    (night,) = told["nights"]
    assert (night["starts_at_utc"], night["ends_at_utc"]) == (
        "2026-03-20T04:00:00Z",
        "2026-03-21T04:00:00Z",
    )
    assert (night["level_at_start"], night["full_load_hours"]) == (0, 5 + 7 * 0.6)
    assert night["rules_in_doubt"] == []
    assert json.loads(run(plan, "--all", *arguments).stdout) == [told]


def test_plan_tells_the_revision_of_a_stored_plan(tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        store.save_site(site(NIGHT), author="Li", comment="")
        number = store.save_site(
            site(NIGHT.model_copy(update={"base_level": 90})), author="Li", comment=""
        )
    told = run(plan, ZONE, "--data", str(tmp_path / "data"), "--format", "json")
    assert json.loads(told.stdout)["revision"] == number


def test_plan_writes_to_a_file_and_draws(site_file: str, tmp_path: Path) -> None:
    arguments = [ZONE, "--site", site_file, "--date", "2026-01-01", "--nights", "20"]
    table_file, picture = tmp_path / "plan.csv", tmp_path / "plan.SVG"
    shown = run(plan, *arguments, "--format", "csv")
    kept = run(plan, *arguments, "--format", "csv", "-o", str(table_file))
    assert (kept.exit_code, kept.output) == (0, "")
    assert table_file.read_text(encoding="utf-8") == shown.stdout
    drawn = run(plan, *arguments, "--picture", str(picture))
    assert (drawn.exit_code, drawn.stdout) == (0, "")
    assert "20 nights from 2026-01-01" in drawn.stderr
    assert picture.read_bytes().lstrip().startswith(b"<?xml")
    both = run(plan, *arguments, "--picture", str(picture), "--format", "csv")
    assert both.stdout == shown.stdout


def test_pictures_are_chinese_in_either_format(site_file: str, tmp_path: Path) -> None:
    arguments = [ZONE, "--site", site_file, "--date", "2026-01-01", "--lang", "zh"]
    png = run(plan, *arguments, "--picture", str(tmp_path / "night.png"))
    svg = run(plan, *arguments, "--picture", str(tmp_path / "night.svg"))
    assert (png.exit_code, svg.exit_code) == (0, 0)
    assert "note" not in png.stderr + svg.stderr
    assert "夜间亮灯计划" in (tmp_path / "night.svg").read_text(encoding="utf-8")


def test_plan_says_which_nights_hang_on_unknown_holidays(tmp_path: Path) -> None:
    rule = CalendarRule(name="节日", when=(Holiday(country="CN"),), program="p")
    where = site(NIGHT)
    calendar = Calendar(id="all", name="all", rules=(rule,), default="p")
    where = where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )
    file = tmp_path / "site.json"
    file.write_text(where.model_dump_json(), encoding="utf-8")
    arguments = [ZONE, "--site", str(file), "--date", "2090-01-01", "--nights", "3"]
    table_told = run(plan, *arguments, "--format", "csv")
    assert "rule '节日': holidays are not in the data for 3 control days" in table_told.stderr
    assert "2090" in table_told.stdout
    assert run(plan, *arguments).stdout.count("rules '节日' taken as not met") == 3
    assert run(plan, *arguments, "--lang", "zh").stdout.count("节假日数据缺失") == 3
    told = json.loads(run(plan, *arguments, "--format", "json").stdout)
    assert [night["rules_in_doubt"] for night in told["nights"]] == [["节日"]] * 3


def test_plan_without_a_zone_lists_them(site_file: str) -> None:
    (row,) = table(run(plan, "--site", site_file, "--format", "csv"))
    assert (row["zone"], row["category"], row["luminaires"]) == (ZONE, "arterial", "2")


def test_explain_tells_the_chain_in_both_languages(site_file: str) -> None:
    arguments = [LUMINAIRE, "--site", site_file, "--at", "2026-03-21T01:00"]
    english, chinese = (run(explain, *arguments, "--lang", one).output for one in ("en", "zh"))
    assert english.splitlines()[0] == (
        "luminaire l1 in zone z 路: 60 % at 2026-03-21 01:00:00+08:00"
    )
    assert "raised from 50 % to the floor 60 % of zone z (class I)" in english
    assert "由 50 % 提高到分区 z 的下限 60 %" in chinese


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-21T01:00", "2026-03-20T17:00:00Z"),
        ("2026-03-20T17:00:00Z", "2026-03-20T17:00:00Z"),
        ("2026-03-20 19:00:00+02:00", "2026-03-20T17:00:00Z"),
        ("2026-03-21", "2026-03-20T16:00:00Z"),
    ],
)
def test_explain_reads_local_and_absolute_instants(site_file: str, text: str, utc: str) -> None:
    told: dict[str, Any] = json.loads(
        run(explain, LUMINAIRE, "--site", site_file, "--at", text, "--format", "json").output
    )
    assert told["utc"] == utc
    assert told["control_day"] == "2026-03-20"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([ZONE, "--date", "yesterday"], "'yesterday' is no date"),
        ([ZONE, "--date", "9999-12-31"], "computed from 1901 to 2198"),
        ([ZONE, "--date", "2190-12-31", "--nights", "3660"], "computed from 1901 to 2198"),
        ([ZONE, "--nights", "0"], "0 is not in the range"),
        ([ZONE, "--zone", ZONE], "not both"),
        ([ZONE, "--all"], "not both"),
        (["--picture", "year.png"], "draws one zone"),
        ([ZONE, "--picture", "year.gif"], "pictures end in .png or .svg"),
    ],
)
def test_plan_refuses_what_it_cannot_read(site_file: str, arguments: list[str], says: str) -> None:
    result = run(plan, *arguments, "--site", site_file)
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "1800-01-01T00:00", "9999-12-31T23:59"])
def test_explain_refuses_what_is_no_instant(site_file: str, text: str) -> None:
    result = run(explain, LUMINAIRE, "--site", site_file, "--at", text)
    assert result.exit_code == 2
    assert repr(text) in result.output


def test_unknown_names_are_an_error_of_schedules(site_file: str) -> None:
    assert isinstance(run(plan, "zz", "--site", site_file).exception, UnknownTarget)
    assert isinstance(run(explain, "l3", "--site", site_file).exception, UnknownTarget)
