"""Keys that sign: made, listed, changed, refused where they are not what they should be."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from controller.cli.pki import pki
from controller.cli.settings_check import check_settings
from controller.config import Settings, SigningSettings, read_settings
from controller.errors import ConfigurationError
from controller.pki.signing import TRUSTED, make_key, open_signing, retire_key, trusted_keys
from controller.service.signed_bus import Signing
from controller.wire.codec import Rejected
from controller.wire.signing import Verifier, read_public_keys

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TOPIC = "lamplighter/v1/town/luminaire/L1/command"


def opened(key_file: Path, trusted_file: Path | None = None) -> Signing:
    signing = open_signing(SigningSettings(key_file=key_file, trusted_file=trusted_file))
    assert signing is not None
    return signing


def luminaire(folder: Path) -> Verifier:
    """What a luminaire believes that was given the list as it is now."""
    return Verifier(read_public_keys((folder / "signing" / TRUSTED).read_text()))


def test_a_key_is_its_owners_alone_and_the_list_everybodys(tmp_path: Path) -> None:
    path = make_key(tmp_path / "pki", NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((path.parent / TRUSTED).stat().st_mode) == 0o644
    assert trusted_keys(tmp_path / "pki") == [path.stem]
    signed = opened(path).signer.sign(TOPIC, b'{"rev":1}')
    assert luminaire(tmp_path / "pki").refusal(TOPIC, signed) is None


def test_keys_change_without_a_moment_in_which_nothing_is_believed(tmp_path: Path) -> None:
    old = make_key(tmp_path, NOW)
    before = luminaire(tmp_path)
    new = make_key(tmp_path, NOW)
    between = luminaire(tmp_path)
    by_old, by_new = (opened(key).signer.sign(TOPIC, b'{"rev":1}') for key in (old, new))
    assert before.refusal(TOPIC, by_old) is None
    assert isinstance(before.refusal(TOPIC, by_new), Rejected)
    assert between.refusal(TOPIC, by_old) is between.refusal(TOPIC, by_new) is None
    retire_key(tmp_path, old.stem)
    after = luminaire(tmp_path)
    assert isinstance(after.refusal(TOPIC, by_old), Rejected), "what was recorded is worth nothing"
    assert after.refusal(TOPIC, by_new) is None
    assert old.exists(), "the file stays"


def test_the_last_key_and_an_unknown_one_cannot_be_retired(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'0' is not trusted; trusted are none"):
        retire_key(tmp_path, "0")
    kid = make_key(tmp_path, NOW).stem
    with pytest.raises(ConfigurationError, match=f"'0' is not trusted; trusted are {kid}"):
        retire_key(tmp_path, "0")
    with pytest.raises(ConfigurationError, match="is the only one"):
        retire_key(tmp_path, kid)
    assert trusted_keys(tmp_path) == [kid]


def test_two_controllers_with_a_key_each_believe_one_another(tmp_path: Path) -> None:
    one, other = make_key(tmp_path, NOW), make_key(tmp_path, NOW)
    trusted = tmp_path / "signing" / TRUSTED
    beat = opened(other).signer.sign(TOPIC, b'{"rev":1}')
    assert opened(one, trusted).verifier.refusal(TOPIC, beat) is None
    assert opened(one).verifier.refusal(TOPIC, beat) is not None


def pem(
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [
        (None, 0o600, "No such file"),
        (b"nothing", 0o600, "no private key in PEM"),
        (pem(ED25519, BestAvailableEncryption(b"word")), 0o600, "must have none"),
        (pem(ec.generate_private_key(ec.SECP256R1())), 0o600, "no Ed25519 key"),
        (pem(ED25519), 0o604, "every user may read it: chmod 600"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, mode: int, why: str
) -> None:
    path = tmp_path / "it.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    settings = Settings(data=tmp_path, signing=SigningSettings(key_file=path))
    with pytest.raises(ConfigurationError, match=f"signing.key_file '{path}': .*{why}"):
        check_settings(settings)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no public key in it"),
        ("# nobody\nabc\n", "line 2 is no public key"),
        ("ab" * 32, "has no key [0-9a-f]{16}, which"),
    ],
)
def test_a_list_that_would_let_nothing_through_is_refused(
    tmp_path: Path, text: str, why: str
) -> None:
    key = make_key(tmp_path, NOW)
    trusted = tmp_path / "list.txt"
    trusted.write_text(text)
    with pytest.raises(ConfigurationError, match=f"signing.trusted_file .*{why}"):
        opened(key, trusted)


def test_settings_find_the_files_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "lamplighter.toml"
    file.write_text('[signing]\nkey_file = "a.key"\ntrusted_file = "b.txt"\n')
    signing = read_settings(file).signing
    assert (signing.key_file, signing.trusted_file) == (tmp_path / "a.key", tmp_path / "b.txt")
    file.write_text('[signing]\ntrusted_file = "b.txt"\n')
    with pytest.raises(ConfigurationError, match="trusted_file needs key_file"):
        read_settings(file)


def test_nothing_is_signed_unless_asked_for() -> None:
    assert open_signing(SigningSettings()) is None


def test_the_command_makes_lists_and_retires(tmp_path: Path) -> None:
    def says(*words: str) -> str:
        done = CliRunner().invoke(pki, ["signing-key", *words, "--pki", str(tmp_path)])
        assert done.exit_code == 0, repr(done.exception)
        assert "PRIVATE" not in done.output
        return done.output

    assert ".key: for the controller alone" in says("make")
    (first,) = trusted_keys(tmp_path)
    says("make")
    assert "2 trusted" in says("list")
    assert f"{first} retired" in says("retire", first)
    assert first not in says("list", "--format", "json")
