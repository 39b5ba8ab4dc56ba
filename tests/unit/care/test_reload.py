"""Settings read again while the service runs: what is taken over, what waits, what is refused."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.cli.logs import JsonLines, set_level
from controller.cli.reload import Reload, changed
from controller.cli.settings_check import check_settings
from controller.cli.settings_source import settings_with
from controller.config import LogSettings, Settings, read_settings
from controller.errors import ConfigurationError


@pytest.fixture(autouse=True)
def root_level() -> Iterator[None]:
    """The root logger's level is the process's own."""
    root = logging.getLogger()
    before = root.level
    set_level(LogSettings())
    yield
    root.setLevel(before)


def a_reload(file: Path) -> Reload:
    file.write_text("")
    return Reload(read_settings(file), lambda: read_settings(file))


def test_the_level_of_the_log_changes_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "lamplighter.toml"
    reload = a_reload(file)
    for level in ("debug", "error", "info"):
        file.write_text(f'[log]\nlevel = "{level}"\n')
        reload.once()
        assert logging.getLogger().level == getattr(logging, level.upper())
    assert "restart" not in caplog.text


def test_other_changes_are_named_and_wait(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "lamplighter.toml"
    reload = a_reload(file)
    file.write_text(
        'data = "other"\n[broker]\nurl = "mqtt://me:hidden@127.0.0.1"\n[web]\nport = 9999\n'
    )
    for _ in range(2):
        caplog.clear()
        reload.once()
        assert "only a restart takes over broker.url, data, web.port" in caplog.text
        assert "hidden" not in caplog.text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[log]\nlevel = 'loud'\n", "log.level"),
        ("[log\n", "line 1"),
        ("[log]\nlevel = 'debug'\n[web]\ntoken_file = 'none'\n", "token file"),
        ("[log]\nlevel = 'debug'\n[broker]\nurl = 'mqtts://h'\nca_file = 'none'\n", "none"),
    ],
)
def test_wrong_settings_change_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, names: str
) -> None:
    file = tmp_path / "lamplighter.toml"
    reload = a_reload(file)
    file.write_text(text)
    reload.once()
    assert logging.getLogger().level == logging.INFO
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "settings stay as they are" in record.getMessage()
    assert names in record.getMessage()


def test_a_file_that_is_gone_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "lamplighter.toml"
    reload = a_reload(file)
    file.unlink()
    reload.once()
    assert "cannot be read" in caplog.text


def test_what_no_longer_goes_with_the_command_line_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "lamplighter.toml"
    file.write_text("[console]\nbehind_proxy = true\n")

    def read() -> Settings:
        return settings_with(file, None, None, None, "0.0.0.0:8080")

    reload = Reload(read(), read)
    file.write_text("[log]\nlevel = 'debug'\n")
    reload.once()
    assert "settings stay as they are" in caplog.text
    assert "0.0.0.0" in caplog.text
    assert logging.getLogger().level == logging.INFO


def test_settings_that_are_the_same_differ_in_nothing() -> None:
    assert list(changed(Settings(), Settings())) == []


@pytest.mark.parametrize(
    "table",
    [
        {"broker": {"url": "mqtt://host:notaport"}},
        {"broker": {"url": "mqtt://me@host", "password_file": "none"}},
        {"console": {"certificate_file": "none", "key_file": "none"}},
        {"web": {"token_file": "none"}},
        {"report_push": {"url": "https://platform.example", "key_file": "none"}},
    ],
)
def test_what_a_start_would_refuse_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        check_settings(Settings.model_validate(table))


def test_a_record_is_one_line_of_json() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
        record = logging.LogRecord(
            "lamplighter.x", logging.ERROR, __file__, 1, 'said "%s"\n{', ("灯",), told
        )
    line = JsonLines().format(record)
    assert "\n" not in line
    words = json.loads(line)
    assert words["message"] == 'said "灯"\n{'
    assert (words["level"], words["logger"]) == ("error", "lamplighter.x")
    assert words["at"].endswith("Z")
    assert "two\nlines" in words["error"]
