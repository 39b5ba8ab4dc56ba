"""Pictures of plans: right endings, right words, no boxes, the same bytes every time."""

import io
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib.image
import numpy as np
import pytest
from pylopdf_fonts_zh_cn import sans_path

from controller.adapters.picture_text import (
    WORDS,
    fitted,
    typeface_for_pixels,
    typeface_for_text,
)
from controller.adapters.plan_picture import PictureKind, PicturePlan, draw_plan
from schedules import Calendar, CalendarRule, Language, Site
from schedules.holiday_conditions import Holiday
from schedules.night_plan import plan_nights
from tests.fakes.one_zone import (
    BERLIN,
    KOTZEBUE,
    LONGYEARBYEN,
    LORD_HOWE,
    ZONE,
    Spot,
    program,
    site,
)

NIGHT = program("sunset", "sunrise", ("22:00", 60), ("05:00", 80), extinguish=("01:00", "03:00"))
SVG = "{http://www.w3.org/2000/svg}"


def picture_plan(where: Site, first: str, count: int, **fields: Any) -> PicturePlan:
    nights = tuple(plan_nights(where, ZONE, date.fromisoformat(first), count))
    return PicturePlan(where, where.zone(ZONE), nights, **fields)


def texts(svg: bytes) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]


def named(where: Site, **fields: Any) -> Site:
    zone = where.inventory.zones[0].model_copy(update=fields)
    return where.model_copy(
        update={"inventory": where.inventory.model_copy(update={"zones": (zone,)})}
    )


@pytest.mark.parametrize("spot", [BERLIN, KOTZEBUE, LONGYEARBYEN])
def test_a_year_is_drawn_anywhere_on_earth(spot: Spot) -> None:
    plan = picture_plan(site(NIGHT, spot), "2026-01-01", 366)
    png = draw_plan(plan, PictureKind.PNG)
    image = matplotlib.image.imread(io.BytesIO(png))
    assert image.shape[1] > 2000
    # The lit night is yellow, the day white: both take a good part of the sheet.
    yellow = (image[..., 0] > 0.9) & (image[..., 1] > 0.85) & (image[..., 2] < 0.35)
    assert yellow.mean() > 0.03


