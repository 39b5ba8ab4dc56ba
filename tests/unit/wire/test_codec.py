import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.wire.codec import (
    CLEARED,
    RETAINED_LEAVES,
    Cleared,
    Reason,
    Rejected,
    decode,
    encode,
)
from controller.wire.messages import MAX_PAYLOAD_BYTES, Command, Program, State
from controller.wire.topics import LEAVES, Topic

KINDS = [(owner, leaf) for owner, leaves in sorted(LEAVES.items()) for leaf in sorted(leaves)]
GOLDEN = sorted((Path(__file__).parents[2] / "contract" / "golden" / "valid").iterdir())


def topic(owner: str, leaf: str) -> Topic:
    return Topic(owner, "" if owner == "controller" else "X1", leaf)


TOPICS = st.sampled_from([topic(*kind) for kind in KINDS])


@given(TOPICS, st.binary(max_size=300), st.booleans())
def test_arbitrary_bytes_never_raise(at: Topic, payload: bytes, retained: bool) -> None:
    read = decode(at, payload, retained=retained)
    if isinstance(read, Rejected):
        assert read.reason in Reason
        assert 0 < len(read.detail) <= 200


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**60), max_value=10**60)
    | st.floats()
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from([p for p in GOLDEN if p.suffix == ".json"]), st.data())
def test_golden_messages_with_a_field_changed_never_raise(path: Path, data: st.DataObject) -> None:
    owner, leaf, _ = path.stem.split("-", 2)
    message = json.loads(path.read_text(encoding="utf-8"))
    field = data.draw(st.sampled_from(sorted(message)))
    if data.draw(st.booleans()):
        del message[field]
    else:
        message[field] = data.draw(JSON_VALUES)
    payload = json.dumps(message).encode()
    read = decode(topic(owner, leaf), payload)
    if not isinstance(read, Rejected | Cleared | str):
        assert decode(topic(owner, leaf), encode(read)) == read


@given(st.sampled_from(GOLDEN), st.data())
def test_golden_messages_with_bytes_changed_never_raise(path: Path, data: st.DataObject) -> None:
    owner, leaf, _ = path.stem.split("-", 2)
    payload = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        if not payload:
            break
    decode(topic(owner, leaf), bytes(payload))


@pytest.mark.parametrize(("owner", "leaf"), KINDS)
def test_empty_payload_clears_a_state_and_nothing_else(owner: str, leaf: str) -> None:
    read = decode(topic(owner, leaf), b"")
    if leaf in RETAINED_LEAVES:
        assert read == CLEARED
    else:
        assert isinstance(read, Rejected)
        assert read.reason == Reason.EMPTY


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_only_states_may_come_retained(path: Path) -> None:
    owner, leaf, _ = path.stem.split("-", 2)
    read = decode(topic(owner, leaf), path.read_bytes(), retained=True)
    if leaf in RETAINED_LEAVES:
        assert not isinstance(read, Rejected)
    else:
        assert isinstance(read, Rejected)
        assert read.reason == Reason.RETAINED


def test_size_is_looked_at_before_the_content() -> None:
    read = decode(topic("luminaire", "state"), b" " * (MAX_PAYLOAD_BYTES + 1))
    assert isinstance(read, Rejected)
    assert read.reason == Reason.OVERSIZE
    assert str(MAX_PAYLOAD_BYTES) in read.detail


def test_largest_program_is_below_the_size_limit() -> None:
    # A bound of the contract: all that a program may hold has to fit into a payload.
    points = [(1_800_000_000 + i, 99.25, 86_400) for i in range(2000)]
    program = Program(
        rev=2**53,
        valid_from=1_800_000_000,
        valid_until=1_900_000_000,
        points=points,
        failsafe_level=100,
    )
    payload = encode(program)
    assert len(payload) <= MAX_PAYLOAD_BYTES
    assert decode(topic("zone", "program"), payload) == program


def test_unknown_leaf_is_rejected_by_topic() -> None:
    read = decode(Topic("luminaire", "L1", "diary"), b"{}")
    assert isinstance(read, Rejected)
    assert read.reason == Reason.TOPIC


def test_encoding_leaves_defaults_out_and_keeps_the_order() -> None:
    state = State(rev=3, program_rev=2, level=80.0, source="program", at_ms=1)
    assert encode(state) == b'{"rev":3,"program_rev":2,"level":80.0,"source":"program","at_ms":1}'
    order = Command(command_id="c", rev=1, start=0, expires_at=9, resume=True)
    assert encode(order) == b'{"command_id":"c","rev":1,"start":0,"expires_at":9,"resume":true}'


def test_a_name_given_twice_counts_the_last_time() -> None:
    payload = b'{"rev":1,"rev":2,"program_rev":1,"level":1,"source":"program","at_ms":1}'
    read = decode(topic("luminaire", "state"), payload)
    assert isinstance(read, State)
    assert read.rev == 2


def test_long_details_are_cut() -> None:
    payload = json.dumps(
        {"rev": 1, "program_rev": 1, "level": 1, "source": "x" * 5000, "at_ms": 1}
    ).encode()
    read = decode(topic("luminaire", "state"), payload)
    assert isinstance(read, Rejected)
    assert len(read.detail) == 200
