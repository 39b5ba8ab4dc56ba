"""One command at a time in the folder of an authority. Knows nothing of what they do there."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other command changes the folder, and keep others waiting meanwhile.

    What is read inside still holds when it is written. The lock is the folder's own, ends with
    the process, and cannot be taken twice by one.
    """
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
