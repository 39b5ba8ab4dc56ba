"""Files of an inventory read in a process of their own, so that a large one holds nobody up."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

from controller.adapters.own_process import run_apart
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
    ended = await run_apart(
        _MAIN, str(data_folder), str(base), str(most), given=options + b"\n" + data
    )
    if ended.code != 0:
        raise FileRefused(cut(read_kept(ended.why), _LONGEST))
    size = int.from_bytes(ended.made[:_LENGTH_BYTES], "big")
    report = ended.made[_LENGTH_BYTES : _LENGTH_BYTES + size]
    return Found(report.decode(), ended.made[_LENGTH_BYTES + size :])
