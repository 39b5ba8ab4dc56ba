"""The console's packages are pinned, named without addresses, and built only where needed."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCES = Path(__file__).parents[3] / "controller" / "console"


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", SOURCES / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _json(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SOURCES / name).read_text(encoding="utf-8"))
    return found


def test_versions_are_exact() -> None:
    package = _json("package.json")
    wanted = package["dependencies"] | package["devDependencies"]

    assert [one for one in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", one[1])] == []


def test_the_lock_pins_by_checksum_and_names_no_registry() -> None:
    packages = {name: one for name, one in _json("package-lock.json")["packages"].items() if name}

    assert len(packages) > 50
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if "integrity" not in one] == []


def test_the_lock_has_builders_for_other_machines() -> None:
    names = " ".join(_json("package-lock.json")["packages"])

    for machine in ("linux-x64-gnu", "linux-arm64-gnu", "linux-x64-musl", "darwin-arm64"):
        assert f"rolldown/binding-{machine}" in names


def test_a_changed_source_is_another_build(build: ModuleType) -> None:
    file = SOURCES / "package.json"

    assert build._hash_of([file]) == build._hash_of([file])
    assert build._hash_of([file]) != build._hash_of([file, SOURCES / "index.html"])


def test_the_console_may_be_left_out() -> None:
    done = subprocess.run(
        [sys.executable, str(SOURCES / "hatch_build.py")],
        env=os.environ | {"LAMPLIGHTER_CONSOLE": "skip"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "console: left out, LAMPLIGHTER_CONSOLE=skip\n"


def test_a_build_that_fails_says_how_to_go_on_without(build: ModuleType) -> None:
    with pytest.raises(build.ConsoleBuildFailed, match="LAMPLIGHTER_CONSOLE=skip"):
        build._run("building", "node", "--no-such-option-of-node")


def test_an_unknown_word_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(SOURCES / "hatch_build.py"), "biuld"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "'check' or 'packages'" in done.stderr
