"""Whom a luminaire believes, by docs/wire.md 9."""

import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNED = re.compile(rb'(.*,"kid":"([0-9a-f]{16})"),"sig":"([0-9a-f]{128})"}', re.DOTALL)


def read_keys(file):
    """Public keys by their names: the lines of trusted.txt. Raises where there is none in it."""
    keys = [bytes.fromhex(word) for word in re.findall("^[0-9a-f]{64}", file.read_text(), re.M)]
    if not keys:
        raise ValueError(f"{file} holds no public key: 64 digits of 0-9 a-f begin a line")
    return {hashlib.sha256(key).hexdigest()[:16].encode(): key for key in keys}


def is_believed(keys, topic, payload):
    """Whether one of the keys signed these bytes for this topic."""
    parts = SIGNED.fullmatch(payload)
    if parts is None or parts[2] not in keys:
        return False
    key = Ed25519PublicKey.from_public_bytes(keys[parts[2]])
    try:
        key.verify(bytes.fromhex(parts[3].decode()), topic.encode() + b"\n" + parts[1])
    except InvalidSignature:
        return False
    return True
