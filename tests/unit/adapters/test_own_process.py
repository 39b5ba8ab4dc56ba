"""Processes of our own: what they made, why they failed, and that they end with who waits."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from controller.adapters.own_process import run_apart
from controller.adapters.report_process import push_month
from controller.config import ReportPushSettings
from schedules.energy.periods import Period, PeriodKind

NOVEMBER = Period(PeriodKind.MONTH, 2026, 11)


async def test_a_process_hears_and_says() -> None:
    ended = await run_apart(
        "import sys; sys.stdout.write(sys.stdin.read() + sys.argv[1])", "!", given=b"lit"
    )
    assert (ended.code, ended.made) == (0, b"lit!")


async def test_a_process_that_fails_says_why() -> None:
    assert (await run_apart("raise SystemExit('no such\\nzone Z9')")).why == "zone Z9"
    assert (await run_apart("raise SystemExit(3)")).why == "ended with code 3"


async def test_a_month_is_sent_later_where_no_process_can_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    settings = ReportPushSettings(url="https://platform.example/", key_file=tmp_path / "key")
    wrong = await push_month(settings, tmp_path, NOVEMBER)
    assert wrong is not None
    assert wrong.startswith("no process could be started: ")


async def test_a_process_ends_with_who_waits_for_it(tmp_path: Path) -> None:
    ready = tmp_path / "pid"
    os.mkfifo(ready)
    main = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
    waiting = asyncio.create_task(run_apart(main, str(ready)), name="test.apart")
    pid = int(await asyncio.to_thread(ready.read_text))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
