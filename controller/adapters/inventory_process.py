"""Files of an inventory read in a process of their own, so that a large one holds nobody up."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from controller.service.editing.import_reading import FileRefused, Found, Reading
from zones.said import cut, read_kept

_MAIN: Final = "from controller.cli.import_file import main; main()"
_LONGEST: Final = 500
_LENGTH_BYTES: Final = 8


async def read_apart(data_folder: Path, data: bytes, how: Reading, base: int, most: int) -> Found:
    """What is found in a file beside the documents of revision ``base`` of a store.

    Raises `FileRefused`.
    """
    options = json.dumps(asdict(how) | {"mapping": dict(how.mapping)}).encode()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _MAIN, str(data_folder), str(base), str(most),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise FileRefused(f"no process could be started to read it: {error}") from error
    try:
        made, told = await process.communicate(options + b"\n" + data)
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = told.decode(errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"reading it ended with code {process.returncode}"
        raise FileRefused(cut(read_kept(why), _LONGEST))
    size = int.from_bytes(made[:_LENGTH_BYTES], "big")
    report = made[_LENGTH_BYTES : _LENGTH_BYTES + size]
    return Found(report.decode(), made[_LENGTH_BYTES + size :])
