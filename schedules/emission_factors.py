"""CO2 of electricity from the grid, as dated documents with year and source.

A city declares its own in the plan; a new year's announcement is a new line here.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from zones.models import Document, Identifier, Name


class EmissionFactor(Document):
    """CO2 emitted for each kWh taken from a grid, in the mean of a year."""

    id: Identifier
    region: Annotated[str, Field(max_length=200)] = ""
    year: Annotated[int, Field(ge=1970, le=2200)] | None = None
    """The year that the figure describes; announcements come about two years later."""
    g_per_kwh: Annotated[float, Field(ge=0, le=5000, allow_inf_nan=False)]
    """g per kWh."""
    gas: Literal["CO2", "CO2e"] = "CO2"
    """CO2 alone, or all greenhouse gases as their equivalent of CO2."""
    valid_from: date = date(1970, 1, 1)
    """First control day whose energy it is applied to."""
    source: Name

    def mass_kg(self, energy_j: float) -> float:
        """Emission of an amount of energy, kg."""
        return energy_j / 3_600_000 * self.g_per_kwh / 1000


def _china(year: int, g_per_kwh: float) -> EmissionFactor:
    return EmissionFactor(
        id=f"china-{year}",
        region="China",
        year=year,
        g_per_kwh=g_per_kwh,
        source="Ministry of Ecology and Environment and National Bureau of Statistics of China, "
        f"关于发布{year}年电力二氧化碳排放因子的公告, national average",
    )


CHINA: Final = (_china(2022, 536.6), _china(2023, 530.6))
"""The national averages, the latest last."""
