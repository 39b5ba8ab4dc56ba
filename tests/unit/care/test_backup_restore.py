"""An installation in one file and back: nothing secret unasked, nothing taken on trust."""

import json
import sqlite3
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.adapters.archive import MANIFEST
from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME, folder_lock, newest_version
from controller.cli.backup import backup, restore
from controller.errors import ArchiveRefused, ConfigurationError, StoreInUse, StoreTooNew
from tests.fakes.small_city import small_site

SECRETS = {
    "pki/ca.key": "authority-key-words",
    "pki/issued/luminaire/a1.key": "lamp-key-words",
    "pki/signing/0123456789abcdef.key": "signing-key-words",
    "pki/credentials.csv": "user,password\na1,lamp-password-words\n",
    "broker.password": "broker-password-words",
    "platform.key": "platform-key-words",
}
PUBLIC = {
    "pki/ca.crt": "certificate of the authority",
    "pki/register.jsonl": "{}\n",
    "pki/issued/luminaire/a1.crt": "certificate of a lamp",
    "pki/signing/trusted.txt": "whom lamps believe",
}
URL_PASSWORD = "pass/word@of:url"
URL_SIGNATURE = "signature-of-shared-access"


def run(command: str, *arguments: object) -> Result:
    which = {"backup": backup, "restore": restore}[command]
    return CliRunner().invoke(which, [str(one) for one in arguments])


def an_installation(folder: Path) -> Path:
    """A data folder with a store in use before, an authority, and settings beside it."""
    data = folder / "data"
    with SqliteStore(data) as store:
        store.save_site(small_site(), author="a", comment="b")
        store.lead(0)
        store.reserve_revs(500)
    for name, text in {**PUBLIC, **SECRETS}.items():
        file = data / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    settings = folder / "lamplighter.toml"
    settings.write_text(
        'data = "data"\n[broker]\npassword_file = "data/broker.password"\n'
        f'url = "mqtt://me:{URL_PASSWORD}@broker.example:1883"\n'
        f'[report_push]\nurl = "https://platform.example/in?v=2&sig={URL_SIGNATURE}"\n'
        'key_file = "data/platform.key"\n'
    )
    return settings


def made(folder: Path, *more: str) -> Path:
    file = folder / "all.backup"
    done = run("backup", file, "--config", an_installation(folder), *more)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return file


