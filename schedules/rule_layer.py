"""What the dynamic rules in force do to the level of a luminaire.

Owns the order of rules, their windows and their arithmetic. Limits and overrides come after
them, in `schedules.decision`.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, assert_never

from schedules.day import Locale, control_day
from schedules.night import night
from schedules.programs import ControlProgram
from schedules.reasons import Reason, ReasonCode
from schedules.rules import DynamicRule, RuleAction, RuleScope
from schedules.sensing import Sensors, Verdict
from schedules.site import Site
from zones.models import Luminaire, Zone

LOWEST_LIT = 1.0
"""A rule never dims a lit lamp below this level, %: a sensor switches no street off."""

_DAY = timedelta(days=1)


class Ruled(NamedTuple):
    """A level after the rules, how fast it is reached, and why."""

    level: float
    ramp_s: int
    reasons: tuple[Reason, ...]


def apply_rules(
    site: Site,
    luminaire: Luminaire,
    zone: Zone,
    locale: Locale,
    sensors: Sensors,
    at: float,
    scope: RuleScope,
    before: Ruled,
) -> Ruled:
    """The level after every rule that selects the luminaire and is in force.

    `scope` is the narrowest that the instant allows: `LIT` while the program is lit, `WINDOW`
    inside its window only, `ANY_TIME` outside it.
    """
    level, ramp_s = before.level, before.ramp_s
    reasons: list[Reason] = []
    for rule in site.plan.rules:
        if not _may_act(rule, scope, at) or not rule.selector.selects(luminaire, zone):
            continue
        verdict = sensors.verdict(rule, at)
        is_in_force = verdict.is_in_force and _is_in_window(rule, locale, at)
        if is_in_force:
            changed = _act(rule, level)
            reasons.append(_rule_reason(rule, verdict, level, changed))
            if changed != level:
                level, ramp_s = changed, rule.ramp_s
        reasons += _ignored_reasons(rule, verdict)
    return Ruled(level, ramp_s, (*before.reasons, *reasons))


_SCOPES = tuple(RuleScope)


def _may_act(rule: DynamicRule, scope: RuleScope, at: float) -> bool:
    if _SCOPES.index(rule.scope) < _SCOPES.index(scope):
        return False
    if rule.start_at is not None and at < rule.start_at.timestamp():
        return False
    return rule.end_at is None or at < rule.end_at.timestamp()


def _is_in_window(rule: DynamicRule, locale: Locale, at: float) -> bool:
    if rule.window is None:
        return True
    whole = int(at // 1)
    own = control_day(datetime.fromtimestamp(whole, UTC), locale.time_zone)
    program = ControlProgram(id=rule.id, name=rule.name, window=rule.window)
    return any(night(program, locale, own + shift * _DAY).is_lit(whole) for shift in (-1, 0, 1))


def _act(rule: DynamicRule, level: float) -> float:
    match rule.action:
        case RuleAction.SET:
            wanted = rule.level
        case RuleAction.MAX:
            wanted = max(level, rule.level)
        case RuleAction.MIN:
            wanted = min(level, rule.level)
        case RuleAction.ADD:
            wanted = level + rule.level
        case _:
            assert_never(rule.action)
    if level <= 0:  # a dark lamp is lit by a rule, never darkened further
        return max(0.0, min(100.0, wanted))
    return max(LOWEST_LIT, min(100.0, wanted))


def _rule_reason(rule: DynamicRule, verdict: Verdict, before: float, after: float) -> Reason:
    is_above = rule.above is not None
    return Reason(
        ReasonCode.RULE,
        {
            "rule": rule.id,
            "action": rule.action.value,
            "from": before,
            "to": after,
            "sensor": verdict.sensor,
            "reading": rule.reading,
            "value": verdict.value,
            "side": "above" if is_above else "below",
            "bound": rule.above if is_above else rule.below,
        },
    )


def _ignored_reasons(rule: DynamicRule, verdict: Verdict) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            ReasonCode.SENSOR_IGNORED,
            {
                "rule": rule.id,
                "sensor": one.sensor,
                "trust": one.trust.value,
                "value": one.value,
            },
        )
        for one in verdict.ignored
    )
