"""What a column holds, judged from a sample of its cells."""

from dataclasses import dataclass
from typing import Final

from zones.inventory.numbers import is_blank, parse_coordinate, parse_number
from zones.inventory.points import parse_point
from zones.inventory.table import Table
from zones.inventory.technology import parse_technology
from zones.inventory.wattage import Lamps, NotAWattage, parse_wattage
from zones.models import Technology

SAMPLE_ROWS: Final = 1_000
DEGREES_LIMIT: Final = 360.0
_USUAL: Final = (
    "18 20 25 30 35 36 40 42 45 50 52 53 54 55 58 60 65 70 75 80 85 90 95 100 105 110 120 125 130 "
    "135 138 140 150 160 165 175 180 200 210 220 240 250 280 300 310 320 350 360 400 600 750 1000 "
    "1500 2000"
)
USUAL_WATTAGES: Final = frozenset(map(float, _USUAL.split()))
"""Powers that lamps are sold with, W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Shares (0 to 1) are of the cells that tell something."""

    told: float
    """Share of all cells that tell something."""
    numeric: float
    low: float
    high: float
    decimals: float
    """Share of numbers with at least three decimal places."""
    whole: float
    """Share of numbers that are whole."""
    distinct: float
    """Distinct cells over cells."""
    values: int
    """Distinct cells."""
    wattage: float
    """Share that reads as a wattage."""
    with_unit: float
    """Share that reads as a wattage and names a unit or several lamps."""
    usual: float
    """Share that is a number lamps are sold with."""
    technology: float
    """Share that names a light source."""
    points: float
    """Share that holds both coordinates."""
    longest: int

    @property
    def is_degrees(self) -> bool:
        """Whether the numbers could be degrees."""
        return self.numeric > 0.5 and max(abs(self.low), abs(self.high)) <= DEGREES_LIMIT

    @property
    def is_metres(self) -> bool:
        """Whether the numbers are too large for degrees."""
        return self.numeric > 0.5 and not self.is_degrees


def profile(table: Table, column: int) -> Profile:
    """Judge one column by up to 1,000 rows spread over the table."""
    step = max(1, len(table.rows) // SAMPLE_ROWS)
    sample = [row[column].strip() for row in table.rows[::step]]
    cells = [cell for cell in sample if not is_blank(cell)]
    count = len(cells) or 1
    distinct = set(cells)
    numbers = sorted(value for value in map(parse_coordinate, cells) if value is not None)
    tail = len(numbers) // 10
    core = numbers[tail : len(numbers) - tail] or [0.0]
    short = [cell for cell in cells if len(cell) <= 60]
    reads = {cell: parse_wattage(cell, decimal_comma=table.decimal_comma) for cell in set(short)}
    sources = {cell for cell in distinct if parse_technology(cell) is not Technology.UNKNOWN}
    with_unit = {
        cell
        for cell in reads
        if isinstance(reads[cell], Lamps) and any(letter in cell.casefold() for letter in "w瓦")
    }
    usual = {cell for cell in reads if parse_number(cell) in USUAL_WATTAGES}
    points = {
        cell
        for cell in distinct
        if parse_point(cell) is not None
        # "13,408287" is one number where something else than a comma parts the cells.
        and not (table.decimal_comma and parse_coordinate(cell) is not None)
    }
    return Profile(
        told=len(cells) / (len(sample) or 1),
        numeric=len(numbers) / count,
        # A tenth at either end may be mistakes; what the column holds shows in between.
        low=core[0],
        high=core[-1],
        decimals=sum(len(cell.replace(",", ".").partition(".")[2]) >= 3 for cell in cells) / count,
        whole=sum(value.is_integer() for value in numbers) / (len(numbers) or 1),
        distinct=len(distinct) / count,
        values=len(distinct),
        wattage=sum(not isinstance(reads[cell], NotAWattage) for cell in short) / count,
        with_unit=sum(cell in with_unit for cell in short) / count,
        usual=sum(cell in usual for cell in short) / count,
        technology=sum(cell in sources for cell in cells) / count,
        points=sum(cell in points for cell in cells) / count,
        longest=max(map(len, cells), default=0),
    )
