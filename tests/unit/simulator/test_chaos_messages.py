"""The stage for messages: what it adds, delays and swaps, and what it leaves alone."""

import random
from typing import Any

import pytest

from simulator.burst import publish_packet
from simulator.chaos.messages import MessageCounts, MessageStage, MessageTrouble
from simulator.chaos.packets import copy_of, length_of, topic_of

CONNECT = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab"
PINGREQ = b"\xc0\x00"


class Rig:
    """A stage of the direction up that has seen the CONNECT."""

    def __init__(self, seed: int = 1, **trouble: Any) -> None:
        self.trouble = MessageTrouble(**trouble)
        self.counts = MessageCounts()
        self.stage = MessageStage(lambda: self.trouble, "up", self.counts, random.Random(seed))
        assert self.take(CONNECT) == CONNECT

    def take(self, data: bytes, at: float = 0) -> bytes:
        return b"".join(self.stage.take(data, at))

    def rest(self) -> bytes:
        return b"".join(self.stage.due(1e9))


def message(number: int, topic: str = "lamplighter/v1/s/luminaire/L/state") -> bytes:
    return publish_packet(topic, 1 + number, b"payload %d" % number, retain=True)


def packets(stream: bytes) -> list[bytes]:
    found, position = [], 0
    while position < len(stream):
        length = length_of(stream, position)
        assert length is not None
        found.append(stream[position : position + length])
        position += length
    return found


@pytest.mark.parametrize("size", [1, 2, 7, 100, 100_000])
def test_without_trouble_a_stream_is_the_same_however_it_is_cut(size: int) -> None:
    rig = Rig()
    long = publish_packet("t", 1, b"x" * 2_000_000, retain=False) if size > 2 else b""
    stream = b"".join(message(number) for number in range(30)) + PINGREQ + long + message(99)
    out = b"".join(rig.take(stream[at : at + size]) for at in range(0, len(stream), size))
    assert out == stream
    assert rig.counts.messages == 31


@pytest.mark.parametrize(
    "stream", [b"GET / HTTP/1.1\r\n", b"\x30" + b"\xff" * 8, b"\x20\x02\x00\x00"]
)
def test_a_stream_that_is_no_mqtt_passes(stream: bytes) -> None:
    stage = MessageStage(
        lambda: MessageTrouble(duplicate=1, late=1), "up", MessageCounts(), random.Random(1)
    )
    assert b"".join(stage.take(stream, 0)) == stream
    assert stage.next_at() == float("inf")


def test_a_stream_that_stops_being_mqtt_passes() -> None:
    rig = Rig()
    assert rig.take(b"\x30\xff\xff\xff\xff\xff") == b"\x30\xff\xff\xff\xff\xff"
    assert rig.take(b"more") == b"more"


def test_a_duplicate_is_a_copy_without_an_identifier() -> None:
    rig = Rig(duplicate=1)
    assert rig.take(message(7)) == message(7)
    (twice,) = packets(rig.rest())
    assert twice == copy_of(message(7))
    assert twice[0] == 0x31, "QoS 0, retained as it was"
    assert topic_of(twice) == topic_of(message(7))
    assert twice.endswith(b"payload 7")
    assert rig.counts.duplicated == 1


def test_late_messages_all_come_in_another_order() -> None:
    rig = Rig(late=0.5, late_s=10)
    sent = [message(number) for number in range(100)]
    out = packets(rig.take(b"".join(sent)))
    assert 20 < len(out) < 80
    out += packets(rig.rest())
    assert out != sent
    assert sorted(out) == sorted(sent)


def test_late_messages_wait_for_their_time() -> None:
    rig = Rig(late=1, late_s=10)
    assert rig.take(message(1), at=100) == b""
    due = rig.stage.next_at()
    assert 100 <= due <= 110
    assert b"".join(rig.stage.due(due - 1e-6)) == b""
    assert b"".join(rig.stage.due(due)) == message(1)
    assert rig.stage.next_at() == float("inf")


def test_swapped_messages_change_places() -> None:
    rig = Rig(swap=1)
    out = rig.take(message(1)) + rig.take(message(2)) + rig.take(message(3))
    assert out == message(2) + message(1)
    assert rig.rest() == message(3), "nobody came after it"


def test_a_replay_is_a_message_of_the_past() -> None:
    rig = Rig(replay=1, seed=3)
    sent = [message(number) for number in range(20)]
    out = packets(b"".join(rig.take(one) for one in sent))
    again = [one for one in out if one not in sent]
    assert len(again) == 20
    assert set(again) <= {copy_of(one) for one in sent}


def test_what_is_too_old_is_not_replayed() -> None:
    rig = Rig(replay=1, replay_s=60)
    rig.take(message(1), at=0)
    out = [packets(rig.take(message(2), at=1000)) for _ in range(20)]
    assert all(copy_of(message(1)) not in one for one in out)


def test_only_the_topics_and_the_way_that_were_named() -> None:
    rig = Rig(topics=("*/telemetry",), duplicate=1)
    rig.take(message(1))
    assert rig.rest() == b""
    rig.take(message(1, "a/telemetry"))
    assert rig.rest() == copy_of(message(1, "a/telemetry"))
    rig.trouble = MessageTrouble(way="down", duplicate=1)
    rig.take(message(2))
    assert rig.rest() == b""


def test_the_same_seed_does_the_same() -> None:
    stream = b"".join(message(number) for number in range(200))

    def done(seed: int) -> bytes:
        rig = Rig(seed, duplicate=0.2, late=0.2, swap=0.2, replay=0.2)
        return rig.take(stream) + rig.rest()

    assert done(1) == done(1)
    assert done(1) != done(2)


def test_what_is_held_is_bounded() -> None:
    rig = Rig(late=1, late_s=3600)
    big = publish_packet("t", 1, b"x" * 500_000, retain=False)
    out = b"".join(rig.take(big) for _ in range(60))
    assert len(out) >= 20 * len(big), "beyond the bound nothing is made late"
    assert len(out) + len(rig.rest()) == 60 * len(big), "and nothing is lost"
