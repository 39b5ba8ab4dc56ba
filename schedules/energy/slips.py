"""Energy documents that are valid each by itself and yet cannot be meant so.

Two that begin on the same day for the same zones: one of them would count, unsaid which. A grid
factor in kilograms, as official announcements write it. Such documents are refused when they
are read; what was stored goes on as it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final, NamedTuple

from schedules.emission_factors import EmissionFactor
from schedules.energy.baselines import DeclaredBaseline
from schedules.energy.tariffs import Tariff
from schedules.overrides import Selector
from schedules.sentences import SAY
from zones.said import Said
from zones.sentences import thing_said

Dated = DeclaredBaseline | Tariff | EmissionFactor

DATED: Final = ("baselines", "tariffs", "emission_factors")
"""Kinds of documents of which one counts at a time, from its date on."""

_LEAST_G: Final = 1.0
"""Less than the cleanest grid with a power station that burns anything, g per kWh."""

_THINGS: Final = {
    DeclaredBaseline: "baseline",
    Tariff: "tariff",
    EmissionFactor: "emission factor",
}


class Slip(NamedTuple):
    """A field that cannot be meant so."""

    document: Dated
    other: Dated | None
    """The document that stands before it and begins on the same day."""
    field: str
    value: Any
    expected: str
    message: str


def slips(documents: Sequence[Dated]) -> Iterator[Slip]:
    """What of the documents of one kind cannot be meant so."""
    yield from _in_kilograms(one for one in documents if isinstance(one, EmissionFactor))
    for first, later in combinations(documents, 2):
        if first.valid_from == later.valid_from and _meet(first, later):
            yield Slip(
                later,
                first,
                "valid_from",
                later.valid_from,
                SAY("own_date"),
                SAY("same_date", first=_named(first), day=later.valid_from),
            )


def _in_kilograms(factors: Iterable[EmissionFactor]) -> Iterator[Slip]:
    for one in factors:
        if 0 < one.g_per_kwh < _LEAST_G:
            grams = one.g_per_kwh * 1000
            yield Slip(
                one,
                None,
                "g_per_kwh",
                one.g_per_kwh,
                SAY("grams", grams=grams),
                SAY("in_kilograms", value=one.g_per_kwh, grams=grams),
            )


def _meet(one: Dated, other: Dated) -> bool:
    """Whether both name the same zones with the same words."""
    if isinstance(one, EmissionFactor) or isinstance(other, EmissionFactor):
        return True
    return _share(one.selector, other.selector)


def _share(one: Selector, other: Selector) -> bool:
    return bool(
        (one.city and other.city)
        or one.districts & other.districts
        or one.categories & other.categories
        or one.zones & other.zones
    )


def _named(one: Dated) -> Said:
    return SAY("of", kind=thing_said(_THINGS[type(one)]), id=one.id)