def content(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_was_backed_up_is_there_again_and_counts_above_what_was_lost(tmp_path: Path) -> None:
    file = made(tmp_path)
    new = tmp_path / "new"
    done = run("restore", file, "--data", new)
    assert done.exit_code == 0, done.output
    assert "4 luminaires" in done.output
    with SqliteStore(new) as store:
        assert store.load_site() == small_site()
        assert store.reserve_revs(1) > 500 + 2**20
        assert store.epochs().known > 1_000
    for name, text in PUBLIC.items():
        assert (new / name).read_text() == text
    settings = new / "restored/settings/lamplighter.toml"
    assert "mqtt://me@broker.example" in settings.read_text()
    assert str(tmp_path / "lamplighter.toml") in done.output


def test_no_secret_is_in_a_backup_unless_asked_for(tmp_path: Path) -> None:
    file = made(tmp_path)
    held = b"".join(content(file).values())
    for secret in (*SECRETS.values(), URL_PASSWORD, URL_SIGNATURE):
        assert secret.splitlines()[-1].encode() not in held
    assert file.stat().st_mode & 0o077 == 0


def test_with_secrets_everything_comes_back_for_its_owner_alone(tmp_path: Path) -> None:
    file = made(tmp_path, "--with-secrets")
    assert file.stat().st_mode & 0o077 == 0
    assert run("restore", file, "--data", tmp_path / "new").exit_code == 0
    for name in ("pki/ca.key", "pki/issued/luminaire/a1.key", "pki/credentials.csv",
                 "pki/signing/0123456789abcdef.key"):  # fmt: skip
        back = tmp_path / "new" / name
        assert back.read_text() == SECRETS[name]
        assert back.stat().st_mode & 0o077 == 0
    password = tmp_path / "new/restored/settings/files/broker.password_file"
    assert password.read_text() == SECRETS["broker.password"]
    assert URL_PASSWORD in (tmp_path / "new/restored/settings/lamplighter.toml").read_text()


def test_a_backup_is_made_while_the_store_is_written(tmp_path: Path) -> None:
    settings = an_installation(tmp_path)
    with SqliteStore(tmp_path / "data") as store:
        store.reserve_revs(7)
        file = tmp_path / "all.backup"
        assert run("backup", file, "--config", settings).exit_code == 0
        assert store.reserve_revs(1) == 508
    facts = json.loads(content(file)[MANIFEST])
    assert facts["store_version"] == newest_version()
    whole = {one["name"]: (one["size"], one["sha256"]) for one in facts["files"]}
    for name, held in content(file).items():
        assert name == MANIFEST or whole[name] == (len(held), sha256(held).hexdigest())


def test_an_installation_is_not_replaced_unless_asked_for(tmp_path: Path) -> None:
    file = made(tmp_path)
    data = tmp_path / "data"
    before = (data / FILE_NAME).read_bytes()
    refused = run("restore", file, "--data", data)
    assert isinstance(refused.exception, ConfigurationError)
    assert "--replace" in str(refused.exception)
    assert (data / FILE_NAME).read_bytes() == before
    done = run("restore", file, "--data", data, "--replace")
    assert done.exit_code == 0
    (aside,) = data.glob("replaced-*")
    assert (aside / FILE_NAME).read_bytes() == before
    assert (aside / "pki/ca.key").is_file()
    with SqliteStore(data) as store:
        assert store.load_site() == small_site()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    file = made(tmp_path)
    with folder_lock(tmp_path / "data"):
        refused = run("restore", file, "--data", tmp_path / "data", "--replace")
    assert isinstance(refused.exception, StoreInUse)
    assert not list((tmp_path / "data").glob("replaced-*"))


def rewritten(file: Path, change: dict[str, bytes], **facts: object) -> Path:
    """The archive with other entries; digests fit unless ``facts`` say otherwise."""
    held = {**content(file), **change}
    manifest = json.loads(held.pop(MANIFEST))
    manifest["files"] = [
        {"name": name, "size": len(one), "sha256": sha256(one).hexdigest()}
        for name, one in held.items()
    ]
    manifest.update(facts)
    other = file.with_name("other.backup")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in held.items():
            archive.writestr(name, one)
        archive.writestr(MANIFEST, json.dumps(manifest))
    return other


def refused(file: Path) -> str:
    """Why a backup is refused; nothing of it is left."""
    new = file.parent / "refused"
    done = run("restore", file, "--data", new)
    assert isinstance(done.exception, ArchiveRefused | StoreTooNew), repr(done.exception)
    assert not new.exists()
    return str(done.exception)


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = made(tmp_path)
    store = tmp_path / "newer.db"
    store.write_bytes(content(file)[FILE_NAME])
    db = sqlite3.connect(store)
    db.execute("PRAGMA user_version = 99")
    db.close()
    assert "version 99" in refused(rewritten(file, {FILE_NAME: store.read_bytes()}))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "pki/../../evil",
        "pki/.ssh",
        "pki\\..\\evil",
        "other",
        "pki/a/b/c/d",
        "settings/files/..",
        "lamplighter.db/../x",
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    words = refused(rewritten(made(tmp_path), {name: b"evil"}))
    assert "no name of a file in a backup" in words
    assert not (tmp_path / "evil").exists()


def test_what_unfolds_to_a_full_disk_is_refused_before_it_does(tmp_path: Path) -> None:
    zeros = bytes(200 * 2**20)
    assert "is no backup" in refused(rewritten(made(tmp_path), {"pki/zeros": zeros}))


@pytest.mark.parametrize("size", [0, 3, 5])
def test_an_entry_of_another_length_than_told_is_refused(tmp_path: Path, size: int) -> None:
    file = made(tmp_path)
    files = json.loads(content(file)[MANIFEST])["files"]
    told = [{**one, "came_from": ""} for one in files]
    told.append({"name": "pki/x", "size": size, "sha256": sha256(b"four").hexdigest()})
    assert "pki/x" in refused(rewritten(file, {"pki/x": b"four"}, files=told))


def test_an_entry_with_another_digest_is_refused(tmp_path: Path) -> None:
    file = made(tmp_path)
    told = json.loads(content(file)[MANIFEST])["files"]
    words = refused(rewritten(file, {"pki/ca.crt": b"Certificate of the authority"}, files=told))
    assert "SHA-256" in words


def test_entries_that_the_manifest_does_not_name_are_refused(tmp_path: Path) -> None:
    file = made(tmp_path)
    told = json.loads(content(file)[MANIFEST])["files"]
    assert "does not name" in refused(rewritten(file, {"pki/more": b"x"}, files=told))


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    file = made(tmp_path)
    whole = file.read_bytes()
    cut = tmp_path / "cut.backup"
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:length])
        assert "cannot be read" in refused(cut)


def test_a_flipped_byte_of_the_store_is_found(tmp_path: Path) -> None:
    file = made(tmp_path)
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo(FILE_NAME)
    spoiled = bytearray(file.read_bytes())
    spoiled[info.header_offset + info.compress_size // 2] ^= 0xFF
    other = tmp_path / "other.backup"
    other.write_bytes(spoiled)
    assert FILE_NAME in refused(other)


def test_a_store_that_is_damaged_itself_is_refused(tmp_path: Path) -> None:
    file = made(tmp_path)
    store = bytearray(content(file)[FILE_NAME])
    store[4096:] = b"\xa5" * (len(store) - 4096)
    assert "damaged" in refused(rewritten(file, {FILE_NAME: bytes(store)}))


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    done = run("backup", tmp_path / "file", "--data", tmp_path / "none")
    assert isinstance(done.exception, ConfigurationError)
    assert not (tmp_path / "file").exists()
