"""Declared baselines: what the city burned before, as dated documents with a method.

A baseline says for whom and from which control day on it counts, which hours the previous
lamps burned and what they drew. Savings are counted against it, so it carries its source and
its author. Documents alone; which one holds is in `schedules.energy.previous`.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PlainSerializer, model_validator

from schedules.anchors import Anchor, LocalTime, SunAnchor, SunEvent
from schedules.overrides import Selector
from schedules.programs import Extinguish
from schedules.sentences import SAY
from zones.models import Category, Document, Identifier, Name, PowerW
from zones.sentences import thing_said

# A set is written in order, so that a document reads and compares the same every time.
_IN_ORDER = PlainSerializer(sorted, return_type=list)
_Identifiers = Annotated[frozenset[Identifier], _IN_ORDER]

Note = Annotated[str, Field(max_length=500)]
"""A source or an explanation, at most 500 characters."""

Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class DuskToDawn(Document):
    """Lit from one anchor to another, at full level."""

    kind: Literal["dusk_to_dawn"] = "dusk_to_dawn"
    on: Anchor = SunAnchor(event=SunEvent.SUNSET)
    off: Anchor = SunAnchor(event=SunEvent.SUNRISE)

    @model_validator(mode="after")
    def _is_no_instant(self) -> Self:
        if self.on == self.off:
            raise ValueError(SAY("same_anchor"))
        return self


class PartNight(Document):
    """Lit from one anchor to another, and dark in between."""

    kind: Literal["part_night"] = "part_night"
    on: Anchor = SunAnchor(event=SunEvent.SUNSET)
    off: Anchor = SunAnchor(event=SunEvent.SUNRISE)
    extinguish: Extinguish

    @model_validator(mode="after")
    def _is_no_instant(self) -> Self:
        if self.on == self.off:
            raise ValueError(SAY("same_anchor"))
        return self


class FixedHours(Document):
    """Lit between two local clock times, the same all year."""

    kind: Literal["fixed_hours"] = "fixed_hours"
    on: LocalTime
    off: LocalTime

    @model_validator(mode="after")
    def _is_no_instant(self) -> Self:
        if self.on == self.off:
            raise ValueError(SAY("same_clock"))
        return self


class ProgramHours(Document):
    """Lit as a control program of the plan says; below full level power falls in proportion."""

    kind: Literal["program"] = "program"
    program: Identifier


class CalendarHours(Document):
    """Lit as a calendar of the plan says, such as a table of hours by season."""

    kind: Literal["calendar"] = "calendar"
    calendar: Identifier


PreviousHours = Annotated[
    DuskToDawn | PartNight | FixedHours | ProgramHours | CalendarHours,
    Field(discriminator="kind"),
]


class PreviousLamps(Document):
    """What the lamps drew that stood where these stand now.

    Holds for luminaires that every given condition names; none given: for all.
    """

    lamp_types: _Identifiers = frozenset()
    """Types of the lamps that replaced them."""
    zones: _Identifiers = frozenset()
    categories: Annotated[frozenset[Category], _IN_ORDER] = frozenset()
    power_w: PowerW
    """Input power of one, control gear included, W."""


class DeclaredBaseline(Document):
    """What is counted as the use without all measures, from a control day on.

    Ref: IPMVP core concepts: a baseline is declared before the saving is counted, with its
    conditions; it does not change with the measures.
    """

    id: Identifier
    name: Name | None = None
    valid_from: date
    """First control day that is counted against it."""
    selector: Selector = Selector(city=True)
    """City, districts, categories or zones."""
    hours: PreviousHours = DuskToDawn()
    lamps: tuple[PreviousLamps, ...] = ()
    """The first entry that matches holds; without one the lamp type's ``baseline_power_w``,
    and without that its own rated power."""
    uncertainty: Ratio = 0.05
    """Expanded uncertainty of its energy (about 95 %), as a share of it."""
    source: Note = ""
    """Such as a survey, an inventory or bills, with its date."""
    author: Annotated[str, Field(max_length=100)] = ""
    declared_on: date | None = None

    @model_validator(mode="after")
    def _selects_whole_zones(self) -> Self:
        if self.selector.luminaires:
            raise ValueError(
                SAY("by_zone_only", where=SAY("of", kind=thing_said("baseline"), id=self.id))
            )
        return self
