"""Keys that sign what commands the street: Ed25519, in ``signing`` of an authority's folder.

``{kid}.key`` is a private key (PEM, PKCS #8), ``trusted.txt`` the public keys that luminaires
are to believe, one a line. A key that is retired leaves the list; its file stays.
"""

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from controller.config import SigningSettings
from controller.errors import ConfigurationError
from controller.pki.alone import alone_in
from controller.pki.authority import write_public, write_secret
from controller.service.signed_bus import Signing
from controller.wire.signing import Signer, Verifier, key_id, read_public_keys

FOLDER: Final = "signing"
TRUSTED: Final = "trusted.txt"


def make_key(pki: Path, now: datetime) -> Path:
    """Make a key pair and let the public one be trusted; returns the private key's file."""
    key = Ed25519PrivateKey.generate()
    kid = key_id(key.public_key())
    folder = pki / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{kid}.key"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # The private one first: what luminaires believe in must never be of a key that was lost.
    write_secret(path, pem)
    line = f"{key.public_key().public_bytes_raw().hex()}  # {kid}, made {now:%Y-%m-%d}"
    with alone_in(folder):
        _write_trusted(pki, [*_lines(pki), line])
    return path


def trusted_keys(pki: Path) -> list[str]:
    """Names of the keys that the list tells luminaires to believe, the oldest first."""
    return [_kid(line) for line in _lines(pki)]


def retire_key(pki: Path, kid: str) -> None:
    """Take a key off the list. Raises `ConfigurationError` where it is not on it, or the last."""
    folder = pki / FOLDER
    if not folder.is_dir():
        raise ConfigurationError(f"key {kid!r} is not trusted; trusted are none")
    with alone_in(folder):
        lines = _lines(pki)
        left = [line for line in lines if _kid(line) != kid]
        if len(left) == len(lines):
            known = ", ".join(map(_kid, lines)) or "none"
            raise ConfigurationError(f"key {kid!r} is not trusted; trusted are {known}")
        if not left:
            raise ConfigurationError(
                f"key {kid!r} is the only one: make another first, and let luminaires know it"
            )
        _write_trusted(pki, left)


def open_signing(settings: SigningSettings) -> Signing | None:
    """What the settings ask for; None where nothing is to be signed.

    Raises `ConfigurationError` naming the file and what is wrong with it.
    """
    if settings.key_file is None:
        return None
    signer = Signer(_read_key(settings.key_file))
    if settings.trusted_file is None:
        return Signing(signer, Verifier([signer.public_key]))
    try:
        keys = read_public_keys(settings.trusted_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable("trusted_file", settings.trusted_file, error.strerror or "") from error
    except ValueError as error:
        raise _unreadable("trusted_file", settings.trusted_file, str(error)) from error
    kid = key_id(signer.public_key)
    if kid not in map(key_id, keys):
        raise ConfigurationError(
            f"signing.trusted_file {str(settings.trusted_file)!r} has no key {kid}, which "
            f"signing.key_file {str(settings.key_file)!r} is: luminaires would believe nothing"
        )
    return Signing(signer, Verifier(keys))


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = load_pem_private_key(file.read(), None)
    except OSError as error:
        raise _unreadable("key_file", path, error.strerror or "") from error
    except TypeError as error:
        raise _unreadable("key_file", path, "it has a passphrase, and must have none") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unreadable("key_file", path, "it is no private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable("key_file", path, "it is no Ed25519 key; 'lamplighter pki signing-key'")
    if mode & stat.S_IRWXO:
        raise _unreadable("key_file", path, f"every user may read it: chmod 600 {path}")
    return key


def _unreadable(setting: str, path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"signing.{setting} {str(path)!r}: {why}")


def _lines(pki: Path) -> list[str]:
    path = pki / FOLDER / TRUSTED
    try:
        text = path.read_text(encoding="utf-8")
        read_public_keys(text)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigurationError(f"{str(path)!r}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{str(path)!r}: {error}") from error
    return [line for line in text.splitlines() if line.partition("#")[0].strip()]


def _kid(line: str) -> str:
    return key_id(read_public_keys(line)[0])


def _write_trusted(pki: Path, lines: list[str]) -> None:
    write_public(pki / FOLDER / TRUSTED, "".join(f"{line}\n" for line in lines).encode())
