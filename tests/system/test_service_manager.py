"""The service under a service manager: it is told of the beginning, every breath, and the end."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.fakes.service_manager import manager
from tests.system.command import LAMPLIGHTER, lamplighter

INVENTORY = "lamp;lon;lat;watts;type;zone\nL1;116.391;39.907;150;LED;North Road\n"


def words_of(listening: socket.socket, for_s: float) -> list[str]:
    """What was said within ``for_s`` seconds."""
    words: list[str] = []
    deadline = time.monotonic() + for_s
    while (left_s := deadline - time.monotonic()) > 0:
        listening.settimeout(left_s)
        try:
            words.append(listening.recv(4096).decode())
        except TimeoutError:
            break
    return words


def until_said(listening: socket.socket, word: str) -> list[str]:
    """What was said up to ``word``; fails where it never comes."""
    listening.settimeout(60)
    words = [listening.recv(4096).decode()]
    while words[-1] != word:
        words.append(listening.recv(4096).decode())
    return words


def test_a_service_that_hangs_falls_silent(tmp_path: Path) -> None:
    (tmp_path / "town.csv").write_text(INVENTORY)
    imported = lamplighter(
        "inventory", "import", "town.csv", "--tz", "Asia/Shanghai", "--city-id", "town",
        folder=tmp_path,
    )  # fmt: skip
    assert imported.returncode == 0, imported.stderr
    (tmp_path / "lamplighter.toml").write_text("[broker]\nembedded_port = 0\n")
    with manager(str(tmp_path / "notify")) as listening:
        process = subprocess.Popen(
            [LAMPLIGHTER, "run", "--console", "off", "--http", "127.0.0.1:0"],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "NOTIFY_SOCKET": str(tmp_path / "notify"),
                "WATCHDOG_USEC": "1500000",
            },
        )
        try:
            until_said(listening, "READY=1")
            until_said(listening, "WATCHDOG=1")
            process.send_signal(signal.SIGSTOP)  # as if a pass did not come back
            words_of(listening, 0.5)
            assert words_of(listening, 2.0) == []
            process.send_signal(signal.SIGCONT)
            until_said(listening, "WATCHDOG=1")
            process.send_signal(signal.SIGTERM)
            said = until_said(listening, "STOPPING=1")
            assert process.wait(60) == 0
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    assert all(word.split("=")[0] in {"WATCHDOG", "STATUS", "STOPPING"} for word in said)
