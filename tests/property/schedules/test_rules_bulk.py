"""Rules over many luminaires equal `resolve` of each."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import (
    DynamicRule,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Reading,
    RuleAction,
    RuleScope,
    Selector,
    Sensors,
    Site,
    Window,
    parse_anchor,
    resolve,
)
from schedules.levels_bulk import levels_at
from schedules.rules_bulk import RuleTargets
from tests.fakes.small_city import small_site


def varied_site() -> Site:
    """The small city with lamps of constant light, one of them older, and one with a floor."""
    site = small_site()
    led, dumb = site.inventory.lamp_types
    worn = led.model_copy(update={"id": "worn", "lumen_maintenance": 0.7, "rated_life_h": 50_000.0})
    ages = {"a1": date(2025, 1, 1), "a2": date(2016, 1, 1), "b1": date(2025, 1, 1)}
    luminaires = tuple(
        one.model_copy(update={"lamp_type": "worn", "installed_on": ages[one.id]})
        if one.id in ages
        else one
        for one in site.inventory.luminaires
    )
    inventory = site.inventory.model_copy(
        update={"lamp_types": (led, dumb, worn), "luminaires": luminaires}
    )
    floor = Limit(layer=Layer.LUMINAIRE, target="b2", floor=60, reason="crossing")
    plan = site.plan.model_copy(update={"limits": (floor,)})
    return Site(inventory=inventory, plan=plan)


SITES = (small_site(), varied_site())
NAMES = ("a1", "a2", "b1", "b2")
KIND = "vehicles_per_hour"

selectors = st.builds(
    Selector,
    zones=st.frozensets(st.sampled_from(["a", "b"]), max_size=1),
    luminaires=st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2),
)


@settings(deadline=None, max_examples=200)
@given(
    rules=st.lists(
        st.tuples(selectors, st.sampled_from(RuleAction), st.integers(1, 100),
                  st.sampled_from(RuleScope), st.sampled_from(["s", "t"])),
        max_size=3,
    ),
    values=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    over=st.none() | selectors,
    minutes=st.integers(0, 1439),
    night=st.sampled_from(SITES),
    window=st.none() | st.just(Window(on=parse_anchor("20:00"), off=parse_anchor("02:00"))),
)  # fmt: skip
def test_rules_in_bulk_equal_resolve(
    rules: list[tuple[Selector, RuleAction, int, RuleScope, str]],
    values: tuple[int, int],
    over: Selector | None,
    minutes: int,
    night: Site,
    window: Window | None,
) -> None:
    documents = tuple(
        DynamicRule(
            id=f"r{number}", name="r", selector=selector, sensors=frozenset({sensor}),
            reading=KIND, above=100, action=action, level=level, scope=scope,
            window=window if number == 1 else None,
        )
        for number, (selector, action, level, scope, sensor) in enumerate(rules)
    )  # fmt: skip
    override = over and Override(
        id="o", selector=over, level=33, kind=OverrideKind.EVENT, reason="r", author="a",
        start_at=datetime_of(-1440), end_at=datetime_of(2880),
    )  # fmt: skip
    plan = night.plan.model_copy(
        update={"rules": documents, "overrides": () if override is None else (override,)}
    )
    site = night.model_copy(update={"plan": plan})
    instant = datetime_of(minutes)
    at = int(instant.timestamp())
    sensors = Sensors(documents)
    for name, value in zip("st", values, strict=True):
        sensors.take(name, Reading(at - 60, KIND, value))
    found = levels_at(site, NAMES, [at])[:, 0].tolist()
    ruled = RuleTargets(site, NAMES).levels(at, sensors)
    for row, level in zip(ruled.rows.tolist(), ruled.levels.tolist(), strict=True):
        found[row] = level
    assert found == [resolve(site, name, instant, sensors).level for name in NAMES]


def datetime_of(minutes: int) -> datetime:
    return datetime(2026, 3, 20, 4, tzinfo=UTC) + timedelta(minutes=minutes)
