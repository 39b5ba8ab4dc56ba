"""Whom a certificate names, and what it may be used for."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from controller.errors import ConfigurationError

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HOST: Final = re.compile(r"(?=.{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")


def is_identifier(word: str) -> bool:
    """Whether it may stand in certificates: 1 to 64 of ``A-Z a-z 0-9 _ -``."""
    return _IDENTIFIER.fullmatch(word) is not None


class Role(StrEnum):
    """What the holder of a certificate is."""

    BROKER = "broker"
    CONSOLE = "console"
    CONTROLLER = "controller"
    LUMINAIRE = "luminaire"
    GATEWAY = "gateway"
    SENSOR = "sensor"

    @property
    def is_server(self) -> bool:
        """Whether others connect to it, and so whether it needs host names."""
        return self in {Role.BROKER, Role.CONSOLE}


@dataclass(frozen=True, slots=True)
class Identity:
    """One holder: its role, its identifier in the inventory, and where it is reached."""

    role: Role
    name: str
    """1 to 64 of ``A-Z a-z 0-9 _ -``; a client's user name at the broker."""
    hosts: tuple[str, ...] = ()
    """Names and addresses of a server; empty for a client."""

    def __post_init__(self) -> None:
        if not is_identifier(self.name):
            raise ConfigurationError(
                f"{self.role} {self.name!r}: a name is 1 to 64 of A-Z a-z 0-9 _ -"
            )
        if self.role.is_server and not self.hosts:
            raise ConfigurationError(
                f"{self.role} {self.name!r} needs the host names or addresses that clients "
                "connect to"
            )
        if not self.role.is_server and self.hosts:
            raise ConfigurationError(
                f"{self.role} {self.name!r}: only a broker and a console have host names"
            )

    @property
    def subject(self) -> x509.Name:
        """The common name is the identifier: brokers take it as the user name."""
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, self.role.value),
                x509.NameAttribute(NameOID.COMMON_NAME, self.name),
            ]
        )

    def alternative_names(self, site: str) -> x509.SubjectAlternativeName:
        """Hosts of a server, and who it is at which site, as a URN."""
        urn = f"urn:lamplighter:{site}:{self.role}:{self.name}"
        return x509.SubjectAlternativeName(
            [*map(_general_name, self.hosts), x509.UniformResourceIdentifier(urn)]
        )

    @property
    def usage(self) -> x509.ObjectIdentifier:
        """Extended key usage, Ref: RFC 5280 4.2.1.12."""
        if self.role.is_server:
            return ExtendedKeyUsageOID.SERVER_AUTH
        return ExtendedKeyUsageOID.CLIENT_AUTH


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not _HOST.fullmatch(host):
        raise ConfigurationError(
            f"host {host!r} is neither a host name nor an address; such are "
            "'broker.example' and '10.0.0.5'"
        )
    return x509.DNSName(host)
