"""The configuration of the embedded broker, as text, and its users' passwords."""

import json
import os
import secrets
from pathlib import Path
from typing import Final

from controller.errors import BrokerFailed
from controller.wire.messages import MAX_PAYLOAD_BYTES
from controller.wire.topics import root

USERS: Final = ("controller", "street")

_TO_STREET: Final = (
    "zone.*.program",
    "zone.*.command",
    "luminaire.*.program",
    "luminaire.*.config",
    "luminaire.*.command",
    "controller.heartbeat",
)
_FROM_STREET: Final = (
    "luminaire.*.state",
    "luminaire.*.telemetry",
    "luminaire.*.availability",
    "gateway.*.availability",
    "sensor.*.reading",
)
_QOS1_DELIVERY: Final = "$MQTT.sub.>"
"""Where the server hands a QoS 1 subscriber its messages; the client itself needs the right."""


def configuration(folder: Path, site: str, port: int, passwords: dict[str, str]) -> str:
    """nats-server's configuration file.

    MQTT topics become subjects: ``/`` is ``.``, ``+`` is ``*``, ``#`` is ``>``. A payload is
    larger than the contract allows by the room that the topic takes. Retained messages live
    in the store folder; messages wait there only until their QoS 1 subscribers confirm them.
    """
    base = root(site).replace("/", ".")
    at = folder.resolve()
    site_and_below = [base, f"{base}.>"]  # "#" also matches the level above it
    street_publishes = [f"{base}.{subject}" for subject in _FROM_STREET]
    street_subscribes = [f"{base}.{subject}" for subject in _TO_STREET]
    return f"""\
# Written anew at every start.
server_name: {json.dumps(f"lamplighter-{site}")}
host: "127.0.0.1"
port: -1
pid_file: {json.dumps(str(at / "nats.pid"))}
log_file: {json.dumps(str(at / "nats.log"))}
logfile_size_limit: 10MB
logfile_max_num: 3
max_payload: {MAX_PAYLOAD_BYTES * 2}
lame_duck_duration: "30s"
jetstream {{
  store_dir: {json.dumps(str(at / "store"))}
  max_memory_store: 256MB
  max_file_store: 4GB
}}
mqtt {{
  host: "127.0.0.1"
  port: {port}
  max_ack_pending: 10000
}}
accounts {{
  lamplighter {{
    jetstream: enabled
    users: [
      {{
        user: controller
        password: {json.dumps(passwords["controller"])}
        permissions {{
          publish: {json.dumps(site_and_below)}
          subscribe: {json.dumps([*site_and_below, _QOS1_DELIVERY])}
        }}
      }}
      {{
        user: street
        password: {json.dumps(passwords["street"])}
        permissions {{
          publish: {json.dumps(street_publishes)}
          subscribe: {json.dumps([*street_subscribes, _QOS1_DELIVERY])}
        }}
      }}
    ]
  }}
}}
"""


def read_or_make_passwords(path: Path) -> dict[str, str]:
    """The users' passwords, made at random the first time; the file is for the owner alone.

    Raises `BrokerFailed` where the file is not as it was written, `OSError` where it cannot
    be read or written.
    """
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return {user: _password(found[user]) for user in USERS}
        except (ValueError, KeyError, TypeError):
            raise BrokerFailed(
                f"password file {str(path)!r} is damaged; remove it and new ones are made"
            ) from None
    made = {user: secrets.token_hex(24) for user in USERS}
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return made


def _password(value: object) -> str:
    if not isinstance(value, str) or len(value) < 16:
        raise ValueError
    return value
