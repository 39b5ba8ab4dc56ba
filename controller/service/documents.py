"""The retained documents on the wire: every zone's program, every luminaire's config.

A document keeps its revision while its content stays the same, over restarts too, so that
a restart alone sends nothing new to the street. What is new is stored before it is sent.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

import msgspec
import numpy as np

from controller.engine.book import Book
from controller.engine.engine import Engine
from controller.engine.orders import ConfigOrder, Priority, ProgramOrder
from controller.errors import StoreError
from controller.ports.bus import Outbound
from controller.ports.store import Published, Store
from controller.service.dispatch import Dispatch
from controller.service.revisions import Revisions
from controller.service.store_watch import StoreWatch
from controller.wire.codec import encode
from controller.wire.messages import Config, Program
from controller.wire.topics import Topics
from schedules import Site
from schedules.layers import limits_for

_log = logging.getLogger("lamplighter.documents")

Key = tuple[str, str, str]
"""(owner, id, leaf)."""


def _never(_key: Key) -> bool:
    return False


def digest(site: Site) -> str:
    """The same for the same documents, on whichever controller: 16 hexadecimal digits."""
    text = site.inventory.model_dump_json() + site.plan.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Renewal:
    """A new book, with the messages that it changes, already stored."""

    book: Book
    fresh: Sequence[Published]
    keys: Sequence[Key]


class Documents:
    """Programs and configs of one site as published."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        topics: Topics,
        dispatch: Dispatch,
        revisions: Revisions,
        watch: StoreWatch,
    ) -> None:
        self._engine = engine
        self._store = store
        self._topics = topics
        self._dispatch = dispatch
        self._revisions = revisions
        self._watch = watch
        self._published: dict[Key, Published] = dict(store.published())
        self._unsaved: dict[Key, Published] = {}

    @property
    def highest_rev(self) -> int:
        """Highest revision of all that is published; 0 for none."""
        return max((message.rev for message in self._published.values()), default=0)

    def program_revs(self, zones: Iterable[str]) -> list[int]:
        """Revision of the program in force of each zone; 0 for none."""
        published = self._published
        return [
            0 if (found := published.get(("zone", zone, "program"))) is None else found.rev
            for zone in zones
        ]

    def prepare(
        self, book: Book, site: Site | None = None, *, anew: Callable[[Key], bool] = _never
    ) -> Renewal:
        """Store what a new book changes. Blocks on the disk; touches nothing in force.

        The book is of ``site``, or of the one in force. Documents that ``anew`` says get a new
        revision, changed or not. Where the store fails the street is told all the same, and
        what could not be stored is due for `save`.
        """
        wanted: dict[Key, Program | Config] = {
            ("zone", zone, "program"): book.program(table, rev=0)
            for zone, table in book.zones.items()
        }
        for luminaire, table in book.exceptions.items():
            wanted["luminaire", luminaire, "program"] = book.program(table, rev=0)
        for luminaire, config in self._configs(book, site or self._engine.site).items():
            wanted["luminaire", luminaire, "config"] = config

        changed = [
            (key, words)
            for key, words in wanted.items()
            if anew(key) or not self._is_same(key, words)
        ]
        gone = [
            key for key, known in self._published.items() if key not in wanted and known.payload
        ]
        count = len(changed) + len(gone)
        first_rev = self._revisions.take(count)
        fresh = [
            Published(*key, rev, encode(msgspec.structs.replace(words, rev=rev)))
            for rev, (key, words) in enumerate(changed, start=first_rev)
        ]
        fresh.extend(
            Published(*key, rev, b"")  # an empty payload clears the retained message
            for rev, key in enumerate(gone, start=first_rev + len(changed))
        )
        self._unsaved |= {(one.owner, one.id, one.leaf): one for one in fresh}
        self.save()
        return Renewal(book=book, fresh=fresh, keys=list(wanted))

    def save(self) -> None:
        """Store what is not stored yet. Blocks on the disk; never raises."""
        unsaved = dict(self._unsaved)
        if not unsaved:
            return
        try:
            self._store.save_published(unsaved.values())
        except StoreError as error:
            # A restart will not know these words: the street shows it, and is told anew.
            self._watch.failed(error)
            _log.warning("%d documents are sent and not stored: %s", len(unsaved), error)
            return
        self._watch.worked()
        for key, message in unsaved.items():
            if self._unsaved.get(key) is message:
                del self._unsaved[key]

    def adopt(self, renewal: Renewal) -> None:
        """Put a stored renewal in force and send what is new."""
        for message in renewal.fresh:
            self._published[message.owner, message.id, message.leaf] = message
        self._engine.adopt(renewal.book)
        for key in renewal.keys:
            self._expect(self._published[key])
        for message in renewal.fresh:
            self._send(message)

    def send_all(self) -> None:
        """Hand the broker everything again: it may have lost its store.

        Configs that luminaires hold already go last.
        """
        unconfirmed = {
            self._engine.columns.ids[row] for row in np.flatnonzero(self._engine.stale_configs())
        }
        for (_, identifier, leaf), message in self._published.items():
            is_urgent = leaf == "program" or identifier in unconfirmed
            self._send(message, Priority.DOCUMENT if is_urgent else Priority.BACKGROUND)

    def send_again(self, order: ConfigOrder | ProgramOrder) -> None:
        """Repeat one document that a luminaire does not seem to hold."""
        match order:
            case ConfigOrder(luminaire=luminaire):
                key: Key = ("luminaire", luminaire, "config")
            case ProgramOrder(owner=owner, id=identifier):
                key = (owner, identifier, "program")
            case _:
                assert_never(order)
        self._send(self._published[key])

    def _is_same(self, key: Key, document: Program | Config) -> bool:
        known = self._published.get(key)
        if known is None:
            return False
        return encode(msgspec.structs.replace(document, rev=known.rev)) == known.payload

    def _send(self, message: Published, priority: Priority = Priority.DOCUMENT) -> None:
        if message.owner == "zone":
            topic = self._topics.zone(message.id, message.leaf)
        else:
            topic = self._topics.luminaire(message.id, message.leaf)
        self._dispatch.put(
            priority,
            Outbound(topic=topic, payload=message.payload, retained=True, rev=message.rev),
        )

    def _expect(self, message: Published) -> None:
        engine = self._engine
        if message.leaf == "config":
            engine.expect_config(engine.columns.row_of[message.id], message.rev)
        elif message.owner == "zone":
            engine.expect_program(engine.rows_of_zone_program(message.id), message.rev)
        else:
            row = engine.columns.row_of[message.id]
            engine.expect_program(np.array([row]), message.rev)

    def _configs(self, book: Book, site: Site) -> dict[str, Config]:
        configs: dict[str, Config] = {}
        for luminaire in site.inventory.luminaires:
            zone = site.zone(luminaire.zone)
            limits = limits_for(site, zone, luminaire.id)
            lit_level = limits.apply(book.failsafe_level)
            scale, _ = book.scales.get(luminaire.id, (1.0, 0.0))
            configs[luminaire.id] = Config(
                rev=0,
                zone=luminaire.zone,
                scale=scale,
                floor=limits.floor,
                failsafe_level=lit_level,
                power_on_level=lit_level,
            )
        return configs
