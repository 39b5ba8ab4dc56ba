"""A taken-over broker against luminaires that check signatures: docs/wire.md 9, row by row."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.wire.codec import encode
from controller.wire.messages import Command, Config, Message, Program, Withdrawal
from controller.wire.signing import Signer, Verifier
from controller.wire.timebase import Timebase
from controller.wire.topics import Topics
from simulator.cli import main
from simulator.clock import SiteClock
from simulator.columns import Columns, Hardware
from simulator.faults import Faults
from simulator.fleet import Fleet
from simulator.gateway import Counters, Gateway, Wiring
from simulator.inbox import Inbox
from simulator.mqtt import BrokerAddress
from tests.fakes.one_luminaire import DAY, HOUR, NOON, command, config, lamp, program

OURS, NEXT, STRANGERS = (
    Signer(Ed25519PrivateKey.from_private_bytes(seed * 32)) for seed in (b"a", b"b", b"c")
)
TOPICS = Topics("town")
OWN_PROGRAM = TOPICS.luminaire("l0", "program")
OWN_COMMAND = TOPICS.luminaire("l0", "command")
OWN_CONFIG = TOPICS.luminaire("l0", "config")
ZONE_PROGRAM, ZONE_COMMAND = TOPICS.zone("z", "program"), TOPICS.zone("z", "command")
DARK = program(rev=2**53)


class Street:
    """Luminaires l0 and l1 behind a gateway whose broker says what the test likes; noon."""

    def __init__(self, *keys: Signer, has_clock: bool = True) -> None:
        kind = lamp(has_clock=has_clock)
        hardware = Hardware(("l0", "l1"), (kind,), [0, 0])
        self.clock = SiteClock(NOON)
        self.columns = Columns(hardware, Faults(2), 0.0, float(NOON), seed=1)
        self.fleet = Fleet(self.columns, is_signed=True)
        self.inbox = Inbox(self.fleet)
        self.counters = Counters()
        wiring = Wiring(
            topics=TOPICS,
            subscribe_qos=0,
            columns=self.columns,
            clock=self.clock,
            inbox=self.inbox,
            counters=self.counters,
            connecting=asyncio.Semaphore(1),
            on_arrival=lambda: None,
            on_trouble=lambda _: None,
            verifier=Verifier([one.public_key for one in keys or (OURS,)]),
        )
        self.gateway = Gateway(wiring, BrokerAddress("x", 1), "g", "g", np.arange(2))

    def says(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        self.gateway._receive(topic, payload, retained)
        self.inbox.drain()

    def signed(self, topic: str, message: Message, by: Signer = OURS) -> bytes:
        """The controller, or who has a key, sends a message; returns what went over the wire."""
        payload = by.sign(topic, encode(message))
        self.says(topic, payload)
        return payload

    @property
    def level(self) -> float:
        return float(self.columns.level[0])

    @property
    def rejected(self) -> dict[str, int]:
        return self.counters.rejected

    def at(self, hours: float) -> None:
        """Let time pass to this many hours after noon."""
        self.clock.set_timebase(Timebase(0, NOON + hours * HOUR, 0))
        self.fleet.integrate(NOON + hours * HOUR)

    def lose_power(self) -> None:
        """For a moment, and starts again."""
        rows = np.array([0])
        self.fleet.cut_power(rows, self.clock.now())
        self.fleet.restore_power(rows, self.clock.now())
        self.at(0.1)


def lit(*keys: Signer, has_clock: bool = True) -> Street:
    """l0 of zone z is lit by its zone's program of revision 10, l1 is of zone y."""
    street = Street(*keys, has_clock=has_clock)
    street.signed(OWN_CONFIG, config(rev=1))
    street.signed(TOPICS.luminaire("l1", "config"), config(rev=2, zone="y"))
    street.signed(ZONE_PROGRAM, program((0.5, 100, 0), rev=10, points=[(NOON, 100.0, 0)]))
    if not has_clock:
        street.signed(OWN_COMMAND, command(11, 100))
    assert street.level == 100
    assert not street.rejected
    return street


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        (ZONE_PROGRAM, DARK),
        (OWN_PROGRAM, DARK),
        (OWN_CONFIG, config(rev=2**53, zone="darkness")),
        (OWN_COMMAND, command(2**53, 0)),
        (ZONE_COMMAND, command(2**53, 0)),
    ],
)
@pytest.mark.parametrize("has_clock", [True, False])
def test_what_is_made_up_or_changed_does_nothing(
    topic: str, message: Program | Config | Command, has_clock: bool
) -> None:
    street = lit(has_clock=has_clock)
    bare = encode(message)
    street.says(topic, bare)
    street.says(topic, STRANGERS.sign(topic, bare))
    genuine = OURS.sign(topic, bare.replace(b'"rev":9007199254740992', b'"rev":12'))
    street.says(topic, genuine.replace(b'"rev":12', b'"rev":13'))
    street.says(topic, genuine[:-138] + b"}")
    assert (street.level, street.columns.config_rev[0]) == (100, 1)
    assert street.rejected == {"unsigned": 2, "signer": 1, "signature": 1}


@pytest.mark.parametrize("topic", [OWN_PROGRAM, ZONE_PROGRAM, OWN_CONFIG])
def test_nobody_can_clear_a_topic(topic: str) -> None:
    street = lit()
    street.says(topic, b"", retained=True)
    street.says(topic, b'{"rev":9007199254740992,"cleared":true}', retained=True)
    assert street.level == 100
    assert street.columns.config_rev[0] == 1
    assert street.rejected == {"unsigned": 2}


