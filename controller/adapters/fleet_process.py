"""The simulated fleet as a child process, spoken to in JSON lines over its pipes."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, Self

import msgspec

from controller.errors import ControllerError
from controller.wire.timebase import Timebase

_END_GRACE_S = 20.0
_LONGEST_LINE = 16 * 1024 * 1024


class FleetFailed(ControllerError):
    """The simulated fleet ended before it was told to."""


class FleetProcess:
    """A fleet under supervision. ``on_progress`` hears each progress event."""

    def __init__(
        self, arguments: Sequence[str], on_progress: Callable[[dict[str, Any]], None]
    ) -> None:
        self._arguments = arguments
        self._on_progress = on_progress
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "simulator",
            "--supervised",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            # Ctrl-C is for the parent, which ends the fleet in order.
            start_new_session=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_GRACE_S):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def wait_for(self, name: str) -> dict[str, Any]:
        """The next event of that name; progress on the way is handed on.

        Raises `FleetFailed` where the process ends first.
        """
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            event: dict[str, Any] = json.loads(line)
            if event["event"] == name:
                return event
            if event["event"] == "progress":
                self._on_progress(event)
        code = await self._process.wait()
        raise FleetFailed(f"the simulated fleet ended with exit code {code} before it was {name!r}")

    async def set_timebase(self, timebase: Timebase) -> None:
        """Let the street's time pass like this from now on."""
        await self._say({"timebase": msgspec.to_builtins(timebase)})

    async def step(self, do: str, **fields: object) -> None:
        """Let something happen in the street now; docs/chaos.md lists what may."""
        await self._say({"step": {"do": do, **fields}})

    async def finish(self) -> None:
        """Ask for the last reports and the summary."""
        await self._say({"finish": True})

    async def _say(self, words: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        await self._process.stdin.drain()
