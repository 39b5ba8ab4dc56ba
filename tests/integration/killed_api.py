"""An API that dies at one instant: after an action was stored, before it is answered.

Run as ``python -m tests.integration.killed_api DATA AT PATH TOKEN BODY``; prints that it was
answered, where it was.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_work import SqliteWork
from controller.ports.work import WorkOrderRow, WorkOrderStep
from schedules import Site
from tests.fakes.console_house import a_console


class KillingStore(SqliteStore):
    """The store, and the end of the process once what ``at`` names is on the disk."""

    at = ""

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        """Commit, and perhaps die."""
        number = super().save_site(site, author=author, comment=comment)
        self.end("documents stored")
        return number

    def work(self) -> SqliteWork:
        """Work orders that die, too."""
        return KillingWork(self._transaction, self._read)

    @classmethod
    def end(cls, at: str) -> None:
        """Die, if that is the instant."""
        if at == cls.at:
            os.kill(os.getpid(), signal.SIGKILL)


class KillingWork(SqliteWork):
    """See `KillingStore`."""

    def add_work_order(
        self, row: WorkOrderRow, step: WorkOrderStep, intent: bytes | None = None
    ) -> int:
        """Commit, and perhaps die."""
        number = super().add_work_order(row, step, intent)
        KillingStore.end("work order stored")
        return number


async def _main(data: Path, at: str, path: str, token: str, body: str) -> None:
    async with a_console(data, open_store=KillingStore) as house:
        KillingStore.at = at
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": "once",
            "Content-Type": "application/json",
        }
        async with house.stranger() as client:
            answer = await client.post(path, content=body, headers=headers)
        print("answered", answer.status_code)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), *sys.argv[2:]))
