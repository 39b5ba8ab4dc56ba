"""What is kept over a restart: reported states, the account, what rules remember of sensors.

Saved every half minute and at the end. Where the store fails the street goes on, and what
was not saved stays due.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable

from controller.engine.account_state import AccountState
from controller.engine.engine import Engine
from controller.errors import StoreError
from controller.ports.store import ReportedState, SensorMemory, Store
from controller.service.documents import Documents
from controller.service.energy import Energy
from controller.service.in_thread import finished
from controller.service.intake import Intake
from controller.service.store_watch import StoreWatch
from schedules.rules import DynamicRule
from schedules.sensing import Memory, Trust

_log = logging.getLogger("lamplighter.keeping")

SAVE_EVERY_S = 30.0
"""Between two saves."""

Snapshot = tuple[list[ReportedState], AccountState | None]
"""What is saved together; the account after each quarter-hour."""


class Keeping:
    """Saves and restores one service. Restore and `save` block on the disk."""

    def __init__(
        self,
        engine: Engine,
        intake: Intake,
        documents: Documents,
        store: Store,
        watch: StoreWatch,
        trusted_at: Callable[[], float | None],
        made_round: Callable[[], None],
        energy: Energy,
    ) -> None:
        """``trusted_at`` gives the machine time where it is trusted; ``made_round`` is told of
        every save, be it in vain."""
        self._engine = engine
        self._intake = intake
        self._documents = documents
        self._store = store
        self._watch = watch
        self._trusted_at = trusted_at
        self._made_round = made_round
        self.energy = energy
        self._sensors: list[SensorMemory] = []

    def restore(self) -> None:
        """Take up what was kept."""
        self.energy.restore()
        self._intake.restore(self._store.reported())
        self._restore_sensors()

    async def run(self) -> None:
        """Save every half minute until cancelled."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            await self.save_soon()
            self._made_round()

    async def save_soon(self) -> None:
        """Save now, in a thread; what fails stays due."""
        snapshot, memories = self._snapshot(is_last=False), self._memories()

        def save() -> None:
            self._write(snapshot, memories)

        def put_back() -> None:
            self._put_back(snapshot)

        try:
            await finished(save, if_failed=put_back)
        except StoreError as error:
            # The street goes on; what was not saved stays due for the next round.
            self._watch.failed(error)
            _log.error("states and energy not saved: %s", error)
        else:
            self._watch.worked()
            await finished(self._documents.save)

    def save(self) -> None:
        """Save now. Blocks on the disk; raises `StoreError`."""
        snapshot, memories = self._snapshot(is_last=True), self._memories()
        try:
            self._write(snapshot, memories)
        except StoreError:
            self._put_back(snapshot)
            raise
        self._documents.save()

    def _write(self, snapshot: Snapshot, memories: list[SensorMemory]) -> None:
        states, energy = snapshot
        self._store.save_night(states, None if energy is None else self.energy.record(energy))
        if energy is not None:
            self.energy.was_stored(energy)
            self.energy.tidy()
        if memories != self._sensors:
            self._store.save_sensor_memories(memories)
            self._sensors = memories
        trusted_at = self._trusted_at()
        if trusted_at is not None:
            self._store.save_trusted_at(trusted_at)

    def _snapshot(self, *, is_last: bool) -> Snapshot:
        self._intake.apply()
        states = self._intake.take_unsaved()
        return states, self.energy.take(is_last=is_last)

    def _put_back(self, snapshot: Snapshot) -> None:
        states, energy = snapshot
        self._intake.put_back(states)
        if energy is not None:
            self.energy.put_back(energy)

    def _memories(self) -> list[SensorMemory]:
        return [
            SensorMemory(
                rule=rule.id,
                sensor=sensor,
                definition=_definition(rule),
                at=memory.at,
                value=memory.value,
                same_since=memory.same_since,
                trust=memory.trust.value,
                believed_at=memory.believed_at,
                is_beyond=memory.is_beyond,
                beyond_at=memory.beyond_at,
            )
            for rule, sensor, memory in self._engine.rules.sensors.memories()
        ]

    def _restore_sensors(self) -> None:
        """What rules remembered, where they are still the same rules."""
        known = {rule.id: _definition(rule) for rule in self._engine.site.plan.rules}
        sensors = self._engine.rules.sensors
        for kept in self._store.sensor_memories():
            if known.get(kept.rule) == kept.definition:
                memory = Memory(
                    at=kept.at,
                    value=kept.value,
                    same_since=kept.same_since,
                    trust=Trust(kept.trust),
                    believed_at=kept.believed_at,
                    is_beyond=kept.is_beyond,
                    beyond_at=kept.beyond_at,
                )
                sensors.remember(kept.rule, kept.sensor, memory)


def _definition(rule: DynamicRule) -> str:
    return hashlib.sha256(rule.model_dump_json().encode()).hexdigest()[:16]
