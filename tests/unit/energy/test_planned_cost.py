"""What a plan will cost, against the account of a street that followed it."""

from datetime import UTC, date, datetime

import pytest

from controller.reports.build import Question, build
from controller.service.editing.edit_data import edit_data, money_data
from controller.service.editing.weighing import weigh
from schedules import Language, Site, Weekday, Weekdays
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.planned_cost import forecast_with_cost
from schedules.energy.tariffs import Tariff
from schedules.forecast import forecast, total
from schedules.overrides import Selector
from tests.fakes.energy_rows import PlannedHistory
from tests.fakes.small_city import small_site

FIRST = date(2026, 11, 1)
MONDAYS = Weekdays(days=frozenset({Weekday.MONDAY}))


def tariff(name: str = "t", since: date = date(2026, 1, 1), **fields: object) -> Tariff:
    told = {"currency": "CNY", "price_per_kwh": 1.0, **fields}
    return Tariff.model_validate({"id": name, "name": name, "valid_from": since, **told})


def site_of(*tariffs: Tariff, time_zone: str = "Asia/Shanghai") -> Site:
    where = small_site()
    city = where.inventory.city.model_copy(update={"time_zone": time_zone})
    return where.model_copy(
        update={
            "inventory": where.inventory.model_copy(update={"city": city}),
            "plan": where.plan.model_copy(update={"tariffs": tariffs}),
        }
    )


def test_at_one_a_kwh_it_costs_its_energy() -> None:
    site = site_of(tariff())
    used, cost = forecast_with_cost(site, FIRST, 40)
    assert used == forecast(site, FIRST, 40)
    assert cost.by_currency == {"CNY": pytest.approx(total(used.values()).energy_kwh)}
    assert cost.unpriced_kwh == 0


def test_it_costs_what_the_account_of_the_same_nights_does() -> None:
    bands = [
        {"name": "peak", "price_per_kwh": 1.3, "hours": ["17:00-22:15"], "unless": [MONDAYS]},
        {"name": "valley", "price_per_kwh": 0.4, "hours": ["23:00-07:00"]},
    ]
    dear = tariff("dear", date(2026, 11, 16), price_per_kwh=2.0, bands=bands)
    pounds = tariff("pounds", currency="GBP", selector=Selector(zones=frozenset({"b"})))
    # Where the clock goes back, and a tariff begins at midnight, in the middle of a night.
    site = site_of(tariff(bands=bands), dear, pounds, time_zone="Europe/Berlin")
    first = date(2026, 10, 1)
    quarter = Period(PeriodKind.QUARTER, 2026, 4)
    history = PlannedHistory(site, first, 61)
    report = build(Question(site, quarter, datetime(2027, 1, 3, tzinfo=UTC)), history)
    _, cost = forecast_with_cost(site, first, 61)
    assert cost.by_currency == {one.currency: pytest.approx(one.cost) for one in report.money}
    assert set(cost.by_currency) == {"CNY", "GBP"}


def test_what_has_no_price_is_not_in_the_cost() -> None:
    late = tariff(since=date(2026, 11, 11), selector=Selector(zones=frozenset({"a"})))
    site = site_of(late, time_zone="Europe/Berlin")
    used, cost = forecast_with_cost(site, FIRST, 20)
    whole = total(used.values()).energy_kwh
    assert cost.by_currency["CNY"] + cost.unpriced_kwh == pytest.approx(whole)
    # Ten nights and half of one, of one of two zones that are alike.
    assert whole / 4 < cost.unpriced_kwh < whole
    assert cost.by_currency["CNY"] == pytest.approx(whole / 4, rel=0.05)


def test_an_edit_says_what_it_costs() -> None:
    site = site_of(tariff())
    program = site.plan.program_by_id["night"]
    darker = program.model_copy(
        update={"steps": (program.steps[0].model_copy(update={"level": 30.0}),)}
    )
    after = site.model_copy(update={"plan": site.plan.model_copy(update={"programs": (darker,)})})
    edit = weigh(site, after, tonight=FIRST, nights=10, is_proof_wanted=False)
    said = edit_data(edit, Language.ENGLISH)["cost"]
    assert said["money_delta"] == [
        {"currency": "CNY", "amount": pytest.approx(said["energy_kwh_delta"], abs=0.005)}
    ]
    assert said["unpriced_kwh_delta"] == 0
    dearer = site_of(tariff(price_per_kwh=2.0))
    assert edit.forecasts is not None
    same_light = weigh(site, dearer, tonight=FIRST, nights=10, is_proof_wanted=False)
    told = edit_data(same_light, Language.ENGLISH)["cost"]
    assert told["energy_kwh_delta"] == 0
    before_kwh = edit.forecasts.cost_before.by_currency["CNY"]
    assert told["money_delta"] == [
        {"currency": "CNY", "amount": pytest.approx(before_kwh, abs=0.005)}
    ]


def test_an_edit_where_nothing_has_a_price_says_so() -> None:
    site = site_of(time_zone="Europe/Berlin")
    named = site.plan.model_copy(update={"programs": (
        site.plan.programs[0].model_copy(update={"name": "other"}),)})  # fmt: skip
    after = site.model_copy(update={"plan": named})
    edit = weigh(site, after, tonight=FIRST, nights=3, is_proof_wanted=False)
    assert edit.forecasts is not None
    assert money_data(edit.forecasts) is None
