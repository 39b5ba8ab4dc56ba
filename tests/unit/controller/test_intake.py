"""Inbound messages: accepted, counted and dropped, never raised."""

import json

import numpy as np
import pytest

from controller.engine.awaited import Outcome, Sent
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.engine.faults import FaultBit
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
    assert desk.engine.awaited.finished[Outcome.ACKED] == 1
    desk.command("a2", 2)
    desk.engine.awaited.forget_unanswered(desk.clock.elapsed)
    assert desk.intake.awaited_commands == 1
    desk.clock.elapsed = 61.0
    desk.engine.awaited.forget_unanswered(desk.clock.elapsed)
    assert desk.intake.awaited_commands == 0
    assert desk.engine.awaited.finished[Outcome.TIMEOUT] == 1


def test_the_order_of_a_luminaires_words_is_kept_within_a_batch() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40, NOW - 20), at_once=False)
    desk.take("luminaire/a2/state", state(10, NOW - 20), at_once=False)
    desk.take("luminaire/a1/state", state(50, NOW - 10), at_once=False)
    desk.take("luminaire/a1/state", state(60, NOW - 15), at_once=False)
    desk.take("luminaire/a1/availability", b"offline", at_once=False)
    desk.intake.apply()
    assert desk.level("a1") == 50
    assert desk.level("a2") == 10
    assert desk.tally.rejected == {Reason.STALE: 1}
    assert desk.tally.messages_in["state"] == 3
    assert not desk.engine.columns.is_online[desk.engine.columns.row_of["a1"]]


def test_a_second_word_gives_the_first_to_the_engine() -> None:
    desk = Desk()
    for number in range(3):
        for name in ("a1", "a2", "b1", "b2"):
            desk.take(f"luminaire/{name}/state", state(number, NOW - 50 + number), at_once=False)
    assert desk.level("b2") == 1
    desk.intake.apply()
    assert desk.level("b2") == 2


def test_what_arrived_is_saved_even_before_the_next_look() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40), at_once=False)
    (saved,) = desk.intake.take_unsaved()
    assert saved.luminaire == "a1"
    assert desk.level("a1") == 40


def columns_of(desk: Desk, name: str) -> tuple[float, float, float, float]:
    columns, row = desk.engine.columns, desk.engine.columns.row_of[name]
    return (
        float(columns.heard_at[row]),
        float(columns.clock_offset_s[row]),
        float(columns.measured_w[row]),
        float(columns.measured_at[row]),
    )


def test_a_clock_is_judged_by_fresh_words_alone() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40, NOW - 9000), retained=True)
    heard_at, offset_s, _, _ = columns_of(desk, "a1")
    assert heard_at == -np.inf
    assert np.isnan(offset_s)
    desk.take("luminaire/a1/state", state(50, NOW - 300))
    heard_at, offset_s, _, _ = columns_of(desk, "a1")
    assert heard_at == NOW
    assert np.isnan(offset_s)
    desk.command("a1", 5)
    desk.take("luminaire/a1/state", state(60, NOW - 120, command_id="9-5", source="command"))
    assert columns_of(desk, "a1")[1] == -120


def test_a_measurement_tells_power_and_clock_and_its_replay_does_not() -> None:
    desk = Desk()
    desk.take("luminaire/a1/telemetry", {"at_ms": int((NOW - 2) * 1000), "power_w": 61.5})
    assert columns_of(desk, "a1") == (NOW, -2.0, 61.5, NOW - 2)
    desk.take("luminaire/a1/telemetry", {"at_ms": int((NOW - 9000) * 1000), "power_w": 7})
    assert columns_of(desk, "a1") == (NOW, -2.0, 61.5, NOW - 2)
    desk.take("luminaire/a1/telemetry", {"at_ms": int((NOW + 7200) * 1000), "power_w": 8})
    assert columns_of(desk, "a1") == (NOW, 7200.0, 8.0, NOW)


def test_the_age_of_a_measurement_is_counted_once_and_never_below_zero() -> None:
    desk = Desk()
    for name, at in (("a1", NOW - 100), ("a1", NOW - 200), ("a2", NOW + 2)):
        desk.take(f"luminaire/{name}/telemetry", {"at_ms": int(at * 1000), "power_w": 40.0})
    ages = desk.tally.telemetry_lag_s
    assert ages.counts.sum() == 2, "what is older than the last word is a replay"
    assert ages.sum_s == 100


def test_faults_are_bits() -> None:
    desk = Desk()
    desk.take("luminaire/a1/state", state(40, faults=["lamp_failure", "door_open", "clock"]))
    bits = FaultBit.LAMP_FAILURE | FaultBit.OTHER | FaultBit.CLOCK
    assert desk.engine.columns.fault_bits[desk.engine.columns.row_of["a1"]] == bits
    desk.take("luminaire/a1/state", state(40, NOW + 1))
    assert not desk.engine.columns.is_faulty.any()


def test_a_state_that_the_broker_had_kept_shows_nobody_to_be_there() -> None:
    desk = Desk()
    row = desk.engine.columns.row_of["a1"]
    desk.take("luminaire/a1/availability", b"offline", retained=True)
    desk.take("luminaire/a1/state", state(40, NOW - 20), retained=True)
    assert desk.level("a1") == 40
    assert not desk.engine.columns.is_online[row]
    desk.take("luminaire/a1/state", state(50, NOW - 10))
    assert desk.engine.columns.is_online[row]
