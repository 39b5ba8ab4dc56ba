"""The signed golden messages, judged twice: by our verifier, and by openssl from the page alone."""

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from controller.wire.codec import Cleared, Reason, Rejected, decode, encode
from controller.wire.messages import Message
from controller.wire.signing import Verifier, read_public_keys
from controller.wire.topics import Topics
from tests.integration.brokers import system_tool

SIGNED = Path(__file__).parent / "golden" / "signed"
KEYS = read_public_keys((SIGNED / "keys.txt").read_text(encoding="utf-8"))
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
VALID = sorted((SIGNED / "valid").iterdir())
REFUSED = sorted((SIGNED / "refused").glob("*/*"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def topic_of(path: Path) -> str:
    owner, leaf, _ = path.stem.split("-", 2)
    middle = "" if owner == "controller" else "X1/"
    return f"lamplighter/v1/golden/{owner}/{middle}{leaf}"


@pytest.mark.parametrize("path", VALID, ids=name)
def test_signed_message_is_believed_and_read(path: Path) -> None:
    topic, payload = topic_of(path), path.read_bytes()
    assert Verifier(KEYS).refusal(topic, payload) is None
    parsed = Topics("golden").parse(topic)
    assert parsed is not None
    read = decode(parsed, payload)
    assert isinstance(read, Message | Cleared), read
    schema = json.loads((SCHEMAS / f"{parsed.leaf}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(payload))
    if isinstance(read, Message):
        assert decode(parsed, encode(read)) == read, "the signature is no part of the message"


@pytest.mark.parametrize("path", REFUSED, ids=name)
def test_what_nobody_known_signed_is_refused_for_its_reason(path: Path) -> None:
    refusal = Verifier(KEYS).refusal(topic_of(path), path.read_bytes())
    assert isinstance(refusal, Rejected)
    assert refusal.reason == Reason(path.parent.name), refusal


def test_a_message_of_one_topic_is_refused_on_every_other() -> None:
    topics = {topic_of(path) for path in VALID}
    for path in VALID:
        for topic in topics - {topic_of(path)}:
            assert Verifier(KEYS).refusal(topic, path.read_bytes()) is not None, (path, topic)


def test_every_byte_counts() -> None:
    path = SIGNED / "valid" / "luminaire-program-withdrawn.json"
    payload, verifier = path.read_bytes(), Verifier(KEYS)
    for place in range(len(payload)):
        changed = bytearray(payload)
        changed[place] ^= 1
        assert verifier.refusal(topic_of(path), bytes(changed)) is not None, place
        assert verifier.refusal(topic_of(path), payload[:place] + payload[place + 1 :]) is not None


def test_openssl_reads_the_signature_as_the_page_tells(tmp_path: Path) -> None:
    """Topic, line feed, all before ``,"sig"``: by another program."""
    payload = (SIGNED / "valid" / "zone-command-plain.json").read_bytes()
    (tmp_path / "key").write_bytes(
        bytes.fromhex("302a300506032b6570032100") + KEYS[0].public_bytes_raw()
    )
    (tmp_path / "said").write_bytes(
        b"lamplighter/v1/golden/zone/X1/command\n" + payload[: -(8 + 128 + 2)]
    )
    (tmp_path / "signature").write_bytes(bytes.fromhex(payload[-130:-2].decode()))
    words = "pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in said -sigfile signature"
    done = subprocess.run(
        [system_tool("openssl", "openssl"), *words.split()],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done
