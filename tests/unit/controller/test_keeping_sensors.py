"""What rules remember of their sensors is there again after a restart."""

from pathlib import Path

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.service.control import Control
from controller.wire.timebase import Timebase
from schedules import DynamicRule, Site
from schedules.sensing import Reading
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site

NOW = 1_774_000_000.0


def ruled_site(value: float) -> Site:
    rule = DynamicRule.model_validate(RULE | {"above": value})
    site = small_site()
    return site.model_copy(update={"plan": site.plan.model_copy(update={"rules": (rule,)})})


RULE = {
    "id": "busy",
    "name": "Busy road",
    "sensors": ("T1",),
    "reading": "traffic",
    "action": "set",
    "level": 100.0,
    "hold_s": 600,
    "stale_after_s": 900,
    "selector": {"city": True},
}


def a_control(site: Site, store: SqliteStore) -> Control:
    clock = MachineClock(Timebase(real_at=1e15, site_at=NOW, speed=1.0))
    return Control(site, MemoryBus(MemoryBroker()), store, clock)


def is_in_force(control: Control) -> bool:
    rule = control.site.plan.rules[0]
    return control.engine.rules.sensors.verdict(rule, NOW + 5).is_in_force


def test_a_rule_in_force_is_in_force_after_a_restart(tmp_path: Path) -> None:
    site = ruled_site(100)
    with SqliteStore(tmp_path) as store:
        control = a_control(site, store)
        assert not is_in_force(control)
        control.engine.rules.sensors.take("T1", Reading(NOW, "traffic", 500))
        assert is_in_force(control)
        control.save()
    with SqliteStore(tmp_path) as store:
        assert is_in_force(a_control(site, store))
        # What another rule of that name made of the sensor says nothing.
        assert not is_in_force(a_control(ruled_site(200), store))
