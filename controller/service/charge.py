"""Being in charge: the book in force, and what the street should hold as our words.

Owns when a book is compiled, and when documents are put in force and sent. A passive
controller follows the same books and sends nothing.
"""

import asyncio
import logging
import math

from controller.engine.book import Book, compile_book
from controller.engine.engine import Engine
from controller.engine.leadership import HIGHEST_BELIEVED
from controller.ports.clock import GuardedClock
from controller.service.dispatch import Dispatch
from controller.service.documents import Documents, Key, digest
from controller.service.energy import Energy
from controller.service.leadership import Leader
from controller.service.revisions import Revisions
from controller.service.tally import Tally
from controller.service.watch_clock import ClockWatch
from schedules import Site

_log = logging.getLogger("lamplighter.charge")

_REVISIONS_EVERY_S = 2.0
_REVISIONS_FIRST_PAUSE_S = 5.0
_REVISIONS_LONGEST_PAUSE_S = 600.0
_QUIET_S = 3600.0
_RENEW_BEFORE_END_S = 13 * 86_400
_LOOK_AT_BOOK_S = 0.2


class Charge:
    """What one controller says, while it leads, that the street should hold."""

    def __init__(
        self,
        site: Site,
        engine: Engine,
        documents: Documents,
        revisions: Revisions,
        leader: Leader,
        dispatch: Dispatch,
        tally: Tally,
        clock: GuardedClock,
        clock_watch: ClockWatch,
        energy: Energy,
    ) -> None:
        self.site = site
        self._engine = engine
        self._documents = documents
        self._revisions = revisions
        self._leader = leader
        self._dispatch = dispatch
        self._tally = tally
        self._clock = clock
        self._clock_watch = clock_watch
        self._energy = energy
        self.is_ready = asyncio.Event()
        """Set when the first book is in force and the broker was reached."""
        self._has_book = asyncio.Event()
        self._book_due_at = -math.inf
        self._renewing = asyncio.Lock()
        self._is_in_charge = False
        self._lead_news = asyncio.Event()

    # --- who leads -------------------------------------------------------------------------

    @property
    def is_in_charge(self) -> bool:
        """Whether what the street should hold and do is ours to say."""
        return self._is_in_charge

    def may_order(self) -> bool:
        """Whether commands may go out now."""
        return self._tally.is_connected and self._is_in_charge and self._leader.may_send()

    def lead_changed(self) -> None:
        """We begin or cease to lead; what must not wait is done at once."""
        self._lead_news.set()
        if not self._leader.is_active:
            self._is_in_charge = False
            self._engine.use_lead(is_ours=False)
            self._dispatch.forget()

    def link_changed(self, *, is_up: bool) -> None:
        """The link to the broker came or went."""
        if is_up and self._has_book.is_set():
            self.say_all_again()
            self.is_ready.set()
        self._set_dispatch()

    def say_all_again(self) -> None:
        """Hand the broker all documents again, where they are ours to say."""
        if self._is_in_charge:
            self._documents.send_all()

    async def follow_lead(self) -> None:
        """Take charge when it is our turn, and hold the queue while others may lead."""
        while True:
            self._set_dispatch()
            if self._leader.is_active and not self._is_in_charge and self._has_book.is_set():
                await self._take_charge()
            try:
                async with asyncio.timeout(0.25):
                    await self._lead_news.wait()
            except TimeoutError:
                continue
            self._lead_news.clear()

    def _set_dispatch(self) -> None:
        """Let messages go while this controller may send; commands do not wait for that."""
        self._dispatch.set_link(is_up=self._tally.is_connected and self._leader.may_send())

    async def _take_charge(self) -> None:
        """Put what the street should hold in force as our words."""
        above = self._leader.takes_over_above
        async with self._renewing:
            if above:
                held = self._engine.highest_held_rev(HIGHEST_BELIEVED)
                await asyncio.to_thread(self._revisions.lift, max(above, held))
            book = self._engine.book
            assert book is not None, "there is a first book"
            renewal = await asyncio.to_thread(
                self._documents.prepare, book, anew=lambda _key: above > 0
            )
            if not self._leader.is_active:
                return
            self._engine.use_lead(is_ours=True)
            self._documents.adopt(renewal)
            self._is_in_charge = True
        self._leader.takes_over_above = 0
        if self._tally.is_connected:
            self._documents.send_all()
            self.is_ready.set()
        self._set_dispatch()
        _log.info("in charge, %d documents are new", len(renewal.fresh))

    # --- the book --------------------------------------------------------------------------

    def look_again(self) -> None:
        """Compile a new book soon: the time is another than it was."""
        self._book_due_at = -math.inf

    async def keep_book(self) -> None:
        """Compile the coming nights at the start, once a control day, and after time moved."""
        while True:
            await self._clock_watch.is_known.wait()
            self._book_due_at = math.inf
            async with self._renewing:
                book = await self._renew(self.site)
            self._has_book.set()
            self._lead_news.set()
            if self._tally.is_connected and not self._leader.is_active:
                self.is_ready.set()
            if not self._leader.documents:  # what others compare can wait, the street's book not
                self._leader.documents = await asyncio.to_thread(digest, self.site)
            due_at = book.valid_until - _RENEW_BEFORE_END_S
            self._book_due_at = min(self._book_due_at, due_at)
            while self._clock.now() < self._book_due_at:  # noqa: ASYNC110  # time itself may move
                await asyncio.sleep(_LOOK_AT_BOOK_S)

    async def use_site(self, site: Site) -> None:
        """Follow other documents of the same inventory from the next pass on."""
        async with self._renewing:
            if self._clock_watch.is_known.is_set():
                await self._renew(site)
            else:
                # The first book, once the time is known, is of these.
                await self._use_documents(site)
                self._book_due_at = -math.inf

    async def _use_documents(self, site: Site) -> None:
        self._leader.documents = await asyncio.to_thread(digest, site)
        self.site = site
        self._engine.use_site(site)

    async def _renew(self, site: Site) -> Book:
        since = self._energy.prepare()
        book = await asyncio.to_thread(compile_book, site, self._clock.now(), since)
        renewal = None
        if self._is_in_charge:
            renewal = await asyncio.to_thread(self._documents.prepare, book, site)
        if site is not self.site:
            await self._use_documents(site)
        if renewal is not None and self._is_in_charge:
            self._documents.adopt(renewal)
            _log.info("new book in force, %d documents to send", len(renewal.fresh))
        else:
            self._engine.adopt(book)
        await self._energy.catch_up_soon()
        return book

    # --- what the street holds -------------------------------------------------------------

    async def watch_revisions(self) -> None:
        """Go above revisions that the street holds and we never gave.

        A data folder that was lost or restored counts from too low, and luminaires rightly
        ignore what is lower than what they hold. Only what they ignore is said anew, and ever
        less often: one that lies about what it holds must not keep the whole street busy.
        """
        pause_s, at = _REVISIONS_FIRST_PAUSE_S, float("-inf")
        while True:
            await asyncio.sleep(_REVISIONS_EVERY_S)
            if not self._is_in_charge or not self._tally.is_connected:
                continue
            ahead = self._engine.documents_ahead(HIGHEST_BELIEVED)
            now = self._clock.monotonic()
            if now - at > _QUIET_S:
                pause_s = _REVISIONS_FIRST_PAUSE_S
            if not ahead or now - at < pause_s:
                continue
            at, pause_s = now, min(2 * pause_s, _REVISIONS_LONGEST_PAUSE_S)
            await self._go_above(ahead)

    async def _go_above(self, ahead: set[Key]) -> None:
        held = self._engine.highest_held_rev(HIGHEST_BELIEVED)
        _log.warning(
            "the street holds revision %d where we count from %d: is this data folder new or "
            "restored? %d documents are published anew above it",
            held,
            self._documents.highest_rev,
            len(ahead),
        )
        async with self._renewing:
            book = self._engine.book
            if book is None or not self._is_in_charge:
                return
            # Commands count on the same counter and may be ahead of documents.
            await asyncio.to_thread(self._revisions.lift, held)
            renewal = await asyncio.to_thread(
                self._documents.prepare, book, anew=ahead.__contains__
            )
            if self._is_in_charge:
                self._documents.adopt(renewal)
