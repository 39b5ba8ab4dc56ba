"""``lamplighter run``: settings checked before a start, and read again by a hang-up signal."""

import json
import queue
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from tests.fakes.small_city import small_site
from tests.system.command import LAMPLIGHTER, lamplighter

_FREE = "[broker]\nembedded_port = 0\n[web]\nport = 0\n[console]\nport = 0\n"


def an_installation(folder: Path, more: str = "") -> Path:
    with SqliteStore(folder / "data") as store:
        store.save_site(small_site(), author="a", comment="b")
    file = folder / "lamplighter.toml"
    file.write_text(f'data = "data"\n{_FREE}{more}')
    return file


def test_a_check_says_what_a_start_would_use_and_starts_nothing(tmp_path: Path) -> None:
    an_installation(tmp_path)
    done = lamplighter("run", "--check", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("4 luminaires in 2 zones", "embedded", "127.0.0.1:0", "info, text"):
        assert words in done.stdout
    assert not list((tmp_path / "data").glob("*.sock"))
    assert not (tmp_path / "data/broker").exists()


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("[log]\nlevel = 'loud'\n", "log.level"),
        ("[nothing]\n", "nothing is no setting"),
        ("[report_push]\nurl = 'https://x.example'\nkey_file = 'none'\n", "none"),
    ],
)
def test_a_check_refuses_what_a_start_would(tmp_path: Path, more: str, names: str) -> None:
    an_installation(tmp_path, more)
    done = lamplighter("run", "--check", folder=tmp_path)
    assert done.returncode == 2
    assert names in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_check_of_a_folder_without_a_city_refuses(tmp_path: Path) -> None:
    done = lamplighter("run", "--check", "--data", "none", folder=tmp_path)
    assert done.returncode == 2
    assert "none" in done.stderr


class Talk:
    """What a service says on standard error, a JSON object a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        assert process.stderr is not None
        self._stream = process.stderr
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.put(line)

    def until(self, words: str) -> dict[str, str]:
        """The first object from now on whose message has ``words``."""
        while True:
            told: dict[str, str] = json.loads(self._lines.get(timeout=60))
            if words in told["message"]:
                return told

    def end(self) -> None:
        """All that was said until the end is JSON too."""
        self._reader.join(timeout=60)
        self._stream.close()
        while not self._lines.empty():
            json.loads(self._lines.get())


def test_a_hang_up_reads_the_settings_again(tmp_path: Path) -> None:
    file = an_installation(tmp_path, '[log]\nformat = "json"\n')
    right = file.read_text()
    process = subprocess.Popen(
        [LAMPLIGHTER, "run", "--config", str(file)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        talk = Talk(process)
        assert "metrics at" in talk.until("Lamplighter controls")["message"]
        file.write_text(right.replace('format = "json"', 'format = "json"\nlevel = "loud"'))
        process.send_signal(signal.SIGHUP)
        told = talk.until("settings stay as they are")
        assert told["level"] == "error"
        assert "log.level = 'loud'" in told["message"]
        file.write_text(
            right.replace('format = "json"', 'format = "json"\nlevel = "debug"')
            + "[control]\npass_every_s = 2.0\n"
        )
        process.send_signal(signal.SIGHUP)
        told = talk.until("settings read again")
        assert "log level debug" in told["message"]
        assert told["message"].endswith("only a restart takes over control.pass_every_s")
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
    talk.end()
    assert code == 0
