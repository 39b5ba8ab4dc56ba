"""A folder of documents on disk: read whole, and replaced whole or not at all.

What is no document (a ``.git``, a README) is named when reading and carried over when
writing. Knows the names of documents, nothing of what is in them but the mark of an export.
"""

import contextlib
import ctypes
import errno
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from controller.errors import FolderError
from schedules.files import CITY, SUFFIXES, is_known, known_folders

MAX_BYTES: Final = 1 << 30
_FORMAT_LINE: Final = re.compile(rb"^format:", re.MULTILINE)
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


class FolderRead(NamedTuple):
    """What stands in a folder."""

    files: Mapping[str, bytes]
    """Documents, and what seems meant as such, by path within the folder with ``/``."""
    others: tuple[str, ...]
    """Everything else but hidden entries; a folder ends in ``/``."""


class FolderWritten(NamedTuple):
    """What a write changed, as paths within the folder."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def read_folder(folder: Path) -> FolderRead:
    """Every document of a folder; raises `FolderError` naming what cannot be read."""
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise FolderError(
            f"folder {str(folder)!r} {what}; 'lamplighter export {folder}' writes one"
        )
    files: dict[str, bytes] = {}
    others: list[str] = []
    try:
        for entry in sorted(folder.iterdir()):
            if entry.name.startswith("."):
                continue
            if not entry.is_dir():
                if entry.suffix.lower() in SUFFIXES and entry.is_file():
                    files[entry.name] = _content(entry)
                else:
                    others.append(entry.name)
            elif f"{entry.name}/" not in known_folders():
                others.append(f"{entry.name}/")
            else:
                for inner in sorted(_visible(entry)):
                    name = inner.relative_to(folder).as_posix()
                    if inner.suffix.lower() in SUFFIXES and inner.is_file():
                        files[name] = _content(inner)
                    elif not inner.is_dir():
                        others.append(name)
    except OSError as error:
        raise FolderError(
            f"{error.filename or folder}: cannot be read: {error.strerror}"
        ) from error
    return FolderRead(files, tuple(others))


def _visible(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if not entry.name.startswith("."):
            yield entry
            if entry.is_dir() and not entry.is_symlink():
                yield from _visible(entry)


def _content(file: Path) -> bytes:
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise FolderError(f"{file}: has {size:,} bytes; at most {MAX_BYTES:,} are read")
    return file.read_bytes()


def write_folder(folder: Path, files: Mapping[str, str], *, replace: bool = False) -> FolderWritten:
    """Make the documents of a folder these files, all of them or none.

    The new folder is written beside the old one and takes its place in one step. Files that
    are no documents stay. Raises `FolderError`, without ``replace`` also where the folder
    holds something and is no export.
    """
    target = folder.resolve()
    old = _documents_in(target, folder, replace=replace)
    new = {path: text.encode() for path, text in files.items()}
    written = FolderWritten(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(path for path in new.keys() & old.keys() if new[path] != old[path])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )
    if not any(written) and target.is_dir():
        return written
    beside = target.with_name(f".{target.name}.{os.getpid()}.lamplighter-new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _forget_interrupted(target)
        _stage(beside, new)
        if target.is_dir():
            _carry_over(target, beside)
            shutil.copymode(target, beside)
            _exchange(beside, target)
        else:
            beside.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise FolderError(f"{where}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return written


def _documents_in(target: Path, folder: Path, *, replace: bool) -> dict[str, bytes]:
    if not target.exists():
        return {}
    if not target.is_dir():
        raise FolderError(f"{str(folder)!r} is a file; name a folder to export to")
    held = read_folder(target)
    is_export = _FORMAT_LINE.search(held.files.get(CITY, b"")) is not None
    if (held.files or held.others) and not is_export and not replace:
        raise FolderError(
            f"folder {str(folder)!r} holds files and is no export; give an empty folder, or "
            "--replace to put the documents in it (other files stay)"
        )
    return {path: content for path, content in held.files.items() if is_known(path)}


def _stage(beside: Path, files: Mapping[str, bytes]) -> None:
    beside.mkdir()
    for path, content in files.items():
        file = beside / path
        file.parent.mkdir(exist_ok=True)
        try:
            out = file.open("xb")
        except FileExistsError as error:
            raise FolderError(
                f"{path}: another identifier differs in upper and lower case only, "
                "which this file system does not tell apart"
            ) from error
        with out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())


def _carry_over(old: Path, new: Path, inside: str = "") -> None:
    """Put everything that is no document into the new folder; files are linked, not copied."""
    for entry in old.iterdir():
        path = f"{inside}{entry.name}"
        there = new / entry.name
        if entry.is_dir() and not entry.is_symlink():
            if f"{path}/" in known_folders():
                there.mkdir(exist_ok=True)
                _carry_over(entry, there, f"{path}/")
                with contextlib.suppress(OSError):
                    there.rmdir()  # where nothing is left in it
            else:
                shutil.copytree(entry, there, symlinks=True, copy_function=_link)
        elif not is_known(path):
            _link(str(entry), str(there))


def _link(source: str, target: str, *, follow_symlinks: bool = False) -> None:
    # A link costs nothing for a history of gigabytes, and the old name goes away anyway.
    try:
        os.link(source, target, follow_symlinks=follow_symlinks)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=follow_symlinks)


def _exchange(new: Path, old: Path) -> None:
    """Swap two folders in one step, where the system has one; the old one is then at `new`."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        names = os.fsencode(new), os.fsencode(old)
        if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL):
            raise OSError(code, os.strerror(code), str(old))
    aside = new.with_name(new.name.replace("-new", "-old"))
    old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        aside.rename(old)
        raise
    aside.rename(new)


def _forget_interrupted(target: Path) -> None:
    """Take away what an export that was killed left beside the folder."""
    for left in target.parent.glob(f".{target.name}.*.lamplighter-new"):
        owner = left.name.split(".")[-2]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
