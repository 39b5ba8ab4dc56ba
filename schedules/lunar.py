"""The Chinese lunar calendar, as the `borax` library records it.

Owns lunar dates and the traditional festivals with their civil dates. Known from 1900-01-31
to 2101-01-28, the span of the library's tables; what lies outside is None.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from borax.calendars.lunardate import (
    MAX_LUNAR_YEAR,
    MAX_SOLAR_DATE,
    MIN_LUNAR_YEAR,
    MIN_SOLAR_DATE,
    LCalendars,
    LunarDate,
    TermUtils,
)

FIRST_DATE: Final[date] = MIN_SOLAR_DATE
LAST_DATE: Final[date] = MAX_SOLAR_DATE
_DAY = timedelta(days=1)


class Festival(StrEnum):
    """A traditional festival; two of them are solar terms."""

    SPRING_FESTIVAL = "spring_festival"
    LANTERN_FESTIVAL = "lantern_festival"
    DRAGON_HEAD = "dragon_head"
    SHANGSI = "shangsi"
    QINGMING = "qingming"
    DRAGON_BOAT = "dragon_boat"
    QIXI = "qixi"
    ZHONGYUAN = "zhongyuan"
    MID_AUTUMN = "mid_autumn"
    CHONGYANG = "chongyang"
    WINTER_SOLSTICE = "winter_solstice"
    LABA = "laba"
    LITTLE_NEW_YEAR = "little_new_year"
    NEW_YEARS_EVE = "new_years_eve"


FESTIVAL_NAMES: Final[Mapping[Festival, tuple[str, str]]] = MappingProxyType(
    {
        Festival.SPRING_FESTIVAL: ("春节", "Spring Festival"),
        Festival.LANTERN_FESTIVAL: ("元宵节", "Lantern Festival"),
        Festival.DRAGON_HEAD: ("龙抬头", "Dragon Head Day"),
        Festival.SHANGSI: ("上巳节", "Shangsi Festival"),
        Festival.QINGMING: ("清明节", "Qingming"),
        Festival.DRAGON_BOAT: ("端午节", "Dragon Boat Festival"),
        Festival.QIXI: ("七夕节", "Qixi Festival"),
        Festival.ZHONGYUAN: ("中元节", "Zhongyuan Festival"),
        Festival.MID_AUTUMN: ("中秋节", "Mid-Autumn Festival"),
        Festival.CHONGYANG: ("重阳节", "Chongyang Festival"),
        Festival.WINTER_SOLSTICE: ("冬至", "Winter Solstice"),
        Festival.LABA: ("腊八节", "Laba Festival"),
        Festival.LITTLE_NEW_YEAR: ("小年", "Little New Year"),
        Festival.NEW_YEARS_EVE: ("除夕", "Lunar New Year's Eve"),
    }
)
"""Chinese and English name."""

_MONTH_AND_DAY = {
    Festival.SPRING_FESTIVAL: (1, 1),
    Festival.LANTERN_FESTIVAL: (1, 15),
    Festival.DRAGON_HEAD: (2, 2),
    Festival.SHANGSI: (3, 3),
    Festival.DRAGON_BOAT: (5, 5),
    Festival.QIXI: (7, 7),
    Festival.ZHONGYUAN: (7, 15),
    Festival.MID_AUTUMN: (8, 15),
    Festival.CHONGYANG: (9, 9),
    Festival.LABA: (12, 8),
    Festival.LITTLE_NEW_YEAR: (12, 23),
}
_SOLAR_TERM = {Festival.QINGMING: "清明", Festival.WINTER_SOLSTICE: "冬至"}


class Lunar(NamedTuple):
    """A lunar date; compares in order of time."""

    year: int
    """The civil year in which the lunar year begins."""
    month: int
    is_leap: bool
    """Of the leap month, which follows the month of its number."""
    day: int


@lru_cache(maxsize=65_536)
def lunar_date(day: date) -> Lunar | None:
    """The lunar date of a civil date in China; None where it is not known."""
    if not FIRST_DATE <= day <= LAST_DATE:
        return None
    found = LunarDate.from_solar(day)
    return Lunar(found.year, found.month, bool(found.leap), found.day)


@lru_cache(maxsize=4096)
def month_days(year: int, month: int, *, is_leap: bool) -> int | None:
    """Days of a lunar month, 29 or 30; None where there is no such month, or none known."""
    if not MIN_LUNAR_YEAR <= year <= MAX_LUNAR_YEAR:
        return None
    if is_leap and LCalendars.leap_month(year) != month:
        return None
    return int(LCalendars.ndays(year, month, is_leap))


@lru_cache(maxsize=65_536)
def festival_date(festival: Festival, year: int) -> date | None:
    """Civil date of a festival of a lunar year, or of a civil year for a solar term.

    A festival falls in the ordinary month of its number, never in the leap month. None
    where it is not known.
    """
    if not MIN_LUNAR_YEAR <= year <= MAX_LUNAR_YEAR:
        return None
    term = _SOLAR_TERM.get(festival)
    if term is not None:
        found: date = TermUtils.nth_term_day(year, term_name=term)
        return found
    if festival is Festival.NEW_YEARS_EVE:
        if year == MAX_LUNAR_YEAR:
            return LAST_DATE
        return _civil(year + 1, 1, 1) - _DAY
    return _civil(year, *_MONTH_AND_DAY[festival])


def _civil(year: int, month: int, day: int) -> date:
    found: date = LunarDate(year, month, day).to_solar_date()
    return found
