"""A console's API that answers on a port, on a loop of its own in a thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

from controller.service.people import Grant, Role
from controller.web.api.events import Events
from controller.web.server import bind, serve
from tests.fakes.console_house import ConsoleHouse

_T = TypeVar("_T")


class ServingHouse:
    """Where it answers, and a way onto its loop."""

    def __init__(self, url: str, house: ConsoleHouse, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.house = house
        self._loop = loop
        self._tokens = 0

    def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do something on its loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def token(self, *grants: Grant) -> str:
        """A new token; an admin's without grants."""
        self._tokens += 1
        return self.do(self._token(f"robot{self._tokens}", grants or (Grant(Role.ADMIN),)))

    async def _token(self, name: str, grants: tuple[Grant, ...]) -> str:
        passes = self.house.here.people.passes
        client = await self.house.client(*grants)
        entered = await passes.caller_of_session(client.cookies["lamplighter"], "here")
        assert entered is not None
        secret, _ = await passes.make_token(entered.caller, name, grants, 3600)
        return secret


@contextmanager
def served(
    a_house: Callable[[], AbstractAsyncContextManager[ConsoleHouse]],
) -> Iterator[ServingHouse]:
    """The house's app on a free port of loopback, with its events."""
    found: list[ServingHouse] = []
    is_up, is_over = threading.Event(), threading.Event()

    async def live() -> None:
        listener = bind("127.0.0.1", 0)
        async with a_house() as house:
            events: Events = house.app.state.events
            tasks = [
                asyncio.create_task(serve(house.app, listener)),
                asyncio.create_task(events.run()),
            ]
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            found.append(ServingHouse(url, house, asyncio.get_running_loop()))
            is_up.set()
            await asyncio.to_thread(is_over.wait)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    try:
        assert is_up.wait(60)
        yield found[0]
    finally:
        is_over.set()
        thread.join()
