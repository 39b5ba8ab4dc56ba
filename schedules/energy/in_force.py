"""Which tariff and which grid factor hold for a zone on a day, and what stands in for none.

A city that declared nothing still gets figures; every figure says which document it is from,
and whether that was a default.
"""

from datetime import date
from typing import Final

from schedules.emission_factors import CHINA, EmissionFactor
from schedules.energy.previous import narrowest
from schedules.energy.tariffs import Tariff
from schedules.site import Site
from zones.models import Zone

DEFAULT_TARIFF: Final = Tariff(
    id="default-china",
    name="缺省平均电价 / default mean price",
    valid_from=date(1970, 1, 1),
    currency="CNY",
    price_per_kwh=0.7,
    flat_name="平均 / mean",
    source="assumed: a round figure near the mean price of public lighting in Chinese cities; "
    "declare tariffs.yaml",
    is_example=True,
)
"""Stands in where a Chinese city declares no tariff."""

_CHINESE_ZONES: Final = frozenset(
    {"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "Asia/Kashgar", "PRC"}
)


def is_in_china(site: Site) -> bool:
    """Whether China's default figures stand in, by the city's time zone."""
    return site.inventory.city.time_zone in _CHINESE_ZONES


def tariff_for(site: Site, zone: Zone, day: date) -> Tariff | None:
    """The tariff of a zone on a local calendar date; None where nothing is known."""
    chosen = narrowest(site.plan.tariffs, site, zone, day)
    if chosen is None and is_in_china(site):
        return DEFAULT_TARIFF
    return chosen


def is_default_tariff(tariff: Tariff) -> bool:
    """Whether nobody declared it."""
    return tariff is DEFAULT_TARIFF


def emission_factor_for(site: Site, day: date) -> EmissionFactor | None:
    """The grid factor for the energy of a control day; None where nothing is known.

    The declared one of the latest date not after the day. Without one, in China, the national
    mean of that year or else of the latest year announced.
    """
    declared = [one for one in site.plan.emission_factors if one.valid_from <= day]
    if declared:
        return max(declared, key=lambda one: one.valid_from)
    if not is_in_china(site):
        return None
    return next((one for one in CHINA if one.year == day.year), CHINA[-1])


def is_default_factor(factor: EmissionFactor) -> bool:
    """Whether nobody declared it."""
    return any(factor is one for one in CHINA)
