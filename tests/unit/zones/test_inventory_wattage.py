"""Wattages as the world writes them."""

import pytest

from zones import Technology
from zones.inventory.technology import parse_technology
from zones.inventory.wattage import Lamps, NotAWattage, PowerUnknown, parse_wattage


@pytest.mark.parametrize(
    ("text", "powers"),
    [
        ("105", [105]),
        ("105W", [105]),
        ("105 W", [105]),
        ("105 watts", [105]),
        ("105.0", [105]),
        ("１０５瓦", [105]),
        ("70,5", [70.5]),
        ("1,000", [1000]),
        ("0.25 kW", [250]),
        ("0,25kW", [250]),
        ("250/85", [250, 85]),
        ("250 / 85 W", [250, 85]),
        ("250W+85W", [250, 85]),
        ("286(LED)/66(LED)", [286, 66]),
        ("2x150", [150, 150]),
        ("2*150W", [150, 150]),
        ("2 × 150 W", [150, 150]),
        ("150Wx2", [150, 150]),
        ("150x2", [150, 150]),
        ("LED 105W", [105]),
        ("HPS-100", [100]),
        ("100, 70", [100, 70]),
        ("250/0", [250]),
    ],
)
def test_lamps_of_a_cell(text: str, powers: list[float]) -> None:
    wattage = parse_wattage(text)
    assert isinstance(wattage, Lamps)
    assert [lamp.power_w for lamp in wattage.lamps] == powers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "N/A",
        "n/a",
        "unknown",
        "0",
        "0W",
        "0.0",
        "-",
        "未知",
        "NULL",
        "0/0",
        "—",
        "–",
        "#N/D",
        "不明",
    ],
)
def test_cells_that_do_not_know(text: str) -> None:
    assert parse_wattage(text) == PowerUnknown()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-70", "negative"),
        ("70-100", "range"),
        ("70 to 100 W", "range"),
        ("20000", "no lamp has more than 10,000 W"),
        ("11 kW", "no lamp has more than 10,000 W"),
        ("Cobrahead", "is no wattage"),
        ("100 lm", "'lm'"),
        ("1.2.3", "no number"),
        ("5x", "'x'"),
        ("99x100", "99 lamps"),
        ("1" * 300, "300 characters"),
    ],
)
def test_cells_that_make_no_sense_say_why(text: str, reason: str) -> None:
    wattage = parse_wattage(text)
    assert isinstance(wattage, NotAWattage)
    assert reason in wattage.reason


def test_the_header_may_hold_the_unit_and_the_file_the_comma() -> None:
    assert parse_wattage("0.1", unit="kw") == parse_wattage("100")
    assert parse_wattage("66,000", decimal_comma=True) == parse_wattage("66")


def test_a_source_in_brackets_belongs_to_its_lamp() -> None:
    wattage = parse_wattage("286(LED)/66(HPS)")
    assert isinstance(wattage, Lamps)
    assert [lamp.technology for lamp in wattage.lamps] == [
        Technology.LED,
        Technology.HIGH_PRESSURE_SODIUM,
    ]


@pytest.mark.parametrize(
    ("text", "technology"),
    [
        ("LED", Technology.LED),
        ("led_cobra", Technology.LED),
        ("High Pressure Sodium", Technology.HIGH_PRESSURE_SODIUM),
        ("HPS", Technology.HIGH_PRESSURE_SODIUM),
        ("SON-T", Technology.HIGH_PRESSURE_SODIUM),
        ("高压钠灯", Technology.HIGH_PRESSURE_SODIUM),
        ("Natriumdampf", Technology.HIGH_PRESSURE_SODIUM),
        ("Low Pressure Sodium", Technology.LOW_PRESSURE_SODIUM),
        ("SOX", Technology.LOW_PRESSURE_SODIUM),
        ("MH", Technology.METAL_HALIDE),
        ("金卤灯", Technology.METAL_HALIDE),
        ("M.V.", Technology.MERCURY_VAPOUR),
        ("Mercury Vapor", Technology.MERCURY_VAPOUR),
        ("Solar", Technology.SOLAR),
        ("太阳能LED", Technology.SOLAR),
        ("Induction", Technology.INDUCTION),
        ("Fluorescent", Technology.FLUORESCENT),
        ("Incandescent", Technology.INCANDESCENT),
        ("metal_halide", Technology.METAL_HALIDE),
        ("2 x 14W T5", Technology.FLUORESCENT),
        ("INC", Technology.INCANDESCENT),
        ("NAV", Technology.HIGH_PRESSURE_SODIUM),
        ("Cobrahead", Technology.UNKNOWN),
        ("Leased", Technology.UNKNOWN),
        ("Jason", Technology.UNKNOWN),
        ("", Technology.UNKNOWN),
    ],
)
def test_light_sources(text: str, technology: Technology) -> None:
    assert parse_technology(text) is technology


@pytest.mark.parametrize(
    ("text", "lamps"),
    [
        ("1 x 70W SON", [(70, Technology.HIGH_PRESSURE_SODIUM)]),
        ("2 x 14W T5", [(14, Technology.FLUORESCENT), (14, Technology.FLUORESCENT)]),
        ("70W SON-T", [(70, Technology.HIGH_PRESSURE_SODIUM)]),
        ("70W_HPS", [(70, Technology.HIGH_PRESSURE_SODIUM)]),
        ("(2) 100W", [(100, Technology.UNKNOWN), (100, Technology.UNKNOWN)]),
        ("LED 60W 3000K 230V", [(60, Technology.LED)]),
        ("CDO-TT 70W", [(70, Technology.METAL_HALIDE)]),
        ("70W Cobrahead", [(70, Technology.UNKNOWN)]),
        ("250\\85", [(250, Technology.UNKNOWN), (85, Technology.UNKNOWN)]),
    ],
)
def test_wattages_with_company(text: str, lamps: list[tuple[float, Technology]]) -> None:
    wattage = parse_wattage(text)
    assert isinstance(wattage, Lamps)
    assert [tuple(lamp) for lamp in wattage.lamps] == lamps


@pytest.mark.parametrize("text", ["100 Wh", "100 lm", "70 Cobrahead"])
def test_numbers_of_something_else(text: str) -> None:
    assert isinstance(parse_wattage(text), NotAWattage)
