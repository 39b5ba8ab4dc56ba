"""Files that a command writes for the user: whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from controller.errors import OutputFailed


@contextlib.contextmanager
def output_file(file: Path) -> Iterator[BinaryIO]:
    """Write a file that takes its place when it is whole; what stood there before is replaced.

    A pipe or a device is written into as it comes. Raises `OutputFailed` naming the file and
    what is wrong with it.
    """
    target = file.resolve()
    try:
        if target.is_dir():
            raise OutputFailed(f"{str(file)!r} is a folder; name a file to write")
        if target.exists() and not target.is_file():
            with target.open("wb") as out:
                yield out
            return
        if not target.parent.is_dir():
            raise OutputFailed(
                f"{str(file)!r} cannot be written: folder {str(file.parent)!r} does not exist"
            )
        with _beside(target) as out:
            yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(f"{str(file)!r} cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(13, "it is write-protected")
    handle, name = tempfile.mkstemp(prefix=".lamplighter-new.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        beside.chmod(target.stat().st_mode & 0o777 if target.exists() else _plain_mode())
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _plain_mode() -> int:
    """What a file that is simply opened would get."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
