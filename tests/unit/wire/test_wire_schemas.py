import subprocess
import sys
from pathlib import Path

import pytest

from controller.wire import schemas

DOCS = Path(__file__).parents[3] / "docs" / "schemas"


def test_committed_schemas_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.json")}
    assert committed == schemas.files(), "run: python -m controller.wire.schemas docs/schemas"


def test_main_writes_every_schema(tmp_path: Path) -> None:
    assert schemas.main([str(tmp_path / "new")]) == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(schemas.files())


def test_main_without_folder_says_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert schemas.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_module_can_be_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "controller.wire.schemas", str(tmp_path)], check=False, timeout=60
    )
    assert done.returncode == 0
    assert (tmp_path / "state.json").exists()
