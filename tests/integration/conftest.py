"""Broker fixtures: each gives a running broker on a free loopback port, gone after the test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.brokers import Mosquitto, Nats


@pytest_asyncio.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """mosquitto that lets anybody in, spoken to in MQTT 3.1.1."""
    broker = Mosquitto(tmp_path / "mosquitto")
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def mosquitto_v5(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """mosquitto that lets anybody in, spoken to in MQTT 5."""
    broker = Mosquitto(tmp_path / "mosquitto", protocol="5")
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def mosquitto_with_users(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """mosquitto with the users ``controller`` and ``street``."""
    users = {"controller": "lamp-post-secret", "street": "kerb-stone-secret"}
    broker = Mosquitto(tmp_path / "mosquitto", users=users)
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def nats(tmp_path: Path) -> AsyncIterator[Nats]:
    """The embedded broker for the site ``testing``."""
    broker = Nats(tmp_path / "nats")
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture(params=["mosquitto", "mosquitto_v5", "nats"])
def any_broker(request: pytest.FixtureRequest) -> Mosquitto | Nats:
    """Each broker in turn."""
    broker: Mosquitto | Nats = request.getfixturevalue(request.param)
    return broker
