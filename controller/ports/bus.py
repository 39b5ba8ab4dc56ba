"""The port to the message broker."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from controller.errors import BusUnavailable

__all__ = [
    "Bus",
    "BusUnavailable",
    "Inbound",
    "LinkHandler",
    "MessageHandler",
    "Outbound",
    "Refused",
]


class Inbound(msgspec.Struct, frozen=True):
    """A message that arrived."""

    topic: str
    payload: bytes
    retained: bool
    """True where the broker had kept it and sends it because of a new subscription."""


class Outbound(msgspec.Struct, frozen=True):
    """A message to send."""

    topic: str
    payload: bytes
    qos: int = 1
    retained: bool = False
    expiry_s: int | None = None
    """Message expiry in seconds of machine time, where the protocol has it (MQTT 5)."""
    rev: int = 0
    """Revision from which on an empty payload clears the topic."""


class Refused(NamedTuple):
    """A message that the broker has not taken, as far as we know."""

    message: Outbound
    why: BusUnavailable


MessageHandler = Callable[[Inbound], None]
"""Called on the loop for each message; must not block and must not raise."""

LinkHandler = Callable[[bool], None]
"""Called on the loop when the session comes up (True) or is lost (False)."""


class Bus(Protocol):
    """A session with a broker that heals itself.

    `run` holds it until cancelled: connects, subscribes, hands every message to
    ``on_message`` and reconnects with jittered backoff when the link is lost.
    """

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        """Keep the session up. ``filters`` are (topic filter, QoS) pairs."""

    async def publish(self, message: Outbound) -> None:
        """Send, and for QoS 1 return when the broker has taken it.

        Raises `BusUnavailable` where there is no link, or it was lost before the answer,
        or the broker refused the message: the caller sends again when it still applies.
        """

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Send all in this order, and return when each was taken or refused.

        The answer names those that were not taken, for the reasons for which `publish`
        raises; it is empty where all went well. Many messages cost little more than one.
        """
