"""The golden messages, judged twice: by the codec and by an independent JSON Schema validator."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from controller.wire.codec import Reason, Rejected, decode, encode
from controller.wire.messages import Message
from controller.wire.topics import LEAVES, Topic

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
VALID = sorted(path for path in (GOLDEN / "valid").iterdir())
INVALID = sorted(path for path in (GOLDEN / "invalid").glob("*/*"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def topic_of(path: Path) -> Topic:
    owner, leaf, _ = path.stem.split("-", 2)
    return Topic(owner, "" if owner == "controller" else "X1", leaf)


def referee(path: Path) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{topic_of(path).leaf}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def value_of(path: Path) -> object:
    text = path.read_text(encoding="utf-8")
    return text if path.suffix == ".txt" else json.loads(text)


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_message_is_read(path: Path) -> None:
    read = decode(topic_of(path), path.read_bytes())
    assert not isinstance(read, Rejected), read
    if isinstance(read, Message):
        assert decode(topic_of(path), encode(read)) == read


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_message_passes_the_schema(path: Path) -> None:
    referee(path).validate(value_of(path))


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_invalid_message_is_rejected_for_its_reason(path: Path) -> None:
    read = decode(topic_of(path), path.read_bytes())
    assert isinstance(read, Rejected), read
    assert read.reason == Reason(path.parent.name), read
    assert 0 < len(read.detail) <= 200
    assert "\n" not in read.detail


@pytest.mark.parametrize(
    "path", [path for path in INVALID if path.parent.name in {"schema", "range"}], ids=name
)
def test_schema_refuses_what_it_can_see(path: Path) -> None:
    assert not referee(path).is_valid(value_of(path))


@pytest.mark.parametrize("path", [p for p in INVALID if p.parent.name == "rule"], ids=name)
def test_schema_is_blind_to_rules_between_fields(path: Path) -> None:
    """Where a schema came to see a rule too, the file belongs under its reason."""
    assert referee(path).is_valid(value_of(path))


def test_every_leaf_has_a_golden_message() -> None:
    shown = {(topic_of(path).owner, topic_of(path).leaf) for path in VALID}
    assert shown == {(owner, leaf) for owner, leaves in LEAVES.items() for leaf in leaves}
