"""The port to what must survive: documents, revisions, reported states, the energy account."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from controller.ports.alarms import AlarmStore
from schedules import Plan, Site
from zones import Inventory


class Revision(NamedTuple):
    """One state of a site's documents, kept for ever."""

    number: int
    """From 1, rising."""
    saved_at: int
    """Unix seconds UTC."""
    author: str
    """Who saved it; empty where a command did that asks for nobody."""
    comment: str
    inventory: int | None
    """Revision of the inventory document; None where there was none yet."""
    plan: int | None
    """Revision of the plan document; None: the default plan."""
    restores: int | None
    """The revision whose content was brought back, for a rollback."""


class Published(NamedTuple):
    """A retained message as it was last published."""

    owner: str
    """``zone`` or ``luminaire``."""
    id: str
    leaf: str
    """``program`` or ``config``."""
    rev: int
    payload: bytes


class ReportedState(NamedTuple):
    """A luminaire's last state message."""

    luminaire: str
    received_at: float
    """Unix seconds UTC, site time."""
    payload: bytes


class ZoneEnergy(NamedTuple):
    """A zone's energy since commissioning, J."""

    zone: str
    metered_j: float
    modelled_j: float
    baseline_j: float


class MeterMark(NamedTuple):
    """How far a luminaire's account is closed, and its meter at that point."""

    luminaire: str
    closed_at: float
    """Unix seconds UTC, site time."""
    meter_at: float | None
    meter_wh: float | None


class Store(AlarmStore, Protocol):
    """Durable state of one site. Every method is one transaction and may block on the disk."""

    def load_site(self, number: int | None = None) -> Site | None:
        """Inventory and plan in force, or of revision `number`.

        None where no inventory was ever saved; raises `NoSuchRevision`.
        """

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        """Put inventory and plan in force together; returns the revision's number.

        Where both stand so already no revision is made, and the one in force is returned.
        """

    def rollback(self, number: int, *, author: str, comment: str) -> int:
        """Put the content of an old revision in force as a new one; returns its number.

        Raises `NoSuchRevision`.
        """

    def revisions(self) -> list[Revision]:
        """Every revision, the oldest first."""

    def save_inventory(self, inventory: Inventory, *, author: str = "", comment: str = "") -> int:
        """Keep a new revision of the inventory document and return its number, from 1."""

    def save_plan(self, plan: Plan, *, author: str = "", comment: str = "") -> int:
        """Keep a new revision of the plan document and return its number, from 1."""

    def revision(self, name: str) -> int:
        """Newest revision of document ``name``, 0 for none."""

    def next_epoch(self) -> int:
        """Count up and return the epoch: one for each start of a controller."""

    def reserve_revs(self, count: int) -> int:
        """Take ``count`` wire revisions; returns the first. They only grow, for ever."""

    def lift_revs(self, at_least: int) -> None:
        """Let the next revision be above ``at_least``; never lowers."""

    def published(self) -> Mapping[tuple[str, str, str], Published]:
        """All that was published retained, by (owner, id, leaf)."""

    def save_published(self, messages: Iterable[Published]) -> None:
        """Remember messages before they are sent."""

    def reported(self) -> list[ReportedState]:
        """The last state of each luminaire."""

    def save_night(
        self,
        reported: Iterable[ReportedState],
        energy: Iterable[ZoneEnergy],
        marks: Iterable[MeterMark],
    ) -> None:
        """Keep states, energy totals and meter marks together, all or none."""

    def energy(self) -> list[ZoneEnergy]:
        """Energy totals by zone."""

    def marks(self) -> list[MeterMark]:
        """Meter marks by luminaire."""

    def trusted_at(self) -> float | None:
        """The newest machine time that was trusted (Unix s); None where none was kept."""

    def save_trusted_at(self, at: float) -> None:
        """Keep ``at`` as the newest trusted machine time (Unix s)."""

    def close(self) -> None:
        """Give the data folder back."""
