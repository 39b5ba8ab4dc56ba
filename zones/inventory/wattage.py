"""Wattages as inventories write them: ``105``, ``250/85``, ``286(LED)/66(LED)``, ``2x150 W``.

One cell may stand for several lamps on one pole. The outcome is a value in every case:
lamps with their power, the admission that the power is not told, or why it makes no sense.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from zones.inventory.numbers import is_blank, parse_number
from zones.inventory.sentences import SAY
from zones.inventory.technology import parse_technology
from zones.models import Technology

MAX_POWER_W: Final = 10_000.0
MAX_LAMPS: Final = 50
MAX_TEXT: Final = 200


class Lamp(NamedTuple):
    """One lamp that a cell tells of."""

    power_w: float
    technology: Technology
    """`Technology.UNKNOWN` where the cell does not say."""


class Lamps(NamedTuple):
    """The lamps of a cell, in its order; at least one."""

    lamps: tuple[Lamp, ...]


class PowerUnknown(NamedTuple):
    """The cell admits that it does not know: blank, ``N/A``, 0."""


class NotAWattage(NamedTuple):
    """The cell says something else, or what no lamp has."""

    reason: str


Wattage = Lamps | PowerUnknown | NotAWattage

_NUMBER = r"\d+(?:[.,]\d+)*"
_UNIT = r"kilowatts?|kw|千瓦|watts?|wts?|w|瓦"
_PART: Final = re.compile(
    rf"""(?P<lead>[^\d()+-]*?)\s*
    (?:(?P<count>\d{{1,2}})\s*[x×*]\s*)?
    (?P<number>{_NUMBER})\s*(?:(?P<unit>{_UNIT})(?![a-wyz]))?\.?
    (?:\s*[x×*]\s*(?P<times>\d{{1,2}})(?:\s*(?P<unit_after>{_UNIT})(?![a-z]))?)?\s*
    (?:\((?P<inner>[^()]*)\)|(?P<trail>[^\d()]*))""",
    re.VERBOSE,
)
_RANGE: Final = re.compile(
    rf"\s*{_NUMBER}\s*(?:{_UNIT})?\s*(?:-|–|—|~|to|至|到|\.\.)\s*{_NUMBER}\s*(?:{_UNIT})?\s*"
)
_SEPARATOR: Final = re.compile(r"[/\\+&;|、]|,\s+|\band\b|和")


_CLUTTER: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"_", " "),
        (r"(?<=[a-z])-(?=[a-z\d])", " "),  # the hyphen of HPS-100 is no minus
        (r"^\((\d{1,2})\)\s*(?=\d)", r"\1x"),  # (2) 100W
        (r"\b[1-9]\d00\s*k\b", ""),  # colour temperature
        (r"\b\d{2,3}\s*v(olts?)?\b", ""),  # supply voltage
        (r"\bt\s?(?:5|8|12)\b", "fluorescent"),
    )
)
"""What stands beside a wattage and is none."""


def parse_wattage(
    text: str, *, unit: str = "w", decimal_comma: bool = False, point_groups: bool = False
) -> Wattage:
    """Read one cell. ``unit``, ``w`` or ``kw``, holds where the cell names none.

    ``decimal_comma`` and ``point_groups`` are those of `parse_number`.

    ``250/85`` is two lamps, of 250 W and 85 W; a light source in brackets belongs to its
    lamp; ``2x150`` is two lamps of 150 W. A part of 0 among others is no lamp.
    """
    if len(text) > MAX_TEXT:
        return NotAWattage(SAY("wattage_long", length=len(text)))
    plain = unicodedata.normalize("NFKC", text).casefold().strip().replace("\u2212", "-")
    if is_blank(plain):
        return PowerUnknown()
    if re.fullmatch(rf"-\s*{_NUMBER}\s*(?:{_UNIT})?", plain):
        return NotAWattage(SAY("negative"))
    for pattern, replacement in _CLUTTER:
        plain = pattern.sub(replacement, plain)
    if _RANGE.fullmatch(plain):
        return NotAWattage(SAY("range"))
    lamps: list[Lamp] = []
    for part in _SEPARATOR.split(plain):
        match _parse_part(
            part.strip(), unit, decimal_comma=decimal_comma, point_groups=point_groups
        ):
            case NotAWattage() as refusal:
                return refusal
            case found:
                lamps += found
    if len(lamps) > MAX_LAMPS:
        return NotAWattage(SAY("many_lamps", count=len(lamps), most=MAX_LAMPS))
    return Lamps(tuple(lamps)) if lamps else PowerUnknown()


def _parse_part(
    part: str, unit: str, *, decimal_comma: bool, point_groups: bool
) -> list[Lamp] | NotAWattage:
    if is_blank(part):
        return []
    match = _PART.fullmatch(part)
    if match is None:
        return NotAWattage(SAY("no_wattage"))
    named = " ".join(match[group] or "" for group in ("lead", "inner", "trail")).strip(" .,:-_()")
    technology = parse_technology(named) if named else Technology.UNKNOWN
    if (
        not (match["unit"] or match["unit_after"])
        and named
        and technology is Technology.UNKNOWN
        and not re.fullmatch(r"(ca|c|approx|about|约|lamp|lamps|灯)\.?", named)
    ):
        return NotAWattage(SAY("no_source", name=named))
    number = parse_number(match["number"], decimal_comma=decimal_comma, point_groups=point_groups)
    if number is None:
        return NotAWattage(SAY("no_number", text=match["number"]))
    if match["count"] and match["times"]:
        return NotAWattage(SAY("times_twice"))
    count = int(match["count"] or match["times"] or 1)
    if match["count"] and count > 12 and number <= 12 and number == int(number):
        # "150x2": the pattern took the power for the count.
        count, number = int(number), float(count)
    if match["times"] and number <= 12 < count and number == int(number):
        count, number = int(number), float(count)
    spoken = match["unit"] or match["unit_after"] or unit
    power_w = round(number * (1000 if spoken.startswith(("k", "千")) else 1), 3)
    if power_w > MAX_POWER_W:
        return NotAWattage(SAY("too_strong", power_w=power_w, most=MAX_POWER_W))
    if power_w == 0 or count == 0:
        return []
    if count > MAX_LAMPS:
        return NotAWattage(SAY("many_lamps", count=count, most=MAX_LAMPS))
    return [Lamp(power_w, technology)] * count
