"""The revision that readers are told is that of the documents that they read."""

import asyncio
from pathlib import Path

from controller.service.actions import LATEST
from schedules import Site
from tests.fakes.console_house import a_console


def dimmer(site: Site) -> Site:
    """The same with a lower failsafe level."""
    plan = site.plan.model_copy(update={"failsafe_level": site.plan.failsafe_level - 1})
    return Site(inventory=site.inventory, plan=plan)


async def test_documents_never_go_by_the_number_of_later_ones(tmp_path: Path) -> None:
    """An edit that began with them would put the later ones out of force unseen."""
    async with a_console(tmp_path) as house:
        control, actions = house.control, house.here.actions
        assert await actions.revision() == 1
        for number in (2, 3, 4):
            editing = asyncio.create_task(actions.change(LATEST, dimmer, "li", ""))
            while not editing.done():
                told = await actions.revision()
                assert told <= 101 - control.site.plan.failsafe_level, "stored, not in force yet"
                await asyncio.sleep(0)
            assert await editing == number == await actions.revision()
            assert control.site.plan.failsafe_level == 101 - number
