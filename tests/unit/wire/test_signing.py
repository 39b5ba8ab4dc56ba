"""Signatures over topic and bytes, whatever bytes come; golden ones are in tests/contract."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from controller.wire.codec import Rejected, decode
from controller.wire.messages import MAX_PAYLOAD_BYTES, Program
from controller.wire.signing import Signer, Verifier, key_id, read_public_keys
from controller.wire.topics import Topic

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"s" * 32))
VERIFIER = Verifier([SIGNER.public_key])
TOPIC = "lamplighter/v1/s/zone/z/program"


@given(st.text(max_size=80), st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_and_never_raise(topic: str, payload: bytes) -> None:
    assert isinstance(VERIFIER.refusal(topic, payload), Rejected)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_signed_payload_with_any_change_is_refused(words: bytes, data: st.DataObject) -> None:
    payload = SIGNER.sign(TOPIC, b"{" + words + b"}")
    assert VERIFIER.refusal(TOPIC, payload) is None
    place = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.binary(max_size=3))
    changed = payload[:place] + other + payload[place + 1 :]
    if changed != payload:
        assert VERIFIER.refusal(TOPIC, changed) is not None


def test_the_longest_program_still_fits() -> None:
    points = ",".join(f"[{at},100,86400]" for at in range(1_700_000_000, 1_700_002_000))
    text = (
        '{"rev":9007199254740992,"valid_from":1700000000,"valid_until":1800000000,'
        f'"points":[{points}],"failsafe_level":100}}'
    )
    payload = SIGNER.sign(TOPIC, text.encode())
    assert len(payload) < MAX_PAYLOAD_BYTES
    assert isinstance(decode(Topic("zone", "z", "program"), payload), Program)


def test_a_list_of_keys_has_remarks_and_names_its_bad_line() -> None:
    word = SIGNER.public_key.public_bytes_raw().hex()
    keys = read_public_keys(f"# ours\n\n{word}  # of 2026\n{word.upper()}\n")
    assert [key_id(key) for key in keys] == [key_id(SIGNER.public_key)] * 2
    for text, why in (("", "no public key"), (f"{word}\n{word[:-1]}", "line 2"), ("é", "line 1")):
        with pytest.raises(ValueError, match=why):
            read_public_keys(text)
