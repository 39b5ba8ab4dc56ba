"""The broker's address as a user writes it."""

import ssl
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from simulator.mqtt import BrokerAddress

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


class OptionWrong(Exception):
    """An option's value is wrong; one line says which, and what would be right."""


def broker_address(
    url: str,
    username: str | None = None,
    password_file: Path | None = None,
    ca_file: Path | None = None,
) -> BrokerAddress:
    """Read ``mqtt://user:password@host:port`` or ``mqtts://...``; the port may be left out.

    ``username`` and the first line of ``password_file`` beat the URL's. Raises `OptionWrong`,
    which never shows a password.
    """
    shown = "//" + url.rpartition("@")[2] if "@" in url else url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise OptionWrong(f"broker {shown!r}: one such is mqtt://127.0.0.1:1883") from None
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query:
        raise OptionWrong(f"broker {shown!r}: must be mqtt://host:port or mqtts://host:port")
    user = username or (unquote(parts.username) if parts.username else None)
    password = unquote(parts.password) if parts.password is not None else None
    if password_file is not None:
        try:
            lines = password_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise OptionWrong(f"password file {str(password_file)!r}: {reason}") from None
        if not lines or not lines[0]:
            raise OptionWrong(f"password file {str(password_file)!r}: the first line is empty")
        password = lines[0]
    if password is not None and user is None:
        raise OptionWrong(f"broker {shown!r}: a password needs a user name")
    tls: ssl.SSLContext | None = None
    if parts.scheme == "mqtts":
        try:
            tls = ssl.create_default_context(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise OptionWrong(f"CA file {str(ca_file)!r}: {error.strerror or error}") from None
    elif ca_file is not None:
        raise OptionWrong(f"broker {shown!r}: --ca-file needs mqtts://")
    return BrokerAddress(host, port or _PORTS[parts.scheme], user, password, tls)


@dataclass(frozen=True)
class Certificates:
    """A folder with ``{role}/{id}.crt`` and ``.key``, PEM, of every client of the street."""

    folder: Path
    ca_file: Path | None

    def address(
        self, broker: BrokerAddress, role: Literal["luminaire", "gateway"], name: str
    ) -> BrokerAddress:
        """The broker as this client reaches it; raises `OptionWrong` naming what is missing."""
        if broker.tls is None:
            raise OptionWrong(f"{broker}: --certificates needs mqtts://")
        certificate = self.folder / role / f"{name}.crt"
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        except (OSError, ssl.SSLError) as error:
            raise OptionWrong(
                f"certificate of {role} {name!r}: {str(certificate)!r} with its .key: "
                f"{error.strerror or error}"
            ) from None
        return replace(broker, tls=context)
