"""How the processes of a benchmark speak: JSON lines on standard input and output.

`Orders` is the child's side, `Child` that of the process that measures. Each line in is an
order, each line out an event; what a child says besides goes to standard error.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, Final, Self

from controller.errors import ControllerError

_END_GRACE_S: Final = 20.0
_FAILED: Final = "failed"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class ChildFailed(ControllerError):
    """A process of a benchmark ended, or did not answer, before its work was done."""


async def orders() -> AsyncIterator[dict[str, Any]]:
    """The orders of the parent, until it closes the pipe."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


def tell(event: str, **more: object) -> None:
    """Tell the parent."""
    print(json.dumps({"event": event, **more}), flush=True)


def run_child(work: Coroutine[Any, Any, None]) -> None:
    """Do the work of a child; what fails is told to the parent in one line."""
    try:
        try:
            asyncio.run(work)
        except BaseExceptionGroup as group:
            # Tasks that failed together: the first reason is the one to tell.
            raise _first(group) from None
    except ControllerError as error:
        tell(_FAILED, why=str(error))
        sys.exit(1)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Child:
    """A module of ours in a process of its own."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"controller.cli.bench.{self._module}",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which ends its children in order
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(_END_GRACE_S):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    async def order(self, name: str, **more: object) -> None:
        """Tell it to do something."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"order": name, **more}).encode() + b"\n")
        with contextlib.suppress(ConnectionError):  # it ended: the wait for its answer says why
            await self._process.stdin.drain()

    async def until(self, event: str, within_s: float) -> dict[str, Any]:
        """The next event of this name. Raises `ChildFailed`."""
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within_s):
                while line := await self._process.stdout.readline():
                    said: dict[str, Any] = json.loads(line)
                    if said["event"] == event:
                        return said
                    if said["event"] == _FAILED:
                        raise ChildFailed(said["why"])
                code = await self._process.wait()
        except TimeoutError:
            raise ChildFailed(
                f"benchmark process {self._module!r} was not {event!r} within {within_s:.0f} s"
            ) from None
        raise ChildFailed(
            f"benchmark process {self._module!r} ended with code {code} before it was {event!r}"
        )

    async def does(self, name: str, event: str, within_s: float, **more: object) -> dict[str, Any]:
        """Give an order and wait for the event that says it is done."""
        await self.order(name, **more)
        return await self.until(event, within_s)
