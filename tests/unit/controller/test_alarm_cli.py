"""``lamplighter alarms`` on a data folder whose service does not run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.adapters.sqlite import SqliteStore
from controller.cli.main import cli
from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.engine.alarm_wording import scope_name, severity_name, type_name
from controller.errors import AlarmAcknowledged, ConfigurationError, NoSuchAlarm, StoreError
from controller.ports.alarms import Acknowledgement, Alarm, AlarmChanges, Ending
from schedules import Language
from tests.fakes.small_city import small_inventory

DUSK = 1_774_004_400.0  # 2026-03-20 19:00 in the small city

LOST = Alarm(
    id=1,
    type=AlarmType.COMMUNICATION_FAILURE,
    severity=Severity.CRITICAL,
    scope=Scope.GATEWAY,
    subject="g",
    began_at=DUSK,
    raised_at=DUSK + 20,
    cleared_at=None,
    ending=None,
    affected=2,
    worst=2,
    total=2,
    detail="",
)
DAY_BURNER = replace(
    LOST,
    id=2,
    type=AlarmType.DAY_BURNER,
    severity=Severity.WARNING,
    scope=Scope.LUMINAIRE,
    subject="b1",
    affected=1,
    worst=1,
    total=1,
)
STEPPED = replace(
    LOST,
    id=3,
    type=AlarmType.CLOCK_STEPPED,
    severity=Severity.WARNING,
    scope=Scope.SERVICE,
    subject="",
    detail="+3600.0 s",
    affected=0,
    worst=0,
    total=0,
)
PAST = replace(DAY_BURNER, id=4, cleared_at=DUSK + 7200, ending=Ending.CLEARED, affected=0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with SqliteStore(tmp_path) as store:
        store.save_inventory(small_inventory())
        pairs = [(1, "a1"), (1, "a2"), (2, "b1")]
        store.save_alarms(AlarmChanges([LOST, DAY_BURNER, STEPPED, PAST], pairs, []))
    return tmp_path


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["alarms", *arguments, "--data", str(data)])


def test_open_alarms_are_a_table_with_the_gravest_first(data: Path) -> None:
    lines = run(data).output.splitlines()
    assert [line.split()[0] for line in lines] == ["No.", "1", "2", "3"]
    assert "gateway g" in lines[1]
    assert "2 of 2" in lines[1]
    assert "2026-03-20 19:00:00+08:00" in lines[1]
    assert lines[1].endswith("no")
    assert "+3600.0 s" in lines[3]
    assert run(data, "list").output == run(data).output


def test_in_chinese_the_columns_still_stand_below_each_other(data: Path) -> None:
    lines = run(data, "--lang", "zh").output.splitlines()
    assert "通信中断" in lines[1]
    assert "网关 g" in lines[1]
    assert "未确认" in lines[1]
    ends = {len(line[: line.index("2026")].encode("gbk")) for line in lines[1:]}
    assert len(ends) == 1, "as wide on a terminal, where a Chinese sign takes two places"


def test_for_machines(data: Path) -> None:
    rows = json.loads(run(data, "--format", "json").output)
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert rows[0]["began"] == "2026-03-20T19:00:00+08:00"
    assert rows[0]["cleared"] is None
    assert (rows[0]["affected"], rows[0]["place"]) == (2, "区")
    table = run(data, "--format", "csv").output.splitlines()
    assert table[0].startswith("id,severity,type,scope,subject,place,")
    assert table[2].startswith("2,warning,day_burner,luminaire,b1,b,1,1,1,")


def test_filters(data: Path) -> None:
    def numbers(*arguments: str) -> list[int]:
        return [one["id"] for one in json.loads(run(data, *arguments, "--format", "json").output)]

    assert numbers("--type", "day_burner", "--type", "clock_stepped") == [2, 3]
    assert numbers("--severity", "critical") == [1]
    run(data, "acknowledge", "1", "--author", "li")
    assert numbers("--unacknowledged") == [2, 3]


def test_history_by_local_days(data: Path) -> None:
    def numbers(*arguments: str) -> list[int]:
        said = run(data, "history", *arguments, "--format", "json")
        return [row["id"] for row in json.loads(said.output)]

    assert numbers("--from", "2026-03-20", "--to", "2026-03-20") == [4]
    assert numbers("--from", "2026-03-21", "--to", "2026-03-22") == []
    assert numbers("--from", "2026-03-20", "--to", "2026-03-20", "--type", "cycling") == []
    text = run(data, "history", "--from", "2026-03-20", "--to", "2026-03-20").output
    assert "Until" in text
    assert "2026-03-20 21:00:00+08:00" in text


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-21", "2026-03-20"), ("0001-01-01", "2026-03-20"),
                        ("2026-03-20", "9999-12-31")]
)  # fmt: skip
def test_days_that_cannot_be(data: Path, first: str, last: str) -> None:
    said = run(data, "history", "--from", first, "--to", last)
    assert said.exit_code == 2
    assert "Traceback" not in said.output


def test_one_alarm_with_its_luminaires(data: Path) -> None:
    text = run(data, "show", "1").output
    assert "a1 a2" in text
    assert json.loads(run(data, "show", "1", "--format", "json").output)["luminaires"] == [
        "a1",
        "a2",
    ]
    assert isinstance(run(data, "show", "99").exception, NoSuchAlarm)


def test_acknowledging_without_a_service(data: Path) -> None:
    said = run(data, "acknowledge", "1", "2", "--author", "王", "-m", "crew is out")
    assert said.output.splitlines() == [
        "alarm 1 acknowledged by 王",
        "alarm 2 acknowledged by 王",
    ]
    with SqliteStore(data, read_only=True) as store:
        alarm = store.alarm(1)
        assert alarm is not None
        assert isinstance(alarm.acknowledgement, Acknowledgement)
        assert alarm.acknowledgement.note == "crew is out"
        assert len(store.alarm_luminaires()) == 3
    assert "crew is out" in run(data, "show", "1").output
    assert isinstance(run(data, "acknowledge", "2", "--author", "li").exception, AlarmAcknowledged)
    assert isinstance(run(data, "acknowledge", "9", "--author", "li").exception, NoSuchAlarm)
    refused = run(data, "acknowledge", "3", "--author", " ").exception
    assert isinstance(refused, ConfigurationError)


def test_words_that_would_move_the_cursor_are_not_printed(data: Path) -> None:
    run(data, "acknowledge", "1", "--author", "a\x1b[2J\nb", "-m", "x\ry")
    lines = run(data).output.splitlines()
    assert len(lines) == 4
    assert "\x1b" not in run(data, "show", "1").output


def test_a_folder_without_alarms_or_without_a_city(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path).exception, StoreError)
    with SqliteStore(tmp_path) as store:
        assert isinstance(run(tmp_path).exception, ConfigurationError)
        store.save_inventory(small_inventory())
    assert run(tmp_path).output == "No open alarms.\n"
    assert run(tmp_path, "history", "--lang", "zh").output == "所选日期内无历史告警。\n"


def test_a_mistyped_subcommand_is_told_of(data: Path) -> None:
    said = run(data, "histroy")
    assert said.exit_code == 2
    assert "histroy" in said.output


def test_everything_has_a_name_in_both_languages() -> None:
    for language in Language:
        names = [type_name(kind, language) for kind in AlarmType]
        assert len(set(names)) == len(AlarmType)
        assert all(severity_name(one, language) for one in Severity)
        assert all(scope_name(one, language) for one in Scope)
