"""A gateway: some luminaires behind one connection.

Owns the way from topics to rows and back: what it subscribes to, what it hands to the
inbox, what waits to be published. Heals its connection for ever.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import numpy as np

from controller.wire.codec import Cleared, Rejected, decode, encode
from controller.wire.messages import Command, Config, Program, Reading, State, Telemetry
from controller.wire.signing import SIGNED_LEAVES, Verifier
from controller.wire.topics import Topics
from simulator.clock import SiteClock
from simulator.columns import NONE, SOURCES, Columns, Ints
from simulator.inbox import Arrival, Inbox, Leaf, Segment, ZoneArrival
from simulator.mqtt import BrokerAddress, Link, LinkLost

MAX_IN_FLIGHT: Final = 400
"""Messages of one connection that the broker has not confirmed; the rest waits here."""
TOPICS_PER_SUBSCRIBE: Final = 300
_FIRST_DELAY_S: Final = 0.5
_LAST_DELAY_S: Final = 20.0
_PROGRAMS_REMEMBERED: Final = 2048
_LEAVES: Final[dict[str, Leaf]] = {one: one for one in get_args(Leaf)}


class _CutOff(Exception):
    """The connection is to end without a word."""


@dataclass
class Counters:
    """Messages of the whole fleet since the start."""

    sent: int = 0
    received: int = 0
    dropped_telemetry: int = 0
    connections_lost: int = 0
    rejected: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str) -> None:
        """Count a message that was dropped."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1


@dataclass(frozen=True)
class Wiring:
    """What all connections share."""

    topics: Topics
    subscribe_qos: int
    columns: Columns
    clock: SiteClock
    inbox: Inbox
    counters: Counters
    connecting: asyncio.Semaphore
    on_arrival: Callable[[], None]
    on_trouble: Callable[[str], None]
    verifier: Verifier | None = None
    """Whom luminaires believe; None: whoever reaches the broker."""
    programs: dict[tuple[str, bytes], Program] = field(default_factory=dict)
    """Topics and payloads seen lately: many gateways hear the same zone program."""


