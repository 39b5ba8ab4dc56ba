"""What the machine brings: versions, clock, ports, the built console."""

import os
import platform
import socket
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from controller.cli.doctor.finding import Finding, fail, ok, warn
from controller.config import EMBEDDED, Settings
from controller.engine.clock_evidence import KernelClock

_OLDEST_SQLITE: Final = (3, 37, 0)
"""The first with STRICT tables. Ref: sqlite.org/stricttables.html"""
_MOST_ERROR_S: Final = 1.0


class Clocks(Protocol):
    """What is asked of the machine's time."""

    def wall(self) -> float:
        """Unix seconds UTC."""

    def kernel(self) -> KernelClock | None:
        """What the kernel says of its time service."""


def versions() -> Iterator[Finding]:
    """Python and SQLite, and ours."""
    yield ok("lamplighter", version("lamplighter"))
    yield ok("python", platform.python_version())
    if sqlite3.sqlite_version_info >= _OLDEST_SQLITE:
        yield ok("sqlite", sqlite3.sqlite_version)
    else:
        wanted = ".".join(map(str, _OLDEST_SQLITE))
        yield fail("sqlite", sqlite3.sqlite_version, f"install a Python with SQLite {wanted}")


def clock(machine: Clocks) -> Iterator[Finding]:
    """Whether the wall clock is kept by a time service, and stands where it can."""
    now = datetime.fromtimestamp(machine.wall(), UTC)
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    built_at = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < built_at:
        yield fail(
            "clock",
            f"{shown}, before this Lamplighter was installed ({built_at:%Y-%m-%d})",
            "set the clock; a battery behind the machine's clock may be empty",
        )
        return
    kept = machine.kernel()
    if kept is None:
        yield warn(
            "clock", f"{shown}; the kernel does not say who keeps it", "see that chrony runs"
        )
    elif not kept.is_synchronised:
        yield warn(
            "clock",
            f"{shown}, kept by no time service",
            "install and start chrony or systemd-timesyncd (docs/clock.md)",
        )
    elif kept.max_error_s > _MOST_ERROR_S:
        yield warn(
            "clock",
            f"{shown}, at most {kept.max_error_s:.1f} s wrong by its time service's word",
            "see which servers chrony hears ('chronyc sources')",
        )
    else:
        yield ok("clock", f"{shown}, at most {kept.max_error_s * 1000:.0f} ms wrong")


def ports(settings: Settings, *, service_runs: bool) -> Iterator[Finding]:
    """Whether the service's own addresses can be listened on."""
    asked = [("metrics port", settings.web.host, settings.web.port, "[web] port or --http")]
    if settings.console.serve:
        console = settings.console
        asked.append(("console port", console.host, console.port, "[console] port or --console"))
    if settings.broker.url == EMBEDDED:
        port = settings.broker.embedded_port
        asked.append(("broker port", "127.0.0.1", port, "[broker] embedded_port"))
    for name, host, port, setting in asked:
        address = f"{host}:{port}"
        why = _taken(host, port)
        if why is None:
            yield ok(name, f"{address} is free")
        elif service_runs:
            yield ok(name, f"{address} is in use while the service runs")
        else:
            yield fail(name, f"{address}: {why}", f"end who listens there, or set {setting}")


def _taken(host: str, port: int) -> str | None:
    try:
        with socket.create_server((host, port)):
            return None
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)


def console(folder: Path, *, is_served: bool) -> Iterator[Finding]:
    """Whether the operators' pages are in the installation."""
    if not is_served:
        yield ok("console", "not served ([console] serve = false)")
    elif (folder / "index.html").is_file():
        yield ok("console", "built")
    else:
        yield warn(
            "console",
            "this installation has none; the API answers without it",
            "install the package without LAMPLIGHTER_CONSOLE=skip, or run 'make console'",
        )
