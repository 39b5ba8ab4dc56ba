"""Where what was handed out lies: ``issued/{role}/{name}.crt`` and ``.key``."""

from pathlib import Path

from controller.pki.alone import alone_in
from controller.pki.authority import Handed, write_public, write_secret
from controller.pki.identity import Role


def certificate_file(folder: Path, role: Role, name: str) -> Path:
    """The newest certificate of a holder, PEM."""
    return folder / "issued" / role.value / f"{name}.crt"


def key_file(folder: Path, role: Role, name: str) -> Path:
    """The key of it, PEM, without a passphrase; only its owner may read it."""
    return folder / "issued" / role.value / f"{name}.key"


def keep(folder: Path, handed: Handed) -> Path:
    """Write certificate and key into the folder of an authority; returns the certificate's path.

    The key first: a certificate beside an older key would let nobody in.
    """
    one = handed.issued
    certificate = certificate_file(folder, one.role, one.name)
    certificate.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = key_file(folder, one.role, one.name)
    with alone_in(folder):
        certificate.unlink(missing_ok=True)
        if handed.key is None:
            key.unlink(missing_ok=True)
        else:
            # Not synced: a city's worth would take an hour, and what is lost can be issued anew.
            write_secret(key, handed.key, is_synced=False)
        write_public(certificate, handed.certificate, is_synced=False)
    return certificate
