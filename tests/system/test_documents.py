"""Documents as files, as an operator works: export, edit, diff, apply, roll back."""

import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.system.command import lamplighter


def told(*arguments: str, folder: Path, code: int = 0) -> Any:
    done = lamplighter(*arguments, "--format", "json", folder=folder)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an exported demo city of 600 luminaires in ``plan``, in force."""
    folder = tmp_path_factory.mktemp("documents")
    done = lamplighter("export", "plan", "--demo", "600", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "with 600 luminaires" in done.stdout
    first = told("apply", "plan", "-m", "first plan", "--author", "wang", folder=folder)
    assert first["revision"] == 1
    assert first["luminaires"] == 600
    assert first["proof"]["proved"] is True
    return folder


@pytest.fixture
def city(exported: Path, tmp_path: Path) -> Path:
    """A copy of it to work on."""
    folder = tmp_path / "city"
    shutil.copytree(exported, folder)
    return folder


def test_export_edit_diff_apply_and_roll_back(city: Path) -> None:
    edit(city / "plan/programs/arterial.yaml", "level: 60", "level: 50")
    seen = told("diff", "plan", "--from", "2026-11-22", folder=city)
    assert [(one["part"], one["id"], one["what"]) for one in seen["documents"]] == [
        ("programs", "arterial", "changed")
    ]
    assert seen["documents"][0]["fields"] == [
        {"path": "steps[1].level", "before": "60", "after": "50"}
    ]
    assert seen["zones"]
    assert all("arterial" in zone for zone in seen["zones"])
    total = seen["forecast"]["total"]
    assert total["after"]["energy_kwh"] < total["before"]["energy_kwh"]
    assert total["after"]["burning_hours"] == total["before"]["burning_hours"]
    assert total["after"]["mean_level"] < total["before"]["mean_level"]
    factor = seen["forecast"]["emission_factor"]["g_per_kwh"]
    assert total["after"]["co2_kg"] == pytest.approx(
        total["after"]["energy_kwh"] * factor / 1000, abs=0.01
    )
    (money,) = seen["forecast"]["money_delta"]
    assert (money["currency"], money["amount"] < 0) == ("CNY", True)
    districts = seen["forecast"]["districts"].values()
    assert sum(one["after"]["energy_kwh"] for one in districts) == pytest.approx(
        total["after"]["energy_kwh"], abs=0.1
    )

    assert told("apply", "plan", "--dry-run", folder=city)["revision"] == 1
    assert told("apply", "plan", "-m", "dimmer", "--author", "li", folder=city)["revision"] == 2
    again = lamplighter("apply", "plan", folder=city)
    assert again.stdout == "nothing to change: revision 2 says the same\n"
    assert lamplighter("diff", "plan", folder=city).stdout == "no difference\n"

    back = told("rollback", "1", "-m", "complaints", "--author", "zhao", folder=city)
    assert (back["revision"], back["restores"]) == (3, 1)
    kept = told("history", folder=city)
    assert [(one["revision"], one["author"], one["comment"], one["restores"]) for one in kept] == [
        (3, "zhao", "complaints", 1),
        (2, "li", "dimmer", None),
        (1, "wang", "first plan", None),
    ]
    lamplighter("export", "old", folder=city)
    edit(city / "plan/programs/arterial.yaml", "level: 50", "level: 60")
    assert bytes_of(city / "old") == bytes_of(city / "plan")


def test_an_export_is_the_same_every_time_and_renewed_in_place(city: Path) -> None:
    before = bytes_of(city / "plan")
    (city / "plan/.git").mkdir()
    (city / "plan/.git/HEAD").write_text("ref")
    edit(city / "plan/limits.yaml", "floor: 30", "floor: 31")
    assert "1 changed" in lamplighter("export", "plan", folder=city).stdout
    assert "unchanged" in lamplighter("export", "plan", folder=city).stdout
    assert bytes_of(city / "plan") == {**before, ".git/HEAD": b"ref"}
    assert sorted(one.name for one in city.iterdir()) == ["lamplighter-data", "plan"]


def test_who_stands_in_the_folder_is_told_that_it_was_replaced(city: Path) -> None:
    (city / "plan/limits.yaml").unlink()
    done = lamplighter("export", ".", "--data", "../lamplighter-data", folder=city / "plan")
    assert done.returncode == 0
    assert "'cd .' takes you to it" in done.stderr
    assert (city / "plan/limits.yaml").is_file()


def test_documents_that_do_not_hold_are_told_together_and_change_nothing(city: Path) -> None:
    edit(city / "plan/programs/arterial.yaml", "level: 60", "level: 130")
    edit(city / "plan/assignments.yaml", "calendar: park", "calendar: parc")
    (city / "plan/notes.txt").write_text("x")
    (city / "plan/limit.yaml").write_text("[]")
    for command in (["apply", "plan"], ["apply", "plan", "--dry-run"], ["diff", "plan"]):
        done = lamplighter(*command, folder=city)
        assert done.returncode == 1
        assert done.stdout == ""
        lines = done.stderr.splitlines()
        assert lines[0] == "lamplighter: note: plan/notes.txt is no document and is not read"
        assert [line.split(": ", 1)[0] for line in lines[1:4]] == [
            "plan/assignments.yaml:10",
            "plan/limit.yaml",
            "plan/programs/arterial.yaml:8",
        ]
        assert lines[3].endswith("steps[1].level: 130 must be at most 100")
        assert lines[4:] == ["lamplighter: error: plan: 3 problems; nothing changed"]
    assert len(told("history", folder=city)) == 1


def test_problems_as_data(city: Path) -> None:
    edit(city / "plan/programs/arterial.yaml", "level: 60", "level: 130")
    found = told("apply", "plan", folder=city, code=1)
    assert found["problems"] == [
        {
            "file": "programs/arterial.yaml",
            "line": 8,
            "field": "steps[1].level",
            "value": "130",
            "message": "must be at most 100",
        }
    ]


def test_documents_in_force_that_cannot_be_read_do_not_bar_the_way_back(city: Path) -> None:
    edit(city / "plan/limits.yaml", "floor: 30", "floor: 31")
    assert told("apply", "plan", folder=city)["revision"] == 2
    with sqlite3.connect(city / "lamplighter-data/lamplighter.db") as db:
        db.execute(
            "UPDATE document SET body = ? WHERE name = 'plan' AND revision = 2",
            (zlib.compress(b'{"of": "another version"}'),),
        )
    db.close()
    assert "unreadable document" in lamplighter("diff", "plan", folder=city).stderr
    assert len(lamplighter("history", folder=city).stdout.splitlines()) == 2
    back = lamplighter("rollback", "1", folder=city)
    assert back.returncode == 0
    assert "it counts as nothing" in back.stderr
    assert back.stdout.endswith("revision 3 is in force: revision 1 again\n")
    assert told("apply", "plan", folder=city)["revision"] == 4


def test_what_is_not_proved_is_refused_unless_a_reason_is_given(city: Path) -> None:
    edit(city / "plan/programs/local.yaml", "off: lux(20)rising", "off: '03:00'")
    refused = lamplighter("apply", "plan", folder=city)
    assert refused.returncode == 1
    assert "dark while the sun is down" in refused.stdout
    assert "refused, nothing changed" in refused.stdout
    assert len(told("history", folder=city)) == 1
    assert lamplighter("apply", "plan", "--force", " ", folder=city).returncode == 2
    forced = told("apply", "plan", "-m", "film", "--force", "road  closed", folder=city)
    assert forced["revision"] == 2
    assert forced["proof"]["proved"] is False
    assert told("history", folder=city)[0]["comment"] == "film (unproved: road closed)"


def test_lamps_leave_by_their_line_in_the_table(city: Path) -> None:
    file = city / "plan/luminaires.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:2] + lines[4:]), encoding="utf-8")
    seen = told("apply", "plan", folder=city)
    gone = [one for one in seen["documents"] if one["part"] == "luminaires"]
    assert [one["what"] for one in gone] == ["removed", "removed"]
    assert seen["luminaires"] == 2


def test_a_folder_in_use_by_the_service_is_named_with_its_process(city: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path\n"
            "from controller.adapters.sqlite import SqliteStore\n"
            "with SqliteStore(Path(sys.argv[1])):\n"
            "    print('held', flush=True)\n"
            "    sys.stdin.read()",
            str(city / "lamplighter-data"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        edit(city / "plan/limits.yaml", "floor: 30", "floor: 31")
        refused = lamplighter("apply", "plan", folder=city)
        assert refused.returncode == 1
        assert f"is in use by process {holder.pid}" in refused.stderr
        # Looking is allowed.
        assert lamplighter("diff", "plan", folder=city).returncode == 0
        assert lamplighter("apply", "plan", "--dry-run", folder=city).returncode == 0
        assert len(told("history", folder=city)) == 1
    finally:
        holder.communicate()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["apply", "nowhere"], 1, "does not exist; 'lamplighter export nowhere' writes one"),
        (["diff", "plan", "--nights", "0"], 2, "--nights"),
        (["diff", "plan", "--from", "1800-01-01"], 2, "the sun is computed from"),
        (["diff", "plan", "--from", "2190-01-01", "--nights", "3660"], 2, "the sun is computed"),
        (["diff", "plan", "--co2-g-per-kwh", "-1"], 2, "--co2-g-per-kwh"),
        (["diff", "plan", "--co2-g-per-kwh", "nan"], 2, "--co2-g-per-kwh"),
        (["rollback", "9"], 1, "revision 9 is not in store"),
        (["rollback", "0"], 2, "REVISION"),
        (["history", "--data", "nowhere"], 1, "holds no lamplighter.db"),
        (["rollback", "1", "--data", "nowhere"], 1, "holds no documents"),
        (["export", "lamplighter-data"], 1, "holds files and is no export"),
    ],
)
def test_wrong_questions_get_one_clear_line(
    city: Path, arguments: list[str], code: int, says: str
) -> None:
    done = lamplighter(*arguments, folder=city)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_city_can_begin_with_a_folder(exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / "plan", tmp_path / "plan")
    looked = told("apply", "plan", "--dry-run", "--data", "new", folder=tmp_path)
    assert (looked["outcome"], looked["revision"]) == ("dry run: nothing changed", None)
    assert [one.name for one in tmp_path.iterdir()] == ["plan"]
    assert told("apply", "plan", "--data", "new", folder=tmp_path)["revision"] == 1


def test_another_emission_factor(city: Path) -> None:
    edit(city / "plan/programs/arterial.yaml", "level: 60", "level: 50")
    seen = told("diff", "plan", "--co2-g-per-kwh", "100", folder=city)
    total = seen["forecast"]["total"]["after"]
    assert total["co2_kg"] == pytest.approx(total["energy_kwh"] / 10, abs=0.01)
    text = lamplighter("diff", "plan", "--co2-g-per-kwh", "100", folder=city).stdout
    assert "CO2 at 100 g/kWh: given with --co2-g-per-kwh" in text
    assert "2023" in lamplighter("diff", "plan", folder=city).stdout
