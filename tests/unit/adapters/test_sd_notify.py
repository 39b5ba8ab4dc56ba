"""Words to systemd: a real datagram socket in its place."""

import os
from pathlib import Path

import pytest

from controller.adapters.sd_notify import SystemdNotifier
from tests.fakes.service_manager import manager


@pytest.mark.parametrize("is_abstract", [False, True])
def test_every_word_arrives_as_systemd_reads_it(tmp_path: Path, *, is_abstract: bool) -> None:
    name = f"lamplighter-test-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with manager(f"\0{name}" if is_abstract else name) as listening:
        notifier = SystemdNotifier(f"@{name}" if is_abstract else name)
        notifier.ready()
        notifier.alive()
        notifier.status("12 of 12 luminaires\nheard")
        notifier.reloading()
        notifier.stopping()
        words = [listening.recv(1000).decode() for _ in range(5)]
        notifier.close()
    assert words[:3] == ["READY=1", "WATCHDOG=1", "STATUS=12 of 12 luminaires heard"]
    reloading, instant = words[3].splitlines()
    assert reloading == "RELOADING=1"
    assert instant.removeprefix("MONOTONIC_USEC=").isdigit()
    assert words[4] == "STOPPING=1"


def test_nobody_listens_and_nothing_happens(tmp_path: Path) -> None:
    SystemdNotifier().ready()
    notifier = SystemdNotifier(str(tmp_path / "nobody"))
    notifier.ready()
    with manager(str(tmp_path / "nobody")) as listening:
        notifier.alive()
        assert listening.recv(100) == b"WATCHDOG=1"
    notifier.close()


def test_a_manager_that_does_not_read_does_not_hold_us_up(tmp_path: Path) -> None:
    with manager(str(tmp_path / "slow")) as listening:
        notifier = SystemdNotifier(str(tmp_path / "slow"))
        for number in range(10_000):
            notifier.status(f"{number}")
        assert listening.recv(100) == b"STATUS=0"
        notifier.close()


@pytest.mark.parametrize(
    ("environment", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"NOTIFY_SOCKET": "nonsense", "WATCHDOG_USEC": "-5"}, None),
    ],
)
def test_the_environment_says_how_long_silence_may_last(
    environment: dict[str, str], watchdog_s: float | None
) -> None:
    notifier = SystemdNotifier.from_environment(environment)
    assert notifier.watchdog_s == watchdog_s
    notifier.ready()
