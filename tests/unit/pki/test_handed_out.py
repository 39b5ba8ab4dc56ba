"""Certificates that were handed out, as those see them who watch for their ends."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.errors import ConfigurationError
from controller.pki import Authority, Identity, Role
from controller.pki.handed_out import HandedOut, register_of
from controller.pki.register import REGISTER

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def lamp(number: int) -> Identity:
    return Identity(Role.LUMINAIRE, f"L-{number}")


def issue(folder: Path, holders: Iterable[Identity], days: int) -> None:
    """Certificates that end so many days from now."""
    authority = (
        Authority.open(folder)
        if (folder / REGISTER).exists()
        else Authority.create(folder, "beijing", NOW)
    )
    list(authority.issue(list(holders), NOW, days=days))


def test_the_newest_of_each_holder_counts_by_role_and_state(tmp_path: Path) -> None:
    folder = tmp_path / "pki"
    issue(folder, map(lamp, range(4)), 10)
    issue(folder, [lamp(0)], 400)
    issue(folder, [Identity(Role.GATEWAY, "G-1")], 30)
    issue(folder, [Identity(Role.CONTROLLER, "controller")], 1)
    watching = HandedOut(folder / REGISTER, lambda: NOW + timedelta(days=1))
    found = watching.ends()
    assert {key: count for key, count in found.counts.items() if count} == {
        ("luminaire", "expiring"): 3,
        ("luminaire", "valid"): 1,
        ("gateway", "expiring"): 1,
    }
    assert found.counts["sensor", "expired"] == 0
    first = (NOW + timedelta(days=10)).timestamp()
    assert found.first_not_after["luminaire"] == pytest.approx(first, abs=1)
    assert "sensor" not in found.first_not_after


def test_what_is_renewed_or_revoked_is_seen_without_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "pki"
    issue(folder, [lamp(1), lamp(2)], 10)
    watching = HandedOut(folder / REGISTER, lambda: NOW + timedelta(days=20))
    assert watching.ends().counts["luminaire", "expired"] == 2
    issue(folder, [lamp(1)], 400)
    assert watching.ends().counts["luminaire", "expired"] == 1
    (held,) = (one for one in Authority.open(folder).issued() if one.name == "L-2")
    Authority.open(folder).revoke([held.serial], NOW)
    found = watching.ends()
    assert found.counts["luminaire", "expired"] == 0
    assert found.counts["luminaire", "valid"] == 1


def test_a_register_that_goes_away_is_told_once_and_what_was_read_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "pki"
    issue(folder, [lamp(1)], 400)
    watching = HandedOut(folder / REGISTER, lambda: NOW)
    (folder / REGISTER).unlink()
    for _ in range(3):
        assert watching.ends().counts["luminaire", "valid"] == 1
    assert caplog.text.count("cannot be read") == 1


def test_a_register_that_is_named_must_be_one(tmp_path: Path) -> None:
    missing, broken = tmp_path / "missing.jsonl", tmp_path / "broken.jsonl"
    broken.write_text("{}\n")
    for file in (missing, broken):
        with pytest.raises(ConfigurationError, match=file.name):
            register_of(file, tmp_path)
    assert register_of(None, tmp_path) is None
    issue(tmp_path / "pki", [lamp(1)], 400)
    own = register_of(None, tmp_path)
    assert own is not None
    assert own.ends().counts["luminaire", "valid"] == 1
