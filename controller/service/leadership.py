"""Heartbeats: says who we are, hears the other controllers of the site, and who leads.

Drives `controller.engine.leadership.Leadership`; the epoch is stored before we lead with it.
Knows nothing of what leading means: `Leader.on_change` is told.
"""

import asyncio
import logging
import re
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from controller.engine.leadership import Beat, Leadership, Role, Step
from controller.errors import StoreError
from controller.ports.bus import (
    Bus,
    BusUnavailable,
    Inbound,
    LinkHandler,
    MessageHandler,
    Outbound,
    Refused,
)
from controller.ports.clock import Clock
from controller.ports.store import Store
from controller.service.revisions import Revisions
from controller.service.store_watch import StoreWatch
from controller.service.tally import Tally
from controller.wire.codec import Rejected, decode, encode
from controller.wire.messages import Heartbeat
from controller.wire.topics import Topic, Topics

_LOOK_EVERY_S = 0.5
_SPEAK_WITHIN_S = 2.0
_HEARTBEAT = Topic("controller", "", "heartbeat")
_HOST_CHARACTERS = 40
_FENCED = "another controller of the site may lead"

_log = logging.getLogger("lamplighter.leadership")


def instance_name() -> str:
    """A name for one run of a controller: its host's, and eight random characters.

    Random even over restarts and copies of a data folder: nobody else may take it for its own.
    """
    host = re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname())[:_HOST_CHARACTERS]
    return f"{host}-{secrets.token_hex(4)}" if host else secrets.token_hex(8)


