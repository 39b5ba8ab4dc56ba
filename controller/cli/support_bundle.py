"""``lamplighter support-bundle``: what somebody far away needs to see, without any secret."""

import io
import json
import os
import platform
import re
import sqlite3
import sys
import zipfile
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import click
import httpx

from controller.adapters.output_file import output_file
from controller.adapters.redaction import known_secrets, redacted
from controller.adapters.service_socket import RunningService
from controller.adapters.sqlite_file import FILE_NAME, stored_version
from controller.cli.doctor.command import as_dict, look
from controller.cli.settings_source import (
    DATA_OF_SETTINGS,
    SETTINGS,
    settings_place,
    settings_with,
)
from controller.config import Settings, named_files
from controller.data_folder import open_store
from controller.errors import ConfigurationError, ControllerError
from zones import Inventory

_PACKAGES: Final = (
    *("lamplighter", "aiomqtt", "argon2-cffi", "cryptography", "fastapi", "msgspec", "numpy"),
    *("paho-mqtt", "pydantic", "starlette", "uvicorn"),
)
_MOST_REVISIONS: Final = 50
_LONGEST_SECRET_FILE: Final = 2**20
_QUOTED: Final = re.compile(r"(?<=[\"'])[^\"'\n]+(?=[\"'])")
_METRICS_TIMEOUT_S: Final = 20.0


@click.command(short_help="What a helper far away needs to see, without secrets.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@SETTINGS
@DATA_OF_SETTINGS
@click.option(
    "--log",
    "logs",
    type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True),
    multiple=True,
    help="A log, of which the last lines go in; '-' reads it, as from "
    "'journalctl -u lamplighter -n 2000 |'.",
)
@click.option(
    "--lines",
    type=click.IntRange(1, 1_000_000),
    default=2_000,
    show_default=True,
    help="Last lines of each log.",
)
def support_bundle(
    *,
    file: Path,
    settings_file: Path | None,
    data: Path | None,
    logs: tuple[Path, ...],
    lines: int,
) -> None:
    """Write status, metrics, settings, versions, counts and the ends of logs into FILE (zip).

    Passwords, keys, tokens and one-time links are looked for in every line and taken out. Rows of
    the store are counted, never copied. Read it before you send it.
    """
    parts = dict(_parts(settings_file, data, logs, lines))
    secrets = _known(settings_file, data, os.environ)
    clean = {name: redacted(text, secrets) for name, text in parts.items()}
    with output_file(file) as out:
        out.write(_zipped(clean))
    if file.is_file():
        file.chmod(0o600)
    click.echo(f"{file}: {', '.join(sorted(clean))}; read it before you send it")


def _zipped(parts: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(parts.items()):
            archive.writestr(name, text)
    return packed.getvalue()


def _known(
    settings_file: Path | None, data: Path | None, environment: Mapping[str, str]
) -> frozenset[str]:
    """Every secret that can be known here."""
    contents: list[str] = []
    try:
        settings = settings_with(settings_file, data, None, None, None)
    except ConfigurationError:
        place = settings_place(settings_file)
        # It cannot be told what in it is secret.
        contents += [] if place is None else _QUOTED.findall(_text(place))
        return known_secrets(environment, contents)
    for url in (settings.broker.url, settings.report_push.url or ""):
        user_info = url.rpartition("@")[0].partition("://")[2]
        password = user_info.partition(":")[2]
        contents += [user_info, password, unquote(password)]
    contents += [_text(one.path) for one in named_files(settings) if one.is_secret]
    for line in _text(settings.data / "pki" / "credentials.csv").splitlines()[1:]:
        contents.append(line.partition(",")[2])
    contents += [_text(one) for one in sorted((settings.data / "pki/signing").glob("*.key"))]
    for one in sorted((settings.data / "broker").glob("*")):
        contents += _values(_text(one)) if one.suffix == ".json" else []
    return known_secrets(environment, contents)


def _values(text: str) -> list[str]:
    try:
        held = json.loads(text)
    except ValueError:
        return []
    return [one for one in held.values() if isinstance(one, str)] if isinstance(held, dict) else []


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_LONGEST_SECRET_FILE).decode("utf-8", "replace")
    except OSError:
        return ""


