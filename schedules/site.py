"""A site: one city's inventory and its plan, one document a file."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import Self, assert_never
from zoneinfo import ZoneInfo

from pydantic import model_validator

from schedules.errors import UnknownTarget
from schedules.models import Layer, Plan
from schedules.overrides import Selector
from schedules.sentences import SAY
from zones.models import Category, Document, Inventory, Luminaire, Zone
from zones.said import listed
from zones.sentences import thing_said


class Site(Document):
    """An inventory and the plan for it; every target of the plan stands in the inventory."""

    inventory: Inventory
    plan: Plan

    @model_validator(mode="after")
    def _targets_exist(self) -> Self:
        for assignment in self.plan.assignments:
            self._check(
                SAY("of_calendar", id=assignment.calendar),
                assignment.layer,
                assignment.target,
            )
        for limit in self.plan.limits:
            self._check(thing_said("limit"), limit.layer, limit.target)
        for rule in self.plan.rules:
            self._check_selector(_of("rule", rule.id), rule.selector)
        for override in self.plan.overrides:
            self._check_selector(_of("override", override.id), override.selector)
        self._check_energy()
        return self

    @cached_property
    def time_zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.inventory.city.time_zone)

    def zone(self, zone_id: str) -> Zone:
        """The zone; raises `UnknownTarget`."""
        found = self.inventory.zone_by_id.get(zone_id)
        if found is None:
            raise UnknownTarget(_unknown("zone", zone_id, self.inventory.zone_by_id))
        return found

    def luminaire(self, luminaire_id: str) -> Luminaire:
        """The luminaire; raises `UnknownTarget`."""
        found = self.inventory.luminaire_by_id.get(luminaire_id)
        if found is None:
            raise UnknownTarget(_unknown("luminaire", luminaire_id, self.inventory.luminaire_by_id))
        return found

    def _check_energy(self) -> None:
        inventory = self.inventory
        for kind, documents in (
            ("baseline", self.plan.baselines),
            ("tariff", self.plan.tariffs),
        ):
            for one in documents:
                self._check_selector(_of(kind, one.id), one.selector)
        for baseline in self.plan.baselines:
            where = SAY("of_lamps", id=baseline.id)
            for entry in baseline.lamps:
                for zone in sorted(entry.zones):
                    self._check(where, Layer.ZONE, zone)
                for lamp_type in sorted(entry.lamp_types):
                    if lamp_type not in inventory.lamp_type_by_id:
                        raise ValueError(
                            SAY(
                                "not_in_inventory",
                                where=where,
                                kind=thing_said("lamp type"),
                                id=lamp_type,
                            )
                        )
        for target in self.plan.targets:
            if target.district is not None:
                self._check(_of("target", target.id), Layer.DISTRICT, target.district)

    def _check_selector(self, where: str, selector: Selector) -> None:
        for district in sorted(selector.districts):
            self._check(where, Layer.DISTRICT, district)
        for zone in sorted(selector.zones):
            self._check(where, Layer.ZONE, zone)
        for luminaire in sorted(selector.luminaires):
            self._check(where, Layer.LUMINAIRE, luminaire)

    def _check(self, where: str, layer: Layer, target: str) -> None:
        inventory = self.inventory
        match layer:
            case Layer.CITY:
                known = target == inventory.city.id
            case Layer.DISTRICT:
                known = target in inventory.district_by_id
            case Layer.CATEGORY:
                known = target in {category.value for category in Category}
            case Layer.ZONE:
                known = target in inventory.zone_by_id
            case Layer.LUMINAIRE:
                known = target in inventory.luminaire_by_id
            case _:
                assert_never(layer)
        if not known:
            kind = thing_said(layer.value)
            raise ValueError(SAY("not_in_inventory", where=where, kind=kind, id=target))


def _unknown(kind: str, asked: str, known: Iterable[str]) -> str:
    # A look at the first thousands is enough for a hint, and stays quick in a large city.
    folded = asked.casefold()
    alike = [one for one in known if one.casefold() == folded]
    near = alike or get_close_matches(asked, list(islice(known, 5000)), n=3)
    named = thing_said(kind)
    if not near:
        return SAY("unknown", kind=named, id=asked)
    return SAY("unknown_near", kind=named, id=asked, near=listed(near))


def _of(kind: str, name: str) -> str:
    return SAY("of", kind=thing_said(kind), id=name)
