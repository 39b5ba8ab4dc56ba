"""Inbound messages: read, checked against the inventory, given to the engine."""

from collections.abc import Iterable
from typing import NamedTuple

from controller.engine.engine import Engine
from controller.ports.bus import Inbound
from controller.ports.clock import Clock
from controller.ports.store import ReportedState
from controller.service.tally import Tally
from controller.wire.codec import Reason, Rejected, decode
from controller.wire.messages import Reading, State, Telemetry
from controller.wire.topics import Topic, Topics

_FUTURE_STATE_S = 120.0


_ANSWER_WITHIN_S = 60.0
"""Machine seconds until a command counts as unanswered."""


class _Awaited(NamedTuple):
    """A command whose answer has not come."""

    command_id: str
    is_question: bool
    sent_at: float
    """Machine instant."""


class Intake:
    """Takes messages one by one on the loop; never raises for what a device sent."""

    def __init__(self, topics: Topics, engine: Engine, clock: Clock, tally: Tally) -> None:
        self._topics = topics
        self._engine = engine
        self._clock = clock
        self._tally = tally
        self._unsaved: dict[str, ReportedState] = {}
        self._awaited: dict[str, _Awaited] = {}
        self._at_ms: dict[int, int] = {}

    def filters(self, qos: int) -> list[tuple[str, int]]:
        """What the controller subscribes to."""
        return self._topics.controller_filters(qos)

    def note_command(self, luminaire: str, command_id: str, *, is_question: bool = False) -> None:
        """A command went out; its answer is awaited. Any state answers a question."""
        if luminaire in self._awaited:
            self._tally.commands["superseded"] += 1
        self._awaited[luminaire] = _Awaited(command_id, is_question, self._clock.monotonic())

    def forget_unanswered(self) -> None:
        """Count commands that got no answer in time; their answers still count as states."""
        latest = self._clock.monotonic() - _ANSWER_WITHIN_S
        late = [name for name, awaited in self._awaited.items() if awaited.sent_at < latest]
        for name in late:
            del self._awaited[name]
        self._tally.commands["timeout"] += len(late)

    @property
    def awaited_commands(self) -> int:
        """Commands sent and neither answered, superseded nor timed out."""
        return len(self._awaited)

    def take(self, message: Inbound) -> None:
        """One message from the broker."""
        self._tally.payload_bytes["in"] += len(message.payload)
        topic = self._topics.parse(message.topic)
        if topic is None:
            self._tally.rejected[Reason.TOPIC] += 1
            return
        decoded = decode(topic, message.payload, retained=message.retained)
        match decoded:
            case Rejected():
                self._tally.rejected[decoded.reason] += 1
            case State():
                self._take_state(topic, decoded, message)
            case Telemetry():
                self._take_telemetry(topic, decoded)
            case Reading():
                self._take_reading(topic, decoded)
            case "online" | "offline":
                self._take_availability(topic, is_online=decoded == "online")
            case _:  # a cleared topic says nothing; other kinds are not subscribed to
                pass

    def _take_state(self, topic: Topic, state: State, message: Inbound) -> None:
        row = self._row(topic)
        if row is None:
            return
        now = self._clock.now()
        awaited = self._awaited.get(topic.identifier)
        is_answer = awaited is not None and awaited.command_id == state.command_id
        if state.at_ms < self._at_ms.get(row, 0) and not is_answer:
            # Delayed or replayed: the newer word stands. A luminaire whose clock really went
            # back is heard again with its answer to the next command.
            self._tally.rejected[Reason.STALE] += 1
            return
        if state.at_ms / 1000 <= now + _FUTURE_STATE_S:
            self._at_ms[row] = state.at_ms
        self._tally.messages_in["state"] += 1
        self._engine.take_state(row, state, now)
        if awaited is not None and (is_answer or awaited.is_question):
            del self._awaited[topic.identifier]
            self._tally.commands["acked"] += 1
        self._unsaved[topic.identifier] = ReportedState(topic.identifier, now, message.payload)

    def _take_telemetry(self, topic: Topic, telemetry: Telemetry) -> None:
        row = self._row(topic)
        if row is None:
            return
        now = self._clock.now()
        self._tally.messages_in["telemetry"] += 1
        self._tally.last_telemetry_at = now
        if telemetry.energy_wh is not None:
            self._engine.account.measure(row, telemetry.at_ms / 1000, telemetry.energy_wh, now)

    def _take_reading(self, topic: Topic, reading: Reading) -> None:
        rules = self._engine.rules
        if not rules.is_known(topic.identifier):
            self._tally.rejected[Reason.UNKNOWN_DEVICE] += 1
            return
        now = self._clock.now()
        at = reading.at_ms / 1000
        if at > now + _FUTURE_STATE_S:
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
            self._engine.take_availability(row, is_online=is_online)
        self._tally.messages_in["availability"] += 1

    def _row(self, topic: Topic) -> int | None:
        row = self._engine.columns.row_of.get(topic.identifier)
        if row is None:
            self._tally.rejected[Reason.UNKNOWN_DEVICE] += 1
        return row

    def restore(self, states: Iterable[ReportedState]) -> None:
        """What was last heard before a restart."""
        for state in states:
            topic = Topic("luminaire", state.luminaire, "state")
            decoded = decode(topic, state.payload)
            row = self._engine.columns.row_of.get(state.luminaire)
            if row is not None and isinstance(decoded, State):
                self._engine.take_state(row, decoded, state.received_at)
                self._at_ms[row] = decoded.at_ms

    def take_unsaved(self) -> list[ReportedState]:
        """States that arrived since the last call."""
        unsaved = list(self._unsaved.values())
        self._unsaved.clear()
        return unsaved

    def put_back(self, states: Iterable[ReportedState]) -> None:
        """States that could not be saved; newer ones stand."""
        self._unsaved = {state.luminaire: state for state in states} | self._unsaved
