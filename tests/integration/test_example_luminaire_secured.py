"""The luminaire of the documentation at a secured broker, which somebody then takes over."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.config import SigningSettings
from controller.pki import Role
from controller.pki.folder import certificate_file, key_file
from controller.pki.signing import TRUSTED, make_key, open_signing
from controller.wire.codec import encode
from controller.wire.messages import Command, Config, Message, Program, Withdrawal
from controller.wire.signing import Signer
from controller.wire.topics import Topics
from tests.integration.test_broker_configured import (
    MINE,
    OTHER_ZONE,
    PATIENCE_S,
    SITE,
    Broker,
    Client,
)

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TOPICS = Topics(SITE.inventory.city.id)
PROGRAM, COMMAND, CONFIG = (TOPICS.luminaire(MINE.id, x) for x in ("program", "command", "config"))
ZONE_PROGRAM, ZONE_COMMAND = (TOPICS.zone(MINE.zone, leaf) for leaf in ("program", "command"))
NOW = int(time.time())
HOUR, DAY = 3600, 86_400


def program(rev: int, level: float) -> Program:
    until = NOW + DAY
    points = [(NOW - DAY, level, 0)]
    return Program(
        rev=rev, valid_from=NOW - DAY, valid_until=until, points=points, failsafe_level=100
    )


def command(rev: int, **more: Any) -> Command:
    return Command(
        command_id=f"c-{rev}", rev=rev, **{"start": NOW - 60, "expires_at": NOW + DAY} | more
    )


class Side:
    """Somebody with the rights of the controller, a key of the site's or one of their own."""

    def __init__(self, broker: Broker, signer: Signer) -> None:
        self.client = Client(broker.tls_port, broker.context(Role.CONTROLLER, "controller"))
        assert self.client.is_let_in()
        self.signer = signer

    def says(self, topic: str, payload: bytes) -> None:
        self.client.says(topic, payload, retain=not topic.endswith("command"))

    def signs(self, topic: str, message: Message) -> bytes:
        payload = self.signer.sign(topic, encode(message))
        self.says(topic, payload)
        return payload

    def hears(self, **wanted: object) -> list[dict[str, Any]]:
        """States until one is as wanted."""
        states: list[dict[str, Any]] = []
        while not states or not wanted.items() <= states[-1].items():
            _, payload = self.client.heard.get(timeout=PATIENCE_S)
            states.append(json.loads(payload))
        return states


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    made = Broker(tmp_path_factory.mktemp("taken-over"))
    make_key(made.pki, datetime.now(UTC))
    with made.running():
        yield made


@contextmanager
def luminaire(broker: Broker, store: Path) -> Iterator[None]:
    """The example over mutual TLS, while the context is open."""
    who = (broker.pki, Role.LUMINAIRE, MINE.id)
    with subprocess.Popen(
        [
            *(sys.executable, str(EXAMPLES / "luminaire.py"), "--broker", "localhost"),
            *("--port", str(broker.tls_port), "--site", SITE.inventory.city.id, "--id", MINE.id),
            *("--ca-file", str(broker.pki / "ca.crt")),
            *("--certificate", str(certificate_file(*who)), "--key", str(key_file(*who))),
            *("--keys", str(broker.pki / "signing" / TRUSTED), "--store", str(store)),
        ]
    ) as process:
        try:
            yield
        finally:
            process.kill()


def test_a_taken_over_broker_cannot_darken_the_lamp(broker: Broker, tmp_path: Path) -> None:
    (key,) = (broker.pki / "signing").glob("*.key")
    signing = open_signing(SigningSettings(key_file=key))
    assert signing is not None
    controller = Side(broker, signing.signer)
    attacker = Side(broker, Signer(Ed25519PrivateKey.generate()))
    controller.client.hears(TOPICS.luminaire(MINE.id, "state"))
    with luminaire(broker, tmp_path / "store.json"):
        told = Config(
            rev=1, zone=MINE.zone, scale=1, floor=0, failsafe_level=100, power_on_level=100
        )
        controller.signs(CONFIG, told)
        controller.hears(rev=1, level=100, source="failsafe")
        old = controller.signs(ZONE_PROGRAM, program(2, 0))
        controller.hears(level=0, program_rev=2)
        exception = controller.signs(PROGRAM, program(3, 0))
        controller.signs(ZONE_PROGRAM, program(4, 80))
        controller.signs(PROGRAM, Withdrawal(rev=5, cleared=True))
        controller.hears(level=80, source="program", program_rev=4)
        off = controller.signs(COMMAND, command(6, level=0))
        controller.hears(level=0, source="command")
        controller.signs(COMMAND, command(7, resume=True))
        controller.hears(level=80, source="program")

        for topic in (PROGRAM, ZONE_PROGRAM):
            attacker.says(topic, encode(program(2**53, 0)))
            attacker.signs(topic, program(2**53, 0))
            attacker.says(topic, b"")
        attacker.says(CONFIG, b"")
        for topic in (COMMAND, ZONE_COMMAND):
            attacker.says(topic, encode(command(2**53, level=0)))
            attacker.signs(topic, command(2**53, level=0))
        for recorded, topic in ((old, ZONE_PROGRAM), (exception, PROGRAM), (off, COMMAND)):
            attacker.says(topic, recorded)
        late = command(8, level=0, start=NOW - HOUR, expires_at=NOW - 60)
        attacker.says(COMMAND, controller.signer.sign(COMMAND, encode(late)))
        others = TOPICS.luminaire(OTHER_ZONE.id, "command")
        attacker.says(COMMAND, controller.signer.sign(others, encode(command(9, level=0))))
        controller.signs(COMMAND, command(10, report=True))
        (answer,) = controller.hears(command_id="c-10")
        assert (answer["level"], answer["source"], answer["rev"]) == (80, "program", 1)
    # Power comes back, and with it whatever the broker kept or recorded.
    with luminaire(broker, tmp_path / "store.json"):
        controller.hears(level=80, command_id="")
        attacker.says(COMMAND, off)
        controller.signs(COMMAND, command(11, report=True))
        (answer,) = controller.hears(command_id="c-11")
        assert (answer["level"], answer["program_rev"]) == (80, 4)
    for side in (controller, attacker):
        side.client.leave()


def test_the_client_of_the_example_stays_short() -> None:
    lines = (EXAMPLES / "luminaire.py").read_text(encoding="utf-8").splitlines()
    said = [one for one in lines if one.strip() and not one.strip().startswith(("#", '"""'))]
    assert len(said) < 120, "who writes a luminaire must see at a glance how little it takes"