class Gateway:
    """One connection and the luminaires behind it."""

    def __init__(
        self,
        wiring: Wiring,
        address: BrokerAddress,
        client_id: str,
        availability_topic: str,
        rows: Ints,
    ) -> None:
        self._wiring = wiring
        self._address = address
        self._client_id = client_id
        self._availability = availability_topic
        self._row_of = {wiring.columns.ids[row]: row for row in rows.tolist()}
        self._wanted: set[str] = set()
        self._zones_wanted = asyncio.Event()
        self.segment = Segment(rows, self._want_zone)
        self._state_due: dict[int, None] = {}
        self._readings: deque[tuple[int, Telemetry]] = deque(maxlen=max(1000, 4 * len(rows)))
        self._sensor_readings: deque[tuple[str, Reading]] = deque(maxlen=1000)
        self._link: Link | None = None
        self._is_cut = asyncio.Event()
        """Set where the connection is to end without a word."""
        self._back_in_s: float | None = None
        """Machine seconds after which it connects again; None: as after any loss."""
        self._outages = 0
        self._has_power = asyncio.Event()
        self._has_power.set()
        self.is_ready = asyncio.Event()
        """Set once it was connected and subscribed for the first time."""

    @property
    def is_idle(self) -> bool:
        """True where nothing waits to be sent or confirmed."""
        waiting = bool(self._state_due or self._readings or self._sensor_readings)
        return not waiting and (self._link is None or self._link.in_flight == 0)

    @property
    def is_connected(self) -> bool:
        """True while the connection stands."""
        return self._link is not None

    # --- what goes wrong ----------------------------------------------------------------

    def drop(self, back_in_s: float) -> None:
        """End the connection without a word; connect again after so many machine seconds."""
        self._back_in_s = back_in_s
        self._is_cut.set()

    def cut_power(self) -> None:
        """The gateway is gone, with what it had not sent yet; its luminaires go on alone."""
        self._outages += 1
        self._has_power.clear()
        self._readings.clear()
        self.drop(0.0)

    def restore_power(self) -> None:
        """An outage ends; the gateway is back where it was the only one."""
        self._outages = max(0, self._outages - 1)
        if not self._outages:
            self._has_power.set()

    # --- out ----------------------------------------------------------------------------

    def tell_state(self, row: int) -> None:
        """The luminaire's state is to be published; as it will be by then."""
        self._state_due[row] = None

    def tell_reading(self, row: int, reading: Telemetry) -> None:
        """A reading is to be published; the oldest that waits makes room."""
        if self._outages:
            return
        if len(self._readings) == self._readings.maxlen:
            self._wiring.counters.dropped_telemetry += 1
        self._readings.append((row, reading))

    def tell_sensor(self, sensor: str, reading: Reading) -> None:
        """A sensor's reading is to be published; the oldest that waits makes room."""
        if not self._outages:
            self._sensor_readings.append((sensor, reading))

    def pump(self) -> None:
        """Send what waits, as far as the broker keeps up: states before readings."""
        link = self._link
        if link is None:
            return
        room = MAX_IN_FLIGHT - link.in_flight
        if room > 0 and self._state_due:
            rows = list(self._state_due)[:room]
            for row in rows:
                del self._state_due[row]
            self._send_states(link, rows)
            room -= len(rows)
        topics, ids = self._wiring.topics, self._wiring.columns.ids
        while room > 0 and self._sensor_readings:
            sensor, value = self._sensor_readings.popleft()
            if not self._send(link, topics.sensor(sensor), encode(value)):
                return
            room -= 1
        while room > 0 and self._readings:
            row, reading = self._readings.popleft()
            if not self._send(link, topics.luminaire(ids[row], "telemetry"), encode(reading)):
                return
            room -= 1

    def _send_states(self, link: Link, rows: Sequence[int]) -> None:
        columns, topics = self._wiring.columns, self._wiring.topics
        where = np.array(rows, dtype=np.int64)
        faults = columns.faults
        at_ms = np.rint(columns.changed_local[where] * 1000).astype(np.int64)
        for row, config_rev, program_rev, level, source, ms, noticed in zip(
            rows,
            np.where(columns.zone[where] == NONE, 0, columns.config_rev[where]).tolist(),
            columns.program_rev[where].tolist(),
            columns.level[where].round(2).tolist(),
            columns.source[where].tolist(),
            np.maximum(at_ms, 0).tolist(),
            faults.noticed(where),
            strict=True,
        ):
            state = State(
                rev=config_rev,
                program_rev=program_rev,
                level=level,
                source=SOURCES[source],
                at_ms=ms,
                command_id=columns.command_id[row],
                faults=noticed,
            )
            topic = topics.luminaire(columns.ids[row], "state")
            if not self._send(link, topic, encode(state), retain=True):
                self._state_due[row] = None

    def _send(self, link: Link, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        is_sent = link.send(topic, payload, retain=retain)
        self._wiring.counters.sent += is_sent
        return is_sent

    # --- in -----------------------------------------------------------------------------

    def _receive(self, name: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001 - a callback
        wiring = self._wiring
        wiring.counters.received += 1
        topic = wiring.topics.parse(name)
        if topic is None:
            wiring.counters.reject("topic")
            return
        message = wiring.programs.get((name, payload)) if topic.leaf == "program" else None
        if message is None:
            decoded = self._refusal(topic.leaf, name, payload) or decode(
                topic, payload, retained=retained
            )
            if isinstance(decoded, Rejected):
                wiring.counters.reject(decoded.reason.value)
                return
            if not isinstance(decoded, Program | Config | Command | Cleared):
                wiring.counters.reject("topic")
                return
            if isinstance(decoded, Program):
                if len(wiring.programs) >= _PROGRAMS_REMEMBERED:
                    wiring.programs.clear()
                wiring.programs[name, payload] = decoded
            accepted: Program | Config | Command | Cleared = decoded
        else:
            accepted = message
        at = wiring.clock.now()
        if topic.owner == "luminaire":
            row = self._row_of.get(topic.identifier)
            if row is None:
                wiring.counters.reject("unknown_device")
                return
            leaf = _LEAVES.get(topic.leaf)
            if leaf is None:
                return  # our own voice
            wiring.inbox.put(Arrival(row, leaf, accepted, at, self.segment))
        elif isinstance(accepted, Config):
            return
        else:
            wiring.inbox.put(ZoneArrival(topic.identifier, accepted, at, self.segment))
        wiring.on_arrival()

    def _refusal(self, leaf: str, name: str, payload: bytes) -> Rejected | None:
        """Why a message is not to be believed, before anything in it is read."""
        verifier = self._wiring.verifier
        if verifier is None or leaf not in SIGNED_LEAVES:
            return None
        return verifier.refusal(name, payload)

    def _want_zone(self, zone: str) -> None:
        self._wanted.add(zone)
        self._zones_wanted.set()

    # --- connection ---------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        delay = _FIRST_DELAY_S
        while True:
            await self._has_power.wait()
            self._is_cut.clear()
            try:
                await self._hold()
            except _CutOff:
                pass
            except LinkLost as error:
                self._wiring.on_trouble(str(error))
            if self._link is not None:
                delay = _FIRST_DELAY_S
                self._link = None
                self._wiring.counters.connections_lost += 1
            back_in_s, self._back_in_s = self._back_in_s, None
            if back_in_s is not None:
                await asyncio.sleep(back_in_s)
                continue
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))
            delay = min(_LAST_DELAY_S, 2 * delay)

    async def _hold(self) -> None:
        link = Link(
            self._address,
            self._client_id,
            (self._availability, b"offline"),
            self._receive,
            self._on_confirmed,
        )
        try:
            async with self._wiring.connecting:
                await link.open()
                zones, self._wanted = list(self.segment.zones), set()
                topics = self._luminaire_topics() + self._zone_topics(zones)
                # All of it before anybody hears that we are here: what is sent then arrives.
                await self._subscribe(link, topics)
            self._send(link, self._availability, b"online", retain=True)
            self._link = link
            for row in self.segment.rows[~self._silent()].tolist():
                self.tell_state(row)
            self.pump()
            self.is_ready.set()
            await self._follow(link)
        finally:
            is_abrupt = self._is_cut.is_set()
            if self._link is link and not is_abrupt:
                self._send(link, self._availability, b"offline", retain=True)
            await link.close(is_abrupt=is_abrupt)

    async def _follow(self, link: Link) -> None:
        """Return never; raise `LinkLost` or `_CutOff`.

        No task group: before Python 3.12 it forgets that it was cancelled where a child fails
        in the same moment.
        """
        tasks = [
            asyncio.create_task(self._wait_cut(), name=f"{self._client_id}.cut"),
            asyncio.create_task(self._follow_zones(link), name=f"{self._client_id}.zones"),
            asyncio.create_task(link.wait_lost(), name=f"{self._client_id}.link"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _wait_cut(self) -> None:
        await self._is_cut.wait()
        raise _CutOff

    async def _follow_zones(self, link: Link) -> None:
        while True:
            zones, self._wanted = sorted(self._wanted), set()
            self._zones_wanted.clear()
            await self._subscribe(link, self._zone_topics(zones))
            await self._zones_wanted.wait()

    async def _subscribe(self, link: Link, topics: Sequence[str]) -> None:
        for first in range(0, len(topics), TOPICS_PER_SUBSCRIBE):
            some = topics[first : first + TOPICS_PER_SUBSCRIBE]
            await link.subscribe_all(some, self._wiring.subscribe_qos)

    def _luminaire_topics(self) -> list[str]:
        topics = self._wiring.topics
        return [
            topics.luminaire(name, leaf)
            for leaf in ("config", "program", "command")
            for name in self._row_of
        ]

    def _zone_topics(self, zones: Sequence[str]) -> list[str]:
        topics = self._wiring.topics
        return [topics.zone(zone, leaf) for zone in zones for leaf in ("program", "command")]

    def _silent(self) -> np.ndarray:
        return self._wiring.columns.faults.silent[self.segment.rows]

    def _on_confirmed(self) -> None:
        link = self._link
        waits = self._state_due or self._readings or self._sensor_readings
        if link is not None and waits and link.in_flight < MAX_IN_FLIGHT // 2:
            self.pump()
