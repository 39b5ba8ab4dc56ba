"""A service that kills itself at one instant: after the store has committed, before more is done.

Run as ``python -m tests.integration.killed_service DATA BROKER NOW AT``; the plan to put in force
comes in on standard input, nothing where the start itself is the matter.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from controller.adapters.clock import MachineClock
from controller.adapters.mqtt import MqttBus, MqttOptions
from controller.adapters.sqlite import SqliteStore
from controller.ports.energy import EnergyRecord
from controller.ports.store import Published, ReportedState
from controller.service.actions import Actions, DocumentEdit
from controller.service.control import Control
from controller.wire.timebase import Timebase
from schedules import Site


class KillingStore(SqliteStore):
    """The store, and the end of the process once the transaction ``at`` is on the disk."""

    at = ""

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        """Commit, and perhaps die."""
        number = super().save_site(site, author=author, comment=comment)
        self._end("documents stored")
        return number

    def save_published(self, messages: Iterable[Published]) -> None:
        """Commit, and perhaps die."""
        super().save_published(messages)
        self._end("messages stored")

    def save_night(
        self, reported: Iterable[ReportedState], energy: EnergyRecord | None = None
    ) -> None:
        """Perhaps die, commit, and perhaps die."""
        self._end("states not stored")
        super().save_night(reported, energy)
        self._end("states stored")

    def _end(self, at: str) -> None:
        if at == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


async def _main(data: Path, broker: str, now: float, at: str, plan: bytes) -> None:
    with KillingStore(data) as store:
        site = store.load_site()
        assert site is not None
        if not plan:
            store.at = at
        bus = MqttBus(MqttOptions.from_url(broker, client_id="killed"))
        clock = MachineClock(Timebase(real_at=1e15, site_at=now, speed=1.0))
        control = await asyncio.to_thread(Control, site, bus, store, clock, pass_every_s=0.05)
        async with asyncio.TaskGroup() as group:
            group.create_task(control.run(), name="killed.control")
            # Ready is also who has not yet said anything, and may not yet lead.
            while not control.is_in_charge or control.dispatch.length or control.dispatch.sending:  # noqa: ASYNC110  # what is awaited tells nobody
                await asyncio.sleep(0.01)
            while at.startswith("states") and not control.tally.messages_in["state"]:  # noqa: ASYNC110  # the same
                await asyncio.sleep(0.01)
            store.at = at
            edit = DocumentEdit(
                store.revisions()[-1].number, inventory=None, plan=plan, author="a", comment="b"
            )
            if at.startswith("states"):
                await asyncio.to_thread(control.save)
            else:
                await Actions(control, store, None).save_documents(edit)


if __name__ == "__main__":
    _, _data, _broker, _now, _at = sys.argv
    asyncio.run(_main(Path(_data), _broker, float(_now), _at, sys.stdin.buffer.read()))
