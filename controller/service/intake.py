"""Inbound messages: read, checked against the inventory, given to the engine in batches.

Every message is read strictly when it arrives. States and measurements are then collected
and given to the engine together: by the next look at the street, or as soon as a batch is
full. Nothing waits longer than that, and nothing is dropped for want of room.
"""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from controller.engine.awaited import rev_of
from controller.engine.columns import Flags, Floats, Ints
from controller.engine.engine import Engine, States, states_of
from controller.engine.faults import FaultBit
from controller.ports.bus import Inbound
from controller.ports.clock import Clock
from controller.ports.store import ReportedState
from controller.service.tally import Tally
from controller.wire.codec import Reason, Rejected, decode
from controller.wire.messages import Reading, State, Telemetry
from controller.wire.topics import Topic, Topics

_FUTURE_S: Final = 120.0
"""A stamp further ahead than this is not believed."""

_BATCH: Final = 2000
"""States or measurements that are given to the engine at the latest; some milliseconds of
work."""


class Intake:
    """Takes messages on the loop; never raises for what a device sent.

    ``heard_time`` is told what a luminaire's clock showed when it answered: row, that
    instant, and our own when it was heard (both Unix s, site time).
    """

    def __init__(
        self,
        topics: Topics,
        engine: Engine,
        clock: Clock,
        tally: Tally,
        heard_time: Callable[[int, float, float], None] | None = None,
    ) -> None:
        self._topics = topics
        self._engine = engine
        self._clock = clock
        self._tally = tally
        self._heard_time = heard_time
        self._row_of = engine.columns.row_of
        self._states: dict[int, tuple[State, Inbound, float]] = {}
        """By row, what arrived since the last batch, and when."""
        self._measured: dict[int, tuple[Telemetry, float]] = {}
        self._unsaved: dict[str, ReportedState] = {}
        self._at_ms = np.zeros(engine.columns.size, dtype=np.int64)
        """Newest believed stamp of a state, by row."""
        self._measured_at = np.full(engine.columns.size, -np.inf)
        """The same of a measurement, Unix s."""

    def filters(self, qos: int) -> list[tuple[str, int]]:
        """What the controller subscribes to."""
        return self._topics.controller_filters(qos)

    @property
    def awaited_commands(self) -> int:
        """Commands sent and neither answered, superseded nor timed out."""
        return self._engine.awaited.pending

    def take(self, message: Inbound) -> None:
        """One message from the broker."""
        self._tally.payload_bytes["in"] += len(message.payload)
        topic = self._topics.parse(message.topic)
        if topic is None:
            self._tally.rejected[Reason.TOPIC] += 1
            return
        decoded = decode(topic, message.payload, retained=message.retained)
        match decoded:
            case State():
                self._take_state(topic, decoded, message)
            case Telemetry():
                self._take_telemetry(topic, decoded)
            case Rejected():
                self._tally.rejected[decoded.reason] += 1
            case Reading():
                self._take_reading(topic, decoded)
            case "online" | "offline":
                self._take_availability(topic, is_online=decoded == "online")
            case _:  # a cleared topic says nothing; other kinds are not subscribed to
                pass

    def apply(self) -> None:
        """Give the engine what was collected."""
        if self._states:
            self._apply_states()
        if self._measured:
            self._apply_measured()

    def _take_state(self, topic: Topic, state: State, message: Inbound) -> None:
        row = self._row(topic)
        if row is None:
            return
        # What a luminaire says is heard in the order in which it was said.
        if row in self._states or row in self._measured or len(self._states) >= _BATCH:
            self.apply()
        self._states[row] = state, message, self._clock.now()

    def _take_telemetry(self, topic: Topic, telemetry: Telemetry) -> None:
        row = self._row(topic)
        if row is None:
            return
        if row in self._measured or len(self._measured) >= _BATCH:
            self.apply()
        now = self._clock.now()
        self._tally.messages_in["telemetry"] += 1
        self._tally.last_telemetry_at = now
        self._measured[row] = telemetry, now

    def _apply_states(self) -> None:
        engine, tally = self._engine, self._tally
        taken = list(self._states.values())
        batch = states_of(
            list(self._states), [state for state, _, _ in taken], [at for _, _, at in taken]
        )
        self._states.clear()
        revs = np.array([rev_of(state.command_id) for state, _, _ in taken], dtype=np.int64)
        at_ms = np.array([state.at_ms for state, _, _ in taken], dtype=np.int64)
        is_answer = engine.awaited.is_answer(batch.rows, revs)
        # Delayed or replayed: the newer word stands. A luminaire whose clock really went
        # back is heard again with its answer to the next command.
        is_stale = (at_ms < self._at_ms[batch.rows]) & ~is_answer
        tally.rejected[Reason.STALE] += int(np.count_nonzero(is_stale))
        fresh = np.flatnonzero(~is_stale)
        if not fresh.size:
            return
        rows = batch.rows[fresh]
        is_believed = at_ms[fresh] / 1000 <= batch.received_at[fresh] + _FUTURE_S
        self._at_ms[rows[is_believed]] = at_ms[fresh][is_believed]
        tally.messages_in["state"] += fresh.size
        engine.take_states(batch if fresh.size == len(taken) else batch.only(fresh))
        self._count_answers(*engine.awaited.answer(rows, revs[fresh]))
        self._hear(batch, fresh, is_answer, [message.retained for _, message, _ in taken])
        ids = engine.columns.ids
        for place in fresh.tolist():
            _, message, received_at = taken[place]
            name = ids[batch.rows[place]]
            self._unsaved[name] = ReportedState(name, received_at, message.payload)

    def _count_answers(self, kinds: Ints, since: Floats) -> None:
        if not kinds.size:
            return
        took_s = np.maximum(self._clock.monotonic() - since, 0.0)
        is_known = np.isfinite(took_s)
        for kind, answers_s in self._tally.answer_s.items():
            which = is_known & (kinds == kind)
            if which.any():
                answers_s.add(took_s[which])

    def _hear(self, batch: States, fresh: np.ndarray, is_answer: Flags, kept: list[bool]) -> None:
        """Note who was heard, and how far off the clocks of those are who just spoke."""
        columns = self._engine.columns
        is_live = ~np.array(kept, dtype=np.bool_)[fresh]
        live = fresh[is_live]
        columns.heard_at[batch.rows[live]] = batch.received_at[live]
        self._engine.take_live(batch.rows[live])
        # Only an answer is stamped when it is sent: other states may repeat an old stamp.
        said = live[is_answer[live] & (batch.at[live] > 0)]
        columns.clock_offset_s[batch.rows[said]] = batch.at[said] - batch.received_at[said]
        if self._heard_time is not None:
            for place in said[(batch.fault_bits[said] & FaultBit.CLOCK) == 0].tolist():
                self._heard_time(
                    int(batch.rows[place]), float(batch.at[place]), float(batch.received_at[place])
                )

    def _apply_measured(self) -> None:
        columns, account = self._engine.columns, self._engine.account
        rows = np.fromiter(self._measured, dtype=np.intp, count=len(self._measured))
        taken = list(self._measured.values())
        self._measured.clear()
        at = np.array([one.at_ms for one, _ in taken], dtype=np.float64) / 1000
        now = np.array([received_at for _, received_at in taken])
        columns.heard_at[rows] = now
        # A replayed measurement says nothing about the clock of today.
        is_fresh = at > np.maximum(self._measured_at[rows], 0.0)
        columns.clock_offset_s[rows[is_fresh]] = (at - now)[is_fresh]
        is_believed = is_fresh & (at <= now + _FUTURE_S)
        self._measured_at[rows[is_believed]] = at[is_believed]
        self._tally.telemetry_lag_s.add(np.maximum(now - at, 0.0)[is_believed])
        power_w = np.array(
            [np.nan if one.power_w is None else one.power_w for one, _ in taken], dtype=np.float64
        )
        measured_at = np.minimum(at, now)
        is_newer = ~np.isnan(power_w) & (measured_at >= columns.measured_at[rows])
        columns.measured_w[rows[is_newer]] = power_w[is_newer]
        columns.measured_at[rows[is_newer]] = measured_at[is_newer]
        energy_wh = np.array(
            [np.nan if one.energy_wh is None else one.energy_wh for one, _ in taken],
            dtype=np.float64,
        )
        counts = ~np.isnan(energy_wh)
        if counts.any():
            account.measure(rows[counts], at[counts], energy_wh[counts], float(now.max()))

    def _take_reading(self, topic: Topic, reading: Reading) -> None:
        rules = self._engine.rules
        if not rules.is_known(topic.identifier):
            self._tally.rejected[Reason.UNKNOWN_DEVICE] += 1
            return
        now = self._clock.now()
        at = reading.at_ms / 1000
        if at > now + _FUTURE_S:
            self._tally.rejected[Reason.RANGE] += 1
            return
        self._tally.messages_in["reading"] += 1
        # A clock a little ahead must not keep the sensor from being heard now.
        rules.take(topic.identifier, reading, min(at, now))

    def _take_availability(self, topic: Topic, *, is_online: bool) -> None:
        columns = self._engine.columns
        if topic.owner == "gateway":
            gateway = columns.gateway_row_of.get(topic.identifier)
            if gateway is None:
                self._tally.rejected[Reason.UNKNOWN_DEVICE] += 1
                return
            self._engine.take_gateway_availability(gateway, is_online=is_online)
        else:
            row = self._row(topic)
            if row is None:
                return
            if row in self._states:
                self.apply()  # a state before this word is older
            self._engine.take_availability(row, is_online=is_online)
        self._tally.messages_in["availability"] += 1

    def _row(self, topic: Topic) -> int | None:
        row = self._row_of.get(topic.identifier)
        if row is None:
            self._tally.rejected[Reason.UNKNOWN_DEVICE] += 1
        return row

    def restore(self, states: Iterable[ReportedState]) -> None:
        """What was last heard before a restart."""
        rows: list[int] = []
        heard: list[State] = []
        received_at: list[float] = []
        for kept in states:
            topic = Topic("luminaire", kept.luminaire, "state")
            decoded = decode(topic, kept.payload)
            row = self._row_of.get(kept.luminaire)
            if row is not None and isinstance(decoded, State):
                rows.append(row)
                heard.append(decoded)
                received_at.append(kept.received_at)
        self._engine.take_states(states_of(rows, heard, received_at))
        self._at_ms[rows] = [state.at_ms for state in heard]

    def take_unsaved(self) -> list[ReportedState]:
        """States that arrived since the last call."""
        self.apply()
        unsaved = list(self._unsaved.values())
        self._unsaved.clear()
        return unsaved

    def put_back(self, states: Iterable[ReportedState]) -> None:
        """States that could not be saved; newer ones stand."""
        self._unsaved = {state.luminaire: state for state in states} | self._unsaved
