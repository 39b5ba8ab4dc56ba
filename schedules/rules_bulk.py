"""Dynamic rules over many luminaires: who is meant, and which level each of them gets.

Owns the grouping; the meaning stays with `schedules.decision.resolve`, which is asked once
for all luminaires that it cannot tell apart.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from schedules.decision import resolve
from schedules.levels_bulk import excepted_luminaires
from schedules.light_output import has_constant_light
from schedules.overrides import overrides_in_force
from schedules.sensing import Sensors
from schedules.site import Site


class RuleTargets:
    """The luminaires that each rule of a plan selects, by their place in a sequence."""

    def __init__(self, site: Site, luminaires: Sequence[str]) -> None:
        self._site = site
        self._luminaires = luminaires
        self._excepted = excepted_luminaires(site)
        self._constant = {one.id for one in site.inventory.lamp_types if has_constant_light(one)}
        self._rows: dict[str, frozenset[int]] = {}
        for rule in site.plan.rules:
            selects = {zone.id: rule.selector.selects_zone(zone) for zone in site.inventory.zones}
            self._rows[rule.id] = frozenset(
                row
                for row, name in enumerate(luminaires)
                if selects[site.luminaire(name).zone] or name in rule.selector.luminaires
            )

    def levels(self, at: float, sensors: Sensors) -> Mapping[int, float]:
        """Levels by row, % of rated light output, at an instant in Unix seconds UTC.

        Of the luminaires that any rule in force by its sensors selects; the others have the
        level of `levels_at`.
        """
        site = self._site
        acting = [rule for rule in site.plan.rules if sensors.verdict(rule, at).is_in_force]
        if not acting:
            return {}
        instant = datetime.fromtimestamp(at, UTC)
        overrides = overrides_in_force(site.plan.overrides, instant)
        known: dict[tuple[object, ...], float] = {}
        found: dict[int, float] = {}
        for row in frozenset().union(*(self._rows[rule.id] for rule in acting)):
            name = self._luminaires[row]
            luminaire = site.luminaire(name)
            zone = site.zone(luminaire.zone)
            over = next(
                (one.id for one in overrides if one.selector.selects(luminaire, zone)), None
            )
            ruled = tuple(row in self._rows[rule.id] for rule in acting)
            is_alone = name in self._excepted or luminaire.lamp_type in self._constant
            key = (zone.id, name if is_alone else None, over, ruled)
            if key not in known:
                known[key] = resolve(site, name, instant, sensors).level
            found[row] = known[key]
        return found
