"""The broker fails while the street switches on."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from tests.system.scenarios.stage import Stage, a_stage, until
from tests.system.scenarios.verdict import Verdict, verdict

_DUSK = "2026-11-22T16:40:00+08:00"
"""Some minutes before Beijing's dusk; that of the demo city is spread over a minute or two."""


async def broker_killed_at_dusk(
    folder: Path,
    *,
    luminaires: int,
    speed: float = 10.0,
    lead_s: float = 20.0,
    gone_s: float = 30.0,
    keeps_store: bool = True,
) -> tuple[Stage, Verdict]:
    """The broker dies when 30 % of a switch-on is confirmed and comes back after ``gone_s``.

    It comes back with what it had written, or with nothing at all.
    """
    async with a_stage(
        folder, luminaires=luminaires, begins=_DUSK, speed=speed, lead_s=lead_s
    ) as stage:
        stage.controller.start()
        async with stage.fleet():
            await stage.controller.until_ready()
            await stage.until_commissioned()

            def is_a_third_lit() -> bool:
                return _lit(stage) >= 0.3 * luminaires

            await until(is_a_third_lit, "30 % lit", 600)
            stage.figures["lit when the broker was killed"] = _lit(stage)
            await stage.broker.kill()
            if not keeps_store:
                stage.broker.forget()
            await asyncio.sleep(gone_s)
            await stage.broker.start()
            dusk_is_over = datetime.fromisoformat(_DUSK) + timedelta(minutes=50)
            await stage.until_site_time(dusk_is_over.timestamp())
            judged = await verdict(stage)
    return stage, judged


def _lit(stage: Stage) -> float:
    return sum(
        value
        for series, value in stage.controller.series().items()
        if series.startswith("streetlight_luminaires{") and 'state="on"' in series
    )
