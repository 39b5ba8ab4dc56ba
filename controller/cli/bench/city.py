"""The city of the exchanges, and all that the other side and the bare client need of it.

Two forms of the synthetic Beijing: with clocks, where everything goes by programs, and
without any clock, where each luminaire must be commanded by itself at every switching point.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.cli.site_source import demo_site
from controller.engine.book import compile_book
from controller.ports.bus import LinkHandler, MessageHandler, Outbound, Refused
from controller.service.control import Control
from controller.wire.timebase import Timebase
from controller.wire.topics import root
from schedules import Assignment, Calendar, ControlProgram, Layer, Plan, Site, Window, parse_anchor
from zones import Inventory

BEFORE_DUSK_AT: Final = datetime(2026, 9, 22, 9, 59, 59, tzinfo=UTC).timestamp()
"""One second before 18:00 in Beijing, when a city without clocks is to be lit."""
STANDING_STILL: Final = 1e15
"""A machine instant that never comes, Unix s."""
_MOST_LINKS: Final = 50


class Luminaires(msgspec.Struct):
    """Those behind one connection of the street."""

    gateways: list[str]
    ids: list[str]
    zones: list[str]
    """Zone of each."""


class Exchange(msgspec.Struct):
    """What is said in an exchange."""

    root: str
    """Root of the site's topics."""
    site_at: float
    """Site time before it begins, Unix s."""
    links: list[Luminaires]
    documents: list[tuple[str, bytes]]
    """Topic and payload of every program and config, as the service publishes them."""

    @property
    def luminaires(self) -> int:
        """How many there are."""
        return sum(len(link.ids) for link in self.links)


def write_exchange(exchange: Exchange, file: Path) -> None:
    """Hand an exchange to another process."""
    file.write_bytes(msgspec.msgpack.encode(exchange))


def read_exchange(file: Path) -> Exchange:
    """What another process handed over."""
    return msgspec.msgpack.decode(file.read_bytes(), type=Exchange)


def clocked_city(luminaires: int) -> Site:
    """The demo city: everything by programs."""
    return demo_site(luminaires, seed=1)


def clockless_city(luminaires: int) -> Site:
    """The same luminaires without a clock, all to be lit at 18:00.

    In each zone one stands at a crossing and is to be a little brighter than the others, so that
    no zone can be spoken to as one.
    """
    inventory = demo_site(luminaires, seed=1).inventory
    types = tuple(one.model_copy(update={"has_clock": False}) for one in inventory.lamp_types)
    inventory = inventory.model_copy(update={"lamp_types": types})
    return Site(inventory=inventory, plan=_evening_plan(inventory))


def _evening_plan(inventory: Inventory) -> Plan:
    window = Window(on=parse_anchor("18:00"), off=parse_anchor("06:00"))
    levels = {"evening": 90.0, "crossing": 100.0}
    programs = tuple(
        ControlProgram(id=name, name=name, name_en=name, window=window, base_level=level)
        for name, level in levels.items()
    )
    calendars = tuple(
        Calendar(id=name, name=name, name_en=name, default=name, rules=()) for name in levels
    )
    crossings = {one.zone: one.id for one in inventory.luminaires}
    city = Assignment(layer=Layer.CITY, target=inventory.city.id, calendar="evening")
    ends = tuple(
        Assignment(layer=Layer.LUMINAIRE, target=name, calendar="crossing")
        for name in crossings.values()
    )
    return Plan(programs=programs, calendars=calendars, assignments=(city, *ends))


def exchange_of(site: Site, scratch: Path) -> Exchange:
    """The exchange of a site; ``scratch`` is a folder for a store that is thrown away."""
    at = BEFORE_DUSK_AT
    clock = MachineClock(Timebase(real_at=STANDING_STILL, site_at=at))
    with SqliteStore(scratch) as store:
        control = Control(site, _Nowhere(), store, clock)
        fresh = control.documents.prepare(compile_book(site, at)).fresh
    base = root(site.inventory.city.id)
    documents = [(f"{base}/{one.owner}/{one.id}/{one.leaf}", one.payload) for one in fresh]
    return Exchange(root=base, site_at=at, links=_links(site.inventory), documents=documents)


def _links(inventory: Inventory) -> list[Luminaires]:
    gateways = sorted({one.gateway or "" for one in inventory.luminaires})
    count = min(_MOST_LINKS, len(gateways))
    link_of = {name: index * count // len(gateways) for index, name in enumerate(gateways)}
    links = [Luminaires([], [], []) for _ in range(count)]
    for name in gateways:
        if name:
            links[link_of[name]].gateways.append(name)
    for one in inventory.luminaires:
        link = links[link_of[one.gateway or ""]]
        link.ids.append(one.id)
        link.zones.append(one.zone)
    return links


class _Nowhere:
    """A bus that is never asked: nothing is sent here."""

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        """Not called."""

    async def publish(self, message: Outbound) -> None:
        """Not called."""

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Not called."""
        return ()
