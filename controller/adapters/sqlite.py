"""The store on SQLite: the port's methods over the tables of one file."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from pydantic import ValidationError

from controller.adapters import (
    sqlite_alarms,
    sqlite_answers,
    sqlite_backup,
    sqlite_clock,
    sqlite_counters,
    sqlite_energy,
    sqlite_people,
    sqlite_sensors,
)
from controller.adapters.audit_anchor import AuditAnchor
from controller.adapters.sqlite_documents import (
    REVISIONS,
    add_document,
    add_revision,
    keep_document,
    newest,
    refuse_misfit,
    revision_of,
    unpacked,
)
from controller.adapters.sqlite_file import SqliteFile
from controller.adapters.sqlite_people import SqlitePeople
from controller.adapters.sqlite_work import SqliteWork
from controller.errors import NoSuchRevision, StoreError
from controller.ports.alarms import Acknowledgement, Alarm, AlarmChanges
from controller.ports.answers import Answer
from controller.ports.energy import (
    EnergyRecord,
    EnergyState,
    IntervalBlock,
    IntervalEnergy,
    LuminaireNight,
    NightBlock,
    ZoneTotal,
)
from controller.ports.store import (
    Epochs,
    Published,
    ReportedState,
    Revision,
    SensorMemory,
)
from schedules import Plan, Site, default_plan
from zones import Inventory

_REVISIONS_SINCE = 2
"""Version of the store that keeps states of the documents."""


class SqliteStore(SqliteFile):
    """A site's store in a data folder: what each room keeps, each as one transaction.

    Errors are those of `SqliteFile`.
    """

    def has_people(self) -> bool:
        """False for a reader of a store of a version that knew none."""
        return self._has(sqlite_people.SINCE)

    def people(self) -> SqlitePeople:
        """What is kept of people, in the same file."""
        return SqlitePeople(self._transaction, self._read, AuditAnchor(self._path.parent))

    def answer(self, digest: bytes) -> Answer | None:
        """What was answered to an action that came with an Idempotency-Key."""
        return self._read(lambda db: sqlite_answers.answer(db, digest))

    def keep_answer(self, answer: Answer, *, since: float, most: int) -> None:
        """Keep an answer; those before ``since`` and the oldest above ``most`` go."""
        with self._transaction() as db:
            sqlite_answers.keep_answer(db, answer, since, most)

    def work(self) -> SqliteWork:
        """Work orders, rollouts and imports, in the same file."""
        return SqliteWork(self._transaction, self._read)

    def back_up(self) -> float:
        """Make a whole copy beside the store; returns when, Unix seconds UTC."""
        self._refuse_lost_files()
        return sqlite_backup.back_up(self._path)

    def last_backup_at(self) -> float:
        """Unix seconds UTC of the newest copy, 0 for none."""
        return sqlite_backup.last_backup_at(self._path)

    def load_site(self, number: int | None = None) -> Site | None:
        """Inventory and plan in force, or of a revision; the default plan where none was saved."""
        inventory_revision, plan_revision = self._documents_of(number)
        if inventory_revision is None:
            return None
        try:
            inventory = Inventory.model_validate_json(
                self._document("inventory", inventory_revision)
            )
            plan = (
                default_plan(inventory)
                if plan_revision is None
                else Plan.model_validate_json(self._document("plan", plan_revision))
            )
            return Site(inventory=inventory, plan=plan)
        except ValidationError as error:
            raise StoreError(
                f"store {str(self._path)!r} holds an unreadable document: {error}"
            ) from error

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        """Put inventory and plan in force together, in one transaction.

        Makes no revision where both stand so already.
        """
        texts = {
            "inventory": site.inventory.model_dump_json(),
            "plan": site.plan.model_dump_json(),
        }
        with self._transaction() as db:
            present = newest(db)
            in_force = dict.fromkeys(texts) if present is None else present._asdict()
            wanted = {
                name: keep_document(db, name, text, in_force[name], self._path)
                for name, text in texts.items()
            }
            if present is not None and all(wanted[name] == in_force[name] for name in wanted):
                return present.number
            return add_revision(db, wanted["inventory"], wanted["plan"], author, comment)

    def rollback(self, number: int, *, author: str, comment: str) -> int:
        """Put the content of an old revision in force as a new one."""
        with self._transaction() as db:
            row = db.execute(f"{REVISIONS} WHERE number = ?", (number,)).fetchone()
            if row is None:
                raise NoSuchRevision(self._missing(number))
            old = revision_of(row)
            return add_revision(db, old.inventory, old.plan, author, comment, restores=number)

    def revisions(self) -> list[Revision]:
        """Every revision, the oldest first."""
        if self._is_before_revisions():
            return []
        rows = self._rows(f"{REVISIONS} ORDER BY number")
        return [revision_of(row) for row in rows]

    def save_inventory(self, inventory: Inventory, *, author: str = "", comment: str = "") -> int:
        """Keep a new revision of the inventory document and return its number, from 1.

        Raises `ConfigurationError` where the plan in force names what it lacks.
        """
        _, plan_revision = self._documents_of(None)
        if plan_revision is not None:
            plan = Plan.model_validate_json(self._document("plan", plan_revision))
            refuse_misfit(inventory, plan)
        return self._save_document("inventory", inventory.model_dump_json(), author, comment)

    def save_plan(self, plan: Plan, *, author: str = "", comment: str = "") -> int:
        """Keep a new revision of the plan document and return its number, from 1.

        Raises `ConfigurationError` where it names what the inventory in force lacks.
        """
        inventory_revision, _ = self._documents_of(None)
        if inventory_revision is not None:
            document = self._document("inventory", inventory_revision)
            refuse_misfit(Inventory.model_validate_json(document), plan)
        return self._save_document("plan", plan.model_dump_json(), author, comment)

    def revision(self, name: str) -> int:
        """Newest revision of document ``name``, 0 for none."""
        (row,) = self._rows("SELECT coalesce(max(revision), 0) FROM document WHERE name = ?", name)
        return int(str(row[0]))

    def _is_before_revisions(self) -> bool:
        """Whether this is a reader of a store that no writer has brought up to date yet."""
        ((version,),) = self._rows("PRAGMA user_version")
        return int(str(version)) < _REVISIONS_SINCE

    def _documents_of(self, number: int | None) -> tuple[int | None, int | None]:
        if self._is_before_revisions():
            if number is not None:
                raise NoSuchRevision(self._missing(number))
            return self.revision("inventory") or None, self.revision("plan") or None
        kept = self.revisions()
        if number is None:
            return (kept[-1].inventory, kept[-1].plan) if kept else (None, None)
        for one in kept:
            if one.number == number:
                return one.inventory, one.plan
        raise NoSuchRevision(self._missing(number))

    def _missing(self, number: int) -> str:
        return (
            f"revision {number} is not in store {str(self._path)!r}; "
            "'lamplighter history' lists what is"
        )

    def _document(self, name: str, revision: int) -> bytes:
        rows = self._rows(
            "SELECT body FROM document WHERE name = ? AND revision = ?", name, revision
        )
        if not rows:
            raise StoreError(f"store {str(self._path)!r}: {name} revision {revision} is missing")
        return unpacked(rows[0][0], name, self._path)

    def _save_document(self, name: str, text: str, author: str, comment: str) -> int:
        with self._transaction() as db:
            present = newest(db)
            in_force = {
                "inventory": present.inventory if present else None,
                "plan": present.plan if present else None,
                name: add_document(db, name, text),
            }
            add_revision(db, in_force["inventory"], in_force["plan"], author, comment)
        saved = in_force[name]
        assert saved is not None, "just saved"
        return saved

    def epochs(self) -> Epochs:
        """How far the site's controllers have counted."""
        return self._read(sqlite_counters.epochs)

    def lead(self, above: int) -> int:
        """Take an epoch above all that is known and ``above``; returns it."""
        with self._transaction() as db:
            return sqlite_counters.lead(db, above)

    def follow(self, epoch: int, rev: int) -> None:
        """Another controller leads with ``epoch`` and has given revisions up to ``rev``."""
        with self._transaction() as db:
            sqlite_counters.follow(db, epoch, rev)

    def reserve_revs(self, count: int) -> int:
        """Take ``count`` wire revisions; returns the first."""
        with self._transaction() as db:
            return sqlite_counters.reserve_revs(db, count)

    def last_rev(self) -> int:
        """The highest wire revision that was taken; 0 for none."""
        return self._read(sqlite_counters.last_rev)

    def lift_revs(self, at_least: int) -> None:
        """Let the next revision be above ``at_least``; never lowers."""
        with self._transaction() as db:
            sqlite_counters.lift(db, "rev", at_least)

    def published(self) -> Mapping[tuple[str, str, str], Published]:
        """All that was published retained, by (owner, id, leaf)."""
        rows = self._rows("SELECT owner, id, leaf, rev, payload FROM published")
        found = [Published(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT
        return {(row.owner, row.id, row.leaf): row for row in found}

    def save_published(self, messages: Iterable[Published]) -> None:
        """Remember messages before they are sent."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO published VALUES (?, ?, ?, ?, ?)", messages)

    def reported(self) -> list[ReportedState]:
        """The last state of each luminaire."""
        rows = self._rows("SELECT luminaire, received_at, payload FROM reported")
        return [ReportedState(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT

    def save_night(
        self,
        reported: Iterable[ReportedState],
        energy: EnergyRecord | None = None,
    ) -> None:
        """Keep states and, where given, the energy account together, all or none."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO reported VALUES (?, ?, ?)", reported)
            if energy is not None:
                sqlite_energy.write(db, energy)

    def energy_state(self, used_since: int) -> EnergyState | None:
        """What the account goes on from; None before the first."""
        if not self._has(sqlite_energy.SINCE):
            return None
        return self._read(lambda db: sqlite_energy.read_state(db, used_since))

    def energy_totals(self) -> list[ZoneTotal]:
        """Energy by zone since commissioning."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(sqlite_energy.read_totals)

    def intervals(
        self, since: int, until: int, zones: Collection[str] | None = None
    ) -> list[IntervalEnergy]:
        """Intervals that begin in [since, until), by zone and instant."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(lambda db: sqlite_energy.read_intervals(db, since, until, zones))

    def interval_blocks(self, since: int, until: int) -> list[IntervalBlock]:
        """Intervals that begin in [since, until) as arrays of all zones."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(lambda db: sqlite_energy.read_interval_blocks(db, since, until))

    def energy_span(self) -> tuple[int, int] | None:
        """From when to when the account reaches, Unix s; None where there is none."""
        if not self._has(sqlite_energy.SINCE):
            return None
        return self._read(sqlite_energy.read_span)

    def luminaire_nights(
        self, first_day: date, last_day: date, luminaires: Collection[str] | None = None
    ) -> list[LuminaireNight]:
        """What luminaires used in control days, both included."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(lambda db: sqlite_energy.read_nights(db, first_day, last_day, luminaires))

    def night_blocks(self, first_day: date, last_day: date) -> list[NightBlock]:
        """Nights from the first to the last as arrays of all luminaires."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(lambda db: sqlite_energy.read_night_blocks(db, first_day, last_day))

    def roll_up_energy(
        self,
        *,
        hours_before: int,
        days_before: int,
        day_start: Callable[[int], int],
        nights_before: date,
    ) -> None:
        """Sum up old intervals to hours and control days, forget old nights of luminaires."""
        with self._transaction() as db:
            sqlite_energy.roll_up(
                db,
                hours_before=hours_before,
                days_before=days_before,
                day_start=day_start,
                nights_before=nights_before,
            )

    def sensor_memories(self) -> list[SensorMemory]:
        """What rules remembered of their sensors."""
        return self._read(sqlite_sensors.memories)

    def save_sensor_memories(self, memories: Iterable[SensorMemory]) -> None:
        """Keep what rules remember, in place of all that was kept."""
        with self._transaction() as db:
            sqlite_sensors.save_memories(db, memories)

    def trusted_at(self) -> float | None:
        """The newest machine time that was trusted."""
        return self._read(sqlite_clock.trusted_at)

    def save_trusted_at(self, at: float) -> None:
        """Keep the newest trusted machine time."""
        with self._transaction() as db:
            sqlite_clock.save_trusted_at(db, at)

    def open_alarms(self) -> list[Alarm]:
        """Alarms that are not cleared, the oldest first."""
        return self._read(sqlite_alarms.open_alarms) if self._has(sqlite_alarms.SINCE) else []

    def past_alarms(self, since: float, until: float, limit: int) -> list[Alarm]:
        """Cleared alarms that were open at any time in [since, until), the newest first."""
        if not self._has(sqlite_alarms.SINCE):
            return []
        return self._read(lambda db: sqlite_alarms.past_alarms(db, since, until, limit))

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm; None where there is none of that number."""
        if not self._has(sqlite_alarms.SINCE):
            return None
        return self._read(lambda db: sqlite_alarms.one_alarm(db, alarm_id))

    def alarm_luminaires(self) -> list[tuple[int, str]]:
        """(alarm, luminaire) pairs of the open alarms."""
        return self._read(sqlite_alarms.alarm_luminaires) if self._has(sqlite_alarms.SINCE) else []

    def newest_alarm_id(self) -> int:
        """The highest number given to an alarm, 0 for none."""
        return self._read(sqlite_alarms.newest_alarm_id)

    def save_alarms(self, changes: AlarmChanges) -> None:
        """Keep alarms and who is affected; acknowledgements stay as they are."""
        with self._transaction() as db:
            sqlite_alarms.save_alarms(db, changes)

    def acknowledge_alarm(self, alarm: Alarm, acknowledgement: Acknowledgement) -> None:
        """Keep an acknowledgement, and the alarm itself where it was not kept yet."""
        with self._transaction() as db:
            sqlite_alarms.acknowledge_alarm(db, alarm, acknowledgement)

    def forget_alarms(self, cleared_before: float) -> int:
        """Drop what was cleared before an instant; returns how many."""
        with self._transaction() as db:
            return sqlite_alarms.forget_alarms(db, cleared_before)
