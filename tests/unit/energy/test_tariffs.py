"""Tariffs: what a kilowatt-hour costs at a local time."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from controller.service.editing.drafts import Draft, DraftWrong, Put, applied
from schedules import MonthDay, Weekday, Weekdays, YearlyRange, day_bounds
from schedules.energy.in_force import DEFAULT_TARIFF, is_default_tariff, tariff_for
from schedules.energy.presets import demo_tariff
from schedules.energy.tariff_overlaps import overlaps
from schedules.energy.tariffs import ClockSpan, PriceBand, Tariff, prices_at
from schedules.overrides import Selector
from tests.fakes.small_city import small_site

BEIJING = ZoneInfo("Asia/Shanghai")


def tariff(**fields: object) -> Tariff:
    told: dict[str, object] = {
        "id": "t", "name": "t", "valid_from": "2026-01-01", "currency": "CNY",
        "price_per_kwh": 0.8, **fields,
    }  # fmt: skip
    return Tariff.model_validate(told)


def band(name: str, price: float, *hours: str, **fields: object) -> dict[str, object]:
    return {"name": name, "price_per_kwh": price, "hours": list(hours), **fields}


def prices_of(one: Tariff, day: date) -> dict[str, str]:
    """Band by clock time, on the hour."""
    found = one.day_prices(day)
    return {f"{hour:02d}": found[4 * hour].band for hour in range(24)}


def test_beijings_hours() -> None:
    november = prices_of(demo_tariff(), date(2026, 11, 20))
    assert [hour for hour, name in november.items() if "peak" in name] == [
        "10", "11", "12", "17", "18", "19", "20", "21",
    ]  # fmt: skip
    assert [hour for hour, name in november.items() if "valley" in name] == [
        "00", "01", "02", "03", "04", "05", "06", "23",
    ]  # fmt: skip
    assert november["22"] == "平段 / flat"
    december = prices_of(demo_tariff(), date(2026, 12, 1))
    assert [hour for hour, name in december.items() if "sharp" in name] == ["18", "19", "20"]
    assert "sharp" in prices_of(demo_tariff(), date(2026, 7, 1))["16"]


def test_a_span_passes_midnight_and_a_band_has_its_days() -> None:
    weekend = Weekdays(days=frozenset({Weekday.SATURDAY, Weekday.SUNDAY}))
    one = tariff(
        bands=[
            band("weekend", 0.5, "00:00-24:00", when=[weekend]),
            band("night", 0.3, "22:30-06:15", unless=[weekend]),
        ]
    )
    friday = one.day_prices(date(2026, 11, 20))
    assert friday[22 * 4 + 1].band == "flat"
    assert friday[22 * 4 + 2].band == friday[0].band == friday[24].band == "night"
    assert friday[25].band == "flat"
    assert {found.band for found in one.day_prices(date(2026, 11, 21))} == {"weekend"}


def test_the_first_band_that_holds_counts() -> None:
    summer = YearlyRange(first=MonthDay(month=6, day=1), last=MonthDay(month=8, day=31))
    one = tariff(
        bands=[band("sharp", 2.0, "18:00-19:00", when=[summer]), band("peak", 1.2, "17:00-22:00")]
    )
    assert one.day_prices(date(2026, 7, 1))[18 * 4].price_per_kwh == 2.0
    assert one.day_prices(date(2026, 9, 1))[18 * 4].price_per_kwh == 1.2


def test_bands_that_overlap_without_a_word_are_named() -> None:
    weekend = Weekdays(days=frozenset({Weekday.SATURDAY, Weekday.SUNDAY}))
    summer = YearlyRange(first=MonthDay(month=6, day=1), last=MonthDay(month=8, day=31))
    one = tariff(
        bands=[
            band("sharp", 2.0, "18:00-19:00", "23:30-00:30", when=[summer]),
            band("peak", 1.2, "17:00-18:15", "22:00-23:45"),
            band("quiet", 0.5, "18:30-19:00", when=[weekend], unless=[summer]),
        ]
    )
    (found,) = overlaps(one)
    assert (found.number, found.other) == (0, 1)
    assert found.message == (
        "tariff 't': bands 'sharp' and 'peak' both hold 18:00-18:15, 23:30-23:45, on 2026-06-01 "
        "for one; keep their hours apart, or say 'instead_of: [peak]' in 'sharp', whose price "
        "then counts"
    )
    sharp = one.bands[0].model_copy(update={"instead_of": ("peak",)})
    assert not list(overlaps(one.model_copy(update={"bands": (sharp, *one.bands[1:])})))
    assert not list(overlaps(demo_tariff()))
    assert not list(overlaps(tariff(valid_from="9999-12-01", bands=[band("x", 1, "07:00-08:00")])))


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24)])
def test_a_day_of_23_and_of_25_hours_has_a_price_at_every_quarter(day: date) -> None:
    london = ZoneInfo("Europe/London")
    start, end = day_bounds(london, day)
    one = tariff(currency="GBP", bands=[band("night", 0.1, "01:00-02:00")])
    priced = prices_at(one, range(start, end, 900), london)
    hours = len(priced) / 4
    assert hours == (23 if day.month == 3 else 25)
    # The hour from one to two is skipped in spring and comes twice in autumn.
    assert sum(found.band == "night" for found in priced) == (0 if day.month == 3 else 8)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"bands": [band("x", 1, "7-8")]}, "'7-8' is no span of clock times"),
        ({"bands": [band("x", 1, "07:10-08:00")]}, "on the quarter-hour"),
        ({"bands": [band("x", 1, "07:00-07:00")]}, "whole day is '00:00-24:00'"),
        ({"bands": [band("x", 1, "25:00-26:00")]}, "'25:00' is no clock time"),
        ({"bands": [band("x", 1, "07:00-08:00"), band("x", 2, "09:00-10:00")]}, "one name, one"),
        (
            {"bands": [band("x", 1, "07:00-08:00"), band("y", 2, "07:00-08:00", instead_of=["x"])]},
            r"instead of 'x', which is no band that stands after it",
        ),
        ({"currency": "yuan"}, "pattern"),
        ({"price_per_kwh": -1}, "greater than or equal to 0"),
        ({"selector": {"luminaires": ["a1"]}}, "accounted by zone"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        tariff(**fields)


def test_a_span_reads_back() -> None:
    for text in ("00:00-24:00", "22:00-07:00", "10:15-10:30", "23:00-24:00"):
        assert ClockSpan.read(text).text == text
        assert ClockSpan.read(ClockSpan.read(text).text) == ClockSpan.read(text)
    assert len(ClockSpan.read("23:00-07:00").quarters()) == 32
    assert PriceBand.model_validate(band("x", 1, "23:00-24:00")).hours[0].quarters() == frozenset(
        range(92, 96)
    )


def test_the_tariff_in_force() -> None:
    where = small_site()
    zone = where.inventory.zones[0]
    assert tariff_for(where, zone, date(2026, 1, 1)) is DEFAULT_TARIFF
    assert is_default_tariff(DEFAULT_TARIFF)
    old, new = tariff(id="old", valid_from="2020-01-01"), tariff(id="new", valid_from="2026-06-01")
    own = tariff(id="own", valid_from="2021-01-01", selector=Selector(zones=frozenset({zone.id})))
    plan = where.plan.model_copy(update={"tariffs": (new, old, own)})
    with_tariffs = where.model_copy(update={"plan": plan})
    other = where.inventory.zones[1]
    found = [
        getattr(tariff_for(with_tariffs, other, date(year, 6, 1)), "id", None)
        for year in (2019, 2020, 2026)
    ]
    assert found == ["default-china", "old", "new"]
    narrower = tariff_for(with_tariffs, zone, date(2026, 6, 1))
    assert narrower is not None
    assert narrower.id == "own"


def test_no_price_is_made_up_abroad() -> None:
    where = small_site()
    city = where.inventory.city.model_copy(update={"time_zone": "Europe/Berlin"})
    abroad = where.model_copy(
        update={"inventory": where.inventory.model_copy(update={"city": city})}
    )
    assert tariff_for(abroad, abroad.inventory.zones[0], date(2026, 1, 1)) is None


def test_an_edit_with_bands_that_overlap_is_refused_by_its_field() -> None:
    bands = [band("a", 1, "07:00-09:00"), band("b", 2, "08:00-10:00")]
    draft = Draft(put=(Put("tariffs", tariff(bands=bands).model_dump(mode="json")),))
    with pytest.raises(DraftWrong, match="both hold 08:00-09:00") as refused:
        applied(small_site(), draft)
    (fault,) = refused.value.faults
    assert (fault.field, fault.value) == ("tariffs/t/bands[0].hours", ["07:00-09:00"])


def test_an_edit_that_begins_with_another_tariff_is_refused_and_stored_ones_stand() -> None:
    def put(name: str) -> Draft:
        return Draft(put=(Put("tariffs", tariff(id=name).model_dump(mode="json")),))

    before = applied(small_site(), put("t"))
    with pytest.raises(DraftWrong, match="begins on 2026-01-01 like tariff 't'") as refused:
        applied(before, put("u"))
    (fault,) = refused.value.faults
    assert (fault.field, fault.value) == ("tariffs/u/valid_from", date(2026, 1, 1))
    stored = before.plan.model_copy(update={"tariffs": (tariff(), tariff(id="u"))})
    old = before.model_copy(update={"plan": stored})
    assert len(applied(old, put("t")).plan.tariffs) == 2, "it was so before"
