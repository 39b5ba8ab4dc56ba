"""Bad messages by the million: each counted under its reason, none of them changes anything."""

import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.ports.bus import Inbound
from controller.service.intake import Intake
from controller.service.tally import Tally
from controller.wire.codec import Reason
from controller.wire.topics import Topics
from simulator.chaos import Targets, garbage
from tests.fakes.small_city import small_site

_NOW = 1_774_000_000.0


class _StandingClock:
    """Time stands still: whatever changes, a message did it."""

    def now(self) -> float:
        return _NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep_until(self, at: float) -> None:
        """Nothing waits here."""


@dataclass(frozen=True)
class BadMessages:
    """What came of them."""

    sent: Counter[Reason]
    counted: Counter[Reason]
    changed: tuple[str, ...]
    """Columns of the engine that are not as they were."""
    messages_per_s: float


def take_bad_messages(count: int, *, seed: int = 1) -> BadMessages:
    """Give ``count`` bad messages to the controller of a small city."""
    site = small_site()
    tally = Tally()
    engine = Engine(site, _NOW, lambda: 0.5, lambda _edge, _delays: None)
    engine.adopt(compile_book(site, _NOW))
    engine.reconcile(_NOW, 0.0)
    intake = Intake(Topics(site.inventory.city.id), engine, _StandingClock(), tally)
    targets = Targets(
        site.inventory.city.id,
        [one.id for one in site.inventory.luminaires],
        [one.id for one in site.inventory.zones],
        [one.id for one in site.inventory.gateways],
    )
    before = _columns(engine)
    sent: Counter[Reason] = Counter()
    took_s = 0.0
    for bad in garbage(targets, count, seed):
        message = Inbound(bad.topic, bad.payload, bad.is_retained)
        begun = time.perf_counter()
        intake.take(message)
        took_s += time.perf_counter() - begun
        sent[bad.reason] += 1
    intake.apply()
    after = _columns(engine)
    changed = tuple(
        name for name, column in before.items() if not np.array_equal(column, after[name], True)
    )
    return BadMessages(sent, Counter(tally.rejected), changed, count / took_s)


def _columns(engine: Engine) -> dict[str, np.ndarray]:
    return {
        name: column.copy()
        for name, column in vars(engine.columns).items()
        if isinstance(column, np.ndarray)
    }
