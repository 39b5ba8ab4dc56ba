"""Errors of the inventory: what is wrong with a file, an option or a document.

All are the fault of the input, and a retry with the same input is no use. Each message is
one line that names the object, the value and what would be right.
"""


class ZonesError(Exception):
    """Root of the errors of what is on the street."""


class FileUnusable(ZonesError):
    """The file as a whole cannot be read as an inventory."""


class CoordinatesUnclear(FileUnusable):
    """Coordinates stand in the file, but in no reference system that is known."""


class MappingWrong(ZonesError):
    """A mapping names a field or a column that does not exist, or not enough is mapped."""

    def __init__(self, message: str, columns: tuple[str, ...] = ()) -> None:
        """``columns`` are those of the file, where saying other ones would put it right."""
        super().__init__(message)
        self.columns = columns


class ReferenceSystemUnknown(ZonesError):
    """The name of a coordinate reference system means nothing to the projection library."""


class OptionWrong(ZonesError):
    """An option's value is out of its range or does not fit the others."""


class NothingToImport(ZonesError):
    """Every row of the file was rejected."""
