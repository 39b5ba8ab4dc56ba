"""The data folder, the store in it, and the files that the settings name."""

import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from controller.adapters.sqlite_backup import damage, last_backup_at
from controller.adapters.sqlite_file import FILE_NAME, newest_version, stored_version
from controller.cli.doctor.finding import Finding, fail, ok, warn
from controller.config import Settings, named_files
from controller.data_folder import open_store
from controller.errors import ConfigurationError, ControllerError
from controller.pki.signing import open_signing
from controller.wire.signing import key_id

_MB: Final = 1_000_000
_LEAST_FREE: Final = 100 * _MB
_COPIES: Final = 3
"""The store, the copy that is being made and the one before it."""
_BACKUP_LATE_S: Final = 3 * 86_400
_AHEAD_S: Final = 86_400
"""A copy dated further ahead than this was dated by a clock that was wrong."""


def data_folder(data: Path) -> Iterator[Finding]:
    """Whether the service may work there, and nobody else may read."""
    name = "data folder"
    try:
        about = data.stat()
    except FileNotFoundError:
        yield fail(name, f"{data} is not there", "'lamplighter inventory import FILE' makes it")
        return
    except OSError as error:
        yield fail(name, f"{data}: {error.strerror}", "run this as the service's user")
        return
    if not data.is_dir():
        yield fail(name, f"{data} is no folder", "name a folder in the settings' data")
    elif not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield fail(
            name,
            f"{data} belongs to user {about.st_uid}, and user {os.geteuid()} may not write there",
            "run this as the service's user, or give the folder to it",
        )
    elif about.st_mode & stat.S_IRWXO:
        yield warn(
            name,
            f"{data} is open to every user of this machine",
            f"chmod 700 {data}: who may enter it may command the street",
        )
    else:
        yield ok(name, f"{data}, writable")


def disk(data: Path) -> Iterator[Finding]:
    """Whether there is room for what the service writes."""
    try:
        free = shutil.disk_usage(data).free
    except OSError:
        return  # said by the look at the folder
    store = data / FILE_NAME
    size = store.stat().st_size if store.is_file() else 0
    wanted = _LEAST_FREE + _COPIES * size
    text = f"{free / _MB:,.0f} MB free, the store has {size / _MB:,.0f} MB"
    if free < _LEAST_FREE:
        yield fail("disk", text, f"make room: {wanted / _MB:,.0f} MB are wanted")
    elif free < wanted:
        yield warn("disk", text, f"make room for copies: {wanted / _MB:,.0f} MB are wanted")
    else:
        yield ok("disk", text)


def store(data: Path) -> Iterator[Finding]:
    """Whether the store is whole, of a version that is known, and copied."""
    path = data / FILE_NAME
    if not path.is_file():
        yield fail(
            "store",
            f"{path} is not there",
            "'lamplighter inventory import FILE' makes it, 'lamplighter restore' brings one back",
        )
        return
    try:
        fault = damage(path)
        found, known = stored_version(path), newest_version()
    except (sqlite3.Error, ControllerError) as error:
        yield fail("store", f"{path} cannot be read: {error}", "run this as the service's user")
        return
    if fault:
        yield fail(
            "store",
            f"{path} is damaged: {fault}",
            "start the service: it goes on from its last whole copy (docs/durability.md)",
        )
        return
    if found > known:
        yield fail(
            "store",
            f"version {found}, this Lamplighter knows {known}",
            "install the newer version again, or restore a backup",
        )
        return
    yield ok("store", f"whole, version {found}" + (f" (of {known})" if found < known else ""))
    yield from _city(data)
    yield _copy(path)


def _city(data: Path) -> Iterator[Finding]:
    try:
        with open_store(data, read_only=True) as opened:
            site = opened.load_site()
    except ControllerError as error:
        yield fail("city", str(error), "roll back to a revision that could be read")
        return
    if site is None:
        yield fail("city", "no inventory yet", "'lamplighter inventory import FILE'")
    else:
        inventory = site.inventory
        yield ok(
            "city",
            f"{inventory.city.name}: {len(inventory.luminaires):,} luminaires in "
            f"{len(inventory.zones):,} zones",
        )


def _copy(path: Path) -> Finding:
    made_at = last_backup_at(path)
    age_s = time.time() - made_at
    if not made_at:
        return warn(
            "copy", "none beside the store", "the service makes one within its first minute"
        )
    if age_s < -_AHEAD_S:
        return warn(
            "copy",
            f"dated {-age_s / 3600:,.0f} h ahead of this machine's clock",
            "see that the clock is right; a running service makes another copy",
        )
    text = f"made {age_s / 3600:,.0f} h ago"
    if age_s > _BACKUP_LATE_S:
        return warn("copy", text, "a running service makes one a day: see its log")
    return ok("copy", text)


def files(settings: Settings) -> Iterator[Finding]:
    """Whether the files that the settings name can be read, the secret ones by nobody else."""
    for setting, path, is_secret in named_files(settings):
        try:
            mode = path.stat().st_mode
            with path.open("rb"):
                pass
        except OSError as error:
            yield fail(setting, f"{path}: {error.strerror}", "put it there, or correct the setting")
            continue
        if is_secret and mode & stat.S_IRWXO:
            yield warn(setting, f"{path} may be read by every user", f"chmod 600 {path}")
        else:
            yield ok(setting, str(path))


def signing(settings: Settings) -> Iterator[Finding]:
    """Whether programs and commands can be signed as the settings say."""
    try:
        opened = open_signing(settings.signing)
    except ConfigurationError as error:
        yield fail("signing", str(error), "'lamplighter pki signing-key make' (docs/broker.md)")
        return
    if opened is None:
        yield ok("signing", "programs and commands are not signed")
    else:
        yield ok("signing", f"programs and commands, by key {key_id(opened.signer.public_key)}")