def test_what_is_lit_stands_where_the_clock_shows_it() -> None:
    lit = program("18:00", "06:00")
    image = matplotlib.image.imread(
        io.BytesIO(draw_plan(picture_plan(site(lit), "2026-01-01", 366), PictureKind.PNG))
    )
    yellow = (image[..., 0] > 0.9) & (image[..., 1] > 0.85) & (image[..., 2] < 0.35)
    height, width = yellow.shape
    rows = np.nonzero(yellow[:, width // 2 - 200])[0]
    # Half of the hours from noon to noon; the middle of the map is midnight.
    assert rows.size / height == pytest.approx(0.5 * 0.64, abs=0.02)


@pytest.mark.parametrize(("count", "title"), [(1, "night of"), (7, "to 7 Jan"), (40, "40 nights")])
@pytest.mark.parametrize("kind", list(PictureKind))
def test_nights_and_weeks_are_drawn_too(count: int, title: str, kind: PictureKind) -> None:
    plan = picture_plan(site(NIGHT, BERLIN), "2026-01-01", count)
    content = draw_plan(plan, kind)
    if kind is PictureKind.SVG:
        assert title in texts(content)[-1] or any(title in one for one in texts(content))
    else:
        assert content.startswith(b"\x89PNG")


def test_an_svg_names_zone_city_place_and_revision_as_text() -> None:
    where = named(site(NIGHT), name="阜成路", lighting_class="CJJ45-I-high")
    told = texts(
        draw_plan(
            picture_plan(where, "2026-01-01", 366, revision=12), PictureKind.SVG, Language.CHINESE
        )
    )
    joined = "\n".join(told)
    for said in (
        "阜成路：亮灯计划",
        "城",
        "主干路",
        "CJJ45-I-high",
        "Asia/Shanghai",
        "修订 12",
        "7月",
    ):
        assert said in joined
    english = "\n".join(texts(draw_plan(picture_plan(where, "2026-01-01", 366), PictureKind.SVG)))
    assert "Jul" in english
    assert "class CJJ45-I-high" in english


def test_nights_of_clock_changes_are_named() -> None:
    year = texts(draw_plan(picture_plan(site(NIGHT, BERLIN), "2026-01-01", 366), PictureKind.SVG))
    assert {"28 Mar: 23 h", "24 Oct: 25 h"} <= set(year)
    half = texts(
        draw_plan(picture_plan(site(NIGHT, LORD_HOWE), "2026-01-01", 366), PictureKind.SVG)
    )
    assert {"4 Apr: 24.5 h", "3 Oct: 23.5 h"} <= set(half)
    night = texts(draw_plan(picture_plan(site(NIGHT, BERLIN), "2026-10-24", 1), PictureKind.SVG))
    assert "clock back 1 h" in night
    assert night.count("02:00") == 2
    gap = texts(draw_plan(picture_plan(site(NIGHT, BERLIN), "2026-03-28", 1), PictureKind.SVG))
    assert "02:00" not in gap


def test_nights_whose_holidays_are_not_known_are_hatched() -> None:
    rule = CalendarRule(name="节日", when=(Holiday(country="CN"),), program="p")
    where = site(NIGHT)
    calendar = Calendar(id="all", name="all", rules=(rule,), default="p")
    where = where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )
    said = WORDS[Language.ENGLISH]["unknown"]
    for count in (7, 60):
        assert any(
            said in one
            for one in texts(draw_plan(picture_plan(where, "2090-01-01", count), PictureKind.SVG))
        )
    known = texts(draw_plan(picture_plan(where, "2025-01-01", 60), PictureKind.SVG))
    assert said not in known


@pytest.mark.parametrize(
    "name", ["$x_1$ & <b>", "a\nb\tc", "灯" * 200, "x\x00y\x07", "😀 street", "улица", "$"]
)
@pytest.mark.parametrize("kind", list(PictureKind))
def test_any_name_is_drawn(name: str, kind: PictureKind) -> None:
    where = named(site(NIGHT), name=name)
    content = draw_plan(picture_plan(where, "2026-03-20", 2), kind, Language.CHINESE)
    if kind is PictureKind.SVG:
        first_word = name.split()[0][:20].replace("\x00", " ").split()[0]
        assert any(first_word in one for one in texts(content))


def test_the_same_plan_gives_the_same_bytes() -> None:
    plan = picture_plan(site(NIGHT), "2026-01-01", 30)
    for kind in PictureKind:
        assert draw_plan(plan, kind) == draw_plan(plan, kind)


def test_a_png_is_chinese_without_a_font_of_the_system() -> None:
    assert sans_path() in (typeface_for_pixels().files or ())
    where = named(site(NIGHT), name="长安街—芙蓉路（东段）")
    # Drawing warns, and so fails here, where a glyph is missing.
    chinese, english = (
        draw_plan(picture_plan(where, "2026-01-01", 30), PictureKind.PNG, language)
        for language in (Language.CHINESE, Language.ENGLISH)
    )
    assert chinese.startswith(b"\x89PNG")
    assert chinese != english


def test_what_no_font_has_gives_way_to_another_name() -> None:
    pixels = typeface_for_pixels()
    assert pixels.has("长安街龘")
    assert pixels.first_shown("长安街", "Chang'an Avenue", "z1") == "长安街"
    assert pixels.first_shown("ꦗꦭꦤ꧀", "Java Street", "z1") == "Java Street"
    assert pixels.first_shown("ꦗꦭꦤ꧀", None, "z1") == "z1"
    assert typeface_for_text().first_shown("ꦗꦭꦤ꧀", "Java Street", "z1") == "ꦗꦭꦤ꧀"


def test_both_languages_have_the_same_words() -> None:
    assert WORDS[Language.CHINESE].keys() == WORDS[Language.ENGLISH].keys()


def test_long_lines_are_set_smaller() -> None:
    assert fitted("short", 20, 1000) == 20
    assert fitted("长" * 100, 20, 1000) == pytest.approx(10)
