"""The street in motion: time passes, messages are taken, what changed is told.

Owns the loop over fleet, meters, oracle and gateways, and what is counted at its end.
"""

import asyncio
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import numpy as np

from controller.wire.signing import Verifier
from controller.wire.topics import Topics
from schedules import Site, compile_baseline
from simulator.agenda import Agenda
from simulator.broker_url import Certificates
from simulator.causes import EXPIRED, FAULT, OUTAGE, SOFTWARE
from simulator.clock import SiteClock
from simulator.columns import Columns, Hardware, Ints
from simulator.electrics import Floats
from simulator.expected import expected_points
from simulator.faults import Faults
from simulator.fleet import Fleet
from simulator.gateway import Counters, Gateway, Wiring
from simulator.inbox import Inbox
from simulator.lies import Liars
from simulator.mqtt import BrokerAddress
from simulator.oracle import Oracle, Timetables
from simulator.sensors import SensorOptions, StreetSensors
from simulator.telemetry import Meters
from simulator.truth import cause_of, is_lit, power_w

PER_VIRTUAL_GATEWAY: Final = 200
_LOOK_AHEAD_S: Final = 3 * 86_400
_SHORTEST_STEP_S: Final = 0.005
_LONGEST_STEP_S: Final = 0.05
_FLUSH_TIMEOUT_S: Final = 15.0
_JOULES_PER_KWH: Final = 3.6e6


@dataclass(frozen=True)
class StreetOptions:
    """How a fleet is set up."""

    address: BrokerAddress
    start_at: float
    is_direct: bool = False
    subscribe_qos: int = 0
    telemetry_every_s: float = 3600.0
    drift_ppm: float = 0.0
    seed: int = 1
    client_prefix: str = "street"
    sensors: SensorOptions | None = None
    """None: the rules' sensors are not there."""
    certificates: Certificates | None = None
    """Every client shows its own; luminaires without a gateway then connect themselves."""
    verifier: Verifier | None = None
    """Whom luminaires believe; None: whoever reaches the broker."""


