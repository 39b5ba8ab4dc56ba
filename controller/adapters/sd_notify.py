"""Words to systemd over its notification socket; silence where there is none.

Ref: systemd, sd_notify(3) and systemd.service(5), ``Type=notify``, ``WatchdogSec=``.
"""

import os
import socket
import time
from collections.abc import Mapping
from typing import Self

_MICROSECONDS = 1_000_000


class SystemdNotifier:
    """Sends to the datagram socket ``address``; empty: to nobody.

    An address that begins with ``@`` is in the abstract namespace. ``watchdog_s`` is the
    silence that systemd allows, None where it does not watch.
    """

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_s = watchdog_s
        self._socket: socket.socket | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """As ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` say."""
        address = environment.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            address = ""
        words = environment.get("WATCHDOG_USEC", "")
        is_for_us = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        is_watched = is_for_us and words.isascii() and words.isdigit() and int(words) > 0
        return cls(address, int(words) / _MICROSECONDS if is_watched else None)

    @property
    def watchdog_s(self) -> float | None:
        """Silence after which the process is ended, s; None: nobody watches."""
        return self._watchdog_s

    def ready(self) -> None:
        """The service has begun its work."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """It is taking in other settings; `ready` ends that."""
        # systemd pairs the two by this instant.
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={now_us}")

    def stopping(self) -> None:
        """It is about to end."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """All is well."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for people."""
        self._tell("STATUS=" + " ".join(text.splitlines()))

    def _tell(self, words: str) -> None:
        if not self._address:
            return
        try:
            if self._socket is None:
                self._socket = socket.socket(
                    socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
                )
                self._socket.settimeout(0)
            self._socket.sendto(words.encode(), self._address)
        except OSError:
            # Nobody listens, or it does not keep up: the service does not depend on it.
            self.close()

    def close(self) -> None:
        """Give the socket back; the next word opens it again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
