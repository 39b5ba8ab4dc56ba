"""Alarms of the controller's own state: its store, its fellow controllers, its clock and loops."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from controller.engine.alarm_types import AlarmType
from controller.service.alarm_log import AlarmLog
from controller.service.charge import Charge
from controller.service.leadership import Leader
from controller.service.sentences import SAY
from controller.service.store_watch import StoreWatch
from controller.service.tally import Tally
from controller.service.watch import Watch
from controller.service.watch_clock import ClockWatch
from zones.said import cut, listed

_EVERY_S: Final = 1.0
_DETAIL_CHARACTERS: Final = 200

_log = logging.getLogger("lamplighter.control")


class OwnAlarms:
    """Looks every second how the controller stands, and lets the alarms go on.

    ``notice`` is what people must know of how the store was opened; empty for nothing.
    """

    def __init__(
        self,
        alarms: AlarmLog,
        store_watch: StoreWatch,
        leader: Leader,
        charge: Charge,
        clock_watch: ClockWatch,
        watch: Watch,
        tally: Tally,
        *,
        notice: str,
    ) -> None:
        self._alarms = alarms
        self._store_watch = store_watch
        self._leader = leader
        self._charge = charge
        self._clock_watch = clock_watch
        self._watch = watch
        self._tally = tally
        self._notice = notice

    async def run(self) -> None:
        """Look until cancelled."""
        if self._notice:
            _log.error(self._notice)
        while True:
            await asyncio.sleep(_EVERY_S)
            self._look()

    def _look(self) -> None:
        self._set(AlarmType.STORE_FAILING, self._notice, subject="restored")
        self._set(AlarmType.STORE_FAILING, self._store_watch.error)
        self._set(AlarmType.DOCUMENTS_DIFFER, _named(self._leader.differing))
        rivals = [beat.instance for beat in self._leader.others() if beat.is_active]
        self._set(AlarmType.TWO_CONTROLLERS, _named(rivals) if self._leader.is_active else "")
        conditions = self._alarms.conditions
        self._clock_watch.tell(conditions)
        self._watch.tell(conditions)
        self._alarms.step(
            is_linked=self._tally.is_connected,
            is_clock_trusted=self._clock_watch.is_known.is_set(),
            is_in_charge=self._charge.is_in_charge,
        )

    def _set(self, kind: AlarmType, detail: str, subject: str = "") -> None:
        """The condition is there where there is something to say of it."""
        self._alarms.conditions.set_condition(
            kind, is_present=bool(detail), subject=subject, detail=cut(detail, _DETAIL_CHARACTERS)
        )


def _named(instances: Sequence[str]) -> str:
    return listed(name or SAY("nameless") for name in instances)
