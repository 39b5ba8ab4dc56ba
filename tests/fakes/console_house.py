"""A service that does not run, with its console's API over it and people who come in."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
from argon2 import PasswordHasher
from fastapi import FastAPI

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.engine.book import compile_book
from controller.engine.engine import States
from controller.ports.alarms import Alarm, AlarmChanges
from controller.ports.reports import ReportMaker
from controller.service.actions import Actions
from controller.service.control import Control
from controller.service.editing.desk import Desk
from controller.service.editing.import_reading import Found, Reading, read_file
from controller.service.people import Grant, People, Role
from controller.service.people.caller import local_caller
from controller.service.people.passwords import Passwords
from controller.web.api.app import console_app
from controller.web.api.context import Context
from controller.web.doors import Doors
from controller.wire.timebase import Timebase
from schedules import Site
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site

NIGHT = datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp()
"""20:00 in the small city: lit at full level."""


class ConsoleHouse:
    """What a test needs of it. Site time stands still."""

    def __init__(self, app: FastAPI, here: Context, doors: Doors) -> None:
        self.doors = doors
        self.app = app
        self.here = here
        self.control = here.control
        self._visitors = 0

    async def client(self, *grants: Grant, language: str = "en") -> httpx.AsyncClient:
        """Somebody who came in with these grants; an admin of the city without any."""
        self._visitors += 1
        link = await self.here.people.directory.invite(
            local_caller("test"),
            f"user{self._visitors}",
            "Somebody",
            grants or (Grant(Role.ADMIN),),
        )
        client = self.stranger(language)
        entered = await client.post("/api/v1/session", json={"link": link.secret})
        assert entered.status_code == 200, entered.text
        client.headers["X-CSRF-Token"] = entered.json()["csrf"]
        return client

    def stranger(self, language: str = "en") -> httpx.AsyncClient:
        """Somebody whom nobody knows."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url="http://test",
            headers={"Accept-Language": language},
        )

    def report(self, **levels: float) -> None:
        """Luminaires say their levels."""
        engine = self.control.engine
        rows = np.array([engine.columns.row_of[name] for name in levels], dtype=np.intp)
        at = np.full(rows.size, self.here.clock.now())
        zeros = np.zeros(rows.size, dtype=np.int64)
        engine.take_states(
            States(
                rows,
                np.array(list(levels.values()), dtype=np.float64),
                zeros.astype(np.bool_),
                zeros,
                zeros,
                zeros.astype(np.uint16),
                at,
                at,
            )
        )
        engine.take_live(rows)


@asynccontextmanager
async def a_console(
    folder: Path,
    site: Site | None = None,
    *,
    at: float = NIGHT,
    make_report: ReportMaker | None = None,
    is_secure: bool = False,
    alarms: Sequence[tuple[Alarm, tuple[str, ...]]] = (),
    most_luminaires: int = 5_000,
    has_book: bool = True,
    restart: Callable[[], None] | None = None,
    open_store: Callable[[Path], SqliteStore] = SqliteStore,
) -> AsyncIterator[ConsoleHouse]:
    """The console's app over a site whose book is in force.

    ``alarms`` were open before, each with its luminaires. Edits of more than
    ``most_luminaires`` take a second person.
    """
    async with AsyncExitStack() as stack:
        store = stack.enter_context(open_store(folder))
        site = site or small_site()
        store.save_site(site, author="li", comment="first")
        members = [(one.id, name) for one, names in alarms for name in names]
        store.save_alarms(AlarmChanges([one for one, _ in alarms], members, []))
        clock = MachineClock(Timebase(real_at=1e15, site_at=at, speed=1.0))
        control = Control(site, MemoryBus(MemoryBroker()), store, clock)
        if has_book:
            control.engine.adopt(compile_book(site, at))
            control.engine.reconcile(at, 0.0, is_linked=False)
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        people = People.of(store.people(), lambda: at, lambda: control.site.inventory, quick)
        actions = Actions(control, store, restart)

        async def read_here(data: bytes, how: Reading, base: int, most: int) -> Found:
            before = store.load_site(base)
            assert before is not None
            return read_file(data, how, before, most)

        desk = Desk(control, actions, people.approvals, clock, most_luminaires=most_luminaires)
        here = Context(
            control,
            clock,
            store,
            actions,
            people,
            desk,
            read_file=read_here,
            is_secure=is_secure,
            make_report=make_report,
        )
        doors = Doors()
        yield ConsoleHouse(console_app(here, doors), here, doors)
