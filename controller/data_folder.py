"""The data folder of a service: its store, and what to say where no city is in it.

Apart from the composition root: a command that only reads the store starts without all that a
service is made of.
"""

from pathlib import Path

from controller.adapters.sqlite import SqliteStore


def open_store(data: Path, *, read_only: bool = False, restores: bool = False) -> SqliteStore:
    """The store in a data folder, made on first use unless ``read_only``.

    With ``restores`` a damaged one is moved aside and its last whole copy takes its place.
    """
    return SqliteStore(data, read_only=read_only, restores=restores)


def no_inventory(data: Path) -> str:
    """What to say of a data folder without a city."""
    return (
        f"data folder {str(data)!r} holds no inventory: "
        "'lamplighter inventory import FILE' puts one there"
    )
