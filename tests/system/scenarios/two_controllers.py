"""Two controllers of one site: the one that leads is killed, or stopped and woken."""

import os
import signal
import time
from enum import StrEnum
from pathlib import Path

from tests.system.scenarios.stage import ControllerProcess, Stage, Stuck, a_stage, until
from tests.system.scenarios.verdict import Verdict, verdict

_BEGINS = "2027-06-21T19:00:00+08:00"
"""Before dusk of Beijing's shortest night."""
_NIGHT_S = 10.5 * 3600
"""Site seconds until after dawn."""


class Trouble(StrEnum):
    """What becomes of the controller that leads."""

    KILLED = "killed"
    """SIGKILL; it comes back when the other one leads."""
    STOPPED = "stopped"
    """SIGSTOP, and SIGCONT when the other one leads."""


def hears_another(controller: ControllerProcess) -> bool:
    """Whether a controller says that it is not alone."""
    return controller.metrics()["streetlight_controllers_alive"] == 2


def is_active(controller: ControllerProcess) -> bool:
    """Whether a controller says that it leads."""
    return controller.metrics()["streetlight_controller_active"] == 1


async def two_controllers(
    folder: Path, trouble: Trouble, *, luminaires: int, speed: float, lead_s: float = 30.0
) -> tuple[Stage, Verdict, int]:
    """The leader is in trouble before dusk; the night goes on under the other.

    The verdict is on the second one; the number says how many of the two lead at the end.
    """
    async with a_stage(
        folder,
        luminaires=luminaires,
        begins=_BEGINS,
        speed=speed,
        lead_s=lead_s,
    ) as stage:
        first, second = stage.controller, stage.another_controller("second")
        try:
            first.start()
            async with stage.fleet():
                await first.until_ready()
                await until(lambda: is_active(first), "the first one leads", 60)
                second.start()
                await second.until_ready()
                await until(lambda: hears_another(second), "the second one hears the first", 60)
                if is_active(second):
                    raise Stuck("the second one leads beside the first")
                await stage.until_commissioned()
                epoch = first.metrics()["streetlight_controller_epoch"]
                begun = time.monotonic()
                first_pid = first.pid
                if trouble is Trouble.KILLED:
                    first.kill()
                else:
                    signal_to(first_pid, signal.SIGSTOP)
                await until(lambda: is_active(second), "the second one takes over", 60)
                stage.figures["takes over within s"] = round(time.monotonic() - begun, 1)
                stage.figures["epochs"] = [
                    epoch,
                    second.metrics()["streetlight_controller_epoch"],
                ]
                if trouble is Trouble.KILLED:
                    first.start()
                else:
                    signal_to(first_pid, signal.SIGCONT)
                await first.until_ready()
                await until(lambda: not is_active(first), "the first one is passive", 60)
                await stage.until_site_time(stage.timebase.site_at + _NIGHT_S)
                leaders = sum(map(is_active, (first, second)))
                stage.controller, stage_first = second, first
                judged = await verdict(stage, controller=second)
                stage.figures["unasked changes"] = judged.street["unasked_changes"]
                await stage_first.stop()
        finally:
            for controller in (first, second):
                if controller.is_running:
                    signal_to(controller.pid, signal.SIGCONT)
                    await controller.stop()
    return stage, judged, leaders


def signal_to(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process of ours."""
    os.kill(pid, number)
