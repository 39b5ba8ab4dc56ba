"""A controller that signs: what leaves it, and whom it believes."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.errors import BusUnavailable
from controller.ports.bus import LinkHandler, MessageHandler, Outbound, Refused
from controller.ports.store import Published
from controller.service.control import Control
from controller.service.signed_bus import SignedBus, Signing
from controller.service.tally import Tally
from controller.wire.codec import Cleared, Reason, decode
from controller.wire.signing import Signer, Verifier
from controller.wire.timebase import Timebase
from controller.wire.topics import Topics
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site
from tests.unit.controller.test_control import NOON, Street, until

OURS, THEIRS, STRANGERS = (
    Signer(Ed25519PrivateKey.from_private_bytes(seed * 32)) for seed in (b"a", b"b", b"c")
)
SITE = Verifier([OURS.public_key, THEIRS.public_key])
TOPICS = Topics("small")


class Refusing:
    """A bus that keeps what it is handed and takes none of it."""

    def __init__(self) -> None:
        self.seen: list[Outbound] = []

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        raise NotImplementedError

    async def publish(self, message: Outbound) -> None:
        self.seen.append(message)

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        self.seen += messages
        return [Refused(one, BusUnavailable("no")) for one in messages]


def signed_bus(bus: Refusing) -> SignedBus:
    return SignedBus(bus, Signing(OURS, SITE), Tally())


async def test_what_is_refused_is_named_as_it_was_handed_in() -> None:
    bare = Refusing()
    message = Outbound(TOPICS.zone("a", "program"), b'{"rev":1}', retained=True, rev=1)
    (refused,) = await signed_bus(bare).publish_all([message])
    assert refused.message == message
    assert bare.seen[0].payload.startswith(b'{"rev":1,"kid":"')
    assert bare.seen[0].retained


async def test_commands_are_signed_for_their_topic_alone() -> None:
    bare = Refusing()
    topic = TOPICS.luminaire("a1", "command")
    await signed_bus(bare).publish(Outbound(topic, b'{"rev":1}', expiry_s=9))
    sent = bare.seen[0]
    assert (sent.topic, sent.expiry_s, sent.retained) == (topic, 9, False)
    assert SITE.refusal(topic, sent.payload) is None
    assert SITE.refusal(TOPICS.luminaire("a2", "command"), sent.payload) is not None


async def test_a_cleared_topic_is_withdrawn_by_a_signed_word() -> None:
    bare = Refusing()
    topic = TOPICS.luminaire("a1", "program")
    await signed_bus(bare).publish(Outbound(topic, b"", retained=True, rev=57))
    payload = bare.seen[0].payload
    assert SITE.refusal(topic, payload) is None
    parsed = TOPICS.parse(topic)
    assert parsed is not None
    assert decode(parsed, payload) == Cleared(57)


async def test_documents_are_signed_and_heartbeats_believed_by_their_signature(
    tmp_path: Path,
) -> None:
    broker = MemoryBroker()
    with SqliteStore(tmp_path) as store:
        # An exception of an earlier night: it is to be withdrawn.
        store.save_published([Published("luminaire", "a1", "program", 3, b"{}")])
        async with asyncio.TaskGroup() as group:
            street = Street(broker)
            control = Control(
                small_site(),
                MemoryBus(broker),
                store,
                MachineClock(Timebase(real_at=1e15, site_at=NOON, speed=1.0)),
                pass_every_s=0.05,
                signing=Signing(OURS, SITE),
            )
            tasks = [group.create_task(street.run()), group.create_task(control.run())]
            await until(lambda: len(street.messages) == 7 and "a1" in str(street.messages))
            await until(lambda: not control.dispatch.length and not control.dispatch.sending)
            # Forged, then from a stranger: neither takes the lead.
            beat = json.dumps({"at_ms": 1, "epoch": 9, "instance": "x", "rev": 99}).encode()
            for payload in (beat, STRANGERS.sign(TOPICS.heartbeat, beat)):
                broker.publish(TOPICS.heartbeat, payload)
            rejected = control.tally.rejected
            await until(lambda: rejected[Reason.UNSIGNED] and rejected[Reason.SIGNER])
            assert control.leader.is_active
            broker.publish(TOPICS.heartbeat, THEIRS.sign(TOPICS.heartbeat, beat))
            await until(lambda: not control.leader.is_active)
            for task in tasks:
                task.cancel()
    assert len(broker.retained) == 7
    for topic, payload in broker.retained.items():
        assert SITE.refusal(topic, payload) is None, topic
    withdrawn = json.loads(broker.retained[TOPICS.luminaire("a1", "program")])
    assert withdrawn["cleared"]
    assert withdrawn["rev"] > 3
    assert street.messages["zone/a/program"]["points"], "who knows no signatures reads it"
