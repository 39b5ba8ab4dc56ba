"""``lamplighter backup`` and ``restore``: an installation in one file, and back from it."""

import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import click

from controller.adapters.archive import Entry, Manifest, Source, unpack, write_archive
from controller.adapters.audit_anchor import FILE_NAME as AUDIT_HEAD
from controller.adapters.output_file import output_file
from controller.adapters.redaction import without_passwords
from controller.adapters.sqlite_backup import BACKUP_SUFFIX, copies, copy_whole, damage
from controller.adapters.sqlite_file import (
    FILE_NAME,
    folder_lock,
    newest_version,
    stored_version,
)
from controller.cli.settings_source import (
    DATA_OF_SETTINGS,
    SETTINGS,
    settings_place,
    settings_with,
)
from controller.config import Settings, named_files
from controller.data_folder import open_store
from controller.errors import ArchiveRefused, ConfigurationError, StoreError, StoreTooNew

_SETTINGS_NAME: Final = "settings/lamplighter.toml"
_PKI: Final = "pki"
_SECRETS_OF_PKI: Final = ("ca.key", "credentials.csv")
_FOR_THE_DATA_FOLDER: Final = (FILE_NAME, AUDIT_HEAD)
_BESIDE: Final = "restored"
"""Folder for what has its place elsewhere: the settings and the files that they name."""
_IN_THE_WAY: Final = (
    *(FILE_NAME + ending for ending in ("", "-wal", "-shm")),
    *(one.name for one in copies(Path(FILE_NAME))),
    AUDIT_HEAD,
    _PKI,
    _BESIDE,
)


