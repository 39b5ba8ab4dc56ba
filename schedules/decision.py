"""What level a luminaire has at an instant, and why.

Owns `resolve`, the meaning of the whole schedule language: every other form, the compiled
switching points first, must agree with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import floor

from schedules.anchors import anchor_text
from schedules.calendars import matched_words
from schedules.compiler import fallback_program, locale_of, program_chooser
from schedules.day import AnchorTime, Locale, control_day
from schedules.layers import Limits, assignment_for, limits_for
from schedules.light_demand import asked_lx, full_lx, program_for
from schedules.light_output import scale_of, scaled
from schedules.night import Night, night
from schedules.overrides import (
    PASSES_CEILING,
    PASSES_FLOOR,
    Override,
    overrides_in_force,
)
from schedules.programs import ControlProgram
from schedules.reasons import Reason, ReasonCode
from schedules.rule_layer import Ruled, apply_rules
from schedules.rules import RuleScope
from schedules.sensing import Readings, Sensors
from schedules.site import Site
from schedules.solar import PolarDay, PolarNight
from zones.models import Luminaire, Zone

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Decision:
    """A level, % of rated light output, how fast it is reached, and the chain of reasons."""

    level: float
    ramp_s: int
    reasons: tuple[Reason, ...]
    control_day: date
    """The control day whose program decided."""


@dataclass(frozen=True, slots=True)
class _Programmed:
    """What the program layer says."""

    level: float
    ramp_s: int
    is_lit: bool
    night: Night
    reasons: tuple[Reason, ...]

    @property
    def decision(self) -> Decision:
        """As it stands where no override acts."""
        return Decision(self.level, self.ramp_s, self.reasons, self.night.day)


def resolve(
    site: Site,
    luminaire_id: str,
    instant: datetime,
    readings: Sensors | Readings | None = None,
) -> Decision:
    """Level of a luminaire at an aware instant, overrides included.

    Dynamic rules act by the `readings` of their sensors: a history, of which what comes after
    the instant is passed over, or what was remembered of one up to the instant. Without
    readings the rules are left out.

    Raises `UnknownTarget` for a luminaire that the site does not have, ValueError for a
    naive instant.
    """
    luminaire = site.luminaire(luminaire_id)
    zone = site.zone(luminaire.zone)
    at = _whole_second(instant)
    locale = locale_of(site, zone)
    limits = limits_for(site, zone, luminaire_id)
    programmed = _program_layer(site, zone, luminaire_id, locale, limits, at)
    if readings is not None and site.plan.rules:
        programmed = _ruled(site, luminaire, locale, limits, programmed, readings, instant)
    programmed = _constant_light(site, luminaire, limits, programmed, instant)
    override = _override_for(site, zone, luminaire, instant)
    if override is None:
        return programmed.decision
    level, ramp_s, reasons = _overridden(site, zone, override, programmed, locale, limits, at)
    return Decision(level, ramp_s, (*programmed.reasons, *reasons), programmed.night.day)


def resolve_zone(site: Site, zone_id: str, instant: datetime) -> Decision:
    """What a zone's program says at an aware instant: no rule or override, no single luminaire.

    This is what `compile_zone` compiles.
    """
    zone = site.zone(zone_id)
    programmed = _program_layer(
        site, zone, None, locale_of(site, zone), limits_for(site, zone), _whole_second(instant)
    )
    return programmed.decision


def _whole_second(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant.isoformat()} has no time zone")
    return floor(instant.timestamp())


def _program_layer(
    site: Site, zone: Zone, luminaire_id: str | None, locale: Locale, limits: Limits, at: int
) -> _Programmed:
    choose = program_chooser(site, zone, luminaire_id)
    tonight = _night_at(choose, locale, at)
    level, ramp_s = 0.0, tonight.program.off_ramp_s
    is_lit = tonight.is_lit(at)
    reasons = [*_calendar_reasons(site, zone, luminaire_id, tonight.day)]
    reasons += _window_reasons(tonight, at)
    if is_lit:
        segment = next(one for one in tonight.segments() if one.start <= at < one.end)
        ramp_s = segment.ramp_s
        level = limits.apply(segment.level)
        reasons += _step_reasons(tonight, zone, at)
        reasons += _limit_reasons(limits, segment.level, level)
    return _Programmed(level, ramp_s, is_lit, tonight, tuple(reasons))


def _ruled(
    site: Site,
    luminaire: Luminaire,
    locale: Locale,
    limits: Limits,
    programmed: _Programmed,
    readings: Sensors | Readings,
    instant: datetime,
) -> _Programmed:
    at = instant.timestamp()
    sensors = (
        readings if isinstance(readings, Sensors) else Sensors.after(site.plan.rules, readings, at)
    )
    window = programmed.night.window
    if programmed.is_lit:
        scope = RuleScope.LIT
    elif window is not None and window.start <= at < window.end:
        scope = RuleScope.WINDOW
    else:
        scope = RuleScope.ANY_TIME
    before = Ruled(programmed.level, programmed.ramp_s, programmed.reasons)
    zone = site.zone(luminaire.zone)
    after = apply_rules(site, luminaire, zone, locale, sensors, at, scope, before)
    level = limits.apply(after.level) if after.level > 0 else after.level
    return replace(
        programmed,
        level=level,
        ramp_s=after.ramp_s,
        reasons=(*after.reasons, *_limit_reasons(limits, after.level, level)),
    )


def _constant_light(
    site: Site, luminaire: Luminaire, limits: Limits, programmed: _Programmed, instant: datetime
) -> _Programmed:
    scale = scale_of(site, luminaire, control_day(instant, site.time_zone))
    if scale == 1 or programmed.level <= 0:
        return programmed
    level = scaled(programmed.level, scale, limits.floor)
    params = {"from": programmed.level, "to": level, "scale": scale}
    reason = Reason(ReasonCode.CONSTANT_LIGHT, params)
    return replace(programmed, level=level, reasons=(*programmed.reasons, reason))


def _night_at(choose: Callable[[date], ControlProgram], locale: Locale, at: int) -> Night:
    """The control day that lights the instant, the latest first; else its own control day."""
    own = control_day(datetime.fromtimestamp(at, UTC), locale.time_zone)
    nights = {day: night(choose(day), locale, day) for day in (own + _DAY, own, own - _DAY)}
    for one in nights.values():
        if one.is_lit(at):
            return one
    return nights[own]


def _override_for(
    site: Site, zone: Zone, luminaire: Luminaire, instant: datetime
) -> Override | None:
    for override in overrides_in_force(site.plan.overrides, instant):
        if override.selector.selects(luminaire, zone):
            return override
    return None


def _overridden(
    site: Site,
    zone: Zone,
    override: Override,
    programmed: _Programmed,
    locale: Locale,
    limits: Limits,
    at: int,
) -> tuple[float, int, tuple[Reason, ...]]:
    if override.program is not None:
        program = program_for(site.plan.program_by_id[override.program], zone)
        tonight = _night_at(lambda _day: program, locale, at)
        segments = (one for one in tonight.segments() if one.start <= at < one.end)
        wanted = next((one.level for one in segments), 0.0)
    else:
        assert override.level is not None, "an override says level or program"
        wanted = override.level
    reasons = [
        Reason(
            ReasonCode.OVERRIDE,
            {
                "override": override.id,
                "kind": override.kind.value,
                "level": wanted,
                "program": override.program,
                "start_at": int(override.start_at.timestamp()),
                "end_at": int(override.end_at.timestamp()),
                "author": override.author,
                "reason": override.reason,
            },
        )
    ]
    level = wanted
    if override.kind not in PASSES_CEILING and level > limits.ceiling:
        level = limits.ceiling
    if override.kind not in PASSES_FLOOR and programmed.is_lit and level < limits.floor:
        level = limits.floor
    reasons += _limit_reasons(limits, wanted, level)
    return level, override.ramp_s, tuple(reasons)


def _calendar_reasons(
    site: Site, zone: Zone, luminaire_id: str | None, day: date
) -> tuple[Reason, ...]:
    assignment = assignment_for(site, zone, luminaire_id)
    if assignment is None:
        program = fallback_program(site)
        return (Reason(ReasonCode.NO_CALENDAR, {"level": program.base_level}),)
    calendar = site.plan.calendar_by_id[assignment.calendar]
    match = calendar.rule_on(day)
    chinese, english = ("", "") if match is None else matched_words(match[1], day)
    unknown = tuple(
        Reason(
            ReasonCode.CALENDAR_UNKNOWN,
            {"control_day": day.isoformat(), "calendar": calendar.id, "rule": rule.name},
        )
        for rule in calendar.unknown_on(day)
    )
    return (
        Reason(
            ReasonCode.ASSIGNMENT,
            {
                "layer": assignment.layer.value,
                "target": assignment.target,
                "calendar": calendar.id,
            },
        ),
        Reason(
            ReasonCode.CALENDAR_DEFAULT if match is None else ReasonCode.CALENDAR_RULE,
            {
                "control_day": day.isoformat(),
                "calendar": calendar.id,
                "rule": None if match is None else match[1].name,
                "program": calendar.program_on(day),
                "matched_zh": chinese,
                "matched_en": english,
            },
        ),
        *unknown,
    )


def _anchor_params(prefix: str, text: str, time: AnchorTime) -> dict[str, str | int | float | None]:
    match time.event:
        case PolarDay() | PolarNight():
            event: str | int | None = time.event.status.value
        case _:
            event = time.event
    return {
        f"{prefix}_anchor": text,
        f"{prefix}_at": time.at if isinstance(time.at, int) else time.at.value,
        f"{prefix}_event": event,
        f"{prefix}_clamp": time.clamp,
    }


def _window_reasons(tonight: Night, at: int) -> tuple[Reason, ...]:
    window = tonight.program.window
    params: dict[str, str | int | float | None] = {
        "program": tonight.program.id,
        "control_day": tonight.day.isoformat(),
        **_anchor_params("on", anchor_text(window.on), tonight.on),
        **_anchor_params("off", anchor_text(window.off), tonight.off),
    }
    if tonight.window is None:
        return (Reason(ReasonCode.WINDOW_EMPTY, params),)
    start, end = tonight.window
    params |= {"start": start, "end": end}
    if tonight.is_lit(at):
        return (Reason(ReasonCode.WINDOW_LIT, params),)
    if not start <= at < end:
        return (Reason(ReasonCode.WINDOW_DARK, params),)
    lit = Reason(ReasonCode.WINDOW_LIT, params)
    if any(one.start <= at < one.end for one in tonight.too_short):
        return lit, Reason(ReasonCode.MIN_BURN, {"min_burn_s": tonight.program.min_burn_s})
    assert tonight.extinguish is not None, "inside the window only these two make it dark"
    return lit, Reason(
        ReasonCode.EXTINGUISH,
        {"start": tonight.extinguish.start, "end": tonight.extinguish.end},
    )


def _step_reasons(tonight: Night, zone: Zone, at: int) -> tuple[Reason, ...]:
    step = tonight.step_at(at)
    if step is None:
        return (Reason(ReasonCode.BASE_LEVEL, {"level": tonight.program.base_level}),)
    document = tonight.program.steps[step.number]
    full = None if asked_lx(document) is None else full_lx(zone)
    return (
        Reason(
            ReasonCode.STEP,
            {
                "step": step.number + 1,
                "level": document.level,
                "asked_lx": asked_lx(document),
                "asked_class": document.lighting_class,
                "full_lx": full,
                "ramp_s": document.ramp_s,
                **_anchor_params("step", anchor_text(document.at), step.time),
            },
        ),
    )


def _limit_reasons(limits: Limits, wanted: float, level: float) -> tuple[Reason, ...]:
    if level == wanted:
        return ()
    source = limits.floor_from if level > wanted else limits.ceiling_from
    code = ReasonCode.FLOOR if level > wanted else ReasonCode.CEILING
    if source is None:
        return ()
    return (
        Reason(
            code,
            {
                "from": wanted,
                "to": level,
                "layer": source.layer.value,
                "target": source.target,
                "why": source.reason,
            },
        ),
    )
