"""Numbers and coordinates as people write them. Pure text; no judgement about plausibility."""

import re
import unicodedata
from typing import Final

_BLANK_WORDS: Final = (
    "- -- --- – — —— ― _ / \\ ? ?? . n/a n\\a n.a na n.a. #n/a #n/d n.d. n/d none null "
    "<null> (null) nil nan unknown unk undefined tbd tbc unbekannt inconnu desconocido "
    "未知 无 無 不详 不明 空 待定 暂无"
)
BLANKS: Final = frozenset(_BLANK_WORDS.split()) | {"", "not available", "not known"}
"""What stands in a cell that tells nothing (compared without case)."""

LONGEST_BLANK: Final = 40
"""Longer cells are not looked up; room for blanks around the longest of `BLANKS`."""

_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_GROUPED_POINT: Final = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d*")
_ANGLE: Final = re.compile(
    r"""(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<degrees>\d{1,3}(?:[.,]\d+)?)\s*[°º]?
    (?:(?:(?<=[°º])|[\s:])\s*(?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*['′]?
    (?:(?:(?<=['′])|[\s:])\s*(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:["″]|''|′′)?)?)?
    \s*(?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)


def is_blank(text: str) -> bool:
    """Whether a cell tells nothing: empty, ``N/A``, ``unknown`` and the like."""
    return len(text) < LONGEST_BLANK and text.strip().casefold() in BLANKS


def parse_number(
    text: str, *, decimal_comma: bool = False, point_groups: bool = False
) -> float | None:
    """A number, or None where the text is none (or not finite).

    Understands ``1234.5``, ``1,234.5``, ``1234,5`` and full-width digits. A lone comma is
    a decimal comma unless exactly three digits follow and ``decimal_comma`` is False.
    ``point_groups`` says that ``1.000`` is a thousand.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    plain = plain.replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    if (point_groups or (decimal_comma and "," in plain)) and _GROUPED_POINT.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif not decimal_comma and _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    elif _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _PLAIN.fullmatch(plain):
        return None
    value = float(plain)
    return value if abs(value) < 1e300 else None


def parse_coordinate(text: str) -> float | None:
    """A coordinate: a number, or degrees, minutes, seconds with a hemisphere; None if neither.

    South and west are negative. In a coordinate a lone comma is always a decimal comma.
    """
    try:
        value = float(text)
    except ValueError:
        pass
    else:
        return value if abs(value) < 1e300 and "_" not in text else None
    number = parse_number(text, decimal_comma=True)
    if number is not None:
        return number
    match = _ANGLE.fullmatch(unicodedata.normalize("NFC", text).strip())
    if match is None or (match["before"] and match["after"]):
        return None
    hemisphere = (match["before"] or match["after"] or "").upper()
    if not hemisphere and match["minutes"] is None and "°" not in text:
        return None
    degrees, minutes, seconds = (
        float((match[part] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")
    )
    if minutes >= 60 or seconds >= 60:
        return None
    angle = degrees + minutes / 60 + seconds / 3600
    return -angle if (hemisphere in ("S", "W")) != (match["sign"] == "-") else angle
