"""What the service counts: messages, commands, rejections. Read by metrics and summaries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from controller.engine.awaited import Sent
from controller.engine.engine import Edge
from controller.wire.codec import Reason

_DELAY_BOUNDS_S = (1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)
_ANSWER_BOUNDS_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)
_PASS_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_TELEMETRY_BOUNDS_S = (1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400)
_COMMIT_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LAG_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)


class Distribution:
    """Seconds folded into buckets: ``counts[i]`` values at most ``bounds[i]`` and above the
    bound before, the last count for all above."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(float(bound) for bound in bounds)
        self.counts = np.zeros(len(bounds) + 1, dtype=np.int64)
        self.sum_s = 0.0

    def add(self, values: npt.ArrayLike) -> None:
        """Fold in a value or an array of them, s."""
        samples = np.atleast_1d(np.asarray(values, dtype=np.float64))
        buckets = np.searchsorted(self.bounds, samples, side="left")
        self.counts += np.bincount(buckets, minlength=len(self.counts))
        self.sum_s += float(samples.sum())

    def copy(self) -> Self:
        """The same figures, independent of what is folded in later."""
        twin = type(self)(self.bounds)
        twin.counts = self.counts.copy()
        twin.sum_s = self.sum_s
        return twin


@dataclass
class Tally:
    """Counts since the start of the process."""

    messages_in: Counter[str] = field(default_factory=Counter)
    """Accepted messages by topic class, such as ``state``."""
    messages_out: Counter[str] = field(default_factory=Counter)
    """Sent messages by topic class, such as ``command``."""
    payload_bytes: Counter[str] = field(default_factory=Counter)
    """Payload bytes by direction, ``in`` and ``out``."""
    rejected: Counter[Reason] = field(default_factory=Counter)
    """Inbound messages dropped, by reason."""
    retries: int = 0
    """Commands sent again after no answer."""
    connects: Counter[str] = field(default_factory=Counter)
    """Link changes: ``up`` and ``down``."""
    is_connected: bool = False
    last_telemetry_at: float = 0.0
    """Site time of the last accepted telemetry, Unix s."""
    telemetry_lag_s: Distribution = field(default_factory=lambda: Distribution(_TELEMETRY_BOUNDS_S))
    """Site seconds from a measurement, by its stamp, to its acceptance; 0 for clocks ahead."""
    reconcile_s: Distribution = field(default_factory=lambda: Distribution(_PASS_BOUNDS_S))
    """Machine seconds of passes."""
    last_reconcile_at: float = 0.0
    """Site time of the last pass that ended without error, Unix s."""
    loop_lag_s: Distribution = field(default_factory=lambda: Distribution(_LAG_BOUNDS_S))
    """Machine seconds of late wake-ups."""
    commit_s: Distribution = field(default_factory=lambda: Distribution(_COMMIT_BOUNDS_S))
    """Machine seconds of the store's commits, with the disk's word that they are kept."""
    switching_delay_s: dict[Edge, Distribution] = field(
        default_factory=lambda: {edge: Distribution(_DELAY_BOUNDS_S) for edge in Edge}
    )
    """Site seconds from switching point to confirmation, by edge."""
    answer_s: dict[Sent, Distribution] = field(
        default_factory=lambda: {
            kind: Distribution(_ANSWER_BOUNDS_S) for kind in Sent if kind is not Sent.NOTHING
        }
    )
    """Machine seconds from a command's sending to the luminaire's answer, by its kind."""
