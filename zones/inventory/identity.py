"""Identifiers out of whatever a city paints on its poles.

An identifier is 1 to 64 of ``A-Z a-z 0-9 _ -``. What cannot stand in one is replaced, and
where that loses letters a checksum of the original keeps different things different. The
outcome depends on the text and the order of the file alone, so importing again gives the same.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 64
ROOM_FOR_SUFFIX: Final = 56
_LETTERS: Final = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l"})
_VALID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def identifier(text: str, fallback: str) -> str:
    """An identifier that resembles the text; ``fallback`` stands in for what is lost whole."""
    plain = text.strip()
    if _VALID.fullmatch(plain):
        return plain
    plain = _latin(plain)
    kept = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")
    lost = re.sub(r"[A-Za-z0-9_\-\s./\\#:,;()+]+", "", plain)
    if kept and not lost and len(kept) <= LONGEST:
        return kept
    checksum = f"{zlib.crc32(plain.encode('utf-8', 'replace')):08x}"
    return f"{(kept or fallback)[: LONGEST - 9].rstrip('-')}-{checksum}"


def _latin(text: str) -> str:
    """Latin letters without their marks, full-width ones made narrow; all else as it is."""
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


class UniqueIdentifiers:
    """Hands out each identifier once; a second luminaire of that name gets ``-2``, then ``-3``.

    ``reserved`` are the names that stand in the file: a suffix never steals one of them.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self._reserved = frozenset(reserved)
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """``wanted``, or with the first suffix that is free."""
        if wanted not in self._taken:
            self._taken.add(wanted)
            return wanted
        number = self._next.get(wanted, 2)
        stem = wanted[:ROOM_FOR_SUFFIX]
        while (candidate := f"{stem}-{number}") in self._taken or candidate in self._reserved:
            number += 1
        self._next[wanted] = number + 1
        self._taken.add(candidate)
        return candidate


class NamedIdentifiers:
    """One identifier for each name: the same again for the same name, another for another."""

    def __init__(self, fallback: str) -> None:
        self._fallback = fallback
        self._by_name: dict[str, str] = {}
        self._unique = UniqueIdentifiers(())

    def of(self, name: str) -> str:
        """The identifier that stands for a name."""
        if name not in self._by_name:
            self._by_name[name] = self._unique.take(identifier(name, self._fallback))
        return self._by_name[name]
