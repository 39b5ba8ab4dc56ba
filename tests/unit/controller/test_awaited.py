"""What became of commands: answered, superseded, failed, too late."""

import numpy as np
import pytest

from controller.engine.awaited import TIMEOUT_S, Awaited, Outcome, Sent, command_id, rev_of
from controller.engine.columns import Columns
from tests.fakes.small_city import small_inventory

ALL = np.arange(4)
ONE = np.array([1])


def awaited() -> Awaited:
    return Awaited(Columns(small_inventory()))


@pytest.mark.parametrize("rev", [1, 77, 2**48])
def test_an_identifier_says_its_revision(rev: int) -> None:
    assert rev_of(command_id(3, rev)) == rev


@pytest.mark.parametrize(
    "identifier",
    ["", "7", "3-", "-7", "3-07", "3-0", "03-7", "3-7\n", "3-٧", "3-+7", "x-7", "3-7-7"],
)
def test_what_is_none_of_ours_says_none(identifier: str) -> None:
    assert rev_of(identifier) == 0


def test_an_answer_ends_its_own_command_and_no_other() -> None:
    slots = awaited()
    slots.note(ALL, 7, Sent.ZONE, 0.0)
    slots.note(ONE, 8, Sent.OWN, 1.0)
    assert slots.finished == {Outcome.SUPERSEDED: 1}
    slots.answer(ALL, np.array([7, 7, 0, 9]))
    assert slots.rev.tolist() == [0, 8, 7, 7]
    assert slots.pending == 3
    assert slots.finished[Outcome.ACKED] == 1


def test_any_state_answers_a_question() -> None:
    slots = awaited()
    slots.note(ONE, 5, Sent.QUESTION, 0.0)
    slots.answer(ALL, np.zeros(4, dtype=np.int64))
    assert slots.finished == {Outcome.ACKED: 1}
    assert slots.pending == 0


def test_every_command_ends_once() -> None:
    slots = awaited()
    slots.note(ALL, 5, Sent.OWN, 0.0)
    slots.fail(np.array([0]))
    slots.withdraw(np.array([0, 1]))
    slots.forget_unanswered(TIMEOUT_S)
    assert slots.pending == 2
    slots.forget_unanswered(TIMEOUT_S + 1)
    slots.forget_unanswered(TIMEOUT_S + 2)
    assert slots.finished == {Outcome.FAILED: 1, Outcome.SUPERSEDED: 1, Outcome.TIMEOUT: 2}
    slots.answer(ALL, np.full(4, 5))
    assert slots.finished[Outcome.ACKED] == 0
