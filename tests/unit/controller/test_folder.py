"""A folder of documents: read whole, replaced whole or not at all, other files left alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from controller.adapters.folder import FolderWritten, read_folder, write_folder
from controller.errors import FolderError
from schedules.files import site_files
from tests.fakes.small_city import small_site

FILES = site_files(small_site())


def contents(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*")
        if file.is_file()
    }


def beside(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.parent.iterdir())


def test_what_was_written_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "plan"
    written = write_folder(folder, FILES)
    assert written == FolderWritten(tuple(sorted(FILES)), (), ())
    assert contents(folder) == FILES
    read = read_folder(folder)
    assert {path: content.decode() for path, content in read.files.items()} == FILES
    assert read.others == ()
    assert beside(folder) == ["plan"]


def test_writing_the_same_again_touches_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    write_folder(folder, FILES)
    before = (folder / "city.yaml").stat().st_ino
    assert write_folder(folder, FILES) == FolderWritten((), (), ())
    assert (folder / "city.yaml").stat().st_ino == before


def test_an_export_is_renewed_and_what_is_no_document_stays(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    write_folder(folder, FILES)
    (folder / ".git" / "objects").mkdir(parents=True)
    (folder / ".git" / "objects" / "a").write_text("history")
    (folder / "README.md").write_text("ours")
    (folder / "link").symlink_to("README.md")
    (folder / "programs" / "notes.txt").write_text("mine")
    (folder / "programs" / "old.yaml").write_text("name: old")
    (folder / "limits.yaml").write_text("- edited")
    folder.chmod(0o750)
    written = write_folder(folder, FILES)
    assert written == FolderWritten((), ("limits.yaml",), ("programs/old.yaml",))
    found = contents(folder)
    assert found.pop(".git/objects/a") == "history"
    assert found.pop("README.md") == found.pop("link") == "ours"
    assert found.pop("programs/notes.txt") == "mine"
    assert found == FILES
    assert (folder / "link").is_symlink()
    assert folder.stat().st_mode & 0o777 == 0o750
    assert beside(folder) == ["plan"]
    assert set(read_folder(folder).others) == {"README.md", "link", "programs/notes.txt"}


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError, match="holds files and is no export"):
        write_folder(folder, FILES)
    assert contents(folder) == {"thesis.txt": "years of work"}
    write_folder(folder, FILES, replace=True)
    assert contents(folder) == {**FILES, "thesis.txt": "years of work"}


def test_documents_of_somebody_else_are_left_alone_without_replace(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "city.yaml").write_text("name: another tool's\n")
    with pytest.raises(FolderError, match="--replace"):
        write_folder(folder, FILES)
    assert contents(folder) == {"city.yaml": "name: another tool's\n"}


def test_an_empty_folder_or_one_with_a_history_alone_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    (folder / ".git").mkdir(parents=True)
    write_folder(folder, FILES)
    assert contents(folder) == FILES
    assert (folder / ".git").is_dir()


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "plan").symlink_to("real")
    write_folder(tmp_path / "plan", FILES)
    assert (tmp_path / "plan").is_symlink()
    assert contents(tmp_path / "real") == FILES


def test_a_write_that_is_killed_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    write_folder(folder, FILES)
    changed = {**FILES, "limits.yaml": "[]\n"}
    program = (
        "import os, signal, sys, json; from pathlib import Path\n"
        "from controller.adapters.folder import write_folder\n"
        "calls = []\n"
        "def kill_in_the_middle(event, arguments):\n"
        "    if event == 'open' and '.lamplighter-new' in str(arguments[0]):\n"
        "        calls.append(event)\n"
        "        if len(calls) == 5:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(kill_in_the_middle)\n"
        "write_folder(Path(sys.argv[1]), json.load(sys.stdin))"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        input=json.dumps(changed),
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr
    assert contents(folder) == FILES
    assert len(beside(folder)) == 2
    write_folder(folder, changed)
    assert contents(folder) == changed
    assert beside(folder) == ["plan"]


def test_what_cannot_be_read_or_written_is_one_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(FolderError, match="is no folder"):
        read_folder(file)
    with pytest.raises(FolderError, match="does not exist; 'lamplighter export"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(FolderError, match="is a file; name a folder"):
        write_folder(file, FILES)
    with pytest.raises(FolderError, match="cannot be written"):
        write_folder(file / "below", FILES)


def test_documents_in_folders_within_folders_are_named_not_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    write_folder(folder, FILES)
    (folder / "programs" / "old").mkdir()
    (folder / "programs" / "old" / "x.yaml").write_text("name: x")
    (folder / "pictures").mkdir()
    read = read_folder(folder)
    assert "programs/old/x.yaml" in read.files
    assert read.others == ("pictures/",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    write_folder(folder, FILES)
    os.mkfifo(folder / "limit.yaml")
    assert read_folder(folder).others == ("limit.yaml",)
