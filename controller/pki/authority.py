"""A small certificate authority: one key, one folder, one site.

Keys are of the P-256 curve, certificates X.509 version 3 (Ref: RFC 5280). An authority signs
end entities only (path length 0).
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from controller.errors import ConfigurationError
from controller.pki.alone import alone_in
from controller.pki.identity import Identity, Role, is_identifier
from controller.pki.register import REGISTER, Issued, Register

CERTIFICATE: Final = "ca.crt"
KEY: Final = "ca.key"
REVOKED: Final = "revoked.crl"
_SITE: Final = "site"

_LONGEST_COMMON_NAME: Final = 64
"""Ref: RFC 5280 A.1, ub-common-name."""
_BACKDATED: Final = timedelta(days=1)
"""Certificates begin a day ago: a luminaire whose clock is a little late must be let in."""


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long certificates are valid."""

    authority: timedelta = timedelta(days=20 * 365)
    server: timedelta = timedelta(days=397)
    client: timedelta = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Handed:
    """A certificate as it is handed out; PEM."""

    issued: Issued
    certificate: bytes
    key: bytes | None
    """None where the holder kept its key and brought a request."""


class Authority:
    """The authority in a folder, opened with its key."""

    def __init__(
        self,
        folder: Path,
        site: str,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        terms: Terms,
    ) -> None:
        self.folder = folder
        self.site = site
        self.certificate = certificate
        self._key = key
        self._terms = terms
        self._register = Register(folder / REGISTER)

    @classmethod
    def create(
        cls,
        folder: Path,
        site: str,
        now: datetime,
        *,
        passphrase: bytes | None = None,
        terms: Terms | None = None,
    ) -> Self:
        """Make an authority in a folder that holds none.

        With ``passphrase`` its key is encrypted on disk. Raises `ConfigurationError` where
        there is one already: nobody's certificates would be valid any more.
        """
        if not is_identifier(site):
            raise ConfigurationError(
                f"site {site!r}: the identifier of a city is 1 to 64 of A-Z a-z 0-9 _ -"
            )
        terms = terms or Terms()
        key = ec.generate_private_key(ec.SECP256R1())
        common = f"Street lighting of {site}"[:_LONGEST_COMMON_NAME]
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lamplighter"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )
        certificate = (
            _builder(name, name, key.public_key(), now - _BACKDATED, now + terms.authority)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(is_authority=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        encryption: KeySerializationEncryption = (
            NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
        )
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with alone_in(folder):
            if (folder / KEY).exists() or (folder / CERTIFICATE).exists():
                raise ConfigurationError(
                    f"folder {str(folder)!r} holds a certificate authority already; "
                    "certificates that it issued would lose their issuer"
                )
            write_secret(folder / _SITE, site.encode())
            write_secret(folder / KEY, pem)
            write_public(folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM))
        made = cls(folder, site, certificate, key, terms)
        made.write_revoked(now)
        return made

    @classmethod
    def open(
        cls, folder: Path, *, passphrase: bytes | None = None, terms: Terms | None = None
    ) -> Self:
        """Open the authority of a folder; raises `ConfigurationError` saying what is wrong."""
        try:
            site = (folder / _SITE).read_text().strip()
            certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
            key = load_pem_private_key((folder / KEY).read_bytes(), passphrase)
        except FileNotFoundError as error:
            raise _none_in(folder) from error
        except OSError as error:
            raise ConfigurationError(f"{error.filename!r}: {error.strerror}") from error
        except TypeError as error:
            told = (
                f"the key {str(folder / KEY)!r} needs its passphrase: --passphrase-file FILE"
                if passphrase is None
                else f"the key {str(folder / KEY)!r} has no passphrase"
            )
            raise ConfigurationError(told) from error
        except ValueError as error:
            raise ConfigurationError(
                f"the authority in {str(folder)!r} cannot be read: a wrong passphrase, or a "
                "damaged file"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ConfigurationError(f"key {str(folder / KEY)!r} is not of an elliptic curve")
        if key.public_key() != certificate.public_key():
            raise ConfigurationError(
                f"key {str(folder / KEY)!r} does not belong to {str(folder / CERTIFICATE)!r}"
            )
        return cls(folder, site, certificate, key, terms or Terms())

    @staticmethod
    def issued_in(folder: Path) -> list[Issued]:
        """All that the authority of a folder issued, the oldest first; needs no key.

        Raises `ConfigurationError` where there is no authority.
        """
        if not (folder / CERTIFICATE).exists():
            raise _none_in(folder)
        return list(Register(folder / REGISTER).read().values())

    def issued(self) -> list[Issued]:
        """All that was issued, the oldest first."""
        return list(self._register.read().values())

    def issue(
        self, identities: Iterable[Identity], now: datetime, *, days: int | None = None
    ) -> Iterator[Handed]:
        """New keys and certificates, handed out one by one; written down in blocks first.

        Raises `ConfigurationError` for a name that another role holds: at the broker a
        sensor named as the controller would be the controller.
        """
        block: list[Handed] = []
        holders = self._holders()
        for identity in identities:
            _refuse_second_role(identity, holders)
            key = ec.generate_private_key(ec.SECP256R1())
            handed = self._sign(identity, key.public_key(), now, days)
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            block.append(Handed(handed.issued, handed.certificate, pem))
            if len(block) == 500:
                yield from self._written(block, now)
                block = []
        yield from self._written(block, now)

    def sign_request(
        self, identity: Identity, request: bytes, now: datetime, *, days: int | None = None
    ) -> Handed:
        """A certificate for a key that its holder keeps, from a PKCS #10 request (RFC 2986).

        Names in the request are not taken over: ``identity`` says who it is. Raises
        `ConfigurationError` for a request that is none, or is not signed by its own key.
        """
        _refuse_second_role(identity, self._holders())
        try:
            asked = x509.load_pem_x509_csr(request)
        except ValueError as error:
            raise ConfigurationError(f"the request for {identity.name!r} is no PEM PKCS #10") from (
                error
            )
        public = asked.public_key()
        if not asked.is_signature_valid:
            raise ConfigurationError(
                f"the request for {identity.name!r} is not signed by its own key"
            )
        if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.key_size < 256:
            raise ConfigurationError(
                f"the request for {identity.name!r}: a key of P-256 or a larger curve is wanted"
            )
        handed = self._sign(identity, public, now, days)
        return next(iter(self._written([handed], now)))

    def revoke(self, serials: list[int], now: datetime) -> None:
        """Take certificates back; the broker must be given the new list of revoked ones."""
        with alone_in(self.folder):
            known = self._register.read()
            for serial in serials:
                if serial not in known:
                    raise ConfigurationError(
                        f"serial {serial:x} was never issued by this authority"
                    )
                if known[serial].revoked_at is not None:
                    raise ConfigurationError(
                        f"serial {serial:x} of {known[serial].name!r} is revoked already"
                    )
            self._register.add_revoked(serials, now)
            self._write_revoked(now)

    def write_revoked(self, now: datetime) -> None:
        """Write the list of revoked certificates (CRL, Ref: RFC 5280 5).

        It is valid as long as the authority: a broker with a list that ran out refuses
        everybody, and a street must not depend on somebody renewing a file.
        """
        with alone_in(self.folder):
            self._write_revoked(now)

    def _write_revoked(self, now: datetime) -> None:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(self.certificate.not_valid_after_utc)
        )
        for one in self._register.read().values():
            if one.revoked_at is not None:
                builder = builder.add_revoked_certificate(
                    x509.RevokedCertificateBuilder()
                    .serial_number(one.serial)
                    .revocation_date(one.revoked_at)
                    .build()
                )
        crl = builder.sign(self._key, hashes.SHA256())
        write_public(self.folder / REVOKED, crl.public_bytes(Encoding.PEM))

    def _holders(self) -> dict[str, Role]:
        """Names that are taken for good, a revoked one's too, each with its role."""
        return {one.name: one.role for one in self._register.read().values()}

    def _written(self, block: list[Handed], now: datetime) -> Iterator[Handed]:
        if block:
            self._register.add_issued([one.issued for one in block], now)
        yield from block

    def _sign(
        self,
        identity: Identity,
        public: ec.EllipticCurvePublicKey,
        now: datetime,
        days: int | None,
    ) -> Handed:
        usual = self._terms.server if identity.role.is_server else self._terms.client
        lasts = usual if days is None else timedelta(days=days)
        ends = min(now + lasts, self.certificate.not_valid_after_utc).replace(microsecond=0)
        begins = max(now - _BACKDATED, self.certificate.not_valid_before_utc).replace(microsecond=0)
        if now < self.certificate.not_valid_before_utc:
            raise ConfigurationError(
                f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, before the authority in "
                f"{str(self.folder)!r} began, {self.certificate.not_valid_before_utc:%Y-%m-%d}: "
                "set the clock right (docs/clock.md)"
            )
        if ends <= now:
            raise ConfigurationError(
                f"the authority in {str(self.folder)!r} is over since "
                f"{self.certificate.not_valid_after_utc:%Y-%m-%d}"
            )
        certificate = (
            _builder(identity.subject, self.certificate.subject, public, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(is_authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([identity.usage]), critical=False)
            .add_extension(identity.alternative_names(self.site), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        issued = Issued(
            certificate.serial_number,
            identity.role,
            identity.name,
            identity.hosts,
            begins,
            ends,
        )
        return Handed(issued, certificate.public_bytes(Encoding.PEM), None)


def _refuse_second_role(identity: Identity, holders: dict[str, Role]) -> None:
    held = holders.setdefault(identity.name, identity.role)
    if held is not identity.role:
        raise ConfigurationError(
            f"{identity.name!r} is the name of a {held}: a {identity.role} needs another one"
        )


def _none_in(folder: Path) -> ConfigurationError:
    return ConfigurationError(
        f"folder {str(folder)!r} holds no certificate authority; 'lamplighter pki init' makes one"
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins.astimezone(UTC))
        .not_valid_after(ends.astimezone(UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    """Ref: RFC 5280 4.2.1.3."""
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def write_secret(path: Path, content: bytes, *, is_synced: bool = True) -> None:
    """Write a file that only its owner may read; whole or not at all."""
    _write(path, content, 0o600, is_synced=is_synced)


def write_public(path: Path, content: bytes, *, is_synced: bool = True) -> None:
    """Write a file that everybody may read; whole or not at all."""
    _write(path, content, 0o644, is_synced=is_synced)


def _write(path: Path, content: bytes, mode: int, *, is_synced: bool) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        if is_synced:
            os.fsync(file.fileno())
    beside.replace(path)
