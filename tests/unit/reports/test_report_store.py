"""Reports from a store: alarms of a district, readings not believed, what there is."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME
from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Alarm, AlarmChanges, Ending
from controller.ports.energy import EnergyRecord, NightRecord, PartRecord
from controller.reports.errors import NoData
from controller.reports.from_store import report_from
from schedules import Site, day_bounds
from schedules.energy.periods import Period, PeriodKind
from tests.fakes.small_city import small_site

NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)
NOW = datetime(2026, 12, 3, tzinfo=UTC)
DAY = NOVEMBER.first_day


def record(site: Site) -> EnergyRecord:
    """Two quarter-hours at 20:00, 1 kWh used in each zone and quarter-hour, three saved."""
    start = day_bounds(site.time_zone, DAY)[0] + 8 * 3600
    kwh = 3.6e6
    asked = np.full((7, 2), kwh)
    asked[0] = 4 * kwh
    used = np.array([[0.75 * kwh] * 2, [0.25 * kwh] * 2])
    luminaires = tuple(one.id for one in site.inventory.luminaires)
    each = np.ones(len(luminaires))
    return EnergyRecord(
        zones=("a", "b"),
        luminaires=luminaires,
        totals=(),
        parts=[
            part
            for at in (start, start + 900)
            for part in (PartRecord(at, "asked", asked), PartRecord(at, "used", used))
        ],
        nights=(NightRecord(DAY.isoformat(), each, each, each * 6 * 3600),),
        columns={},
        dropped=(),
        marks={"quarantined/stuck": 3.0, "accounted_until": 1.0},
    )


def alarm(number: int, raised_at: float, scope: Scope, subject: str, cleared: bool) -> Alarm:
    return Alarm(
        id=number, type=AlarmType.LAMP_FAILURE, severity=Severity.WARNING, scope=scope,
        subject=subject, began_at=raised_at, raised_at=raised_at,
        cleared_at=raised_at + 60 if cleared else None,
        ending=Ending.CLEARED if cleared else None, affected=1, worst=1, total=1, detail="",
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    site = small_site()
    one = SqliteStore(tmp_path)
    one.save_site(site, author="a", comment="c")
    one.save_night([], record(site))
    return one


def test_a_report_of_what_the_store_holds(store: SqliteStore) -> None:
    site = small_site()
    since, _ = NOVEMBER.bounds(site.time_zone)
    one_before = alarm(1, since - 10, Scope.LUMINAIRE, "a1", cleared=True)
    within = alarm(2, since + 10, Scope.LUMINAIRE, "a1", cleared=True)
    still = alarm(3, since + 20, Scope.ZONE, "b", cleared=False)
    elsewhere = alarm(4, since + 30, Scope.SERVICE, "", cleared=False)
    store.save_alarms(AlarmChanges([one_before, within, still, elsewhere], [], []))
    with store:
        city = report_from(store, site, NOVEMBER, NOW)
        district = report_from(store, site, NOVEMBER, NOW, district="d")
    assert city.ladder.used_j == 4 * 3.6e6
    assert city.ladder.saved_j == 12 * 3.6e6
    assert city.ladder.metered_ratio == 0.75
    assert city.whole.night_hours == 6
    # Twelve hours were planned.
    assert city.whole.lit_ratio == pytest.approx(0.5)
    assert city.quality.quarantined == {"stuck": 3}
    assert city.quality.alarms is not None
    assert district.quality.alarms is not None
    assert [(one.raised, one.still_open) for one in city.quality.alarms] == [(3, 2)]
    assert [(one.raised, one.still_open) for one in district.quality.alarms] == [(2, 1)]


def test_what_there_is_is_said(store: SqliteStore) -> None:
    with store, pytest.raises(NoData, match="account from control day 2026-11-01 to 2026-11-01"):
        report_from(store, small_site(), NOVEMBER._replace(number=9), NOW)


def test_a_store_of_an_older_version_holds_none(store: SqliteStore, tmp_path: Path) -> None:
    store.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'energy_%'").fetchall()
        for (name,) in tables:
            if not name.startswith("sqlite_"):
                db.execute(f"DROP TABLE IF EXISTS {name}")
        db.execute("PRAGMA user_version = 4")
    db.close()
    with (
        SqliteStore(tmp_path, read_only=True) as old,
        pytest.raises(NoData, match="holds no account yet"),
    ):
        report_from(old, small_site(), NOVEMBER, NOW)