class FencedBus:
    """A bus that takes nothing while another controller may lead: checked at the last instant
    before a message goes out, so that a process that was stopped and woken sends nothing old."""

    def __init__(self, bus: Bus, may_send: Callable[[], bool]) -> None:
        self._bus = bus
        self._may_send = may_send

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        """Keep the session up; hearing is not fenced."""
        await self._bus.run(filters, on_message, on_link)

    async def publish(self, message: Outbound) -> None:
        """Send, where we lead. Raises `BusUnavailable` also where we may not."""
        if not self._may_send():
            raise BusUnavailable(_FENCED)
        await self._bus.publish(message)

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Send all, where we lead; else all are refused."""
        if not self._may_send():
            return [Refused(message, BusUnavailable(_FENCED)) for message in messages]
        return await self._bus.publish_all(messages)


class Leader:
    """This controller among those of its site. Construct it off the loop: it uses the store."""

    def __init__(
        self,
        bus: Bus,
        topics: Topics,
        clock: Clock,
        store: Store,
        revisions: Revisions,
        watch: StoreWatch,
        tally: Tally,
        *,
        instance: str,
        is_alone: bool,
        is_time_known: Callable[[], bool],
    ) -> None:
        self._bus = bus
        self._topics = topics
        self._clock = clock
        self._store = store
        self._revisions = revisions
        self._watch = watch
        self._tally = tally
        self._is_time_known = is_time_known
        epochs = store.epochs()
        self._machine = Leadership(
            instance,
            known_epoch=epochs.known,
            led_epoch=epochs.led,
            at=clock.monotonic(),
            is_alone=is_alone,
        )
        self.documents = ""
        """Digest of the site documents in force here; empty until known."""
        self.on_change: Callable[[], None] = lambda: None
        """Told on the loop when we begin or cease to lead."""
        self.on_rival: Callable[[], None] = lambda: None
        """Told on the loop when another one turns out to lead beside us, and when it ceases to:
        what it published meanwhile may stand in the place of ours."""
        self._beside_us: set[str] = set()
        self.takes_over_above = 0
        """Revisions that another one may have given; 0 where the street holds our own words."""
        self._wake = asyncio.Event()
        self._must_speak = False
        self._must_follow = False
        if is_alone:
            self._lead(self._store_epoch())

    @property
    def instance(self) -> str:
        """The name of this run of the controller."""
        return self._machine.instance

    @property
    def is_active(self) -> bool:
        """Whether this controller leads."""
        return self._machine.is_active

    @property
    def role(self) -> str:
        """``active`` or ``passive``."""
        return self._machine.role.value

    @property
    def epoch(self) -> int:
        """The epoch it leads with, or last led with; 0 where another has led since."""
        return self._machine.epoch

    @property
    def leader(self) -> Beat | None:
        """The other controller that leads, as last heard."""
        return self._machine.leader

    def others(self) -> list[Beat]:
        """The other controllers of the site that are alive."""
        return self._machine.others(self._clock.monotonic())

    @property
    def differing(self) -> list[str]:
        """Instances that have other site documents in force than we: apply them there too."""
        return [
            beat.instance
            for beat in self.others()
            if beat.documents and self.documents and beat.documents != self.documents
        ]

    def may_send(self) -> bool:
        """Whether commands and documents may go out now."""
        return self._machine.may_send(self._clock.monotonic())

    def link_changed(self, *, is_up: bool) -> None:
        """The link to the broker came or went."""
        self._do(self._machine.link(self._clock.monotonic(), is_up=is_up))

    def take(self, message: Inbound) -> None:
        """A message on the heartbeats' topic."""
        heard = decode(_HEARTBEAT, message.payload, retained=message.retained)
        if isinstance(heard, Rejected):
            self._tally.rejected[heard.reason] += 1
        if not isinstance(heard, Heartbeat) or heard.instance == self.instance:
            return
        self._tally.messages_in["heartbeat"] += 1
        beat = Beat(heard.instance, heard.role == "active", heard.epoch, heard.rev, heard.documents)
        self._do(self._machine.hear(beat, self._clock.monotonic()))
        self._look_beside()
        if self.is_active and beat.rev > self._revisions.highest:
            self._wake.set()

    async def run(self) -> None:
        """Say and hear until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._wake.wait()
            self._wake.clear()
            step = self._machine.tick(self._clock.monotonic())
            self._look_beside()
            if step is Step.BEAT:
                # In this round, without another: while there is no link that would be for ever.
                self._must_speak = True
            else:
                self._do(step)
            if self._must_follow:
                self._must_follow = False
                await asyncio.to_thread(self._store_leader)
            if step is Step.CLAIM:
                if self._machine.is_successor:
                    await asyncio.to_thread(self._revisions.lift, self._machine.highest_rev)
                self._lead(await asyncio.to_thread(self._store_epoch))
            if self.is_active and self._machine.highest_rev > self._revisions.highest:
                await asyncio.to_thread(self._revisions.lift, self._machine.highest_rev)
            if self._must_speak:
                self._must_speak = False
                await self._speak()

    def _look_beside(self) -> None:
        """Who else leads, gives way or falls silent, while we lead."""
        if not self.is_active:
            self._beside_us.clear()
            return
        beside_us = {beat.instance for beat in self.others() if beat.is_active}
        if beside_us != self._beside_us:
            self._beside_us = beside_us
            self.on_rival()

    def _do(self, step: Step | None) -> None:
        match step:
            case Step.BEAT:
                self._must_speak = True
                self._wake.set()
            case Step.FOLLOW:
                leader = self._machine.leader
                assert leader is not None, "it was just heard"
                _log.warning(
                    "controller %s leads with epoch %d; this one is passive",
                    leader.instance or "of an older version",
                    leader.epoch,
                )
                self._must_follow = True
                self._wake.set()
                self.on_change()
            case _:
                pass

    def _store_epoch(self) -> int:
        above = self._machine.highest_epoch
        try:
            epoch = self._store.lead(above)
        except StoreError as error:
            # Better a leader whose epoch is not stored than a street without one.
            self._watch.failed(error)
            _log.error("epoch not stored: %s", error)
            return above + 1
        self._watch.worked()
        return epoch

    def _store_leader(self) -> None:
        machine = self._machine
        try:
            self._store.follow(machine.highest_epoch, machine.highest_rev)
        except StoreError as error:
            self._watch.failed(error)
            _log.warning("the leading controller is not noted: %s", error)

    def _lead(self, epoch: int) -> None:
        machine = self._machine
        is_successor = machine.is_successor
        if not machine.lead(epoch, self._clock.monotonic()):
            return
        self.takes_over_above = max(1, machine.highest_rev) if is_successor else 0
        _log.info("this controller (%s) leads with epoch %d", self.instance, epoch)
        self._must_speak = True
        self._wake.set()
        self.on_change()

    async def _speak(self) -> None:
        beat = Heartbeat(
            # A luminaire may take its time from here as a last resort: never an unknown one.
            at_ms=max(0, int(self._clock.now() * 1000)) if self._is_time_known() else 0,
            epoch=self._machine.epoch,
            instance=self.instance,
            role="active" if self._machine.role is Role.ACTIVE else "passive",
            rev=self._revisions.highest if self.is_active else self._revisions.given,
            documents=self.documents,
        )
        # Said or not: without a link the next try can wait as long as the next word.
        self._machine.spoke(self._clock.monotonic())
        # Not through the queue: behind ten thousand commands it would come too late.
        try:
            async with asyncio.timeout(_SPEAK_WITHIN_S):
                await self._bus.publish(Outbound(self._topics.heartbeat, encode(beat), qos=0))
        except (BusUnavailable, TimeoutError):
            return
        self._tally.messages_out["heartbeat"] += 1
