"""The push of a period's figures to the city's platform: signed, repeated, never twice.

A report that is to be sent is kept in the data folder first, byte for byte as it goes out, and
marked when it was taken. So a crash, a timeout or a second command sends the same bytes with
the same key, and what was taken is not sent again. The contract is in docs/energy.md.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import random
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from controller.errors import ConfigurationError
from controller.reports.content import Report
from controller.reports.errors import PushFailed
from controller.reports.plain import report_json
from schedules.energy.periods import Period

FOLDER: Final = "report-pushes"
"""Within the data folder: what is to be sent, and what was."""
_KEY_BYTES: Final = 16
"""Shortest key that is taken."""
_AGAIN: Final = frozenset({408, 425, 429, *range(500, 600)})
"""Answers after which the same request is tried again."""
_LONGEST_WAIT_S: Final = 300.0


@dataclass(frozen=True)
class Endpoint:
    """Where reports go, and how."""

    url: str
    key: bytes
    """Secret of the signature."""
    ca_file: Path | None = None
    """Certificates that are trusted in place of the system's."""
    timeout_s: float = 30.0
    attempts: int = 6
    first_wait_s: float = 2.0
    """Before the second attempt; doubles from there on, up to five minutes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report that the platform took."""

    name: str
    key: str
    """Its idempotency key."""
    url: str
    status: int
    sent_at: str
    """ISO 8601, UTC."""
    attempts: int
    was_sent_before: bool = False