class Street:
    """A fleet with its connections. Make it inside a running event loop."""

    def __init__(
        self,
        site: Site,
        faults: Faults,
        clock: SiteClock,
        options: StreetOptions,
        on_trouble: Any,
    ) -> None:
        inventory = site.inventory
        type_row = {one.id: row for row, one in enumerate(inventory.lamp_types)}
        hardware = Hardware(
            ids=tuple(one.id for one in inventory.luminaires),
            lamp_types=inventory.lamp_types,
            lamp_type=[type_row[one.lamp_type] for one in inventory.luminaires],
        )
        self.site = site
        self.clock = clock
        self.counters = Counters()
        self.started_at = options.start_at
        self.columns = Columns(hardware, faults, options.drift_ppm, options.start_at, options.seed)
        self.oracle = Oracle(*self._timetables(options.start_at), options.start_at)
        is_signed = options.verifier is not None
        self.fleet = Fleet(self.columns, self.oracle, is_signed=is_signed)
        self.meters = Meters(
            self.fleet,
            options.telemetry_every_s,
            options.start_at,
            Liars(self.columns.size, options.seed),
        )
        self.sensors = (
            StreetSensors(site, options.sensors, options.start_at, options.seed)
            if options.sensors is not None
            else None
        )
        self.agenda = Agenda()
        self._inbox = Inbox(self.fleet)
        self._arrived = asyncio.Event()
        self._due: set[int] = set()
        """Gateways that were given something to publish."""
        self.tasks: list[asyncio.Task[None]] = []
        wiring = Wiring(
            topics=Topics(inventory.city.id),
            subscribe_qos=options.subscribe_qos,
            columns=self.columns,
            clock=clock,
            inbox=self._inbox,
            counters=self.counters,
            connecting=asyncio.Semaphore(32 if options.is_direct else 8),
            on_arrival=self._arrived.set,
            on_trouble=on_trouble,
            verifier=options.verifier,
        )
        self.gateway_named = _gateways(site, wiring, options)
        """Gateways, virtual ones too, by name; with a connection each: luminaires."""
        self.gateways = list(self.gateway_named.values())
        self.row_of = {name: row for row, name in enumerate(self.columns.ids)}
        self.direct = frozenset(self.row_of).intersection(self.gateway_named)
        """Luminaires with a connection of their own."""
        self._gateway_of = np.zeros(self.columns.size, dtype=np.int64)
        for index, gateway in enumerate(self.gateways):
            self._gateway_of[gateway.segment.rows] = index

    # --- running ------------------------------------------------------------------------

    async def connect(self, group: asyncio.TaskGroup) -> None:
        """Start every connection in ``group`` and return when all were once ready."""
        self.tasks = [
            group.create_task(gateway.run(), name=f"simulator.gateway-{index}")
            for index, gateway in enumerate(self.gateways)
        ]
        for gateway in self.gateways:
            await gateway.is_ready.wait()

    async def run(self) -> None:
        """Let the street live until cancelled."""
        while True:
            self.step(self.clock.now())
            due, self._due = sorted(self._due), set()
            for count, index in enumerate(due, 1):
                self.gateways[index].pump()
                if count % 8 == 0:
                    await asyncio.sleep(0)  # a burst must not keep the sockets waiting
            self._arrived.clear()
            if len(self._inbox):
                await asyncio.sleep(0)
                continue
            next_at = min(self.fleet.next_event_at(), self.agenda.next_at())
            wait_s = self.clock.seconds_until(next_at)
            try:
                async with asyncio.timeout(min(max(wait_s, _SHORTEST_STEP_S), _LONGEST_STEP_S)):
                    await self._arrived.wait()
            except TimeoutError:
                pass

    def begin_at(self, at: float) -> None:
        """Site time begins here, not where it stood: nothing happened in between."""
        self.started_at = at
        self.columns.rebase(at)
        self.meters.rebase(at)
        if self.sensors is not None:
            self.sensors.rebase(at)
        self.oracle.begin(*self._timetables(at), at)
        self.fleet.decide_anew(at)

    def step(self, now: float) -> None:
        """Everything up to ``now``: readings, messages, switching points, what is planned."""
        while self.agenda.next_at() <= now:
            at, action = self.agenda.pop()
            self._step(at)
            action(at)
        self._step(now)

    def _step(self, now: float) -> None:
        if now > self.oracle.until - _LOOK_AHEAD_S:
            self.fleet.integrate(now)
            self.oracle.extend(*self._timetables(now), now)
        if len(self._inbox):
            self._tell_readings(min(now, self._inbox.first_at()))
            self._inbox.drain()
        self._tell_readings(now)
        self.fleet.advance(now)
        self._tell_states()

    async def finish(self) -> None:
        """Bring all up to now, read every meter, and wait until the broker has it all."""
        now = self.clock.now()
        self.step(now)
        self.fleet.integrate(now)
        self._tell_states()
        for row, reading in self.meters.read_all(now):
            self.gateways[self._gateway_of[row]].tell_reading(row, reading)
        try:
            async with asyncio.timeout(_FLUSH_TIMEOUT_S):
                while not all(one.is_idle or not one.is_connected for one in self.gateways):
                    for gateway in self.gateways:
                        gateway.pump()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass

    def _tell_readings(self, at: float) -> None:
        if self.sensors is not None:
            for sensor, value in self.sensors.due(at):
                index = zlib.crc32(sensor.encode()) % len(self.gateways)
                self.gateways[index].tell_sensor(sensor, value)
                self._due.add(index)
        for row, reading in self.meters.due(at):
            index = int(self._gateway_of[row])
            self.gateways[index].tell_reading(row, reading)
            self._due.add(index)

    def _tell_states(self) -> None:
        rows = self.fleet.pop_changed()
        rows = rows[~self.columns.faults.silent[rows] & (self.columns.outages[rows] == 0)]
        for row, index in zip(rows.tolist(), self._gateway_of[rows].tolist(), strict=True):
            self.gateways[index].tell_state(row)
            self._due.add(index)

    def _timetables(self, at: float) -> tuple[Timetables, Ints]:
        since = int(at // 1) - 86_400
        until = since + 16 * 86_400
        tables, numbers = expected_points(self.site, since, until)
        return Timetables(tables, until), np.array(numbers, dtype=np.int64)

    # --- how it stands ------------------------------------------------------------------

    def progress(self) -> dict[str, Any]:
        """The street at this moment."""
        now = self.clock.now()
        self.step(now)
        self.fleet.integrate(now)
        everyone = np.arange(self.columns.size)
        lit = is_lit(self.columns, everyone)
        instants = np.full(len(everyone), now)
        oracle = self.oracle
        expected = oracle.expected_lit(now)
        cause = cause_of(self.columns, everyone, self.columns.level > 0, lit, instants)
        sound = cause == SOFTWARE
        return {
            "site_at": now,
            "luminaires": self.columns.size,
            "lit": int(lit.sum()),
            "expected_lit": int(expected.sum()),
            "power_w": round(float(power_w(self.columns, everyone, instants).sum()), 1),
            "energy_kwh": round(float(self.columns.energy_j.sum()) / _JOULES_PER_KWH, 3),
            "dark_now": int((expected & ~lit & sound).sum()),
            "dark_minutes": _minutes(oracle.dark_s[SOFTWARE]),
            "daylight_burn_minutes": _minutes(oracle.daylight_s[SOFTWARE]),
            "configured": int((self.columns.config_rev >= 0).sum()),
            "connected": sum(one.is_connected for one in self.gateways),
            "connections": len(self.gateways),
            "messages_sent": self.counters.sent,
            "messages_received": self.counters.received,
        }

    def summary(self) -> dict[str, Any]:
        """What truly happened since the start, judged by the oracle."""
        now = float(self.columns.since.max()) if self.columns.size else self.clock.now()
        baseline_j = self._baseline_j(self.started_at, now)
        zone_ids = [zone.id for zone in self.site.inventory.zones]
        number = {zone: index for index, zone in enumerate(zone_ids)}
        zone_of = np.array(
            [number[one.zone] for one in self.site.inventory.luminaires], dtype=np.int64
        )
        every = np.zeros(self.columns.size, dtype=np.int64)
        total = self._figures(every, 1, np.array([baseline_j.sum()]))[0]
        zones = self._figures(zone_of, len(zone_ids), baseline_j)
        return {
            "start": datetime.fromtimestamp(self.started_at, UTC).isoformat(),
            "end": datetime.fromtimestamp(now, UTC).isoformat(),
            "seconds": now - self.started_at,
            "luminaires": self.columns.size,
            "connections": len(self.gateways),
            "faulty": int(self.columns.faults.is_any.sum()),
            **total,
            "messages_sent": self.counters.sent,
            "messages_received": self.counters.received,
            "messages_rejected": dict(sorted(self.counters.rejected.items())),
            "messages_stale": self.fleet.stale,
            "telemetry_dropped": self.counters.dropped_telemetry,
            "connections_lost": self.counters.connections_lost,
            "zones": dict(zip(zone_ids, zones, strict=True)),
        }

    def _figures(self, group: Ints, count: int, baseline_j: Floats) -> list[dict[str, Any]]:
        oracle = self.oracle
        now = float(self.columns.since.max()) if self.columns.size else self.started_at
        changes = self.columns.level_changes
        surplus = np.maximum(changes - oracle.planned_changes(now), 0)
        unasked = np.where(self.columns.is_troubled, 0, surplus)

        def summed(values: Floats) -> list[float]:
            sums: list[float] = np.bincount(group, values, count).tolist()
            return sums

        return [
            {
                "lit_ratio": lit / (lit + sum(dark)) if lit + sum(dark) else 1.0,
                "expected_lit_minutes": _round((lit + sum(dark)) / 60),
                "dark_minutes": _round(dark[SOFTWARE] / 60),
                "dark_by_fault_minutes": _round(dark[FAULT] / 60),
                "dark_by_outage_minutes": _round(dark[OUTAGE] / 60),
                "dark_by_expiry_minutes": _round(dark[EXPIRED] / 60),
                "daylight_burn_minutes": _round(burns[SOFTWARE] / 60),
                "daylight_by_fault_minutes": _round(burns[FAULT] / 60),
                "daylight_by_outage_minutes": _round(burns[OUTAGE] / 60),
                "daylight_by_expiry_minutes": _round(burns[EXPIRED] / 60),
                "level_changes": round(moves),
                "unasked_changes": round(extra),
                "level_error": _round(error / burning) if burning else 0.0,
                "energy_kwh": _round(joules / _JOULES_PER_KWH),
                "baseline_kwh": _round(base / _JOULES_PER_KWH),
            }
            for lit, dark, burns, moves, extra, error, burning, joules, base in zip(
                summed(oracle.lit_as_expected_s),
                zip(*map(summed, oracle.dark_s), strict=True),
                zip(*map(summed, oracle.daylight_s), strict=True),
                summed(changes.astype(np.float64)),
                summed(unasked.astype(np.float64)),
                summed(oracle.level_error_s),
                summed(oracle.lit_s),
                summed(self.columns.energy_j),
                baseline_j.tolist(),
                strict=True,
            )
        ]

    def _baseline_j(self, since: float, until: float) -> Floats:
        """What the lamps before the retrofit would have used, by zone, J."""
        inventory = self.site.inventory
        power = dict.fromkeys((zone.id for zone in inventory.zones), 0.0)
        watts = self.columns.lamps.baseline_w[self.columns.lamp_type]
        for luminaire, power_w_ in zip(inventory.luminaires, watts.tolist(), strict=True):
            power[luminaire.zone] += power_w_
        found: list[float] = []
        for zone in inventory.zones:
            if until <= since or not power[zone.id]:
                found.append(0.0)
                continue
            points = compile_baseline(self.site, zone.id, int(since), int(until) + 1)
            ends = [point.at for point in points[1:]] + [until]
            lit_s = sum(
                max(0.0, min(end, until) - max(point.at, since))
                for point, end in zip(points, ends, strict=True)
                if point.level > 0
            )
            found.append(power[zone.id] * lit_s)
        return np.array(found)


def _gateways(site: Site, wiring: Wiring, options: StreetOptions) -> dict[str, Gateway]:
    topics, inventory = wiring.topics, site.inventory
    prefix = f"{options.client_prefix}-{inventory.city.id}"

    def address(role: Literal["luminaire", "gateway"], name: str) -> BrokerAddress:
        if options.certificates is None:
            return options.address
        return options.certificates.address(options.address, role, name)

    def alone(row: int) -> Gateway:
        name = inventory.luminaires[row].id
        return Gateway(
            wiring,
            address("luminaire", name),
            f"{prefix}-{name}",
            topics.luminaire(name, "availability"),
            np.array([row]),
        )

    if options.is_direct:
        return {one.id: alone(row) for row, one in enumerate(inventory.luminaires)}
    rows_of: dict[str, list[int]] = {}
    loose: list[int] = []
    for row, one in enumerate(inventory.luminaires):
        if one.gateway is None:
            loose.append(row)
        else:
            rows_of.setdefault(one.gateway, []).append(row)
    by_themselves: list[int] = []
    if options.certificates is not None:
        by_themselves, loose = loose, []
    taken = set(inventory.gateway_by_id)
    count = 0
    for first in range(0, len(loose), PER_VIRTUAL_GATEWAY):
        while (name := f"virtual-{count}") in taken:
            count += 1
        count += 1
        rows_of[name] = loose[first : first + PER_VIRTUAL_GATEWAY]
    return {
        name: Gateway(
            wiring,
            address("gateway", name),
            f"{prefix}-{name}",
            topics.gateway(name),
            np.array(rows),
        )
        for name, rows in rows_of.items()
    } | {inventory.luminaires[row].id: alone(row) for row in by_themselves}


def _minutes(seconds: Floats) -> float:
    return _round(float(seconds.sum()) / 60)


def _round(value: float) -> float:
    return round(value, 6)
