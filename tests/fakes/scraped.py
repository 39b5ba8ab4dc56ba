"""A service on a bus in memory, and a page of its metrics read back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.service.control import Control
from controller.web.access import OPEN, Access
from controller.web.page import Beside
from controller.web.server import web_app
from schedules import Site
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site


@contextmanager
def a_control(folder: Path, site: Site | None = None) -> Iterator[Control]:
    """A service that does not run."""
    with SqliteStore(folder) as store:
        bus = MemoryBus(MemoryBroker())
        yield Control(site or small_site(), bus, store, MachineClock())


async def ask(
    control: Control,
    path: str,
    access: Access = OPEN,
    certificates: Mapping[str, float] = MappingProxyType({}),
    beside: Beside | None = None,
    /,
    **headers: str,
) -> httpx.Response:
    """An answer of the service's HTTP."""
    app = web_app(control, MachineClock(), access, beside or Beside(lambda: certificates))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.get(path, headers=named)


def series(page: str) -> dict[str, float]:
    """Series of a text exposition, with their labels as on the page."""
    lines = (line for line in page.splitlines() if line and line[0] != "#")
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
