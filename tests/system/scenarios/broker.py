"""The broker fails, or the link to it does, while the street switches on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simulator.chaos import LinkFault, Proxy, Way
from simulator.chaos.messages import MessageTrouble
from tests.system.scenarios.stage import Stage, a_stage, until
from tests.system.scenarios.verdict import Verdict, verdict

DUSK = "2027-01-15T17:25:00+08:00"
"""Some minutes before Beijing's dusk; that of the demo city is spread over a minute or two."""
_OVER_S = 35 * 60
"""Site seconds after which dusk is over."""


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
        folder, luminaires=luminaires, begins=DUSK, speed=speed, lead_s=lead_s
    ) as stage:
        stage.controller.start()
        async with stage.fleet():
            await stage.controller.until_ready()
            await stage.until_commissioned()
            await until(lambda: stage.lit() >= 0.3 * luminaires, "30 % lit", 900)
            stage.figures["lit when the broker was killed"] = stage.lit()
            await stage.broker.kill()
            if not keeps_store:
                stage.broker.forget()
            await asyncio.sleep(gone_s)
            await stage.broker.start()
            await stage.until_site_time(stage.timebase.site_at + _OVER_S)
            judged = await verdict(stage)
    return stage, judged


@asynccontextmanager
async def _behind_a_proxy(
    folder: Path, *, luminaires: int, speed: float, lead_s: float
) -> AsyncIterator[tuple[Stage, Proxy]]:
    """A commissioned street before dusk, its controller behind a proxy, its gateways not."""
    async with (
        a_stage(folder, luminaires=luminaires, begins=DUSK, speed=speed, lead_s=lead_s) as stage,
        Proxy("127.0.0.1", stage.broker.port) as proxy,
    ):
        stage.controller.broker_url = f"mqtt://127.0.0.1:{proxy.port}"
        stage.controller.start()
        async with stage.fleet():
            await stage.controller.until_ready()
            await stage.until_commissioned()
            yield stage, proxy


async def link_in_trouble(
    folder: Path,
    fault: LinkFault,
    *,
    luminaires: int,
    speed: float = 10.0,
    lead_s: float = 20.0,
    lasts_s: float = 120.0,
) -> tuple[Stage, Verdict]:
    """The controller's link has a fault, from before dusk on, for ``lasts_s`` machine seconds.

    An override that is acknowledged meanwhile must be obeyed afterwards.
    """
    async with _behind_a_proxy(folder, luminaires=luminaires, speed=speed, lead_s=lead_s) as (
        stage,
        proxy,
    ):
        proxy.put(fault)
        acknowledged = stage.override("troubled", level=70)
        await asyncio.sleep(lasts_s)
        proxy.put(LinkFault())
        await stage.until_site_time(stage.timebase.site_at + _OVER_S)
        judged = await verdict(stage, acknowledged=acknowledged)
        stage.figures |= proxy.say()
    return stage, judged


HALF_OPEN = LinkFault(down=Way.SWALLOW)
"""The controller's words reach the broker; nothing comes back, and nobody hangs up."""
FLAPPING = LinkFault(flap_s=5.0)
SLOW = LinkFault(latency_s=2.0, bytes_per_s=64_000)


async def messages_in_disorder(
    folder: Path,
    *,
    luminaires: int,
    speed: float = 10.0,
    lead_s: float = 20.0,
) -> tuple[Stage, Verdict]:
    """Dusk with messages doubled, late, out of order, and repeated long after; and the broker
    holds what an older run left behind."""
    trouble = MessageTrouble(duplicate=0.2, late=0.2, late_s=3.0, swap=0.2, replay=0.2)
    async with _behind_a_proxy(folder, luminaires=luminaires, speed=speed, lead_s=lead_s) as (
        stage,
        proxy,
    ):
        proxy.trouble(trouble)
        stage.leave_old_messages()
        acknowledged = stage.override("troubled", level=70)
        await stage.until_site_time(stage.timebase.site_at + _OVER_S)
        judged = await verdict(stage, acknowledged=acknowledged)
        stage.figures |= proxy.say()
    return stage, judged
