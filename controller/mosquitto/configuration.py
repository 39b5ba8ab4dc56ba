"""The configuration file. Nobody without a name; nothing in the clear off loopback."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ACCESS_LIST: Final = "access.acl"
PASSWORDS: Final = "passwords"
AUTHORITY: Final = "ca.crt"
REVOKED: Final = "revoked.crl"
CERTIFICATE: Final = "broker.crt"
KEY: Final = "broker.key"


@dataclass(frozen=True, slots=True)
class Listeners:
    """Where the broker listens, TLS on both: (address, port), None for not at all."""

    certificates: tuple[str, int] | None = ("0.0.0.0", 8883)
    """Clients show a certificate of the authority; its common name is the user name."""
    passwords: tuple[str, int] | None = None
    """Clients know the authority and bring user name and password."""


def configuration(folder: Path, listeners: Listeners, persistence: Path) -> Iterator[str]:
    """The lines of ``mosquitto.conf``, whose other files lie in ``folder``."""
    yield "# Generated; see docs/broker.md. Nobody is let in without a name.\n"
    yield "allow_anonymous false\n"
    yield f"acl_file {folder / ACCESS_LIST}\n"
    if listeners.passwords is not None:
        yield f"password_file {folder / PASSWORDS}\n"
    if listeners.certificates is not None:
        yield "\n# By certificate: the common name is the user name.\n"
        yield from _listener(folder, *listeners.certificates)
        yield "require_certificate true\n"
        yield "use_identity_as_username true\n"
        yield f"crlfile {folder / REVOKED}\n"
    if listeners.passwords is not None:
        yield "\n# By password, inside TLS.\n"
        yield from _listener(folder, *listeners.passwords)
    yield f"""
# The controller hears the whole street at once at dusk. With mosquitto's own limits (1,000
# waiting, 20 in flight) what is over them is dropped; the closed loop asks again, but later.
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true

# What one client may make the broker keep.
max_packet_size 66560

# Retained programs and states survive a restart, and a kill but for the last minute. They
# need not: the controller keeps its own and sends them again.
persistence true
persistence_location {persistence}/
autosave_interval 60
"""


def _listener(folder: Path, address: str, port: int) -> Iterator[str]:
    yield f"listener {port} {address}\n"
    yield "tls_version tlsv1.2\n"
    yield f"cafile {folder / AUTHORITY}\n"
    yield f"certfile {folder / CERTIFICATE}\n"
    yield f"keyfile {folder / KEY}\n"
