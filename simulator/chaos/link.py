"""What may be wrong with a link.

Owns the description of a fault of a TCP link, its ranges and which client it is for. Pure;
what it does to bytes is in `simulator.chaos.lane`.
"""

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Final

import msgspec

LONGEST_S: Final = 3600.0

Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_S)]
Period = Annotated[float, msgspec.Meta(gt=0, le=LONGEST_S)]
Rate = Annotated[float, msgspec.Meta(ge=1, le=1e12)]


class Way(StrEnum):
    """What becomes of the bytes of one direction."""

    FLOW = "flow"
    SWALLOW = "swallow"
    """Taken and lost, the end of the stream too; the connection stays. A stream with a hole
    is no MQTT any more: such a connection is reset when the fault ends."""
    HOLD = "hold"
    """Kept back, up to the buffer and then by TCP's own brake; goes on when the fault ends."""


class LinkFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault of a link; the default is none. Times are machine seconds."""

    latency_s: Seconds = 0.0
    """One way, each way."""
    jitter_s: Seconds = 0.0
    """Up to so much more, evenly drawn; bytes stay in order."""
    bytes_per_s: Rate | None = None
    """At most so much each way."""
    up: Way = Way.FLOW
    """Client to broker."""
    down: Way = Way.FLOW
    """Broker to client."""
    is_refused: bool = False
    """New connections are reset as soon as they are there."""
    flap_s: Period | None = None
    """The link is up for so long, then down for as long, and so on: connections are reset
    and new ones refused. It begins with down."""


NO_FAULT: Final = LinkFault()
BLACKHOLE: Final = LinkFault(up=Way.SWALLOW, down=Way.SWALLOW)


class FaultTable:
    """Which fault is in force for which client; the latest rule that fits wins."""

    def __init__(self) -> None:
        self._rules: list[tuple[str, LinkFault]] = []

    def put(self, clients: str, fault: LinkFault) -> None:
        """A rule for clients whose name fits the pattern (``*``, ``?``, ``[a-z]``)."""
        self.take(clients)
        if clients == "*":
            self._rules.clear()
        if fault != NO_FAULT or self._rules:
            self._rules.append((clients, fault))

    def take(self, clients: str) -> None:
        """Forget the rule of that very pattern."""
        self._rules = [rule for rule in self._rules if rule[0] != clients]

    def fault_of(self, client: str) -> LinkFault:
        """What is in force for a client."""
        for pattern, fault in reversed(self._rules):
            if fnmatchcase(client, pattern):
                return fault
        return NO_FAULT
