"""CO2 of electricity from the grid, as data with year and source.

A city corrects or replaces the figure; a new year's announcement is a new line here.
"""

from typing import Final, NamedTuple


class EmissionFactor(NamedTuple):
    """CO2 emitted for each kWh taken from a grid, in the mean of a year."""

    region: str
    year: int
    """The year that the figure describes; announcements come about two years later."""
    g_per_kwh: float
    """g CO2 per kWh."""
    source: str

    def mass_kg(self, energy_j: float) -> float:
        """CO2 of an amount of energy, kg."""
        return energy_j / 3_600_000 * self.g_per_kwh / 1000


_ANNOUNCEMENT: Final = (
    "Ministry of Ecology and Environment and National Bureau of Statistics of China, "
    "关于发布{}年电力二氧化碳排放因子的公告, national average"
)

CHINA: Final = (
    EmissionFactor("China", 2022, 536.6, _ANNOUNCEMENT.format(2022)),
    EmissionFactor("China", 2023, 530.6, _ANNOUNCEMENT.format(2023)),
)
"""The national averages, the latest last."""
