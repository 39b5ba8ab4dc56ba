"""The bus contract on real brokers."""

import pytest

from tests.contract.bus_suite import BusSuite
from tests.integration.brokers import Mosquitto, Nats


class TestOnMosquitto(BusSuite):
    @pytest.fixture
    def rig(self, mosquitto: Mosquitto) -> Mosquitto:
        return mosquitto


class TestOnMosquittoMqtt5(BusSuite):
    @pytest.fixture
    def rig(self, mosquitto_v5: Mosquitto) -> Mosquitto:
        return mosquitto_v5


class TestOnNats(BusSuite):
    @pytest.fixture
    def rig(self, nats: Nats) -> Nats:
        return nats
