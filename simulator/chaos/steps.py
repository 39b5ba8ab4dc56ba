"""The steps of a script: what may happen, and when.

Owns their fields and ranges. Knows neither street nor proxy.
"""

from typing import Annotated, Literal

import msgspec

from simulator.chaos.link import LinkFault, Rate, Way
from simulator.chaos.messages import MessageTrouble, Share
from simulator.faults import FaultKind
from simulator.lies import MeterLie

Clock = Literal["street", "machine"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
"""Patterns of identifiers: ``*``, ``?``, ``[a-z]``."""
Ratio = Annotated[float, msgspec.Meta(gt=0, le=1)]
Instant = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Duration = Annotated[float, msgspec.Meta(gt=0, le=1e9)]


class Timed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """A step. ``at_s`` and ``for_s`` are seconds of ``clock``."""

    at_s: Instant = 0.0
    """After the start of the street's time; for a step that comes over a pipe: from now on."""
    clock: Clock = "street"
    """The street's seconds, or the machine's. The proxy alone knows the machine's only."""


class Lasting(Timed, frozen=True, kw_only=True):
    """A step with an end."""

    for_s: Duration | None = None
    """How long; to the end of the run unless said."""


class FeederOutage(Lasting, frozen=True, kw_only=True, tag="feeder_outage"):
    """The luminaires of these feeders lose their supply; then they start anew."""

    feeders: Names
    ratio: Ratio = 1.0
    """Share of the feeders that fit, drawn by the seed."""


class CabinetOutage(Lasting, frozen=True, kw_only=True, tag="cabinet_outage"):
    """Whole cabinets lose their supply: their feeders' luminaires, and their gateways."""

    cabinets: Names
    ratio: Ratio = 1.0


class GatewayOutage(Lasting, frozen=True, kw_only=True, tag="gateway_outage"):
    """Gateways are gone; their luminaires go on by their programs, unheard."""

    gateways: Names
    ratio: Ratio = 1.0


class ReconnectStorm(Timed, frozen=True, kw_only=True, tag="reconnect_storm"):
    """Connections end without a word, and all come back within so many machine seconds."""

    within_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0
    gateways: Names = ("*",)
    ratio: Ratio = 1.0


class Fault(Lasting, frozen=True, kw_only=True, tag="fault"):
    """Luminaires get a fault."""

    kind: FaultKind
    luminaires: Names = ("*",)
    ratio: Ratio = 1.0


class Repair(Timed, frozen=True, kw_only=True, tag="repair"):
    """Luminaires lose a fault, or every fault and meter lie."""

    luminaires: Names = ("*",)
    kind: FaultKind | None = None


class Lie(Lasting, frozen=True, kw_only=True, tag="meter_lie"):
    """Meters lie; what is truly used stays what it is."""

    kind: MeterLie
    luminaires: Names = ("*",)
    ratio: Ratio = 1.0


class LinkStep(Lasting, frozen=True, kw_only=True, tag="link"):
    """From now on this is wrong with the link of these clients; see `LinkFault`."""

    clients: str = "*"
    latency_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    jitter_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    bytes_per_s: Rate | None = None
    up: Way = Way.FLOW
    down: Way = Way.FLOW
    is_refused: bool = False
    flap_s: Annotated[float, msgspec.Meta(gt=0, le=3600)] | None = None

    def fault(self) -> LinkFault:
        """As the proxy takes it."""
        return LinkFault(
            latency_s=self.latency_s,
            jitter_s=self.jitter_s,
            bytes_per_s=self.bytes_per_s,
            up=self.up,
            down=self.down,
            is_refused=self.is_refused,
            flap_s=self.flap_s,
        )


class Messages(Lasting, frozen=True, kw_only=True, tag="messages"):
    """From now on this happens to the messages of these clients; see `MessageTrouble`."""

    clients: str = "*"
    topics: Names = ("*",)
    way: Literal["up", "down", "both"] = "both"
    duplicate: Share = 0.0
    late: Share = 0.0
    late_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    swap: Share = 0.0
    replay: Share = 0.0
    replay_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 86_400.0

    def trouble(self) -> MessageTrouble:
        """As the proxy takes it."""
        return MessageTrouble(
            topics=self.topics,
            way=self.way,
            duplicate=self.duplicate,
            late=self.late,
            late_s=self.late_s,
            swap=self.swap,
            replay=self.replay,
            replay_s=self.replay_s,
        )


class Heal(Timed, frozen=True, kw_only=True, tag="heal"):
    """Nothing is wrong with the link of these clients any more."""

    clients: str = "*"


class Reset(Timed, frozen=True, kw_only=True, tag="reset"):
    """The connections of these clients are reset now."""

    clients: str = "*"


StreetStep = FeederOutage | CabinetOutage | GatewayOutage | ReconnectStorm | Fault | Repair | Lie
ProxyStep = LinkStep | Messages | Heal | Reset
Step = StreetStep | ProxyStep
