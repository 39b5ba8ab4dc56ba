"""Until when certificates are valid, as files and as brokers show them."""

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography import x509

from controller.errors import ConfigurationError

BROKER: Final = "broker"
"""The broker's own certificate, as it showed it last."""
BROKER_CLIENT: Final = "broker_client"
"""The certificate that the controller shows the broker."""
CONSOLE: Final = "console"
"""The certificate of the console's listener."""


class Certificates:
    """Ends of the certificates that one run of the service uses.

    Files are read once, as those read them who use them: a file that was renewed since then is
    not in use yet.
    """

    def __init__(
        self,
        *,
        broker_not_after: Callable[[], float | None],
        broker_client: Path | None,
        console: Path | None,
    ) -> None:
        """Raises `ConfigurationError` naming a file that holds no certificate."""
        self._broker_not_after = broker_not_after
        files = {BROKER_CLIENT: broker_client, CONSOLE: console}
        self._own = {name: file_not_after(file) for name, file in files.items() if file is not None}

    def not_after(self) -> Mapping[str, float]:
        """Unix seconds UTC by endpoint; without those that have no certificate."""
        shown = self._broker_not_after()
        return self._own if shown is None else {BROKER: shown, **self._own}


def file_not_after(file: Path) -> float:
    """Unix seconds UTC at which the first certificate of a PEM chain ends.

    Raises `ConfigurationError` naming a file that holds none.
    """
    try:
        chain = x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"certificate {str(file)!r} cannot be read: {error}; it must be PEM"
        ) from error
    return min(one.not_valid_after_utc.timestamp() for one in chain)


def peer_not_after(connection: ssl.SSLObject | None) -> float | None:
    """Unix seconds UTC at which the certificate of the other end ends; None without TLS."""
    shown = None if connection is None else connection.getpeercert()
    return float(ssl.cert_time_to_seconds(str(shown["notAfter"]))) if shown else None
