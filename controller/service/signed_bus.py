"""A bus on which what commands the street is signed, and other controllers are believed by
their signature alone. Signs at the pace of sending, in the loop: 25 microseconds a message.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from controller.ports.bus import Bus, Inbound, LinkHandler, MessageHandler, Outbound, Refused
from controller.service.tally import Tally
from controller.wire.codec import encode
from controller.wire.messages import Withdrawal
from controller.wire.signing import SIGNED_LEAVES, Signer, Verifier

_HEARTBEAT: Final = "/controller/heartbeat"


class Signing(NamedTuple):
    """What a controller signs with, and the keys of all controllers of its site."""

    signer: Signer
    verifier: Verifier


class SignedBus:
    """A `Bus` that signs before it sends, and believes only heartbeats that are signed."""

    def __init__(self, bus: Bus, signing: Signing, tally: Tally) -> None:
        self._bus = bus
        self._signer, self._verifier = signing
        self._tally = tally

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        """Keep the session up; a heartbeat that no controller signed is counted and dropped.

        Believed, it could take the lead from all of them, for ever.
        """

        def take(message: Inbound) -> None:
            if message.topic.endswith(_HEARTBEAT):
                refusal = self._verifier.refusal(message.topic, message.payload)
                if refusal is not None:
                    self._tally.rejected[refusal.reason] += 1
                    return
            on_message(message)

        await self._bus.run(filters, take, on_link)

    async def publish(self, message: Outbound) -> None:
        """Sign and send."""
        await self._bus.publish(self._signed(message))

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Sign and send all; the answer names the messages as they were handed in."""
        refused = await self._bus.publish_all([self._signed(one) for one in messages])
        if not refused:
            return refused
        given = {one.topic: one for one in messages}
        return [Refused(given[one.message.topic], one.why) for one in refused]

    def _signed(self, message: Outbound) -> Outbound:
        payload = message.payload
        if message.topic.rpartition("/")[2] not in SIGNED_LEAVES:
            return message
        if not payload:
            # Empty bytes cannot be signed, and whoever holds the broker can send them.
            payload = encode(Withdrawal(rev=message.rev, cleared=True))
        return msgspec.structs.replace(message, payload=self._signer.sign(message.topic, payload))
