"""What the proof asks of a night: limits as data, each with its reason."""

from dataclasses import dataclass
from enum import StrEnum

from zones.models import Category


class Finding(StrEnum):
    """What is wrong with a night."""

    DARK_AT_NIGHT = "dark_at_night"
    LIT_IN_DAYLIGHT = "lit_in_daylight"
    BELOW_FLOOR = "below_floor"
    EMPTY_WINDOW = "empty_window"
    NEVER_BURNS = "never_burns"
    TOO_MANY_SWITCHINGS = "too_many_switchings"
    BURNING_HOURS = "burning_hours"


@dataclass(frozen=True, slots=True)
class ProofRules:
    """Limits of the proof. Elevations are degrees of the sun's centre, without refraction."""

    dark_elevation: float = -6.0
    """Below it a street must be lit. Civil twilight ends here, about 3 lx under a clear sky;
    CJJ 45-2015, chapter 6, has lamps on at 30 to 10 lx, -4 to -5 degrees."""
    day_elevation: float = 0.0
    """Above it, `day_margin_s` away from where the sun passes it, a street must be dark."""
    day_margin_s: int = 1800
    """Room for offsets, narrow streets and gloomy evenings: half an hour."""
    max_switchings: int = 12
    """Switching points in a control day: on, off and ten dimming steps. More wears drivers and
    annoys residents, and is most often a slip."""
    max_burning_share: float = 1.05
    """Burning hours of the whole time over the hours from sunset to sunrise: burning 18
    minutes before sunset and after sunrise every day comes to this."""
    short_burn_s: int = 1800
    """`min_burn` may leave out a stretch of night as long as this."""
    max_extinguish_s: int = 6 * 3600
    """A part-night darker for longer is taken for a mistake."""
    may_be_dark: frozenset[Category] = frozenset(
        {Category.PARK, Category.LANDSCAPE, Category.FACADE}
    )
    """Categories that a curfew may put out without an extinguish window, as nobody's way home
    depends on them."""
    never_extinguished: frozenset[Category] = frozenset({Category.EXPRESSWAY, Category.TUNNEL})
    """Categories that no extinguish window may put out either."""
    lit_by_day: frozenset[Category] = frozenset({Category.TUNNEL})
    """Categories that burn by day as well."""

    def __post_init__(self) -> None:
        """Refuse limits that would prove nothing."""
        if not -18 <= self.dark_elevation < 0:
            raise ValueError(
                f"dark elevation {self.dark_elevation} must be from -18 up to below 0 degrees"
            )
        if not self.dark_elevation < self.day_elevation <= 30:
            raise ValueError(
                f"day elevation {self.day_elevation} must be above the dark elevation "
                f"{self.dark_elevation}, at most 30 degrees"
            )
        for name in ("day_margin_s", "short_burn_s", "max_extinguish_s", "max_switchings"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} must not be negative")
        if not self.max_burning_share >= 0:
            raise ValueError(f"max_burning_share {self.max_burning_share} must not be negative")
