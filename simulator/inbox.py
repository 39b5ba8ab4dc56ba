"""What arrived and waits to be taken by the fleet.

Owns the batching: messages of a kind for different luminaires are taken together, in an
order in which no luminaire can tell the difference.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from controller.wire.codec import Cleared
from controller.wire.messages import Command, Config, Program
from simulator.columns import NONE, Flags, Floats, Ints
from simulator.fleet import Fleet
from simulator.programs import NO_PROGRAM

Leaf = Literal["config", "command", "program"]


class Arrival(NamedTuple):
    """A message for one luminaire, with the site instant at which it arrived."""

    row: int
    leaf: Leaf
    message: Config | Command | Program | Cleared
    at: float
    segment: "Segment"


class ZoneArrival(NamedTuple):
    """A message for a zone, heard by one segment."""

    zone: str
    message: Command | Program | Cleared
    at: float
    segment: "Segment"


class Segment:
    """Luminaires that share a connection, and the zones they listen to."""

    def __init__(self, rows: Ints, on_zone: Callable[[str], None]) -> None:
        self.rows = rows
        self.zones: dict[str, Program | None] = {}
        """Zones of these luminaires, with the zone's program where it was heard."""
        self._on_zone = on_zone

    def join(self, zone: str) -> Program | None:
        """A luminaire belongs to the zone: listen to it. Its program where it is known."""
        if zone not in self.zones:
            self.zones[zone] = None
            self._on_zone(zone)
        return self.zones[zone]


class Inbox:
    """Messages in the order of their arrival."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._waiting: list[Arrival | ZoneArrival] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, arrival: Arrival | ZoneArrival) -> None:
        """Keep a message for the next `drain`."""
        self._waiting.append(arrival)

    def first_at(self) -> float:
        """Instant of the earliest message; infinity for none."""
        return min((one.at for one in self._waiting), default=float("inf"))

    def drain(self) -> None:
        """Let the fleet take all of it."""
        waiting, self._waiting = self._waiting, []
        batch: list[Arrival] = []
        rows: set[int] = set()
        for arrival in waiting:
            if batch and (
                isinstance(arrival, ZoneArrival)
                or arrival.leaf != batch[0].leaf
                or type(arrival.message) is not type(batch[0].message)
                or arrival.row in rows
            ):
                self._take(batch)
                batch, rows = [], set()
            if isinstance(arrival, Arrival):
                batch.append(arrival)
                rows.add(arrival.row)
            else:
                self._take_for_zone(arrival)
        if batch:
            self._take(batch)

    def _take(self, batch: list[Arrival]) -> None:
        first = batch[0]
        rows = np.array([one.row for one in batch], dtype=np.int64)
        at = np.array([one.at for one in batch])
        match first.leaf:
            case "config":
                if isinstance(first.message, Cleared):
                    self._fleet.clear_configs(rows, at, np.array([_rev(one) for one in batch]))
                else:
                    self._take_configs(batch, rows, at)
            case "command":
                commands = [one.message for one in batch if isinstance(one.message, Command)]
                self._fleet.take_commands(rows, commands, at)
            case "program":
                for one in batch:
                    program = one.message if isinstance(one.message, Program) else None
                    self._fleet.take_own_program(one.row, program, one.at, _rev(one))

    def _take_configs(self, batch: list[Arrival], rows: Ints, at: Floats) -> None:
        configs = [one.message for one in batch if isinstance(one.message, Config)]
        fleet = self._fleet
        fleet.take_configs(rows, configs, at)
        heard: dict[int, tuple[Program, list[int], float]] = {}
        for one, config in zip(batch, configs, strict=True):
            if fleet.columns.config_rev[one.row] != config.rev:
                continue
            program = one.segment.join(config.zone)
            if program is not None and fleet.columns.zone_program[one.row] == NO_PROGRAM:
                _, members, last = heard.setdefault(id(program), (program, [], one.at))
                members.append(one.row)
                heard[id(program)] = (program, members, max(last, one.at))
        for program, members, last in heard.values():
            fleet.take_zone_program(np.array(members, dtype=np.int64), program, last)

    def _take_for_zone(self, arrival: ZoneArrival) -> None:
        fleet, segment = self._fleet, arrival.segment
        number = fleet.zone_number(arrival.zone)
        is_member: Flags = fleet.columns.zone[segment.rows] == number
        rows = segment.rows[is_member]
        match arrival.message:
            case Command():
                commands = [arrival.message] * len(rows)
                fleet.take_commands(rows, commands, np.full(len(rows), arrival.at))
            case Program():
                known = segment.zones.get(arrival.zone)
                if known is None or arrival.message.rev > known.rev:
                    segment.zones[arrival.zone] = arrival.message
                fleet.take_zone_program(rows, arrival.message, arrival.at)
            case Cleared():
                known = segment.zones.get(arrival.zone)
                rev = _rev(arrival)
                if rev == NONE or known is None or rev > known.rev:
                    segment.zones[arrival.zone] = None
                fleet.clear_zone_program(rows, arrival.at, rev)


def _rev(arrival: Arrival | ZoneArrival) -> int:
    """Revision of a withdrawal; NONE where the message is another, or forgets all."""
    message = arrival.message
    rev = message.rev if isinstance(message, Cleared) else None
    return NONE if rev is None else rev