def endpoint(
    url: str, key_file: Path, ca_file: Path | None = None, timeout_s: float = 30.0
) -> Endpoint:
    """Check an address and read its key; raises `ConfigurationError` naming what is wrong."""
    parts = urlsplit(url)
    try:
        is_port_right = parts.port is None or parts.port > 0
    except ValueError:
        is_port_right = False
    if parts.scheme not in ("https", "http") or not parts.hostname or not is_port_right:
        raise ConfigurationError(
            f"push URL {url!r} must be like 'https://platform.example/lighting/reports'"
        )
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            f"push URL of host {parts.hostname!r} holds a user or password; "
            "reports are signed with the key file instead"
        )
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ConfigurationError(f"push URL {url!r}: http only goes to this machine; use https")
    try:
        key = key_file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"key file {str(key_file)!r} cannot be read: {error.strerror}"
        ) from error
    if len(key) < _KEY_BYTES:
        raise ConfigurationError(
            f"key file {str(key_file)!r} holds {len(key)} bytes; a key has {_KEY_BYTES} or more"
        )
    if ca_file is not None and not ca_file.is_file():
        raise ConfigurationError(f"CA file {str(ca_file)!r} does not exist")
    return Endpoint(url, key, ca_file, timeout_s)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def signature(key: bytes, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp (Unix s), a full stop and the body; hexadecimal."""
    return hmac.new(key, b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def name_of(period: Period, district: str | None, number: int = 1) -> str:
    """What a report is called in the folder: period, scope, and which sending of it."""
    scope = "city" if district is None else f"district-{district}"
    return f"{period.text}-{scope}-{number}"


class PushLog:
    """The folder of what is to be sent and what was."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against other processes."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / ".lock").open("a")
        except OSError as error:
            raise PushFailed(
                f"folder {str(self._folder)!r} cannot be written: {error.strerror}"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise PushFailed(
                    f"another process is pushing reports from {str(self._folder)!r}"
                ) from error
            yield

    def sent(self, name: str) -> Delivery | None:
        """The delivery of a name; None where it was not taken yet."""
        try:
            told = json.loads((self._folder / f"{name}.sent.json").read_bytes())
            return Delivery(**{**told, "was_sent_before": True})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise PushFailed(f"record of push {name!r} cannot be read: {error}") from error

    def is_provisional(self, name: str) -> bool:
        """Whether what was kept under a name was made before its period was over."""
        try:
            told = json.loads((self._folder / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return False
        return isinstance(told, dict) and told.get("status") == "provisional"

    def deliveries(self) -> list[Delivery]:
        """Every delivery, by name."""
        if not self._folder.is_dir():
            return []
        names = sorted(one.name for one in self._folder.glob("*.sent.json"))
        found = (self.sent(name.removesuffix(".sent.json")) for name in names)
        return [one for one in found if one is not None]

    def keep(self, name: str, body: Callable[[], bytes]) -> bytes:
        """What goes out under a name: as it was kept, else as it is now, kept from now on."""
        file = self._folder / f"{name}.json"
        if not file.is_file():
            _write(file, body())
        return file.read_bytes()

    def note(self, delivery: Delivery) -> None:
        """Remember that a report was taken."""
        told: dict[str, Any] = {
            "name": delivery.name,
            "key": delivery.key,
            "url": delivery.url,
            "status": delivery.status,
            "sent_at": delivery.sent_at,
            "attempts": delivery.attempts,
        }
        _write(self._folder / f"{delivery.name}.sent.json", json.dumps(told).encode())


def _write(file: Path, content: bytes) -> None:
    beside = file.with_name(f".{file.name}.new")
    try:
        with beside.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError as error:
        raise PushFailed(f"{str(file)!r} cannot be written: {error.strerror}") from error


def push(
    report: Report,
    to: Endpoint,
    data: Path,
    *,
    again: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Delivery:
    """Send a report, or find that it was sent; raises `PushFailed`.

    With `again` a report that was taken goes out anew, as it is now, with a key of its own; so
    does one whose period is over, where what went out, or was to, was provisional.
    """
    log = PushLog(data)
    with log.locked():
        number = 1
        district = None if report.district is None else report.district.id
        while True:
            name = name_of(report.period, district, number)
            done = log.sent(name)
            is_overtaken = log.is_provisional(name) and not report.is_provisional
            if not is_overtaken:
                if done is None:
                    break
                if not again:
                    return done
            number += 1
        body = log.keep(name, lambda: report_json(report))
        city = report.site.inventory.city.id
        key = hashlib.sha256(f"lamplighter/{city}/{name}".encode()).hexdigest()
        status, attempts = _deliver(to, name, key, body, sleep, now)
        sent_at = datetime.fromtimestamp(now(), UTC).isoformat(timespec="seconds")
        delivery = Delivery(name, key, to.url, status, sent_at, attempts)
        log.note(delivery)
        return delivery


def _deliver(
    to: Endpoint,
    name: str,
    key: str,
    body: bytes,
    sleep: Callable[[float], None],
    now: Callable[[], float],
) -> tuple[int, int]:
    """The answer's status and the number of attempts."""
    host = urlsplit(to.url).hostname or ""
    wait_s = to.first_wait_s
    told = ""
    with _client(to, host) as client:
        for attempt in range(1, to.attempts + 1):
            timestamp = int(now())
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": key,
                "X-Lamplighter-Report": name,
                "X-Lamplighter-Timestamp": str(timestamp),
                "X-Lamplighter-Signature": f"sha256={signature(to.key, timestamp, body)}",
            }
            asked_wait_s = 0.0
            try:
                answer = client.post(to.url, content=body, headers=headers)
            except httpx.TransportError as error:
                told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            else:
                if answer.is_success:
                    return answer.status_code, attempt
                told = f"HTTP {answer.status_code} {_first_line(answer.text)}".strip()
                if answer.status_code not in _AGAIN:
                    raise PushFailed(f"{to.url}: report {name} was refused: {told}")
                asked_wait_s = _retry_after_s(answer.headers.get("Retry-After", ""))
            if attempt < to.attempts:
                # Some of it by chance, so that the city's districts do not come all at once.
                spread = 0.75 + random.random() / 2
                sleep(min(_LONGEST_WAIT_S, max(wait_s * spread, asked_wait_s)))
                wait_s *= 2
    raise PushFailed(
        f"{to.url}: report {name} was not taken in {to.attempts} attempts, the last: {told}; "
        "it is kept and goes out with the next push"
    )


def _client(to: Endpoint, host: str) -> httpx.Client:
    try:
        context = ssl.create_default_context(cafile=None if to.ca_file is None else str(to.ca_file))
    except (OSError, ValueError) as error:
        raise PushFailed(f"CA file {str(to.ca_file)!r} cannot be used: {error}") from error
    return httpx.Client(
        verify=context,
        timeout=to.timeout_s,
        follow_redirects=False,
        # What goes to this machine goes through no proxy.
        trust_env=not _is_loopback(host),
    )


def _retry_after_s(text: str) -> float:
    """Seconds that an answer asks to wait; 0 where it says none, or a date."""
    return float(text) if text.isdigit() and len(text) < 6 else 0.0


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return "".join(one for one in line[:120] if one.isprintable())
