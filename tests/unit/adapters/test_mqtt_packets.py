"""The codec of the controller's MQTT client, against bytes written from the standard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.adapters.mqtt_packets import (
    Malformed,
    connect_packet,
    publish_packet,
    read_granted,
    read_greeting,
    read_length,
    reason_text,
    skip_properties,
    subscribe_packet,
)
from controller.ports.bus import Outbound


def test_connect_of_both_versions() -> None:
    old = connect_packet("me", None, None, keepalive_s=30, is_v5=False)
    assert old == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x1e\x00\x02me"
    new = connect_packet("me", "u", "p", keepalive_s=30, is_v5=True)
    assert new == b"\x10\x15\x00\x04MQTT\x05\xc2\x00\x1e\x00\x00\x02me\x00\x01u\x00\x01p"


def test_subscribe_of_both_versions() -> None:
    pairs = [("a/+", 1), ("b", 0)]
    assert (
        subscribe_packet(9, pairs, is_v5=False) == b"\x82\x0c\x00\x09\x00\x03a/+\x01\x00\x01b\x00"
    )
    assert subscribe_packet(9, pairs, is_v5=True)[:5] == b"\x82\x0d\x00\x09\x00"


@pytest.mark.parametrize(
    ("message", "is_v5", "wanted"),
    [
        (Outbound("t", b"x"), False, b"\x32\x06\x00\x01t\x01\x02x"),
        (Outbound("t", b"x", retained=True), False, b"\x33\x06\x00\x01t\x01\x02x"),
        (Outbound("t", b"x", qos=0), False, b"\x30\x04\x00\x01tx"),
        (Outbound("t", b"x", expiry_s=60), False, b"\x32\x06\x00\x01t\x01\x02x"),
        (Outbound("t", b"x"), True, b"\x32\x07\x00\x01t\x01\x02\x00x"),
        (
            Outbound("t", b"x", expiry_s=60),
            True,
            b"\x32\x0c\x00\x01t\x01\x02\x05\x02\x00\x00\x00\x3cx",
        ),
    ],
)
def test_publish(message: Outbound, is_v5: bool, wanted: bytes) -> None:
    assert publish_packet(message, 0x0102, is_v5=is_v5) == wanted


@given(st.integers(0, 200_000))
def test_length_of_a_packet_is_read_back(size: int) -> None:
    packet = publish_packet(Outbound("t", bytes(size)), 1, is_v5=False)
    read = read_length(packet, 1)
    assert read is not None
    length, start = read
    assert start + length == len(packet)


def test_topic_that_no_packet_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="70000 bytes"):
        publish_packet(Outbound("t" * 70_000, b""), 1, is_v5=False)


def test_length_that_goes_on_waits_and_one_of_five_bytes_is_none() -> None:
    assert read_length(b"\xff\xff", 0) is None
    with pytest.raises(Malformed):
        read_length(b"\xff\xff\xff\xff\x01", 0)


def test_greeting_of_mqtt_5_tells_its_limits() -> None:
    properties = (
        b"\x21\x00\x14"  # receive maximum 20
        b"\x27\x00\x01\x00\x00"  # longest packet 65,536
        b"\x13\x00\x3c"  # keep alive 60 s
        b"\x25\x01"  # retain available
        b"\x12\x00\x02id"  # assigned client identifier
        b"\x26\x00\x01k\x00\x01v"  # user property
    )
    body = b"\x00\x00" + bytes((len(properties),)) + properties
    assert read_greeting(body, is_v5=True) == (0, 20, 65_536, 60)
    assert read_greeting(b"\x00\x05", is_v5=False) == (5, None, None, None)


@given(st.binary(max_size=40), st.booleans())
def test_any_answer_is_read_or_malformed(body: bytes, is_v5: bool) -> None:
    for read in (
        lambda: read_greeting(body, is_v5=is_v5),
        lambda: read_granted(body, is_v5=is_v5),
        lambda: skip_properties(body, 0),
    ):
        try:
            read()
        except (Malformed, IndexError):
            continue


def test_granted_codes_stand_behind_the_properties() -> None:
    assert read_granted(b"\x00\x09\x01\x80", is_v5=False) == b"\x01\x80"
    assert read_granted(b"\x00\x09\x03\x1f\x00\x00\x01\x87", is_v5=True) == b"\x01\x87"


@pytest.mark.parametrize(
    ("code", "words"),
    [(0x87, "Not authorized"), (3, "server unavailable"), (0xEE, "reason code 238")],
)
def test_reason_in_words(code: int, words: str) -> None:
    assert reason_text(code) == words
