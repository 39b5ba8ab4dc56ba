"""What happens to a street on purpose: steps of a script, carried out.

Owns who is hit, the end of what lasts, and the record of it all. Each step happens at its own
instant, however coarse the street's own steps are.
"""

import asyncio
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, assert_never

import numpy as np

from simulator.chaos.steps import (
    CabinetOutage,
    Fault,
    FeederOutage,
    GatewayOutage,
    Lasting,
    Lie,
    ReconnectStorm,
    Repair,
    StreetStep,
)
from simulator.columns import Ints
from simulator.faults import FaultKind, Faults
from simulator.street import Street


class Incidents:
    """Carries steps out on a street. ``seed`` draws who is hit where a ratio says how many."""

    def __init__(self, street: Street, seed: int) -> None:
        self._street = street
        self._rng = np.random.default_rng([seed, 0x1C])
        self.record: list[dict[str, Any]] = _from_the_start(street)
        """Faults, lies and outages with ``begin`` and ``end`` (site instants; None: not ended)."""
        inventory = street.site.inventory
        self._ids = street.columns.ids
        self._feeder_of = {one.id: one for one in inventory.feeders}
        self._feeders = _members([one.feeder for one in inventory.luminaires])
        self._cabinet_rows: dict[str, list[int]] = {one.id: [] for one in inventory.cabinets}
        for name, rows in self._feeders.items():
            self._cabinet_rows[self._feeder_of[name].cabinet] += rows
        self._cabinet_gateways: dict[str, list[str]] = {}
        for one in inventory.gateways:
            if one.cabinet is not None:
                self._cabinet_gateways.setdefault(one.cabinet, []).append(one.id)

    def problem(self, step: StreetStep) -> str | None:
        """Why a step could do nothing here: ``field: reason``; None where it can."""
        field, known, patterns = self._target(step)
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in known):
                what = field.removesuffix("s")
                return f"{field}: no {what} of this street fits {pattern!r}"
        return None

    def add(self, step: StreetStep, start_at: float) -> None:
        """Let a step happen in its time; ``start_at`` is the site instant it counts from."""
        if step.clock == "street":
            self._street.agenda.put(start_at + step.at_s, partial(self._begin, step))
        elif step.at_s:
            asyncio.get_running_loop().call_later(step.at_s, self._now, partial(self._begin, step))
        else:
            self._now(partial(self._begin, step))

    def _now(self, action: Callable[[float], None]) -> None:
        at = self._street.clock.now()
        self._street.step(at)
        action(at)

    def _target(self, step: StreetStep) -> tuple[str, Sequence[str], Sequence[str]]:
        match step:
            case FeederOutage():
                return "feeders", list(self._feeders), step.feeders
            case CabinetOutage():
                return "cabinets", list(self._cabinet_rows), step.cabinets
            case GatewayOutage() | ReconnectStorm():
                return "gateways", list(self._street.gateway_named), step.gateways
            case Fault() | Repair() | Lie():
                return "luminaires", self._ids, step.luminaires
            case _:
                assert_never(step)

    def _chosen(self, step: StreetStep) -> list[str]:
        _, known, patterns = self._target(step)
        found = [name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)]
        ratio = 1.0 if isinstance(step, Repair) else step.ratio
        if ratio >= 1 or not found:
            return found
        count = max(1, round(len(found) * ratio))
        drawn = self._rng.choice(len(found), size=count, replace=False)
        return [found[index] for index in sorted(drawn.tolist())]

    # --- begin and end ------------------------------------------------------------------

    def _begin(self, step: StreetStep, at: float) -> None:
        names = self._chosen(step)
        match step:
            case FeederOutage():
                rows = [row for name in names for row in self._feeders[name]]
                self._cut(step, rows, [], names, at)
            case CabinetOutage():
                rows = [row for name in names for row in self._cabinet_rows[name]]
                gateways = [one for name in names for one in self._cabinet_gateways.get(name, ())]
                self._cut(step, rows, gateways, names, at)
            case GatewayOutage():
                self._cut(step, [], names, names, at)
            case ReconnectStorm():
                for name in names:
                    back_in_s = float(self._rng.uniform(0, step.within_s))
                    self._street.gateway_named[name].drop(back_in_s)
                self._note(step, names, at)["end"] = at
            case Fault():
                self._begin_fault(step, names, at)
            case Repair():
                self._repair(step, self._rows(names), at)
            case Lie():
                self._begin_lie(step, names, at)
            case _:
                assert_never(step)

    def _cut(
        self, step: Lasting, rows: list[int], gateways: list[str], names: list[str], at: float
    ) -> None:
        entry = self._note(step, names, at)
        where = np.array(sorted(rows), dtype=np.int64)
        street = self._street
        # A luminaire with a connection of its own loses it with its supply.
        own = [*gateways, *(self._ids[row] for row in rows if self._ids[row] in street.direct)]
        street.fleet.cut_power(where, at)
        for name in own:
            street.gateway_named[name].cut_power()

        def end(until: float) -> None:
            street.fleet.restore_power(where, until)
            for name in own:
                street.gateway_named[name].restore_power()
            entry["end"] = until

        self._later(step, at, end)

    def _begin_fault(self, step: Fault, names: list[str], at: float) -> None:
        entry = self._note(step, names, at)
        fleet, where = self._street.fleet, self._rows(names)
        where = where[~fleet.columns.faults.rows_with(step.kind)[where]]
        fleet.begin_fault(step.kind, where, at, self._rng)

        def end(until: float) -> None:
            fleet.end_fault(step.kind, where, until)
            entry["end"] = until

        self._later(step, at, end)

    def _begin_lie(self, step: Lie, names: list[str], at: float) -> None:
        entry = self._note(step, names, at)
        liars, rows = self._street.meters.liars, self._rows(names).tolist()
        liars.begin(step.kind, rows)

        def end(until: float) -> None:
            liars.end([row for row in rows if liars.kind_of(row) is step.kind])
            entry["end"] = until

        self._later(step, at, end)

    def _repair(self, step: Repair, rows: Ints, at: float) -> None:
        fleet = self._street.fleet
        for kind in FaultKind if step.kind is None else (step.kind,):
            ill = rows[fleet.columns.faults.rows_with(kind)[rows]]
            if ill.size:
                fleet.end_fault(kind, ill, at)
        if step.kind is None:
            self._street.meters.liars.end(rows.tolist())
        names = {self._ids[row] for row in rows.tolist()}
        for entry in self.record:
            is_it = step.kind is None or entry["kind"] == step.kind.value
            is_open = entry["end"] is None and entry["do"] in ("fault", "meter_lie")
            if is_it and is_open and names.issuperset(entry["who"]):
                entry["end"] = at

    def _later(self, step: Lasting, at: float, end: Callable[[float], None]) -> None:
        if step.for_s is None:
            return
        if step.clock == "street":
            self._street.agenda.put(at + step.for_s, end)
        else:
            asyncio.get_running_loop().call_later(step.for_s, self._now, end)

    def _rows(self, names: Sequence[str]) -> Ints:
        row_of = self._street.row_of
        return np.array([row_of[name] for name in names], dtype=np.int64)

    def _note(self, step: StreetStep | Lasting, names: list[str], at: float) -> dict[str, Any]:
        kind = getattr(step, "kind", None)
        entry = {
            "do": step.__struct_config__.tag,
            "kind": None if kind is None else str(kind),
            "who": names,
            "begin": at,
            "end": None,
        }
        self.record.append(entry)
        return entry


def _members(names: Sequence[str | None]) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        if name is not None:
            members.setdefault(name, []).append(row)
    return members


def _from_the_start(street: Street) -> list[dict[str, Any]]:
    faults: Faults = street.columns.faults
    ids = street.columns.ids
    record: list[dict[str, Any]] = []
    for kind in FaultKind:
        who = [ids[row] for row in np.flatnonzero(faults.rows_with(kind)).tolist()]
        if who:
            entry = {"do": "fault", "kind": kind.value, "who": who}
            record.append({**entry, "begin": street.started_at, "end": None})
    return record
