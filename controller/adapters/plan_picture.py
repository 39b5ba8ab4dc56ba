"""A zone's plan as a picture: a year as a heat map, some nights as steps; PNG or SVG.

The one adapter that draws. matplotlib is loaded when a picture is asked for and not before,
by its object interface alone: no window, no state that outlives the picture. The same plan
gives the same bytes.
"""

import io
import warnings
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from controller.adapters.picture_text import (
    CHINESE_FAMILIES,
    LATIN_FAMILY,
    WORDS,
    Typeface,
    day_text,
    typeface_for_pixels,
    typeface_for_text,
)
from schedules import Language, Site
from schedules.compiler import locale_of
from schedules.day import Locale
from schedules.night_plan import NightPlan
from schedules.wall_chart import Chart
from zones.models import Zone
from zones.names import CATEGORIES
from zones.said import text_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_STEP_NIGHTS = 14
"""Up to so many nights are drawn as steps, more as a heat map."""
_PNG_DPI = 150
_RC: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lamplighter",
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "font.size": 11,
}


class PictureKind(StrEnum):
    """A format of pictures, by the ending of the file."""

    PNG = ".png"
    SVG = ".svg"


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """What is drawn: consecutive control days of one zone."""

    site: Site
    zone: Zone
    nights: tuple[NightPlan, ...]
    revision: int | None = None
    """Of the plan, where it is known."""

    @property
    def chart(self) -> Chart:
        """The control days in columns."""
        return Chart(self.site.time_zone, self.nights[0].day, len(self.nights))

    @property
    def in_doubt(self) -> frozenset[int]:
        """Places in `nights` of control days whose holidays are not in the data."""
        return frozenset(place for place, night in enumerate(self.nights) if night.in_doubt)

    @property
    def locale(self) -> Locale:
        """Sun and clock of the zone."""
        return locale_of(self.site, self.zone)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a picture speaks: its language, its fonts, its headings."""

    language: Language
    typeface: Typeface
    title: str
    subtitle: str
    footer: str

    def word(self, key: str, **values: object) -> str:
        """A word or sentence in the picture's language."""
        return WORDS[self.language][key].format(**values)


def draw_plan(
    plan: PicturePlan,
    kind: PictureKind,
    language: Language = Language.ENGLISH,
) -> bytes:
    """The picture of a plan as the content of a file."""
    from matplotlib import rc_context

    typeface = typeface_for_text() if kind is PictureKind.SVG else typeface_for_pixels()
    sheet = _sheet(plan, language, typeface)
    settings: Any = {**_RC, "font.family": list(typeface.families)}
    with rc_context(settings), warnings.catch_warnings():
        # In an SVG text stays text, so that this machine need not have its glyphs or fonts.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        from controller.adapters.heat_map import draw_heat_map
        from controller.adapters.night_steps import draw_night_steps

        draw = draw_night_steps if len(plan.nights) <= MAX_STEP_NIGHTS else draw_heat_map
        return _content(draw(plan, sheet), kind)


def _content(figure: "Figure", kind: PictureKind) -> bytes:
    out = io.BytesIO()
    match kind:
        case PictureKind.PNG:
            from matplotlib.backends.backend_agg import FigureCanvasAgg

            FigureCanvasAgg(figure)
            figure.savefig(out, format="png", dpi=_PNG_DPI)
        case PictureKind.SVG:
            from matplotlib.backends.backend_svg import FigureCanvasSVG

            FigureCanvasSVG(figure)
            figure.savefig(out, format="svg", metadata={"Date": None})
            return _with_chinese_fonts(out.getvalue())
    return out.getvalue()


def _with_chinese_fonts(svg: bytes) -> bytes:
    families = ", ".join(f"'{one}'" for one in (LATIN_FAMILY, *CHINESE_FAMILIES))
    return svg.replace(f"'{LATIN_FAMILY}'".encode(), families.encode())


def _sheet(plan: PicturePlan, language: Language, typeface: Typeface) -> Sheet:
    words = WORDS[language]
    site, zone, city = plan.site, plan.zone, plan.site.inventory.city
    zone_name = _name(typeface, language, zone.name, zone.name_en, zone.id)
    first, last = plan.nights[0].day, plan.nights[-1].day
    if len(plan.nights) == 1:
        key = "title_night"
    else:
        key = "title_nights" if len(plan.nights) <= MAX_STEP_NIGHTS else "title_year"
    title = words[key].format(
        zone=zone_name,
        nights=len(plan.nights),
        first=day_text(first, language),
        last=day_text(last, language),
    )
    parts = [
        _name(typeface, language, city.name, city.name_en, city.id),
        words["zone"].format(id=zone.id) if zone.id != zone_name else None,
        text_in(CATEGORIES[zone.category], language),
        words["class"].format(name=zone.lighting_class) if zone.lighting_class else None,
        site.time_zone.key,
        f"{abs(zone.latitude):.4f}°{'N' if zone.latitude >= 0 else 'S'} "
        f"{abs(zone.longitude):.4f}°{'E' if zone.longitude >= 0 else 'W'}",
        words["revision"].format(revision=plan.revision) if plan.revision else None,
    ]
    burning, full = (
        sum(one.burning_s for one in plan.nights) / 3600,
        sum(one.full_load_s for one in plan.nights) / 3600,
    )
    digits = 2 if len(plan.nights) <= MAX_STEP_NIGHTS else 0
    total = words["total"].format(burning=f"{burning:,.{digits}f}", full=f"{full:,.{digits}f}")
    return Sheet(
        language=language,
        typeface=typeface,
        title=title,
        subtitle="   ·   ".join(one for one in (*parts, total) if one),
        footer=words["made"].format(version=version("lamplighter")),
    )


def _name(
    typeface: Typeface, language: Language, name: str, name_en: str | None, identifier: str
) -> str:
    if language is Language.CHINESE:
        return typeface.first_shown(name, name_en, identifier)
    return typeface.first_shown(name_en, name, identifier)
