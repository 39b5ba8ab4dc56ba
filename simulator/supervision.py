"""Talk with the parent process: JSON lines on standard input and output.

Out: ``ready``, ``progress``, ``summary``. In: ``{"timebase": {...}}`` and ``{"step": {...}}``
(`simulator.chaos.steps`) as often as wanted, ``{"finish": true}`` once. The end of the input is
a finish too.
"""

import asyncio
import json
import os
import stat
import sys
from collections.abc import Callable
from typing import Any, Final

import msgspec

from controller.wire.timebase import Timebase
from simulator.chaos.steps import Step

_LONGEST_LINE: Final = 1 << 20


class _Line(msgspec.Struct):
    timebase: Timebase | None = None
    step: Step | None = None
    finish: bool = False


def say(event: str, **fields: Any) -> None:
    """One event to the parent, on standard output."""
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


async def _line(reader: asyncio.StreamReader, on_trouble: Callable[[str], None]) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        on_trouble(f"line from the parent is longer than {_LONGEST_LINE} bytes")
        return b""


async def listen(
    on_timebase: Callable[[Timebase], None],
    on_step: Callable[[Step], None],
    on_trouble: Callable[[str], None],
) -> None:
    """Obey the parent; return when it wants the end."""
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    # A file or /dev/null would be taken, and then fail inside the event loop.
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or sys.stdin.isatty()):
        on_trouble("standard input is no pipe: --supervised needs a parent on it")
        return
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while text := await _line(reader, on_trouble):
            try:
                line = msgspec.json.decode(text, type=_Line)
            except msgspec.MsgspecError as error:
                on_trouble(f"line from the parent is not understood: {error}")
                continue
            if line.timebase is not None:
                on_timebase(line.timebase)
            if line.step is not None:
                on_step(line.step)
            if line.finish:
                return
    finally:
        transport.close()
