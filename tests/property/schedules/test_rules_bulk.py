"""Rules over many luminaires equal `resolve` of each."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import (
    DynamicRule,
    Override,
    OverrideKind,
    Reading,
    RuleAction,
    RuleScope,
    Selector,
    Sensors,
    resolve,
)
from schedules.levels_bulk import levels_at
from schedules.rules_bulk import RuleTargets
from tests.fakes.small_city import small_site

NIGHT = small_site()
NAMES = ("a1", "a2", "b1", "b2")
KIND = "vehicles_per_hour"

selectors = st.builds(
    Selector,
    zones=st.frozensets(st.sampled_from(["a", "b"]), max_size=1),
    luminaires=st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=2),
)


@settings(deadline=None, max_examples=100)
@given(
    rules=st.lists(
        st.tuples(selectors, st.sampled_from(RuleAction), st.integers(1, 100),
                  st.sampled_from(RuleScope), st.sampled_from(["s", "t"])),
        max_size=3,
    ),
    values=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    over=st.none() | selectors,
    minutes=st.integers(0, 1439),
)  # fmt: skip
def test_rules_in_bulk_equal_resolve(
    rules: list[tuple[Selector, RuleAction, int, RuleScope, str]],
    values: tuple[int, int],
    over: Selector | None,
    minutes: int,
) -> None:
    documents = tuple(
        DynamicRule(
            id=f"r{number}", name="r", selector=selector, sensors=frozenset({sensor}),
            reading=KIND, above=100, action=action, level=level, scope=scope,
        )
        for number, (selector, action, level, scope, sensor) in enumerate(rules)
    )  # fmt: skip
    override = over and Override(
        id="o", selector=over, level=33, kind=OverrideKind.EVENT, reason="r", author="a",
        start_at=datetime_of(-1440), end_at=datetime_of(2880),
    )  # fmt: skip
    plan = NIGHT.plan.model_copy(
        update={"rules": documents, "overrides": () if override is None else (override,)}
    )
    site = NIGHT.model_copy(update={"plan": plan})
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
