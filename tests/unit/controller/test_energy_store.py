"""The account in the store: written together, read by reports, summed up when old."""

import importlib.resources
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME
from controller.ports.energy import EnergyRecord, NightRecord, PartRecord, ZoneTotal

ZONES = ("a", "b")
LAMPS = ("l1", "l2", "l3")
DAY_S = 86_400
NOON = 20_000 * DAY_S


def record(
    *parts: PartRecord, nights: tuple[NightRecord, ...] = (), zones: tuple[str, ...] = ZONES
) -> EnergyRecord:
    return EnergyRecord(
        zones=zones,
        luminaires=LAMPS,
        totals=[ZoneTotal(zone, *range(11)) for zone in zones],
        parts=parts,
        nights=nights,
        columns={"level:f4": np.array([1.0, 2.5, 3.0], dtype="f4")},
        dropped=(),
        marks={"accounted_at": 12.5},
    )


def asked(start_at: int, value: float = 1.0, zones: int = 2) -> PartRecord:
    return PartRecord(start_at, "asked", np.full((7, zones), value))


def used(start_at: int, metered: float, modelled: float) -> PartRecord:
    return PartRecord(start_at, "used", np.array([[metered, metered], [modelled, modelled]]))


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path)


def test_an_empty_store_has_no_account(store: SqliteStore) -> None:
    with store:
        assert store.energy_state(0) is None
        assert store.energy_totals() == []
        assert store.intervals(0, 2**40) == []
        assert store.luminaire_nights(date(2000, 1, 1), date(2100, 1, 1)) == []


def test_what_was_written_together_is_read_again(store: SqliteStore) -> None:
    with store:
        store.save_night([], record(asked(900), used(900, 2.0, 3.0)))
        state = store.energy_state(0)
        assert state is not None
        assert state.marks == {"accounted_at": 12.5}
        ids, level = state.columns["level:f4"]
        assert (ids, level.tolist()) == (LAMPS, [1.0, 2.5, 3.0])
        ((start_at, zones, figures),) = state.used
        assert (start_at, zones, figures.tolist()) == (900, ZONES, [[2.0, 2.0], [3.0, 3.0]])
        assert [one.zone for one in store.energy_totals()] == ["a", "b"]
        (only,) = store.intervals(0, 2**40, {"b"})
        assert tuple(only) == ("b", 900, 1, 1, 1, 1, 1, 1, 1, 2, 3, 900)
        assert only.used_j == 5


def test_a_part_written_again_replaces_and_the_other_part_stays(store: SqliteStore) -> None:
    with store:
        store.save_night([], record(asked(900), used(900, 2.0, 3.0)))
        store.save_night([], record(used(900, 5.0, 0.0)))
        one = store.intervals(0, 2**40)[0]
        assert (one.baseline_j, one.metered_j, one.modelled_j) == (1, 5, 0)


def test_zones_that_came_later_have_no_past(store: SqliteStore) -> None:
    with store:
        store.save_night([], record(asked(900)))
        store.save_night([], record(asked(1800, 2.0, 3), zones=("c", "a", "b")))
        found = [(one.zone, one.start_at, one.baseline_j) for one in store.intervals(0, 2**40)]
        assert found == [("a", 900, 1), ("a", 1800, 2), ("b", 900, 1), ("b", 1800, 2),
                         ("c", 1800, 2)]  # fmt: skip


def test_nights_of_luminaires_in_whole_joules(store: SqliteStore) -> None:
    night = NightRecord(
        "2026-03-20", np.array([1e6, 0.0, 2.4]), np.array([0.0, 5e5, -1e-9]), np.array([4e4, 0, 1])
    )
    with store:
        store.save_night([], record(nights=(night,)))
        day = date(2026, 3, 20)
        found = store.luminaire_nights(day, day, {"l1", "l3"})
        assert found == [("l1", "2026-03-20", 1e6, 0, 4e4), ("l3", "2026-03-20", 2, 0, 1)]
        assert store.luminaire_nights(date(2026, 3, 21), date(2026, 3, 22)) == []


