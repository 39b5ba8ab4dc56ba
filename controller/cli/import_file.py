"""The process that the service starts for a file of an inventory; no command for people."""

import json
import os
import sys
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from controller.errors import ControllerError
from controller.service.editing.import_reading import Reading, read_file
from zones.said import kept, message_of


def main() -> None:
    """Read a line of options and a file; write the report's length (8 bytes), it, the inventory.

    Arguments are the data folder, the revision to compare with, and how many luminaires may be
    touched without a second person.
    """
    os.nice(10)  # the street comes first
    folder, base, most = sys.argv[1:]
    options, _, data = sys.stdin.buffer.read().partition(b"\n")
    try:
        with SqliteStore(Path(folder), read_only=True) as store:
            site = store.load_site(int(base))
        if site is None:
            raise ControllerError(f"revision {base} holds no inventory")
        how = Reading(**json.loads(options))
        found = read_file(data, how, site, int(most))
    except ControllerError as error:
        sys.stderr.buffer.write(kept(message_of(error)).encode())
        sys.exit(1)
    report = found.report.encode()
    sys.stdout.buffer.write(len(report).to_bytes(8, "big") + report + found.inventory)
