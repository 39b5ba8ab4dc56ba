"""Signatures inside the payload: Ed25519 (Ref: RFC 8032) over topic and body.

A signed payload is the JSON object that it would be without, with two members more at its
very end, both of fixed length::

    {"rev":41,...,"kid":"<16 hex digits>","sig":"<128 hex digits>"}

What is signed are the topic, a line feed, and every byte of the payload before ``,"sig"``. So
no JSON is read before it is known who wrote it, a message cannot be moved to another topic,
and who knows nothing of signatures passes over two unknown fields. The contract: ``docs/wire.md``
section 9. Knows keys, not where they are kept.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from controller.wire.codec import Reason, Rejected

SIGNED_LEAVES: Final = frozenset({"program", "config", "command", "heartbeat"})
"""Leaves that a controller signs where it signs at all."""

_TAIL: Final = re.compile(rb',"kid":"([0-9a-f]{16})"(,"sig":"([0-9a-f]{128})"})')
_TAIL_BYTES: Final = 25 + 138


def key_id(key: Ed25519PublicKey) -> str:
    """Name of a key: the first 8 bytes of the SHA-256 of its 32, as 16 hexadecimal digits."""
    return hashlib.sha256(key.public_bytes_raw()).digest()[:8].hex()


def read_public_keys(text: str) -> list[Ed25519PublicKey]:
    """The keys of a file: one a line, 64 hexadecimal digits; ``#`` begins a remark.

    Raises ValueError naming the line.
    """
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if not re.fullmatch("[0-9a-fA-F]{64}", word):
            raise ValueError(f"line {number} is no public key: 64 hexadecimal digits are wanted")
        keys.append(Ed25519PublicKey.from_public_bytes(bytes.fromhex(word)))
    if not keys:
        raise ValueError("there is no public key in it")
    return keys


class Signer:
    """Signs with one private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key()
        self._kid = b',"kid":"' + key_id(self.public_key).encode() + b'"'

    def sign(self, topic: str, payload: bytes) -> bytes:
        """The payload, an object of one member or more, as it is sent on ``topic``."""
        body = payload[:-1] + self._kid
        signature = self._key.sign(_signed(topic, body))
        return body + b',"sig":"' + signature.hex().encode() + b'"}'


class Verifier:
    """Knows the public keys of those who may command; two or more while keys change."""

    def __init__(self, keys: Iterable[Ed25519PublicKey]) -> None:
        self._keys = {key_id(key).encode(): key for key in keys}

    def refusal(self, topic: str, payload: bytes) -> Rejected | None:
        """Why a payload that arrived on ``topic`` is not to be believed; None where it is.

        An empty payload is unsigned: anybody who reaches the broker can clear a topic.
        """
        tail = _TAIL.fullmatch(payload, max(0, len(payload) - _TAIL_BYTES))
        if tail is None:
            return Rejected(Reason.UNSIGNED, "no signature at its end")
        kid, _, signature = tail.groups()
        key = self._keys.get(kid)
        if key is None:
            return Rejected(Reason.SIGNER, f"signed with the unknown key {kid.decode()}")
        try:
            key.verify(bytes.fromhex(signature.decode()), _signed(topic, payload[: tail.start(2)]))
        except InvalidSignature:
            return Rejected(
                Reason.SIGNATURE, f"the signature of key {kid.decode()} is not of these words here"
            )
        return None


def _signed(topic: str, body: bytes) -> bytes:
    return topic.encode() + b"\n" + body
