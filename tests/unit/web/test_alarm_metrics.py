"""Alarms as metrics: every series from the start, each alarm in one of them."""

from controller.engine.alarm_types import (
    LUMINAIRE_TYPES,
    RULES,
    SERVICE_TYPES,
    AlarmType,
    Scope,
    Severity,
)
from controller.web.families.alarms import counted


def series(
    active: dict[tuple[AlarmType, Severity], int], raised: dict[tuple[AlarmType, Severity], int]
) -> dict[tuple[str, str, str], float]:
    found = {}
    for family in counted(active, raised):
        for sample in family.samples:
            found[sample.name, sample.labels["severity"], sample.labels["type"]] = sample.value
    return found


def test_every_series_is_there_from_the_start_at_zero() -> None:
    found = series({}, {})
    assert set(found.values()) == {0}
    for name in ("streetlight_alarms_active", "streetlight_alarms_raised_total"):
        for kind, rule in RULES.items():
            assert (name, rule.severity.value, kind.value) in found


def test_whatever_can_be_raised_has_its_series() -> None:
    keys = {
        (kind, RULES[kind].severity_of(scope))
        for kinds, scopes in (
            (LUMINAIRE_TYPES, set(Scope) - {Scope.SERVICE}),
            (SERVICE_TYPES, {Scope.SERVICE}),
        )
        for kind in kinds
        for scope in scopes
    }
    found = series(dict.fromkeys(keys, 2), dict.fromkeys(keys, 3))
    active = [value for (name, _, _), value in found.items() if name.endswith("active")]
    assert sum(active) == 2 * len(keys)
    assert sum(found.values()) == 5 * len(keys)
    assert len(found) == 2 * len(active)
