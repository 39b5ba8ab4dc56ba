"""Light sources as inventories name them."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from zones.models import Technology

# Order matters: a solar luminaire is an LED too, low pressure names pressure and sodium.
_WORDS: Final[tuple[tuple[Technology, re.Pattern[str]], ...]] = tuple(
    (technology, re.compile(pattern))
    for technology, pattern in (
        (Technology.SOLAR, r"solar|太阳能"),
        (Technology.LED, r"(?<![a-z])leds?(?![a-z])|light emitting|发光二极管"),
        (
            Technology.LOW_PRESSURE_SODIUM,
            r"low[ _-]*pressure[ _-]*sodium|\blps\b|\bsox\b|低压钠",
        ),
        (
            Technology.HIGH_PRESSURE_SODIUM,
            r"high[ _-]*pressure[ _-]*sodium|\bhp\W*sodium|\bh\.?p\.?s\.?(?![a-z])|\bhpsv\b"
            r"|\bsap\b|\bvsap\b|\bnav\b"
            r"|\bson(-?[te])?\b|\bshp\b|sodium|sodio|natrium|高压钠|钠灯",
        ),
        (
            Technology.METAL_HALIDE,
            r"metal[ _-]*halide|\bm\.?h\.?(?![a-z])|\bcmh\b|\bcdm\b|\bcdo\b|\bhqi\b|\bhit\b"
            r"|\bcpo\b|halogenuro|iodure|金卤|金属卤",
        ),
        (
            Technology.MERCURY_VAPOUR,
            r"mercury|\bm\.?v\.?(?![a-z])|\bhpmv\b|\bhql\b|\bmbf\b|mercurio|quecksilber|汞灯|水银",
        ),
        (Technology.INDUCTION, r"induction|\bqvf\b|\bql\b|无极"),
        (Technology.FLUORESCENT, r"fluor|\bt\s?(?:5|8|12)\b|\bcfl\b|\bpll\b|\bpl-l\b|荧光|节能灯"),
        (Technology.INCANDESCENT, r"incandescent|\binc\b|halogen(?!u)|白炽|卤钨"),
    )
)

SHORT_NAMES: Final[Mapping[Technology, tuple[str, str]]] = {
    Technology.LED: ("led", "LED"),
    Technology.HIGH_PRESSURE_SODIUM: ("hps", "High pressure sodium"),
    Technology.LOW_PRESSURE_SODIUM: ("lps", "Low pressure sodium"),
    Technology.METAL_HALIDE: ("mh", "Metal halide"),
    Technology.MERCURY_VAPOUR: ("mv", "Mercury vapour"),
    Technology.FLUORESCENT: ("fl", "Fluorescent"),
    Technology.INDUCTION: ("ind", "Induction"),
    Technology.INCANDESCENT: ("inc", "Incandescent"),
    Technology.SOLAR: ("solar", "Solar"),
    Technology.UNKNOWN: ("lamp", "Unknown lamp"),
}
"""Prefix of a lamp type's identifier and its name, by technology."""

ASSUMED_POWER_W: Final[Mapping[Technology, float]] = {
    Technology.LED: 80,
    Technology.HIGH_PRESSURE_SODIUM: 150,
    Technology.LOW_PRESSURE_SODIUM: 90,
    Technology.METAL_HALIDE: 150,
    Technology.MERCURY_VAPOUR: 175,
    Technology.FLUORESCENT: 60,
    Technology.INDUCTION: 85,
    Technology.INCANDESCENT: 100,
    Technology.SOLAR: 40,
    Technology.UNKNOWN: 100,
}
"""Power taken for a lamp whose power is nowhere told, W: only where the whole file tells none."""


def parse_technology(text: str) -> Technology:
    """The light source that a text names; `Technology.UNKNOWN` where it names none."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    try:
        return Technology(plain)
    except ValueError:
        pass
    for technology, pattern in _WORDS:
        if pattern.search(plain):
            return technology
    return Technology.UNKNOWN
