"""Sensors that the plan's rules name: what they read, who lies and who is silent."""

from schedules import Site
from simulator.sensors import PEAK_TRAFFIC, SensorOptions, StreetSensors
from tests.fakes.small_city import small_site

NOON = 1_790_049_600
"""Noon in Beijing."""
HOUR = 3600


def site(sensors: int = 2) -> Site:
    names = [f"s{number}" for number in range(sensors)]
    plain = small_site()
    document = plain.plan.model_dump(mode="json")
    document["rules"] = [
        {
            "id": kind,
            "name": kind,
            "selector": {"zones": ["a"]},
            "sensors": names,
            "reading": kind,
            "above": 500,
            "action": "min",
            "level": 80,
        }
        for kind in ("traffic", "illuminance", "rain")
    ]
    return Site(inventory=plain.inventory, plan=type(plain.plan).model_validate(document))


def test_each_sensor_reads_each_kind_that_is_asked_of_it() -> None:
    sensors = StreetSensors(site(), SensorOptions(every_s=300), NOON, seed=1)
    readings = sensors.due(NOON + 600)
    assert len(readings) == 2 * 2 * 3
    assert {(name, one.kind) for name, one in readings} == {
        (name, kind) for name in ("s0", "s1") for kind in ("traffic", "illuminance", "rain")
    }
    assert {one.at_ms for _, one in readings} == {(NOON + 300) * 1000, (NOON + 600) * 1000}
    assert sensors.due(NOON + 600) == []


def test_day_and_night_differ() -> None:
    sensors = StreetSensors(site(), SensorOptions(every_s=HOUR), NOON, seed=1)
    by_hour = {
        (one.kind, (one.at_ms // 1000 - NOON) // HOUR): one.value
        for _, one in sensors.due(NOON + 23 * HOUR)
    }
    assert by_hour["illuminance", 1] > 10_000 > 1 > by_hour["illuminance", 12] > 0
    assert by_hour["traffic", 6] > PEAK_TRAFFIC / 2 > 200 > by_hour["traffic", 15]
    assert 100 < by_hour["rain", 3] < 1000


def test_some_lie_and_some_are_silent() -> None:
    options = SensorOptions(lying=0.2, silent=0.3)
    sensors = StreetSensors(site(10), options, NOON, seed=1)
    readings = sensors.due(NOON + 300)
    assert (sensors.count, len(sensors.lying), len(sensors.silent)) == (10, 2, 3)
    assert {name for name, _ in readings}.isdisjoint(sensors.silent)
    assert {name for name, one in readings if one.value == 1e9} == sensors.lying


def test_without_rules_nobody_reads() -> None:
    assert StreetSensors(small_site(), SensorOptions(), NOON, seed=1).due(NOON + 300) == []
