"""Broker fixtures, the same as the integration tests'."""

from tests.integration.conftest import mosquitto

__all__ = ["mosquitto"]