def test_what_is_for_another_is_for_nobody_else() -> None:
    street = lit()
    dark = encode(command(20, 0))
    others = TOPICS.luminaire("l1", "command")
    for topic in (others, ZONE_COMMAND, Topics("village").luminaire("l0", "command")):
        street.says(OWN_COMMAND, OURS.sign(topic, dark))
    street.says(OWN_PROGRAM, OURS.sign(ZONE_PROGRAM, encode(DARK)))
    assert street.level == 100
    assert street.rejected == {"signature": 4}


def test_a_genuine_message_for_another_zone_reaches_nobody_of_this_one() -> None:
    street = lit()
    street.signed(TOPICS.zone("y", "command"), command(20, 30))
    street.signed(TOPICS.zone("y", "program"), program(rev=21))
    assert street.columns.level.tolist() == [100, 30]
    assert not street.rejected


def test_a_payload_heard_before_is_not_believed_on_another_topic() -> None:
    street = lit()
    payload = street.signed(TOPICS.zone("y", "program"), program(rev=30))
    street.says(ZONE_PROGRAM, payload)
    assert street.level == 100
    assert street.rejected == {"signature": 1}


def test_an_old_program_is_refused_by_its_revision() -> None:
    street = Street()
    street.signed(OWN_CONFIG, config(rev=1))
    old = street.signed(ZONE_PROGRAM, program(rev=9))
    assert street.level == 0
    street.signed(ZONE_PROGRAM, program(rev=10, points=[(NOON, 100.0, 0)]))
    street.says(ZONE_PROGRAM, old, retained=True)
    assert (street.level, street.fleet.stale, street.rejected) == (100, 1, {})


@pytest.mark.parametrize("topic", [OWN_PROGRAM, ZONE_PROGRAM])
def test_an_old_program_is_refused_after_a_withdrawal_too(topic: str) -> None:
    street = Street()
    street.signed(OWN_CONFIG, config(rev=1, failsafe_level=90))
    old = street.signed(topic, program(rev=9))
    street.signed(topic, Withdrawal(rev=12, cleared=True))
    assert street.level == 90
    street.says(topic, old, retained=True)
    assert (street.level, street.fleet.stale) == (90, 1)
    street.signed(topic, program(rev=13))
    assert street.level == 0, "a newer one is taken"
    street.signed(topic, Withdrawal(rev=12, cleared=True))
    assert street.level == 0, "an old withdrawal is refused as well"


def test_an_old_config_is_refused_after_a_withdrawal_too() -> None:
    street = Street()
    old = street.signed(OWN_CONFIG, config(rev=5, failsafe_level=10))
    assert street.level == 10
    street.signed(OWN_CONFIG, Withdrawal(rev=6, cleared=True))
    assert street.level == 100
    street.says(OWN_CONFIG, old, retained=True)
    assert (street.level, street.fleet.stale) == (100, 1)
    street.signed(OWN_CONFIG, config(rev=7, failsafe_level=20))
    assert street.level == 20


def test_an_old_command_is_refused_by_its_revision_and_by_its_end() -> None:
    street = lit()
    old = street.signed(OWN_COMMAND, command(20, 0))
    newer = street.signed(OWN_COMMAND, command(21, 60))
    street.says(OWN_COMMAND, old)
    assert (street.level, street.fleet.stale) == (60, 1)
    held_back = OURS.sign(OWN_COMMAND, encode(command(22, 0)))
    street.at(1)
    street.says(OWN_COMMAND, held_back)
    street.says(OWN_COMMAND, newer)
    assert (street.level, street.fleet.stale) == (100, 3)


def test_an_old_command_is_refused_after_a_loss_of_power() -> None:
    for has_clock in (True, False):
        street = lit(has_clock=has_clock)
        old = street.signed(OWN_COMMAND, command(20, 0, expires_at=NOON + DAY))
        assert street.level == 0
        street.lose_power()
        lit_again = street.level
        street.says(OWN_COMMAND, old)
        assert street.level == lit_again > 0
        assert street.columns.command_id[0] == ""


def test_without_a_clock_the_revision_alone_refuses() -> None:
    street = lit(has_clock=False)
    old = street.signed(OWN_COMMAND, command(20, 0))
    street.signed(OWN_COMMAND, command(21, 100))
    street.says(OWN_COMMAND, old)
    assert (street.level, street.fleet.stale) == (100, 1)
    # Held back all day, and newer than anything it heard: nothing tells it that it is late.
    late = command(22, 40)
    street.at(9)
    street.signed(OWN_COMMAND, late)
    assert street.level == 40


def test_a_command_kept_on_its_topic_is_refused() -> None:
    street = lit()
    street.says(OWN_COMMAND, OURS.sign(OWN_COMMAND, encode(command(20, 0))), retained=True)
    assert street.level == 100
    assert street.rejected == {"retained": 1}


def test_two_keys_are_believed_while_they_change_and_then_one() -> None:
    street = lit(OURS, NEXT)
    street.signed(OWN_COMMAND, command(20, 50), by=NEXT)
    assert street.level == 50
    street.signed(OWN_COMMAND, command(21, 60), by=OURS)
    assert street.level == 60
    changed = Street(NEXT)
    changed.signed(OWN_CONFIG, config(rev=1), by=OURS)
    assert changed.rejected == {"signer": 1}


@pytest.mark.parametrize(("text", "why"), [(None, "No such file"), ("abc", "line 1 is no public")])
def test_a_list_of_keys_that_cannot_be_read_is_named(
    tmp_path: Path, text: str | None, why: str
) -> None:
    file = tmp_path / "trusted.txt"
    if text is not None:
        file.write_text(text)
    done = CliRunner().invoke(main, ["--demo", "1", "--signed-by", str(file)])
    assert done.exit_code == 2
    assert f"--signed-by '{file}': {why}" in done.output