def _parts(
    settings_file: Path | None, data: Path | None, logs: tuple[Path, ...], lines: int
) -> Iterator[tuple[str, str]]:
    yield "versions.json", _json(_versions())
    yield "doctor.json", _json([as_dict(one) for one in look(settings_file, data)])
    for number, log in enumerate(logs, 1):
        with click.open_file(os.fspath(log), encoding="utf-8", errors="replace") as opened:
            yield f"log-{number}.txt", "".join(deque(opened, maxlen=lines))
    try:
        settings = settings_with(settings_file, data, None, None, None)
    except ConfigurationError as error:
        yield "settings.txt", f"{error}\n"
        return
    yield "settings.json", _json(settings.model_dump(mode="json"))
    yield "status.json", _json(_status(settings))
    yield "metrics.txt", _metrics(settings)
    yield "store.json", _json(_store(settings.data))
    yield "inventory.json", _json(_inventory(settings.data))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def _versions() -> dict[str, Any]:
    return {
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "python": sys.version,
        "sqlite": sqlite3.sqlite_version,
        "machine": platform.platform(),
        "processors": os.cpu_count(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _status(settings: Settings) -> dict[str, Any]:
    try:
        with RunningService.of(settings.data) as service:
            return {"service": "does not run"} if service is None else service.get("/status")
    except ControllerError as error:
        return {"error": str(error)}


def _metrics(settings: Settings) -> str:
    web = settings.web
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)
    headers = {}
    if web.token_file is not None:
        token = next(iter(_text(web.token_file).splitlines()), "").strip()
        headers["Authorization"] = f"Bearer {token}"
    url = f"http://{f'[{host}]' if ':' in host else host}:{web.port}/metrics"
    try:
        answer = httpx.get(url, headers=headers, timeout=_METRICS_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError as error:
        return f"{url}: {error}\n"
    return answer.text if answer.is_success else f"{url}: {answer.status_code}\n"


def _store(data: Path) -> dict[str, Any]:
    path = data / FILE_NAME
    try:
        held: dict[str, Any] = {"version": stored_version(path)}
        with open_store(data, read_only=True) as opened:
            held["revisions"] = [
                {"number": one.number, "saved_at": one.saved_at, "restores": one.restores}
                for one in opened.revisions()[-_MOST_REVISIONS:]
            ]
        held["rows"] = _rows(path)
        held["files"] = {one.name: one.stat().st_size for one in sorted(data.glob(f"{FILE_NAME}*"))}
    except (ControllerError, sqlite3.Error, OSError) as error:
        return {"error": str(error)}
    return held


def _rows(path: Path) -> dict[str, int]:
    """How many rows each table has: counts, never what is in them."""
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        names = [
            str(row[0])
            for row in db.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
            )
        ]
        return {
            name: int(db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names
        }
    finally:
        db.close()


def _inventory(data: Path) -> dict[str, Any]:
    try:
        with open_store(data, read_only=True) as opened:
            site = opened.load_site()
    except ControllerError as error:
        return {"error": str(error)}
    return (
        {}
        if site is None
        else _counts(site.inventory)
        | {
            "programs": len(site.plan.programs),
            "calendars": len(site.plan.calendars),
            "overrides": len(site.plan.overrides),
        }
    )


def _counts(inventory: Inventory) -> dict[str, Any]:
    zones = Counter(one.zone for one in inventory.luminaires)
    return {
        "time_zone": inventory.city.time_zone,
        "districts": len(inventory.districts),
        "zones": len(inventory.zones),
        "zones_by_category": Counter(one.category.value for one in inventory.zones),
        "luminaires": len(inventory.luminaires),
        "luminaires_behind_gateways": sum(one.gateway is not None for one in inventory.luminaires),
        "most_luminaires_in_a_zone": max(zones.values(), default=0),
        "gateways": len(inventory.gateways),
        "cabinets": len(inventory.cabinets),
        "lamp_types": len(inventory.lamp_types),
    }
