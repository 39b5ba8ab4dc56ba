"""Inbound messages: accepted, counted and dropped, never raised."""

import json

import numpy as np
import pytest

from controller.engine.awaited import Sent
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.ports.bus import Inbound
from controller.service.intake import Intake
from controller.service.tally import Tally
from controller.wire.codec import Reason
from controller.wire.topics import Topics
from tests.fakes.small_city import small_site

NOW = 1_774_000_000.0
ROOT = "lamplighter/v1/small/"


class StandingClock:
    """Site time that stands still; machine time as told."""

    elapsed = 0.0

    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return self.elapsed

    def offset(self) -> float:
        return 0.0

    async def sleep_until(self, at: float) -> None:
        """Nothing waits here."""


class Desk:
    """An intake with its engine."""

    def __init__(self) -> None:
        site = small_site()
        self.tally = Tally()
        self.engine = Engine(site, NOW, lambda: 0.5, lambda _edge, _delays: None)
        self.engine.adopt(compile_book(site, NOW))
        self.clock = StandingClock()
        self.intake = Intake(Topics("small"), self.engine, self.clock, self.tally)

    def take(
        self, topic: str, payload: object, *, retained: bool = False, at_once: bool = True
    ) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.intake.take(Inbound(ROOT + topic, data, retained))
        if at_once:
            self.intake.apply()

    def command(self, name: str, rev: int, kind: Sent = Sent.OWN) -> None:
        """A command of this revision went out."""
        row = np.array([self.engine.columns.row_of[name]])
        self.engine.awaited.note(row, rev, kind, self.clock.elapsed)

    def level(self, name: str) -> float:
        return float(self.engine.columns.reported[self.engine.columns.row_of[name]])


def state(level: float, at: float = NOW, **fields: object) -> dict[str, object]:
    words: dict[str, object] = {
        "rev": 1,
        "program_rev": 1,
        "level": level,
        "source": "program",
        "at_ms": int(at * 1000),
    }
    return words | fields


def test_a_state_sets_the_reported_level() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40))
    assert desk.level("a1") == 40
    assert desk.tally.messages_in["state"] == 1


def test_a_retained_state_counts_like_a_fresh_one() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40), retained=True)
    assert desk.level("a1") == 40


def test_a_replayed_state_changes_nothing() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40, NOW))
    desk.take("luminaire/a1/state", state(90, NOW - 60))
    assert desk.level("a1") == 40
    assert desk.tally.rejected[Reason.STALE] == 1


def test_a_luminaire_whose_clock_went_back_is_heard_with_its_answer() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40, NOW))
    desk.command("a1", 7)
    desk.take("luminaire/a1/state", state(90, NOW - 3600, command_id="1-7", source="command"))
    assert desk.level("a1") == 90
    desk.take("luminaire/a1/state", state(80, NOW - 3500))
    assert desk.level("a1") == 80


def test_a_clock_far_ahead_does_not_silence_what_comes_later() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40, NOW + 86_400))
    desk.take("luminaire/a1/state", state(90, NOW))
    assert desk.level("a1") == 90


def test_answers_finish_commands_and_newer_commands_supersede() -> None:
    desk = Desk()
    desk.command("a1", 1)
    desk.command("a1", 2)
    desk.take("luminaire/a1/state", state(90, command_id="1-1"))
    assert desk.intake.awaited_commands == 1
    desk.take("luminaire/a1/state", state(90, command_id="1-2"))
    assert desk.intake.awaited_commands == 0
    assert desk.engine.awaited.finished == {"superseded": 1, "acked": 1}


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("luminaire/nobody/state", state(1), Reason.UNKNOWN_DEVICE),
        ("gateway/nobody/availability", b"offline", Reason.UNKNOWN_DEVICE),
        ("luminaire/nobody/availability", b"offline", Reason.UNKNOWN_DEVICE),
        ("luminaire/a1/state", state(101), Reason.RANGE),
        ("luminaire/a1/state", {"level": 1}, Reason.SCHEMA),
        ("luminaire/a1/state", b"{", Reason.JSON),
        ("luminaire/a1/telemetry", b"", Reason.EMPTY),
        ("luminaire/a1/state", b"x" * 70_000, Reason.OVERSIZE),
        ("luminaire/a1/nothing", b"{}", Reason.TOPIC),
    ],
)
def test_what_cannot_be_is_counted_under_its_reason(
    topic: str, payload: object, reason: Reason
) -> None:
    desk = Desk()
    desk.take(topic, payload)
    assert desk.tally.rejected == {reason: 1}
    assert not desk.engine.columns.is_known.any()


def test_a_gateway_takes_its_luminaires_with_it() -> None:
    desk = Desk()
    desk.take("gateway/g/availability", b"offline", retained=True)
    assert desk.engine.columns.is_reachable.tolist() == [False, False, True, True]
    desk.take("gateway/g/availability", b"online")
    assert desk.engine.columns.is_reachable.all()


def test_cleared_topics_say_nothing() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", b"", retained=True)
    desk.take("luminaire/a1/availability", b"")
    assert not desk.tally.rejected
    assert not desk.engine.columns.is_known.any()


def test_what_arrived_is_saved_once_and_heard_again_after_a_restart() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40))
    desk.take("luminaire/a1/state", state(50, NOW + 1))
    (saved,) = desk.intake.take_unsaved()
    assert desk.intake.take_unsaved() == []
    again = Desk()
    again.intake.restore([saved])
    assert again.level("a1") == 50


def test_any_state_answers_a_question_and_what_is_not_answered_is_forgotten() -> None:
    desk = Desk()
    desk.command("a1", 1, Sent.QUESTION)
    desk.take("luminaire/a1/state", state(90))
    assert desk.intake.awaited_commands == 0
    assert desk.engine.awaited.finished["acked"] == 1
    desk.command("a2", 2)
    desk.engine.awaited.forget_unanswered(desk.clock.elapsed)
    assert desk.intake.awaited_commands == 1
    desk.clock.elapsed = 61.0
    desk.engine.awaited.forget_unanswered(desk.clock.elapsed)
    assert desk.intake.awaited_commands == 0
    assert desk.engine.awaited.finished["timeout"] == 1
