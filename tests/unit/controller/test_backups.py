"""When a copy of the store is due."""

from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from controller.service.backups import Backups

DAY_S = 86_400


def test_a_copy_is_due_after_a_day_whichever_way_the_clock_went(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        backups = Backups(store)
        assert backups.is_due(1_800_000_000.0)  # there is none
        backups.last_success_at = 1_800_000_000.0
        assert not backups.is_due(1_800_000_000.0 + DAY_S - 1)
        assert backups.is_due(1_800_000_000.0 + DAY_S)
        assert not backups.is_due(1_800_000_000.0 - 60)
        assert backups.is_due(1_800_000_000.0 - 3650 * DAY_S)
