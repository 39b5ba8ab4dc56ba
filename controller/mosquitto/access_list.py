"""Who may read and write which topics: everybody their own, and their own zone's.

A client's user name is its identifier in the inventory. What stands for every luminaire alike
is a pattern; the zone, which the name does not tell, stands per user. mosquitto lets anybody
subscribe to anything and checks what it hands out: a ``#`` subscription yields one's own.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from controller.errors import ConfigurationError
from controller.wire.topics import Topics, root
from zones import Inventory, Luminaire

_FROM_CONTROLLER = ("program", "config", "command")
_TO_CONTROLLER = ("state", "telemetry", "availability")
_OF_ZONE = ("program", "command")


def access_list(inventory: Inventory, sensors: Iterable[str], controller: str) -> Iterator[str]:
    """Give the lines of the access list, each with its line break.

    ``sensors`` are the identifiers that the plan's rules hear; ``controller`` is the user name
    of the controllers. Raises `ConfigurationError` where one name would stand for two.
    """
    sensors = sorted(set(sensors))
    _refuse_doubles(inventory, sensors, controller)
    site = inventory.city.id
    topics = Topics(site)
    return chain(
        _head(site, topics), _controller(topics, controller), _clients(inventory, topics, sensors)
    )


def _head(site: str, topics: Topics) -> Iterator[str]:
    yield f"# Access list of {root(site)}. Generated from the inventory: generate it anew\n"
    yield "# when luminaires come, go or change their zone, and reload the broker.\n\n"
    for leaf in _FROM_CONTROLLER:
        yield f"pattern read {topics.luminaire('%u', leaf)}\n"
    for leaf in _TO_CONTROLLER:
        yield f"pattern write {topics.luminaire('%u', leaf)}\n"


def _controller(topics: Topics, user: str) -> Iterator[str]:
    yield f"\nuser {user}\n"
    for leaf in _OF_ZONE:
        yield f"topic write {topics.zone('+', leaf)}\n"
    for leaf in _FROM_CONTROLLER:
        yield f"topic write {topics.luminaire('+', leaf)}\n"
    yield f"topic readwrite {topics.heartbeat}\n"
    for topic, _ in topics.controller_filters():
        yield f"topic read {topic}\n"


def _clients(inventory: Inventory, topics: Topics, sensors: list[str]) -> Iterator[str]:
    behind: dict[str, list[Luminaire]] = {gateway.id: [] for gateway in inventory.gateways}
    for luminaire in inventory.luminaires:
        if luminaire.gateway is not None:
            behind[luminaire.gateway].append(luminaire)
            continue
        yield f"\nuser {luminaire.id}\n"
        yield from _zone(topics, luminaire.zone)
        yield f"topic read {topics.heartbeat}\n"
    for gateway, luminaires in behind.items():
        yield f"\nuser {gateway}\n"
        yield f"topic write {topics.gateway(gateway)}\n"
        yield f"topic read {topics.heartbeat}\n"
        for zone in sorted({luminaire.zone for luminaire in luminaires}):
            yield from _zone(topics, zone)
        for luminaire in luminaires:
            for leaf in _FROM_CONTROLLER:
                yield f"topic read {topics.luminaire(luminaire.id, leaf)}\n"
            for leaf in _TO_CONTROLLER:
                yield f"topic write {topics.luminaire(luminaire.id, leaf)}\n"
    for sensor in sensors:
        yield f"\nuser {sensor}\ntopic write {topics.sensor(sensor)}\n"


def _zone(topics: Topics, zone: str) -> Iterator[str]:
    for leaf in _OF_ZONE:
        yield f"topic read {topics.zone(zone, leaf)}\n"


def _refuse_doubles(inventory: Inventory, sensors: list[str], controller: str) -> None:
    kinds = {"controller": [controller], "sensor": sensors}
    kinds["luminaire"] = [one.id for one in inventory.luminaires]
    kinds["gateway"] = [one.id for one in inventory.gateways]
    seen: dict[str, str] = {}
    for kind, names in kinds.items():
        for name in names:
            if name in seen:
                raise ConfigurationError(
                    f"{name!r} is the name of a {seen[name]} and of a {kind}: at the broker it "
                    "would be both; rename one"
                )
            seen[name] = kind
