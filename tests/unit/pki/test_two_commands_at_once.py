"""Two commands in one authority's folder: the second waits, and reads what the first wrote."""

import fcntl
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from controller.pki import Authority, Identity, Role
from controller.pki.folder import keep
from controller.pki.signing import FOLDER, make_key, retire_key, trusted_keys

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CLIENTS = [Identity(Role.LUMINAIRE, f"L{number}") for number in range(8)]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "pki", "beijing", NOW)


def at_once(*commands: Callable[[], object]) -> None:
    """Let all of them begin; raises what any of them raised."""
    with ThreadPoolExecutor(len(commands)) as pool:
        for done in [pool.submit(command) for command in commands]:
            done.result()


def test_all_that_are_revoked_at_once_are_on_the_list(authority: Authority) -> None:
    serials = [one.issued.serial for one in authority.issue(CLIENTS, NOW)]
    at_once(*(lambda serial=serial: authority.revoke([serial], NOW) for serial in serials))
    written = x509.load_pem_x509_crl((authority.folder / "revoked.crl").read_bytes())
    assert {one.serial_number for one in written} == set(serials)


def test_all_keys_that_are_made_at_once_are_trusted(tmp_path: Path) -> None:
    at_once(*(lambda: make_key(tmp_path, NOW) for _ in range(8)))
    made = {one.stem for one in (tmp_path / FOLDER).glob("*.key")}
    assert len(made) == 8
    assert set(trusted_keys(tmp_path)) == made


@pytest.mark.parametrize("command", ["keep", "revoke", "retire"])
def test_who_comes_second_waits(authority: Authority, command: str) -> None:
    folder = authority.folder
    (handed,) = authority.issue(CLIENTS[:1], NOW)
    old = make_key(folder, NOW).stem
    make_key(folder, NOW)
    act: dict[str, Callable[[], object]] = {
        "keep": lambda: keep(folder, handed),
        "revoke": lambda: authority.revoke([handed.issued.serial], NOW),
        "retire": lambda: retire_key(folder, old),
    }
    first = os.open(folder / FOLDER if command == "retire" else folder, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(act[command])
        with pytest.raises(TimeoutError):
            second.result(timeout=0.05)
        os.close(first)
        second.result()
