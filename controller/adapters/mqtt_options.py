"""Where the broker is and how to be let in."""

import os
import re
import secrets
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import unquote, urlsplit

from controller.config import BrokerSettings
from controller.errors import ConfigurationError

Protocol = Literal["3.1.1", "5"]
PROTOCOLS: Final[tuple[Protocol, ...]] = ("3.1.1", "5")

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_WRONG_CREDENTIALS: Final = frozenset({4, 5, 134, 135})
"""Codes of CONNACK in MQTT 3.1.1 and 5."""
_CREDENTIALS: Final = re.compile(r"//.*@", re.DOTALL)
"""Greedy: a password may hold what it should have escaped."""
_NO_PORT: Final = re.compile(r":(?!//)(?!\d*/?$).*$", re.DOTALL)
"""What stands where the port should: a password, if the host was forgotten."""


class SessionLost(Exception):
    """A session could not be made, or is lost: why, in one line; a retry may help."""


class GreetingRefused(SessionLost):
    """The broker refused to let us in, with a code of CONNACK."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class MqttOptions:
    """How one session is made. Secrets stand in no ``repr`` and no message."""

    host: str
    port: int
    client_id: str
    """Unique at the broker; a second session of this name ends the first."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    protocol: Protocol = "3.1.1"
    keepalive_s: int = 30
    timeout_s: float = 10.0
    """Longest wait for the broker's answer to anything, machine seconds."""
    in_flight: int = 512
    """Most messages sent and not yet confirmed."""

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        client_id: str,
        password_file: Path | None = None,
        ca_file: Path | None = None,
        certificate_file: Path | None = None,
        key_file: Path | None = None,
        protocol: str = "3.1.1",
        keepalive_s: int = 30,
        timeout_s: float = 10.0,
        in_flight: int = 512,
    ) -> Self:
        """Read ``mqtt://user:password@host:port`` or ``mqtts://...``; the port may be left out.

        ``password_file`` holds the password on its first line and beats the URL's.
        ``ca_file`` is the authority that signed the broker's certificate (default: the
        system's), ``certificate_file`` and ``key_file`` are the client's own; all PEM.

        Raises `ConfigurationError`, which never shows a password.
        """
        # Without a scheme as well, and whatever was put behind the port.
        bare = _CREDENTIALS.sub("//", url)
        bare = bare.partition("?")[0] if "://" in bare else bare.rpartition("@")[2]
        scheme, slashes, rest = bare.partition("://")
        shown = f"{scheme}{slashes}{rest if rest.startswith('[') else _NO_PORT.sub(':...', rest)}"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigurationError(
                f"broker URL {shown!r} cannot be read; one such is 'mqtt://user@broker:1883'"
            ) from None  # the cause may quote the password
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigurationError(
                f"broker URL {shown!r}: must be mqtt://host:port or mqtts://host:port"
            )
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ConfigurationError(f"broker URL {shown!r}: nothing may follow the port")
        if protocol not in PROTOCOLS:
            raise ConfigurationError(f"broker protocol {protocol!r}: must be '3.1.1' or '5'")
        for name, value, least, most in (
            ("keepalive_s", keepalive_s, 5, 3600),
            ("timeout_s", timeout_s, 1, 300),
            ("in_flight", in_flight, 1, 10_000),
        ):
            if not least <= value <= most:
                raise ConfigurationError(f"broker {name} {value}: must be {least} to {most}")
        password = unquote(parts.password) if parts.password is not None else None
        if password_file is not None:
            password = _read_password(password_file)
        username = unquote(parts.username) if parts.username else None
        if password is not None and username is None:
            raise ConfigurationError(f"broker URL {shown!r}: a password needs a user name")
        tls: ssl.SSLContext | None = None
        if parts.scheme == "mqtts":
            tls = _tls_context(ca_file, certificate_file, key_file)
        elif ca_file or certificate_file or key_file:
            raise ConfigurationError(f"broker URL {shown!r}: certificates need mqtts://")
        return cls(
            host=parts.hostname,
            port=port if port is not None else _PORTS[parts.scheme],
            client_id=client_id,
            username=username,
            password=password,
            tls=tls,
            protocol=protocol,
            keepalive_s=keepalive_s,
            timeout_s=timeout_s,
            in_flight=in_flight,
        )

    @property
    def address(self) -> str:
        """The broker as an operator knows it, without secrets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"broker {'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def describe(self, error: BaseException) -> str:
        """One line that names the broker and what went wrong."""
        if isinstance(error, GreetingRefused):
            if error.code in _WRONG_CREDENTIALS:
                who = f"user {self.username!r}" if self.username else "a client without user name"
                return f"{self.address} refused {who}: user name or password is wrong"
            return f"{self.address} refused the connection: {error}"
        return f"{self.address}: {self.reason_of(error)}"

    def reason_of(self, error: BaseException) -> str:
        """Why, in one line."""
        if isinstance(error, socket.gaierror):
            return f"host name {self.host!r} is not known"
        return _reason(error)


def new_client_id(site: str) -> str:
    """A client identifier for one run of a controller.

    A broker throws off the older of two clients of one identifier, whoever they are: so it is in
    no message that others read, and cannot be guessed.
    """
    return f"lamplighter-{site}-{secrets.token_hex(8)}"


def options_of(broker: BrokerSettings, client_id: str, url: str | None = None) -> MqttOptions:
    """As the settings say; with another ``url`` where that of the embedded broker is known.

    Raises `ConfigurationError`, which never shows a password.
    """
    return MqttOptions.from_url(
        broker.url if url is None else url,
        client_id=client_id,
        password_file=broker.password_file,
        ca_file=broker.ca_file,
        certificate_file=broker.certificate_file,
        key_file=broker.key_file,
        protocol=broker.protocol,
    )


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        # Where a name has several addresses, each failed; the first says enough.
        first = re.search(r"\[Errno (\d+)\]", text)
        number = int(first[1]) if first is not None else number
        if number is not None:
            return os.strerror(number)
    text = re.sub(r"^\[(Errno|code:)\s?-?\w+\] ?", "", text)
    return text[:200]


def _read_password(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigurationError(f"password file {str(path)!r}: {reason}") from error
    if not lines or not lines[0]:
        raise ConfigurationError(f"password file {str(path)!r}: the first line is empty")
    return lines[0]


def _tls_context(
    ca_file: Path | None, certificate_file: Path | None, key_file: Path | None
) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate_file is not None:
            context.load_cert_chain(certificate_file, key_file)
    except (OSError, ssl.SSLError) as error:
        names = [str(path) for path in (ca_file, certificate_file, key_file) if path]
        raise ConfigurationError(
            f"broker certificates {', '.join(names)}: {_reason(error)}"
        ) from error
    return context
