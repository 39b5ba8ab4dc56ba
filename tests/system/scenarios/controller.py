"""The controller itself: killed again and again, or running for thirty nights."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from tests.system.scenarios.stage import Stage, a_stage, open_descriptors, resident_bytes
from tests.system.scenarios.verdict import Verdict, verdict

_NOON = "2027-01-15T12:30:00+08:00"
_LATE = "2027-01-15T22:40:00+08:00"
"""Lit, and before the steps down of the late evening."""
_NIGHT_S = 22 * 3600
_WEEK_S = 7 * 86_400


async def controller_killed(
    folder: Path, *, luminaires: int, kills: int, speed: float, lead_s: float = 20.0, seed: int = 1
) -> tuple[Stage, Verdict, int]:
    """The controller is killed ``kills`` times over one night, at random instants.

    Now and then an operator puts an override in force for next week just before. Gives how
    many of those that were acknowledged the store lost.
    """
    rng = random.Random(seed)
    acknowledged: dict[str, int] = {}
    async with a_stage(
        folder, luminaires=luminaires, begins=_NOON, speed=speed, lead_s=lead_s
    ) as stage:
        stage.controller.start()
        async with stage.fleet():
            await stage.controller.until_ready()
            await stage.until_commissioned()
            ends_at = stage.timebase.site_at + _NIGHT_S
            every_s = (ends_at - stage.now()) / speed / (kills + 1)
            for number in range(kills):
                await asyncio.sleep(every_s * rng.uniform(0.2, 1.0))
                if number % 5 == 0:
                    name = f"ahead-{number}"
                    acknowledged[name] = await asyncio.to_thread(
                        stage.override, name, level=40, in_s=_WEEK_S
                    )
                stage.controller.kill()
                stage.controller.start()
            await stage.until_site_time(ends_at)
            await stage.controller.until_ready()
            judged = await verdict(stage, acknowledged=max(acknowledged.values(), default=1))
        with SqliteStore(stage.controller.data) as store:
            site = store.load_site()
        assert site is not None
        lost = acknowledged.keys() - {one.id for one in site.plan.overrides}
        stage.figures |= {
            "kills": kills,
            "acknowledged": len(acknowledged),
            "unasked changes": judged.street["unasked_changes"],
        }
    return stage, judged, len(lost)


async def wall_clock_goes_wrong(
    folder: Path, wrong: Sequence[str], *, luminaires: int, lead_s: float = 20.0
) -> tuple[Stage, Verdict, dict[str, float | None]]:
    """The machine's wall clock goes wrong at night, in one way after another.

    ``wrong`` in the words of libfaketime. Gives for each how many machine seconds it took until
    the metrics said so; None: never.
    """
    noticed: dict[str, float | None] = {}
    async with a_stage(
        folder, luminaires=luminaires, begins=_LATE, speed=20, lead_s=lead_s
    ) as stage:
        stage.controller.crook("+0")
        stage.controller.start()
        async with stage.fleet():
            await stage.controller.until_ready()
            await stage.until_commissioned()
            await asyncio.sleep(3)
            for words in wrong:
                stage.controller.crook(words)
                noticed[words] = await _until_clock(stage, is_trusted=False, limit_s=15)
                await asyncio.sleep(5)
                stage.controller.crook("+0")
                await _until_clock(stage, is_trusted=True, limit_s=120)
            judged = await verdict(stage)
    return stage, judged, noticed


async def started_with_a_wrong_clock(
    folder: Path, wrong: str, *, luminaires: int, lead_s: float = 20.0
) -> tuple[Stage, Verdict]:
    """The controller is killed at night and starts where the wall clock is wrong; later it is
    set right."""
    async with a_stage(
        folder, luminaires=luminaires, begins=_LATE, speed=20, lead_s=lead_s
    ) as stage:
        stage.controller.crook("+0")
        stage.controller.start()
        async with stage.fleet():
            await stage.controller.until_ready()
            await stage.until_commissioned()
            await asyncio.sleep(35)  # longer than states are kept unsaved
            stage.controller.kill()
            stage.controller.crook(wrong)
            stage.controller.start()
            await asyncio.sleep(15)
            stage.controller.crook("+0")
            await stage.controller.until_ready()
            judged = await verdict(stage)
    return stage, judged


async def _until_clock(stage: Stage, *, is_trusted: bool, limit_s: float) -> float | None:
    begun = time.monotonic()
    while (took_s := time.monotonic() - begun) < limit_s:
        figures = await asyncio.to_thread(stage.controller.metrics)
        if bool(figures["streetlight_clock_trusted"]) is is_trusted:
            return took_s
        await asyncio.sleep(0.2)
    return None


async def many_nights(
    folder: Path, *, luminaires: int, nights: int, speed: float, faults: float, lead_s: float = 20.0
) -> tuple[Stage, Verdict, list[dict[str, float]]]:
    """Nights with random faults; what the process holds at the end of each."""
    held: list[dict[str, float]] = []
    async with a_stage(
        folder, luminaires=luminaires, begins=_NOON, speed=speed, lead_s=lead_s
    ) as stage:
        stage.controller.start()
        async with stage.fleet("--faults", str(faults)) as street:
            await stage.controller.until_ready()
            for night in range(1, nights + 1):
                at = stage.timebase.site_at + night * 86_400
                await stage.until_site_time(at - 12 * 3600)
                await street.process.step("reconnect_storm", within_s=2.0)
                await stage.until_site_time(at)
                figures = await asyncio.to_thread(stage.controller.metrics)
                held.append(
                    {
                        "night": night,
                        "resident MB": resident_bytes(stage.controller.pid) / 1e6,
                        "descriptors": open_descriptors(stage.controller.pid),
                        "tasks": figures["streetlight_event_loop_tasks"],
                    }
                )
            judged = await verdict(stage, is_faultless=False)
    return stage, judged, held
