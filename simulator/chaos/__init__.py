"""The chaos kit: what goes wrong between a street and its controller, on purpose.

Owns a TCP proxy with faults of the link, a stage in it that troubles MQTT messages, a
generator of bad messages, and scripts of timed steps. Everything is repeatable by a seed.
"""

from simulator.chaos.garbage import Bad, Targets, garbage, leftovers
from simulator.chaos.link import LinkFault, Way
from simulator.chaos.messages import MessageTrouble
from simulator.chaos.proxy import Proxy, ProxyCounts

__all__ = [
    "Bad",
    "LinkFault",
    "MessageTrouble",
    "Proxy",
    "ProxyCounts",
    "Targets",
    "Way",
    "garbage",
    "leftovers",
]
