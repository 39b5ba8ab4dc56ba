"""The operator's own base map: a PMTiles archive that the console draws below the street.

Ref: PMTiles specification, version 3.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.config import ConsoleSettings, Coordinates
from controller.errors import ConfigurationError

_MAGIC: Final = b"PMTiles"
_VERSION: Final = 3
_HEADER_BYTES: Final = 127


@dataclass(frozen=True)
class BaseMap:
    """An archive that was looked into."""

    path: Path
    coordinates: Coordinates


def base_map_of(console: ConsoleSettings) -> BaseMap | None:
    """The base map that the settings name. Raises `ConfigurationError` for one that is none."""
    path = console.base_map
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except OSError as error:
        raise ConfigurationError(
            f"base map {str(path)!r} cannot be read: {error.strerror or error}"
        ) from error
    if not head.startswith(_MAGIC) or len(head) < _HEADER_BYTES:
        raise ConfigurationError(
            f"base map {str(path)!r} is no PMTiles archive: it begins with {head[:8]!r}, "
            f"not with {_MAGIC!r}"
        )
    if head[len(_MAGIC)] != _VERSION:
        raise ConfigurationError(
            f"base map {str(path)!r} is PMTiles of version {head[len(_MAGIC)]}, not {_VERSION}: "
            "'pmtiles convert' makes it one"
        )
    return BaseMap(path, console.base_map_coordinates)
