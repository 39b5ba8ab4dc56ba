"""The plan: programs, calendars, who follows which, limits and overrides of one city.

Owns the `Plan` document and checks that its parts name each other rightly. Whether its
targets stand in the inventory is checked by `schedules.site.Site`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from schedules.anchors import Anchor, SunAnchor, SunEvent
from schedules.calendars import Calendar
from schedules.emission_factors import EmissionFactor
from schedules.energy.baselines import CalendarHours, DeclaredBaseline, ProgramHours, Ratio
from schedules.energy.targets import Target
from schedules.energy.tariffs import Tariff
from schedules.overrides import Override
from schedules.programs import ControlProgram, Window
from schedules.rules import DynamicRule
from schedules.sentences import SAY
from zones.models import Document, Identifier, Level
from zones.sentences import thing_said


class Layer(StrEnum):
    """How wide an assignment or a limit reaches, from the widest to the narrowest.

    A category is every zone of a kind; a zone is narrower than its category and than its
    district.
    """

    CITY = "city"
    DISTRICT = "district"
    CATEGORY = "category"
    ZONE = "zone"
    LUMINAIRE = "luminaire"


class Assignment(Document):
    """`target` of `layer` follows `calendar`."""

    layer: Layer
    target: Identifier
    """Identifier of the city, district, zone or luminaire, or a category's name."""
    calendar: Identifier


class Limit(Document):
    """Floor and ceiling of the level while the window is lit.

    Limits of all layers apply together: the highest floor and the lowest ceiling. Where
    they contradict each other the floor holds.
    """

    layer: Layer
    target: Identifier
    floor: Level | None = None
    ceiling: Level | None = None
    reason: Annotated[str, Field(max_length=200)] = ""
    """Where the figure comes from, such as ``CJJ 45-2015, class I: 10 lx at night``."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        where = _of_target("limit", self.layer, self.target)
        if self.floor is None and self.ceiling is None:
            raise ValueError(SAY("limit_empty", where=where))
        if self.floor is not None and self.ceiling is not None and self.floor > self.ceiling:
            raise ValueError(
                SAY("limit_crossed", where=where, floor=self.floor, ceiling=self.ceiling)
            )
        return self


class Baseline(Document):
    """What the city did before: lit at full level between two anchors.

    Holds where no declared baseline (`Plan.baselines`) does.
    """

    on: Anchor = SunAnchor(event=SunEvent.SUNSET)
    off: Anchor = SunAnchor(event=SunEvent.SUNRISE)

    @model_validator(mode="after")
    def _is_no_instant(self) -> Self:
        if self.on == self.off:
            raise ValueError(SAY("same_anchor"))
        return self

    @property
    def window(self) -> Window:
        """Its lit window."""
        return Window(on=self.on, off=self.off)


class Metering(Document):
    """How well used energy is known: expanded uncertainties (about 95 %), as shares of it."""

    metered_uncertainty: Ratio = 0.02
    """Of what meters counted; 2 % is a class 2 meter. Ref: IEC 62053-21."""
    modelled_uncertainty: Ratio = 0.1
    """Of what was reckoned from reported level and power curve."""


class Plan(Document):
    """How bright a city should be: everything but the inventory."""

    programs: tuple[ControlProgram, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    limits: tuple[Limit, ...] = ()
    rules: tuple[DynamicRule, ...] = ()
    overrides: tuple[Override, ...] = ()
    failsafe_level: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 100.0
    """Level at night of a luminaire that has nothing else to go by; never 0."""
    baseline: Baseline = Baseline()
    baselines: tuple[DeclaredBaseline, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    emission_factors: tuple[EmissionFactor, ...] = ()
    targets: tuple[Target, ...] = ()
    metering: Metering = Metering()

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        programs = _unique("program", (one.id for one in self.programs))
        calendars = _unique("calendar", (one.id for one in self.calendars))
        _unique("rule", (one.id for one in self.rules))
        _unique("override", (one.id for one in self.overrides))
        for calendar in self.calendars:
            _refers(SAY("of_default", id=calendar.id), calendar.default, programs, "program")
            for rule in calendar.rules:
                _refers(
                    SAY("of_rule", id=calendar.id, rule=rule.name),
                    rule.program,
                    programs,
                    "program",
                )
        assigned: set[tuple[Layer, str]] = set()
        for assignment in self.assignments:
            where = _of_target("assignment", assignment.layer, assignment.target)
            _refers(where, assignment.calendar, calendars, "calendar")
            if (assignment.layer, assignment.target) in assigned:
                raise ValueError(SAY("assigned_twice", where=where))
            assigned.add((assignment.layer, assignment.target))
        for override in self.overrides:
            if override.program is not None:
                _refers(_of("override", override.id), override.program, programs, "program")
        self._check_energy(programs, calendars)
        return self

    def _check_energy(self, programs: frozenset[str], calendars: frozenset[str]) -> None:
        _unique("baseline", (one.id for one in self.baselines))
        _unique("tariff", (one.id for one in self.tariffs))
        _unique("emission factor", (one.id for one in self.emission_factors))
        _unique("target", (one.id for one in self.targets))
        for baseline in self.baselines:
            where = _of("baseline", baseline.id)
            if isinstance(baseline.hours, ProgramHours):
                _refers(where, baseline.hours.program, programs, "program")
            elif isinstance(baseline.hours, CalendarHours):
                _refers(where, baseline.hours.calendar, calendars, "calendar")
        aimed: dict[tuple[object, ...], str] = {}
        for target in self.targets:
            key = (target.district, target.period, target.year, target.quarter)
            first = aimed.setdefault(key, target.id)
            if first != target.id:
                raise ValueError(SAY("same_target", id=target.id, first=first))

    @cached_property
    def program_by_id(self) -> Mapping[str, ControlProgram]:
        """Programs by identifier."""
        return {one.id: one for one in self.programs}

    @cached_property
    def calendar_by_id(self) -> Mapping[str, Calendar]:
        """Calendars by identifier."""
        return {one.id: one for one in self.calendars}

    @cached_property
    def assignment_by_target(self) -> Mapping[tuple[Layer, str], Assignment]:
        """Assignments by layer and target."""
        return {(one.layer, one.target): one for one in self.assignments}

    @cached_property
    def limits_by_target(self) -> Mapping[tuple[Layer, str], tuple[Limit, ...]]:
        """Limits by layer and target."""
        found: dict[tuple[Layer, str], tuple[Limit, ...]] = {}
        for limit in self.limits:
            key = (limit.layer, limit.target)
            found[key] = (*found.get(key, ()), limit)
        return found


def _of(kind: str, name: str) -> str:
    return SAY("of", kind=thing_said(kind), id=name)


def _of_target(kind: str, layer: Layer, target: str) -> str:
    return SAY("of_target", kind=thing_said(kind), layer=thing_said(layer.value), id=target)


def _unique(kind: str, ids: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ValueError(SAY("twice", kind=thing_said(kind), id=one))
        seen.add(one)
    return frozenset(seen)


def _refers(where: str, value: str, known: frozenset[str], kind: str) -> None:
    if value not in known:
        raise ValueError(SAY("not_in_plan", where=where, kind=thing_said(kind), id=value))
