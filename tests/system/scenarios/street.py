"""The street itself: everybody comes back at once, a cabinet vanishes, nobody is in charge."""

import asyncio
import time
from pathlib import Path
from typing import Any

from controller.wire.timebase import Timebase
from tests.system.scenarios.stage import Stage, a_stage, until
from tests.system.scenarios.verdict import Verdict, verdict
from zones import Cabinet, Feeder, Gateway, Inventory

_LIT = "2027-01-15T18:20:00+08:00"
"""After dusk: the street is lit."""


async def everybody_reconnects(
    folder: Path, *, luminaires: int, within_s: float = 5.0, lead_s: float = 20.0
) -> tuple[Stage, Verdict]:
    """Every gateway drops its connection and comes back within ``within_s``, at night."""
    async with a_stage(
        folder, luminaires=luminaires, begins=_LIT, speed=10, lead_s=lead_s
    ) as stage:
        stage.controller.start()
        async with stage.fleet() as street:
            await stage.controller.until_ready()
            await stage.until_commissioned()
            await stage.until_site_time(stage.timebase.site_at + 60)
            before = stage.controller.metrics()["streetlight_mqtt_messages_total"]
            begun = time.monotonic()
            await street.process.step("reconnect_storm", within_s=within_s)
            await asyncio.sleep(within_s)
            await stage.until_converged()
            stage.figures["all heard again after, s"] = round(time.monotonic() - begun, 1)
            after = stage.controller.metrics()["streetlight_mqtt_messages_total"]
            stage.figures["messages"] = round(after - before)
            judged = await verdict(stage)
    return stage, judged


def one_cabinet(inventory: Inventory) -> Inventory:
    """The same lamps, all fed and spoken for by the cabinet of the first district."""
    district = inventory.districts[0].id
    words = inventory.model_dump()
    words["cabinets"] = [Cabinet(id="cab-1", district=district).model_dump()]
    words["feeders"] = [Feeder(id=f"cab-1-f{n}", cabinet="cab-1").model_dump() for n in range(8)]
    words["gateways"] = [Gateway(id=f"gw-{n}", cabinet="cab-1").model_dump() for n in range(10)]
    for number, luminaire in enumerate(words["luminaires"]):
        luminaire["feeder"] = f"cab-1-f{number % 8}"
        luminaire["gateway"] = f"gw-{number % 10}"
    return Inventory.model_validate(words)


async def a_cabinet_vanishes(
    folder: Path, *, luminaires: int = 2000, lead_s: float = 20.0
) -> tuple[Stage, Verdict, list[dict[str, Any]], list[dict[str, Any]]]:
    """A cabinet loses its supply at night, with all its lamps and gateways.

    Gives the alarms while it is gone and those after it came back.
    """
    async with a_stage(
        folder, luminaires=luminaires, begins=_LIT, speed=60, lead_s=lead_s, change=one_cabinet
    ) as stage:
        stage.controller.start()
        async with stage.fleet() as street:
            await stage.controller.until_ready()
            await stage.until_commissioned()
            await stage.until_site_time(stage.timebase.site_at + 300)
            await street.process.step("cabinet_outage", cabinets=["cab-1"], for_s=1800)
            await until(lambda: bool(stage.alarms()), "an alarm", 240)
            await stage.until_site_time(stage.timebase.site_at + 300 + 1700)
            gone = stage.alarms()
            await until(lambda: not stage.alarms(), "no alarm any more", 240)
            back = stage.alarms()
            judged = await verdict(stage)
    return stage, judged, gone, back


async def nobody_in_charge(
    folder: Path, *, luminaires: int, nights: int, speed: float
) -> tuple[Stage, dict[str, Any], dict[str, Any]]:
    """The controller is gone for 14 nights, then for ``nights`` more.

    Gives what the oracle said at the end of the fourteenth night, and its summary at the end.
    The programs end at noon of the fifteenth day; from there on the last night is repeated at
    the failsafe level, so the sun's way through the year shows as some minutes at either end.
    """
    async with a_stage(
        # It is noon until everybody holds a program, however long that takes.
        folder,
        luminaires=luminaires,
        begins="2027-01-15T12:30:00+08:00",
        speed=speed,
        lead_s=3600,
    ) as stage:
        stage.controller.start()
        async with stage.fleet() as street:
            await stage.controller.until_ready()
            await stage.until_commissioned()
            await stage.controller.stop()
            fast = Timebase(time.time(), stage.now(), speed)
            await street.process.set_timebase(fast)
            fourteenth = stage.timebase.site_at + 14 * 86_400 - 1800
            await until(lambda: street.progress.get("site_at", 0) >= fourteenth, "14 nights", 3600)
            by_program = dict(street.progress)
            ends = fast.real_time(stage.timebase.site_at + (14 + nights) * 86_400)
            await asyncio.sleep(max(0.0, ends - time.time()))
            summary = await stage.judge()
    return stage, by_program, summary
