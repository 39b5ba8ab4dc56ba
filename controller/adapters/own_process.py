"""Work of our own in a process of its own, so that what takes long holds nobody up."""

import asyncio
import sys
from contextlib import suppress
from typing import Final, NamedTuple

_NOT_STARTED: Final = 127
"""As a shell has it."""


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    """0 where all went well; negative: the signal that ended it."""
    made: bytes
    """What it wrote to its output."""
    told: bytes
    """What it wrote to its errors."""

    @property
    def why(self) -> str:
        """The last line of what it told: why it failed."""
        lines = self.told.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"ended with code {self.code}"


async def run_apart(main: str, *arguments: str, given: bytes = b"") -> Ended:
    """Run the Python text ``main`` in a process, with ``given`` as its input.

    A cancellation ends the process. One that cannot be started has ended, and says why.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", main, *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        return Ended(_NOT_STARTED, b"", f"no process could be started: {error}".encode())
    try:
        made, told = await process.communicate(given)
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):  # it has just ended
            process.terminate()
        await process.wait()
        raise
    return Ended(process.returncode or 0, made, told)
