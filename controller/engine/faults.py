"""What luminaires report as wrong, as bits of one column.

Owns the order of the bits. Knows neither alarms nor how faults come about.
"""

from collections.abc import Mapping, Sequence
from enum import IntFlag
from typing import Final, get_args

from controller.wire.messages import Fault


class FaultBit(IntFlag):
    """A bit for every fault that the wire contract names, and one for a maker's own words."""

    LAMP_FAILURE = 1
    DIMMING_FAILURE = 2
    CYCLING = 4
    POWER_RANGE = 8
    TEMPERATURE = 16
    CLOCK = 32
    METER = 64
    OTHER = 128


_BIT_OF: Final[Mapping[str, int]] = {name: int(FaultBit[name.upper()]) for name in get_args(Fault)}


def fault_bits(faults: Sequence[str]) -> int:
    """The bits of a state's ``faults``; 0 for none."""
    bits = 0
    for name in faults:
        bits |= _BIT_OF.get(name, FaultBit.OTHER.value)
    return bits
