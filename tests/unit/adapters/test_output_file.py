"""Files that a command writes: whole or not at all."""

import os
import threading
from pathlib import Path

import pytest

from controller.adapters.output_file import output_file
from controller.errors import OutputFailed


def write(file: Path, content: bytes) -> None:
    with output_file(file) as out:
        out.write(content)


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    write(file, b"old")
    write(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_stood_there_stays_when_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_bytes(b"old")

    def fail() -> None:
        with output_file(file) as out:
            out.write(b"half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="middle"):
        fail()
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_mode_of_a_file_is_kept_and_a_new_one_is_plain(tmp_path: Path) -> None:
    old, new, plain = tmp_path / "old", tmp_path / "new", tmp_path / "plain"
    old.write_bytes(b"")
    old.chmod(0o640)
    plain.write_bytes(b"")
    write(old, b"x")
    write(new, b"x")
    assert old.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    link.symlink_to(file)
    write(link, b"x")
    assert link.is_symlink()
    assert file.read_bytes() == b"x"


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"through")
    reader.join()
    assert read == [b"through"]
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (".", "is a folder"),
        ("missing/plan.csv", "missing' does not exist"),
        ("file/plan.csv", "cannot be written"),
        ("n" * 300, "cannot be written: File name too long"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, path: str, says: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputFailed, match=says):
        write(tmp_path / path, b"x")
