"""The port to what must survive: documents, revisions, reported states, the energy account."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple, Protocol

from controller.ports.alarms import AlarmStore
from controller.ports.answers import AnswerStore
from controller.ports.energy import (
    EnergyRecord,
    EnergyState,
    IntervalBlock,
    IntervalEnergy,
    LuminaireNight,
    NightBlock,
    ZoneTotal,
)
from controller.ports.people import PeopleStore
from controller.ports.work import WorkStore
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


class Epochs(NamedTuple):
    """How far the controllers of a site have counted, as this one knows."""

    known: int
    """The highest epoch; 0 for none."""
    led: int
    """The last one that this store's controller led with; 0 where another has led since."""


class SensorMemory(NamedTuple):
    """What a rule remembers of a sensor; see `schedules.sensing.Memory`."""

    rule: str
    sensor: str
    definition: str
    """Digest of the rule."""
    at: float
    value: float
    same_since: float
    trust: str
    believed_at: float
    is_beyond: bool
    beyond_at: float


class Store(AlarmStore, AnswerStore, Protocol):
    """Durable state of one site. Every method is one transaction and may block on the disk."""

    @property
    def notice(self) -> str:
        """What people must know of how the store was opened; empty for nothing."""

    def watch_commits(self, told: Callable[[float], None]) -> None:
        """Call ``told`` with the machine seconds of each commit, from the thread that made it."""

    def size_bytes(self) -> int:
        """Bytes of the store on the disk, with what is not yet merged into it."""

    def people(self) -> PeopleStore:
        """What is kept of people, in the same file."""

    def work(self) -> WorkStore:
        """Work orders, rollouts and imports, in the same file."""

    def back_up(self) -> float:
        """Make a whole copy beside the store; returns when, Unix seconds UTC."""

    def last_backup_at(self) -> float:
        """Unix seconds UTC of the newest copy, 0 for none."""

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

    def epochs(self) -> Epochs:
        """How far the site's controllers have counted."""

    def lead(self, above: int) -> int:
        """Take an epoch above all that is known and ``above``; returns it."""

    def follow(self, epoch: int, rev: int) -> None:
        """Another controller leads with ``epoch`` and has given revisions up to ``rev``."""

    def reserve_revs(self, count: int) -> int:
        """Take ``count`` wire revisions; returns the first. They only grow, for ever."""

    def last_rev(self) -> int:
        """The highest wire revision that was taken; 0 for none."""

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
        energy: EnergyRecord | None = None,
    ) -> None:
        """Keep states and, where given, the energy account together, all or none."""

    def energy_state(self, used_since: int) -> EnergyState | None:
        """What the account goes on from; None before the first.

        Of quarter-hours what was used from ``used_since`` (Unix s) on.
        """

    def energy_totals(self) -> list[ZoneTotal]:
        """Energy by zone since commissioning."""

    def intervals(
        self, since: int, until: int, zones: Collection[str] | None = None
    ) -> list[IntervalEnergy]:
        """Intervals that begin in [since, until), Unix s, by zone and instant; None: all zones.

        Quarter-hours; older ones were summed up to hours or control days.
        """

    def interval_blocks(self, since: int, until: int) -> Iterable[IntervalBlock]:
        """The same as arrays of all zones, by instant: for sums over long times."""

    def energy_span(self) -> tuple[int, int] | None:
        """From when to when the account reaches, Unix s; None where there is none."""

    def luminaire_nights(
        self, first_day: date, last_day: date, luminaires: Collection[str] | None = None
    ) -> list[LuminaireNight]:
        """What luminaires used in the control days from first to last, both included.

        By day, in the order of the inventory; None: all luminaires.
        """

    def night_blocks(self, first_day: date, last_day: date) -> Iterable[NightBlock]:
        """The same as arrays of all luminaires, by day."""

    def roll_up_energy(
        self,
        *,
        hours_before: int,
        days_before: int,
        day_start: Callable[[int], int],
        nights_before: date,
    ) -> None:
        """Sum up old intervals to hours and control days, forget old nights of luminaires.

        Instants are Unix s; ``day_start`` gives the start of an instant's control day.
        """

    def sensor_memories(self) -> list[SensorMemory]:
        """What rules remembered of their sensors."""

    def save_sensor_memories(self, memories: Iterable[SensorMemory]) -> None:
        """Keep what rules remember, in place of all that was kept."""

    def trusted_at(self) -> float | None:
        """The newest machine time that was trusted (Unix s); None where none was kept."""

    def save_trusted_at(self, at: float) -> None:
        """Keep ``at`` as the newest trusted machine time (Unix s)."""

    def close(self) -> None:
        """Give the data folder back."""