@click.command(short_help="The whole installation in one file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@SETTINGS
@DATA_OF_SETTINGS
@click.option(
    "--pki",
    "pki",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the certificate authority; 'pki' in the data folder unless said.",
)
@click.option(
    "--with-secrets",
    is_flag=True,
    help="Keys and passwords as well: whoever has the file then can be the service.",
)
def backup(
    *,
    file: Path,
    settings_file: Path | None,
    data: Path | None,
    pki: Path | None,
    with_secrets: bool,
) -> None:
    """Write store, settings and certificates into FILE, whether the service runs or not.

    The store is copied as of one instant, read back and checked. Without --with-secrets neither
    keys nor passwords are in it; people's passwords and tokens are in the store as digests only.
    """
    place = settings_place(settings_file)
    settings = settings_with(settings_file, data, None, None, None)
    store = settings.data / FILE_NAME
    if not store.is_file():
        raise ConfigurationError(f"data folder {str(settings.data)!r} holds no {FILE_NAME}")
    sources = list(_of_pki(pki or settings.data / _PKI, with_secrets=with_secrets))
    if place is not None:
        text = place.read_bytes()
        if not with_secrets:
            text = without_passwords(text.decode()).encode()
        sources.append(Source(_SETTINGS_NAME, place, content=text))
    sources += _of_settings(settings, with_secrets=with_secrets)
    # The head first: kept beside a longer log it is behind, never ahead of it.
    head = settings.data / AUDIT_HEAD
    if head.is_file():
        sources.append(Source(AUDIT_HEAD, head, content=head.read_bytes()))
    with _room_beside(file) as folder:
        copy = folder / FILE_NAME
        copy_whole(store, copy)
        found = stored_version(copy)
        sources.insert(0, Source(FILE_NAME, copy, came_from=store))
        facts = {
            "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "lamplighter": version("lamplighter"),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "store_version": found,
            "with_secrets": with_secrets,
        }
        with output_file(file) as out:
            if file.is_file() or not file.exists():
                os.fchmod(out.fileno(), 0o600)
            manifest = write_archive(out, sources, facts)
        if file.is_file():
            file.chmod(0o600)
    total = sum(one.size for one in manifest.files)
    click.echo(
        f"{file}: {len(manifest.files)} files, {total:,} bytes, store version {found}, "
        f"{'with' if with_secrets else 'without'} keys and passwords"
    )


def _of_settings(settings: Settings, *, with_secrets: bool) -> Iterator[Source]:
    for named in named_files(settings):
        if named.is_secret and not with_secrets:
            continue
        if not named.path.is_file():
            raise ConfigurationError(f"{named.setting}: {str(named.path)!r} is no file")
        yield Source(f"settings/files/{named.setting}", named.path, is_secret=named.is_secret)


def _of_pki(folder: Path, *, with_secrets: bool) -> Iterator[Source]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        is_secret = path.suffix == ".key" or name in _SECRETS_OF_PKI
        if with_secrets or not is_secret:
            yield Source(f"{_PKI}/{name}", path, is_secret=is_secret)


@contextmanager
def _room_beside(file: Path) -> Iterator[Path]:
    """A folder for the store's copy where the archive will be: there is room for both."""
    parent = file.resolve().parent
    if not parent.is_dir() or (file.exists() and not file.is_file()):
        parent = Path(tempfile.gettempdir())
    with tempfile.TemporaryDirectory(prefix=".lamplighter-backup.", dir=parent) as name:
        yield Path(name)


@click.command(short_help="An installation back from such a file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Data folder to restore into.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Where the folder holds an installation, move that aside instead of refusing.",
)
def restore(
    *,
    file: Path,
    data: Path,
    replace: bool,
) -> None:
    """Put the store and the certificates of FILE into a data folder.

    Everything is unpacked and checked beside the folder's own files before one of them moves.
    The settings, and the files that they name, are laid into 'restored' in the folder, with a
    word where each came from. The store counts on well above everything that was given out
    since the backup was made.
    """
    is_new = not data.exists()
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with folder_lock(data), _unpacked_in(data, file) as (folder, manifest):
            _refuse_unfit(folder / FILE_NAME, file)
            aside = _moved_aside(data, file, replace=replace)
            moved = _moved_in(folder, data, manifest)
        with open_store(data, restores=True) as store:
            site = store.load_site()
        _give_to_owner(data)
    except BaseException:
        if is_new:
            shutil.rmtree(data, ignore_errors=True)
        raise
    city = "no city" if site is None else f"{len(site.inventory.luminaires):,} luminaires"
    click.echo(
        f"{data}: store of {manifest.made_at} with {city}, {len(moved)} files in all"
        + (f"; what was there is in {aside}" if aside is not None else "")
    )
    for entry in moved:
        if entry.name.startswith("settings/"):
            click.echo(f"  {data / _BESIDE / entry.name}: belongs at {entry.came_from}")
    if not manifest.with_secrets:
        click.echo(
            "  keys and passwords were not in it: docs/recovery.md says how to make new ones"
        )


@contextmanager
def _unpacked_in(data: Path, file: Path) -> Iterator[tuple[Path, Manifest]]:
    # Within the data folder, so that what was checked takes its place by a change of name.
    with tempfile.TemporaryDirectory(prefix=".lamplighter-restore.", dir=data) as name:
        folder = Path(name)
        yield folder, unpack(file, folder)


def _refuse_unfit(store: Path, file: Path) -> None:
    if not store.is_file():
        raise ArchiveRefused(f"backup {str(file)!r} holds no {FILE_NAME}")
    try:
        fault = damage(store)
    except sqlite3.Error as error:
        raise StoreError(f"backup {str(file)!r}: its store cannot be read: {error}") from error
    if fault:
        raise ArchiveRefused(f"backup {str(file)!r}: its store is damaged ({fault})")
    found, known = stored_version(store), newest_version()
    if found > known:
        raise StoreTooNew(
            f"backup {str(file)!r} holds a store of version {found}, this Lamplighter knows "
            f"{known}: install the newer version first"
        )


def _moved_aside(data: Path, file: Path, *, replace: bool) -> Path | None:
    there = [data / name for name in _IN_THE_WAY if (data / name).exists()]
    if not there:
        return None
    if not replace:
        raise ConfigurationError(
            f"data folder {str(data)!r} already holds {there[0].name!r}: give another folder, or "
            f"--replace to move what is there aside and restore {str(file)!r}"
        )
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = Path(tempfile.mkdtemp(prefix=f"replaced-{stamp}-", dir=data))
    for one in there:
        one.rename(aside / one.name)
    return aside


def _give_to_owner(data: Path) -> None:
    """What root restored belongs to whom the folder belongs to: the service's user."""
    if os.geteuid() != 0:
        return
    owner = data.stat()
    for path in data.rglob("*"):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _moved_in(folder: Path, data: Path, manifest: Manifest) -> list[Entry]:
    for entry in manifest.files:
        if entry.name == FILE_NAME:
            # As a copy: the store takes it as one and counts above what was lost since.
            to = data / (FILE_NAME + BACKUP_SUFFIX)
        elif entry.name in _FOR_THE_DATA_FOLDER or entry.name.startswith(f"{_PKI}/"):
            to = data / entry.name
        else:
            to = data / _BESIDE / entry.name
        to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / entry.name).rename(to)
        if not entry.is_secret and to.suffix in (".crt", ".crl"):
            to.chmod(0o644)
    return list(manifest.files)
