"""Until when certificates are valid."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controller.adapters.certificates import Certificates, file_not_after, peer_not_after
from controller.errors import ConfigurationError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def certificate(ends: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "b")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=900))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def test_of_a_chain_the_first_end_counts(tmp_path: Path) -> None:
    soon, late = NOW + timedelta(days=3), NOW + timedelta(days=3000)
    file = tmp_path / "chain.pem"
    file.write_bytes(certificate(late) + certificate(soon))
    assert file_not_after(file) == soon.timestamp()


def test_an_ended_certificate_is_said_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "old.pem"
    file.write_bytes(certificate(NOW - timedelta(days=1)))
    assert file_not_after(file) == (NOW - timedelta(days=1)).timestamp()


@pytest.mark.parametrize("content", [None, b"", b"no PEM", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_file_that_holds_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "c.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"c\.pem' cannot be read"):
        file_not_after(file)


def test_what_the_broker_shows_is_asked_for_anew(tmp_path: Path) -> None:
    file = tmp_path / "c.pem"
    file.write_bytes(certificate(NOW))
    shown: list[float | None] = [None, 5.0]
    found = Certificates(broker_not_after=lambda: shown.pop(0), broker_client=file, console=None)
    assert found.not_after() == {"broker_client": NOW.timestamp()}
    assert found.not_after() == {"broker": 5.0, "broker_client": NOW.timestamp()}


def test_a_connection_without_tls_shows_none() -> None:
    assert peer_not_after(None) is None
    bare = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())
    with pytest.raises(ValueError, match="handshake"):
        peer_not_after(bare)
