"""Documents of the Beijing demo: what its energy is counted, priced and measured against.

The hours of the tariff are those of Beijing's time-of-use prices; its prices, the baseline
and the targets are made up, and say so.
"""

from collections.abc import Iterable
from datetime import date

from schedules.calendars import MonthDay, YearlyRange
from schedules.energy.baselines import DeclaredBaseline, DuskToDawn
from schedules.energy.targets import Target, TargetPeriod
from schedules.energy.tariffs import ClockSpan, PriceBand, Tariff
from zones.models import Inventory

_EXAMPLE = "synthetic, for the demo"
_SAVED = 0.55


def demo_baseline() -> DeclaredBaseline:
    """The sodium lamps that stood there before, from sunset to sunrise."""
    return DeclaredBaseline(
        id="before-retrofit",
        name="改造前 / before the retrofit",
        valid_from=date(2020, 1, 1),
        hours=DuskToDawn(),
        source=f"{_EXAMPLE}: the lamp types' baseline_power_w, from sunset to sunrise",
        declared_on=date(2020, 1, 1),
    )


def demo_tariff() -> Tariff:
    """Peak, flat and valley, with a sharp peak on summer days and winter evenings."""
    summer = YearlyRange(first=MonthDay(month=7, day=1), last=MonthDay(month=8, day=31))
    winter = YearlyRange(first=MonthDay(month=12, day=1), last=MonthDay(month=1, day=31))
    return Tariff(
        id="demo-time-of-use",
        name="分时电价（示例）/ time of use (example)",
        valid_from=date(2020, 1, 1),
        currency="CNY",
        price_per_kwh=0.80,
        flat_name="平段 / flat",
        bands=(
            PriceBand(
                name="尖峰 / sharp peak", price_per_kwh=1.40,
                hours=_spans("11:00-13:00 16:00-17:00"), when=(summer,),
                instead_of=("高峰 / peak",),
            ),
            PriceBand(
                name="尖峰 / sharp peak", price_per_kwh=1.40, hours=_spans("18:00-21:00"),
                when=(winter,), instead_of=("高峰 / peak",),
            ),
            PriceBand(
                name="高峰 / peak", price_per_kwh=1.20, hours=_spans("10:00-13:00 17:00-22:00")
            ),
            PriceBand(name="低谷 / valley", price_per_kwh=0.40, hours=_spans("23:00-07:00")),
        ),
        source=f"{_EXAMPLE}: hours as in Beijing's time-of-use prices, prices made up",
        is_example=True,
    )  # fmt: skip


def demo_targets(inventory: Inventory) -> Iterable[Target]:
    """The same share saved of the baseline for the city and every district with zones."""
    served = {zone.district for zone in inventory.zones}
    districts = [one.id for one in inventory.districts if one.id in served]
    for district in (None, *districts):
        for period in TargetPeriod:
            yield Target(
                id=f"{district or 'city'}-{period.value}",
                district=district,
                period=period,
                saved_ratio=_SAVED,
                source=_EXAMPLE,
            )


def _spans(text: str) -> tuple[ClockSpan, ...]:
    return tuple(ClockSpan.read(one) for one in text.split())
