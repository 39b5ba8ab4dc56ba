"""The topic grammar of wire contract version 1.

Root ``lamplighter/v1/{site}``. Builders give whole topics; `parse` reads one back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "v1"

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
LEAVES: Mapping[str, frozenset[str]] = {
    "zone": frozenset({"program", "command"}),
    "luminaire": frozenset({"program", "config", "command", "state", "telemetry", "availability"}),
    "gateway": frozenset({"availability"}),
    "sensor": frozenset({"reading"}),
    "controller": frozenset({"heartbeat"}),
}
"""The leaves of each owner. All but the controller's have an identifier in between."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic below the root: who it is about and which leaf.

    ``owner`` is ``zone``, ``luminaire``, ``gateway``, ``sensor`` or ``controller``;
    ``identifier`` is empty for the controller's.
    """

    owner: str
    identifier: str
    leaf: str


def root(site: str) -> str:
    """Root of a site's topics, without a trailing slash."""
    return f"lamplighter/{VERSION}/{site}"


class Topics:
    """Builds and reads the topics of one site."""

    def __init__(self, site: str) -> None:
        self._root = root(site) + "/"

    def zone(self, zone: str, leaf: str) -> str:
        """Topic ``zone/{zone}/{leaf}``: ``program`` or ``command``; zone ``+`` makes a filter."""
        return f"{self._root}zone/{zone}/{leaf}"

    def luminaire(self, luminaire: str, leaf: str) -> str:
        """Topic ``luminaire/{id}/{leaf}``; ``+`` as luminaire makes a filter."""
        return f"{self._root}luminaire/{luminaire}/{leaf}"

    def gateway(self, gateway: str) -> str:
        """Topic ``gateway/{id}/availability``."""
        return f"{self._root}gateway/{gateway}/availability"

    def sensor(self, sensor: str) -> str:
        """Topic ``sensor/{id}/reading``."""
        return f"{self._root}sensor/{sensor}/reading"

    @property
    def heartbeat(self) -> str:
        """Topic ``controller/heartbeat``."""
        return f"{self._root}controller/heartbeat"

    def controller_filters(self, qos: int = 1) -> list[tuple[str, int]]:
        """What a controller subscribes to: (topic filter, QoS) pairs."""
        return [
            (self.luminaire("+", "state"), qos),
            (self.luminaire("+", "availability"), qos),
            (self.gateway("+"), qos),
            (self.luminaire("+", "telemetry"), qos),
            (self.sensor("+"), qos),
        ]

    def parse(self, topic: str) -> Topic | None:
        """Read a topic of this site; None where the contract knows no such topic."""
        if not topic.startswith(self._root):
            return None
        parts = topic[len(self._root) :].split("/")
        if parts == ["controller", "heartbeat"]:
            return Topic("controller", "", "heartbeat")
        if len(parts) != 3:
            return None
        owner, identifier, leaf = parts
        if (
            owner == "controller"
            or leaf not in LEAVES.get(owner, ())
            or not _IDENTIFIER.fullmatch(identifier)
        ):
            return None
        return Topic(owner, identifier, leaf)
