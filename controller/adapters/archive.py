"""One file that holds an installation: a zip archive with a manifest.

``manifest.json`` names every entry with its size and SHA-256, the versions that wrote it and
where a file came from. An archive is somebody's file until every digest was checked: names are
taken from a short list of shapes, never joined to a path unseen, and no more is written than
the manifest says and the disk holds.
"""

import hashlib
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import msgspec

from controller.errors import ArchiveRefused

MANIFEST: Final = "manifest.json"
_LONGEST_MANIFEST: Final = 64 * 2**20
_MOST_ENTRIES: Final = 1_000_000
"""A certificate and a key for each of 500,000 holders."""
_MOST_FOLD: Final = 200
"""A store shrinks to a fifth; what unfolds to more than this was made to fill a disk."""
_SPARE_BYTES: Final = 64 * 2**20
_BLOCK: Final = 2**20
_PART: Final = r"(?!\.)[\w.@+~ -]{1,128}"
_NAMES: Final = re.compile(
    rf"(?:lamplighter\.db|audit-head|settings/lamplighter\.toml"
    rf"|settings/files/{_PART}|pki/(?:{_PART}/){{0,2}}{_PART}|bundle/{_PART})"
)

_BROKEN: Final = (
    OSError,
    EOFError,
    RuntimeError,  # an entry that asks for a password
    NotImplementedError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)
"""How a zip archive fails that was cut, damaged or made otherwise."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One file of an archive."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    came_from: str = ""
    """Path on the machine that was backed up."""
    is_secret: bool = False


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an archive holds and who wrote it."""

    made_at: str
    """Instant, ISO 8601 UTC."""
    lamplighter: str
    python: str
    sqlite: str
    store_version: int
    with_secrets: bool
    files: tuple[Entry, ...]
    kind: Literal["lamplighter backup"] = "lamplighter backup"
    format: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be put into an archive under a name; ``content`` in the place of its own."""

    name: str
    path: Path
    is_secret: bool = False
    content: bytes | None = None
    came_from: Path | None = None
    """Where it has its place, where that is not ``path``."""


def write_archive(out: BinaryIO, sources: list[Source], facts: Mapping[str, Any]) -> Manifest:
    """Write files and the manifest over them; ``facts`` are its other fields.

    The manifest comes last, as digests are known then; readers look it up by name. A file that
    went away meanwhile raises `OSError`.
    """
    entries = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for one in sources:
            if not _NAMES.fullmatch(one.name):
                raise ArchiveRefused(f"file {str(one.path)!r} has a name that no archive takes")
            entries.append(_added(archive, one))
        manifest = Manifest(**facts, files=tuple(entries))
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _added(archive: zipfile.ZipFile, one: Source) -> Entry:
    digest = hashlib.sha256()
    size = 0
    info = zipfile.ZipInfo(one.name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with archive.open(info, "w", force_zip64=True) as out:
        if one.content is not None:
            out.write(one.content)
            digest.update(one.content)
            size = len(one.content)
        else:
            with one.path.open("rb") as file:
                while block := file.read(_BLOCK):
                    out.write(block)
                    digest.update(block)
                    size += len(block)
    came_from = str((one.came_from or one.path).absolute())
    return Entry(one.name, size, digest.hexdigest(), came_from, one.is_secret)


def unpack(file: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder, checking every name, size and digest.

    Raises `ArchiveRefused` naming file and entry; what was unpacked until then is the caller's
    to remove.
    """
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        _refuse_bomb(file, folder, manifest)
        for one in manifest.files:
            _unpack_one(archive, file, one, folder / one.name)
    return manifest


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ArchiveRefused(f"backup {str(file)!r} cannot be read: {why}") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    name = f"backup {str(file)!r}"
    names = [one.filename for one in archive.infolist()]
    if MANIFEST not in names:
        raise ArchiveRefused(f"{name} holds no {MANIFEST}: it is no backup of Lamplighter")
    try:
        with archive.open(MANIFEST) as packed:
            text = packed.read(_LONGEST_MANIFEST + 1)
        if len(text) > _LONGEST_MANIFEST:
            raise ArchiveRefused(f"{name}: its {MANIFEST} is too long")
        manifest = msgspec.json.decode(text, type=Manifest)
    except (*_BROKEN, msgspec.MsgspecError) as error:
        raise ArchiveRefused(f"{name}: its {MANIFEST} cannot be read: {error}") from error
    told = [one.name for one in manifest.files]
    if len(told) > _MOST_ENTRIES:
        raise ArchiveRefused(f"{name} names {len(told):,} files; at most {_MOST_ENTRIES:,}")
    if sorted([*told, MANIFEST]) != sorted(names) or len(set(told)) != len(told):
        raise ArchiveRefused(f"{name}: its {MANIFEST} does not name what it holds")
    for entry in manifest.files:
        if not _NAMES.fullmatch(entry.name):
            raise ArchiveRefused(f"{name}: {entry.name!r} is no name of a file in a backup")
        if entry.size < 0:
            raise ArchiveRefused(f"{name}: {entry.name!r} has {entry.size} bytes")
    return manifest


def _refuse_bomb(file: Path, folder: Path, manifest: Manifest) -> None:
    total = sum(one.size for one in manifest.files)
    packed = file.stat().st_size
    if total > _MOST_FOLD * packed + _SPARE_BYTES:
        raise ArchiveRefused(
            f"backup {str(file)!r} has {packed:,} bytes and says it holds {total:,}: "
            f"more than {_MOST_FOLD} times its size is no backup"
        )
    free = shutil.disk_usage(folder).free
    if total + _SPARE_BYTES > free:
        raise ArchiveRefused(
            f"backup {str(file)!r} holds {total:,} bytes, and {str(folder)!r} has room for "
            f"{free:,}: at least {total + _SPARE_BYTES:,} are wanted"
        )


def _unpack_one(archive: zipfile.ZipFile, file: Path, entry: Entry, to: Path) -> None:
    name = f"backup {str(file)!r}: {entry.name!r}"
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    left = entry.size
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as out, archive.open(entry.name) as packed:
            # One byte more than it may have: longer is found without unfolding the rest.
            while block := packed.read(min(_BLOCK, left + 1)):
                left -= len(block)
                if left < 0:
                    raise ArchiveRefused(f"{name} is longer than the {entry.size:,} bytes it says")
                out.write(block)
                digest.update(block)
            out.flush()
            os.fsync(out.fileno())
    except _BROKEN as error:
        raise ArchiveRefused(f"{name} cannot be unpacked: {error}") from error
    if left:
        raise ArchiveRefused(f"{name} has {entry.size - left:,} bytes, not the {entry.size:,} told")
    if digest.hexdigest() != entry.sha256:
        raise ArchiveRefused(f"{name} is damaged: its SHA-256 is another than the manifest's")
