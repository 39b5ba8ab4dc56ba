"""Lamp types and kinds of zone of the Beijing demo city.

Figures are typical of catalogues, not of a maker: LED input power with driver, the sodium
lamp that stood there before with its ballast loss, and a driver that draws a little more
than its share of light at low levels.
"""

from typing import Final, NamedTuple

from zones.models import Category, LampType, Technology

LED_CURVE: Final = ((0, 0.04), (10, 0.13), (25, 0.26), (50, 0.48), (75, 0.73), (100, 1.0))
SODIUM_CURVE: Final = ((0, 0.3), (50, 0.62), (75, 0.8), (100, 1.0))

SODIUM_INPUT_W: Final = {70: 83.0, 100: 116.0, 150: 170.0, 250: 278.0, 400: 436.0}
"""Input power with magnetic ballast by nominal lamp power, W."""


def _led(power_w: int, replaced_w: int, *, has_clock: bool = True) -> LampType:
    suffix, words = ("", "") if has_clock else ("-no-clock", ", no clock")
    return LampType(
        id=f"led-{power_w}w{suffix}",
        name=f"LED {power_w} W{words}",
        technology=Technology.LED,
        rated_power_w=power_w,
        standby_power_w=0.5,
        power_curve=LED_CURVE,
        has_clock=has_clock,
        baseline_power_w=SODIUM_INPUT_W[replaced_w],
    )


def _sodium(nominal_w: int) -> LampType:
    return LampType(
        id=f"hps-{nominal_w}w",
        name=f"High pressure sodium {nominal_w} W, dimming ballast",
        technology=Technology.HIGH_PRESSURE_SODIUM,
        rated_power_w=SODIUM_INPUT_W[nominal_w],
        standby_power_w=1.5,
        power_curve=SODIUM_CURVE,
        warm_up_s=300,
    )


LED_30: Final = _led(30, 70)
LED_40: Final = _led(40, 70)
LED_60: Final = _led(60, 100)
LED_60_NO_CLOCK: Final = _led(60, 100, has_clock=False)
LED_90: Final = _led(90, 150)
LED_150: Final = _led(150, 250)
LED_200: Final = _led(200, 400)
LED_250: Final = _led(250, 400)
HPS_70: Final = _sodium(70)
HPS_100: Final = _sodium(100)
HPS_150: Final = _sodium(150)
HPS_250: Final = _sodium(250)


class ZoneKind(NamedTuple):
    """How a category of zone looks in the demo city."""

    name: str
    name_en: str
    share: float
    """Weight among the zones; all weights together are 1."""
    size: float
    """Luminaires in a zone of this kind, relative to the mean."""
    spacing_m: float
    street: int
    """Luminaires along one street of the zone."""
    led: LampType
    sodium: LampType | None
    """What is left from before the retrofit; None where all is LED."""
    classes: tuple[tuple[str | None, float], ...]
    """(lighting class, design illuminance in lx) pairs that zones of this kind have."""
    characters: str
    """Districts where it is common."""
    double_arm: bool = False
    """Two luminaires on each pole."""
    road: tuple[float, int] | None = None
    """Width of the carriageway, m, and its lanes; None where there is none."""


KINDS: Final[dict[Category, ZoneKind]] = {
    Category.EXPRESSWAY: ZoneKind(
        "快速路", "expressway", 0.07, 1.3, 40, 120, LED_250, None,
        (("CJJ45-I-high", 32),), "urban suburb", double_arm=True, road=(30.0, 8),
    ),
    Category.ARTERIAL: ZoneKind(
        "主干路", "arterial", 0.16, 1.3, 38, 80, LED_200, HPS_250,
        (("CJJ45-I-high", 32), ("CJJ45-I-low", 22)), "core urban suburb", double_arm=True,
        road=(22.5, 6),
    ),
    Category.COLLECTOR: ZoneKind(
        "次干路", "collector", 0.20, 1.1, 35, 60, LED_150, HPS_150,
        (("CJJ45-II-high", 22), ("CJJ45-II-low", 16)), "core urban suburb outer",
        road=(14.0, 4),
    ),
    Category.LOCAL: ZoneKind(
        "支路", "local road", 0.26, 1.0, 30, 40, LED_60, HPS_100,
        (("CJJ45-III-high", 11), ("CJJ45-III-low", 9)), "core urban suburb outer",
        road=(8.0, 2),
    ),
    Category.RESIDENTIAL: ZoneKind(
        "居住区", "residential", 0.15, 0.8, 25, 30, LED_40, HPS_70,
        (("EN13201-P3", 8), ("EN13201-P4", 5.5)), "core urban suburb outer",
        road=(6.0, 2),
    ),
    Category.PARK: ZoneKind(
        "公园", "park", 0.07, 0.5, 20, 30, LED_30, None,
        (("EN13201-P4", 5.5),), "core urban suburb outer",
    ),
    Category.LANDSCAPE: ZoneKind(
        "景观照明", "landscape", 0.05, 0.5, 15, 40, LED_30, None, ((None, 10),), "core urban",
    ),
    Category.FACADE: ZoneKind(
        "楼宇立面", "facade", 0.02, 0.3, 8, 40, LED_90, None, ((None, 20),), "core urban",
    ),
    Category.TUNNEL: ZoneKind(
        "隧道", "tunnel", 0.02, 0.6, 10, 60, LED_150, None, ((None, 60),), "urban outer",
    ),
}  # fmt: skip
"""What each category of zone is like; a table is easier to read with a kind in few lines."""
