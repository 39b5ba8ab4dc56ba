"""What the account says of zones since commissioning."""

from dataclasses import dataclass

import numpy as np

from controller.engine.columns import Floats


@dataclass(frozen=True, slots=True)
class ZoneTotals:
    """Joules by zone row since commissioning."""

    asked_j: Floats
    """The seven counterfactuals of the ladder by zones."""
    metered_j: Floats
    modelled_j: Floats
    metered_counter_j: Floats
    """Never falls."""
    modelled_counter_j: Floats
    """Never falls, though modelled energy does where a meter's word replaces it: without what
    meters that were heard lately will soon tell."""

    @property
    def baseline_j(self) -> Floats:
        """What the previous lamps would have used in their hours, J."""
        baseline: Floats = self.asked_j[0]
        return baseline

    @property
    def used_j(self) -> Floats:
        """Metered and modelled together, J."""
        used: Floats = self.metered_j + self.modelled_j
        return used

    @property
    def saved_j(self) -> Floats:
        """Baseline minus used, J; negative where more was used."""
        return self.baseline_j - self.used_j

    @property
    def rungs_j(self) -> Floats:
        """What each measure saved, (7, zones): retrofit, window, dimming, CLO, rules,
        overrides, and the deviation of the street; they add up to `saved_j`."""
        lines = np.vstack([self.asked_j, self.used_j])
        return lines[:-1] - lines[1:]
