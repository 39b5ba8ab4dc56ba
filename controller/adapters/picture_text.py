"""Text on pictures: fonts that have the glyphs, and words in both languages.

A PNG never shows boxes: Noto Sans SC is installed with us, and a name of characters that it
has not gives way to its other form or its identifier. In an SVG text stays text and the
reader's machine has the fonts.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from schedules import Language

LATIN_FAMILY: Final = "DejaVu Sans"
"""Comes with matplotlib."""
CHINESE_FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
)
"""Named in an SVG for the reader's machine; this one need not have them."""
_LONGEST: Final = 60
_WIDE, _NARROW = 1.0, 0.67
"""Widths of characters, in sizes of the font; of a narrow one, the mean in bold."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """The fonts of one picture."""

    families: tuple[str, ...]
    """Names for matplotlib, tried for every glyph in this order."""
    files: tuple[Path, ...] | None
    """What the glyphs are taken from; None: text stays text, whatever its glyphs."""

    @property
    def title_weight(self) -> str:
        """Bold, where every font has it."""
        return "normal" if len(self.families) > 1 else "bold"

    def has(self, text: str) -> bool:
        """Whether every character can be shown."""
        if self.files is None:
            return True
        return all(any(ord(one) in _glyphs(file) for file in self.files) for one in text)

    def first_shown(self, *texts: str | None) -> str:
        """The first of some texts that can be shown, on one line and not too long."""
        lines = [_one_line(one) for one in texts if one]
        return next((one for one in lines if one and self.has(one)), lines[-1])


def typeface_for_text() -> Typeface:
    """For pictures in which text stays text."""
    return Typeface((LATIN_FAMILY,), None)


def typeface_for_pixels() -> Typeface:
    """For pictures of pixels: matplotlib's own font, and Noto Sans SC."""
    from matplotlib import font_manager
    from pylopdf_fonts_zh_cn import sans_path

    latin, chinese = Path(font_manager.findfont(LATIN_FAMILY)), sans_path()
    family = font_manager.get_font(str(chinese)).family_name
    if family not in {one.name for one in font_manager.fontManager.ttflist}:
        font_manager.fontManager.addfont(str(chinese))
    return Typeface((LATIN_FAMILY, family), (latin, chinese))


@lru_cache(maxsize=2)
def _glyphs(file: Path) -> frozenset[int]:
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(str(file)).get_charmap())


def fitted(text: str, size: float, room: float) -> float:
    """The font size, points, with which a line has room; `size` where that is not too large."""
    width = sum(_WIDE if unicodedata.east_asian_width(one) in "WF" else _NARROW for one in text)
    return min(size, room / max(width, 1.0))


def _one_line(text: str) -> str:
    # What is not printable is not allowed in XML either.
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ENGLISH: {
        "title_year": "{zone}: lighting plan of {nights} nights, {first} to {last}",
        "title_nights": "{zone}: lighting plan, {first} to {last}",
        "title_night": "{zone}: lighting plan of the night of {first}",
        "clock_shift": "clock {shift} on {day}: a night of {hours} hours",
        "clock_forward": "clock forward",
        "clock_back": "clock back",
        "night_of": "{hours} h",
        "hour": "local time, from noon to noon",
        "level": "level, % of rated light output",
        "sun_up": "sun up",
        "twilight": "civil twilight",
        "unlit": "night, not lit",
        "sunset": "sunset and sunrise",
        "civil_dusk": "civil dusk and dawn (-6°)",
        "missing": "hour that the clock skips",
        "twice": "an hour that the clock shows twice is halved: first time left, second right",
        "unknown": "holidays not known yet",
        "hours": "hours a night",
        "burning": "burning hours",
        "full": "full-load hours",
        "total": "{burning} burning hours, {full} full-load hours",
        "revision": "revision {revision}",
        "class": "class {name}",
        "zone": "zone {id}",
        "made": "Lamplighter {version}; overrides are not shown",
    },
    Language.CHINESE: {
        "title_year": "{zone}：亮灯计划，{nights} 夜，{first} 至 {last}",
        "title_nights": "{zone}：亮灯计划，{first} 至 {last}",
        "title_night": "{zone}：{first} 夜间亮灯计划",
        "clock_shift": "{day} 时钟{shift}：当夜 {hours} 小时",
        "clock_forward": "拨快",
        "clock_back": "拨慢",
        "night_of": "{hours} 小时",
        "hour": "当地时间（正午至次日正午）",
        "level": "亮度（额定光输出的 %）",
        "sun_up": "白天",
        "twilight": "民用晨昏蒙影",
        "unlit": "夜间未亮灯",
        "sunset": "日落与日出",
        "civil_dusk": "民用昏影终与晨光始（-6°）",
        "missing": "时钟跳过的时段",
        "twice": "时钟重复的一小时分为两半：左为第一次，右为第二次",
        "unknown": "节假日安排尚无数据",
        "hours": "每夜小时数",
        "burning": "亮灯小时",
        "full": "折合满负荷小时",
        "total": "亮灯 {burning} 小时，折合满负荷 {full} 小时",
        "revision": "修订 {revision}",
        "class": "照明等级 {name}",
        "zone": "分区 {id}",
        "made": "Lamplighter {version}；不含临时指令",
    },
}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {
    Language.ENGLISH: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    Language.CHINESE: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}


def day_text(day: date, language: Language) -> str:
    """A date with its year."""
    if language is Language.CHINESE:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def weekday_text(day: date, language: Language) -> str:
    """A date without its year, and the day of the week."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language is Language.CHINESE:
        return f"{day.month}月{day.day}日 {weekday}"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}"


def month_text(day: date, language: Language) -> str:
    """A month."""
    return f"{day.month}月" if language is Language.CHINESE else _MONTHS[day.month - 1]


def year_text(year: int, language: Language) -> str:
    """A year."""
    return f"{year}年" if language is Language.CHINESE else str(year)


def short_day_text(day: date, language: Language) -> str:
    """A date without its year."""
    if language is Language.CHINESE:
        return f"{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]}"
