"""Overrides: expiring instructions above the program.

Owns the documents and their order of precedence.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, PlainSerializer, StringConstraints, model_validator

from schedules.programs import RampS
from schedules.sentences import SAY
from zones.models import Category, Document, Identifier, Level, Luminaire, Zone
from zones.sentences import thing_said

FIRST_AT: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_AT: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Overrides lie within [FIRST_AT, LAST_AT)."""


class OverrideKind(StrEnum):
    """Why somebody steps in, from the strongest to the weakest."""

    EMERGENCY = "emergency"
    MAINTENANCE = "maintenance"
    OPERATOR = "operator"
    EVENT = "event"


# A set is written in order, so that a document reads and compares the same every time.
_IN_ORDER = PlainSerializer(sorted, return_type=list)
_Identifiers = Annotated[frozenset[Identifier], _IN_ORDER]

PASSES_FLOOR = frozenset({OverrideKind.MAINTENANCE})
"""Kinds that may go below a floor."""

PASSES_CEILING = frozenset({OverrideKind.EMERGENCY, OverrideKind.MAINTENANCE})
"""Kinds that may go above a ceiling."""

_STRENGTH = {kind: -rank for rank, kind in enumerate(OverrideKind)}


class Selector(Document):
    """The luminaires that any of the given identifiers names, or the whole city."""

    city: bool = False
    districts: _Identifiers = frozenset()
    categories: Annotated[frozenset[Category], _IN_ORDER] = frozenset()
    zones: _Identifiers = frozenset()
    luminaires: _Identifiers = frozenset()

    @model_validator(mode="after")
    def _selects_something(self) -> Self:
        if not (self.city or self.districts or self.categories or self.zones or self.luminaires):
            raise ValueError(SAY("selects_nothing"))
        return self

    def selects_zone(self, zone: Zone) -> bool:
        """Whether every luminaire of the zone is meant."""
        return (
            self.city
            or zone.id in self.zones
            or zone.district in self.districts
            or zone.category in self.categories
        )

    def selects(self, luminaire: Luminaire, zone: Zone) -> bool:
        """Whether the luminaire, which stands in `zone`, is meant."""
        return luminaire.id in self.luminaires or self.selects_zone(zone)


class Override(Document):
    """A level, or a program, for the selected luminaires from `start_at` until before `end_at`."""

    id: Identifier
    selector: Selector
    level: Level | None = None
    program: Identifier | None = None
    ramp_s: RampS = 0
    kind: OverrideKind
    start_at: AwareDatetime
    end_at: AwareDatetime
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    author: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    created_at: AwareDatetime | None = None
    """When it was given; None: at its start. The newest within a kind wins."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        where = SAY("of", kind=thing_said("override"), id=self.id)
        if (self.level is None) == (self.program is None):
            raise ValueError(SAY("level_or_program", where=where))
        for name in ("start_at", "end_at"):
            at: datetime = getattr(self, name)
            # Beyond it an instant has no year in some zone, and nobody means it.
            if not FIRST_AT <= at < LAST_AT:
                said = SAY("instant_far", where=where, name=name, at=at.isoformat())
                raise ValueError(said)
        if self.start_at >= self.end_at:
            raise ValueError(
                SAY(
                    "ends_before",
                    where=where,
                    end_at=self.end_at.isoformat(),
                    start_at=self.start_at.isoformat(),
                )
            )
        return self

    def is_in_force(self, instant: datetime) -> bool:
        """Whether `instant` lies in [start_at, end_at)."""
        return self.start_at <= instant < self.end_at


def overrides_in_force(overrides: Iterable[Override], instant: datetime) -> tuple[Override, ...]:
    """The overrides in force at an aware instant, the strongest first.

    Emergency over maintenance over operator over event; within a kind the newest; of two
    as new as each other the one that stands later in the plan.
    """
    numbered = [
        (_STRENGTH[one.kind], one.created_at or one.start_at, position, one)
        for position, one in enumerate(overrides)
        if one.is_in_force(instant)
    ]
    numbered.sort(key=lambda entry: entry[:3], reverse=True)
    return tuple(entry[3] for entry in numbered)