def day_start(at: int) -> int:
    return at - at % DAY_S


def test_old_intervals_are_summed_and_none_is_lost(store: SqliteStore) -> None:
    with store:
        parts = [asked(NOON + n * 900) for n in range(3 * 96)]
        parts += [used(NOON + n * 900, 2.0, 1.0) for n in range(3 * 96)]
        store.save_night([], record(*parts))
        for _ in range(2):  # again is the same
            store.roll_up_energy(
                hours_before=NOON + 2 * DAY_S,
                days_before=NOON + DAY_S,
                day_start=day_start,
                nights_before=date(1970, 1, 1),
            )
        rows = store.intervals(0, 2**40, {"a"})
        assert [one.span_s for one in rows] == [DAY_S] + [3600] * 24 + [900] * 96
        assert rows[0].start_at == NOON
        assert sum(one.baseline_j for one in rows) == 3 * 96
        assert sum(one.metered_j for one in rows) == 3 * 96 * 2
        assert sum(one.modelled_j for one in rows) == 3 * 96


def test_hours_become_control_days_and_old_nights_go(store: SqliteStore) -> None:
    nights = tuple(
        NightRecord((date(2026, 1, 1) + n * timedelta(days=1)).isoformat(), *np.ones((3, 3)))
        for n in range(3)
    )
    with store:
        store.save_night([], record(*(asked(NOON + n * 900) for n in range(96)), nights=nights))
        for days in (0, 2):
            store.roll_up_energy(
                hours_before=NOON + 5 * DAY_S,
                days_before=NOON + days * DAY_S,
                day_start=day_start,
                nights_before=date(2026, 1, 3),
            )
        (one,) = store.intervals(0, 2**40, {"a"})
        assert (one.span_s, one.baseline_j) == (DAY_S, 96)
        left = store.luminaire_nights(date(2000, 1, 1), date(2100, 1, 1))
        assert {night.control_day for night in left} == {"2026-01-03"}


def test_a_night_of_many_luminaires_is_small(tmp_path: Path, store: SqliteStore) -> None:
    rng = np.random.default_rng(1)
    size = 20_000
    metered = rng.choice([30.0, 60.0, 150.0], size) * 40_000 * rng.normal(0.7, 0.02, size)
    night = NightRecord("2026-01-01", metered, np.zeros(size), np.full(size, 40_000.0))
    names = tuple(f"l{n}" for n in range(size))
    with store:
        whole = EnergyRecord(ZONES, names, (), (), (night,), {}, (), {"accounted_at": 1.0})
        store.save_night([], whole)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        ((length,),) = db.execute("SELECT length(body) FROM energy_night").fetchall()
    assert length < 4 * size


def second_version(db: sqlite3.Connection) -> None:
    folder = importlib.resources.files("controller.adapters") / "migrations"
    for number in (1, 2):
        (script,) = [one for one in folder.iterdir() if one.name.startswith(f"000{number}_")]
        db.executescript(f"{script.read_text()}\nPRAGMA user_version = {number};")


def test_a_reader_of_an_older_store_finds_no_account(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        second_version(db)
    with SqliteStore(tmp_path, read_only=True) as store:
        assert store.intervals(0, 2**40) == []
        assert store.luminaire_nights(date(2000, 1, 1), date(2100, 1, 1)) == []
        assert store.energy_totals() == []


def test_an_older_account_keeps_its_totals(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        second_version(db)
        db.execute("INSERT INTO energy VALUES ('a', 7.0, 2.0, 30.0)")
        db.commit()
    with SqliteStore(tmp_path) as store:
        (total,) = store.energy_totals()
    assert (total.zone, total.baseline_j, total.metered_j, total.modelled_j) == ("a", 30, 7, 2)
    assert (total.retrofitted_j, total.overridden_j, total.metered_counter_j) == (9, 9, 7)
