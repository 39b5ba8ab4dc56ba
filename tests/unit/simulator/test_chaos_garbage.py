"""Bad messages: refused for the reason they carry, the same for the same seed."""

import pytest

from controller.wire.codec import Reason, Rejected, decode
from controller.wire.topics import Topics
from simulator.chaos import Targets, garbage, leftovers

CITY = Targets("beijing", ["L1", "L2"], ["Z1"], ["g1"], ["s1"])


def test_every_message_is_refused_for_its_reason() -> None:
    topics = Topics("beijing")
    seen: set[tuple[str, Reason]] = set()
    for bad in garbage(CITY, 20_000):
        topic = topics.parse(bad.topic)
        if bad.reason is Reason.TOPIC:
            assert topic is None
            continue
        assert topic is not None
        seen.add((topic.leaf, bad.reason))
        decoded = decode(topic, bad.payload, retained=bad.is_retained)
        if bad.reason is Reason.UNKNOWN_DEVICE:
            assert not isinstance(decoded, Rejected)
            assert topic.identifier not in {"L1", "L2", "Z1", "g1", "s1"}
        else:
            assert isinstance(decoded, Rejected)
            assert decoded.reason is bad.reason
    assert {leaf for leaf, _ in seen} == {
        "state", "telemetry", "availability", "program", "config", "command", "reading"
    }  # fmt: skip
    assert {reason for _, reason in seen} == set(Reason) - {
        Reason.TOPIC, Reason.IDENTITY, Reason.STALE, Reason.UNSIGNED, Reason.SIGNER,
        Reason.SIGNATURE,
    }  # fmt: skip


def test_topics_outside_the_contract_come_too() -> None:
    assert sum(bad.reason is Reason.TOPIC for bad in garbage(CITY, 2000)) > 50


def test_the_same_seed_gives_the_same_messages() -> None:
    assert list(garbage(CITY, 500, 3)) == list(garbage(CITY, 500, 3))
    assert list(garbage(CITY, 500, 3)) != list(garbage(CITY, 500, 4))


def test_nobody_to_trouble_is_an_error() -> None:
    with pytest.raises(ValueError, match="no luminaire"):
        next(garbage(Targets("beijing"), 1))


def test_unknown_devices_may_be_left_out() -> None:
    targets = Targets("beijing", ["L1"], has_unknown=False)
    assert all(bad.reason is not Reason.UNKNOWN_DEVICE for bad in garbage(targets, 2000))


def test_leftovers_are_well_formed_and_on_no_topic_that_luminaires_obey() -> None:
    topics = Topics("beijing")
    found = list(leftovers(CITY))
    assert len(found) == 2 + 3, "a state each, and what a device that is gone left"
    for name, payload in found:
        topic = topics.parse(name)
        assert topic is not None
        assert topic.leaf in ("state", "availability")
        assert not isinstance(decode(topic, payload, retained=True), Rejected)
