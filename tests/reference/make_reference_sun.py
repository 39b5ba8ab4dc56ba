"""Makes the table of reference sun events from JPL's DE421 ephemeris, through skyfield.

    .venv/bin/python tests/reference/make_reference_sun.py > tests/unit/schedules/reference_sun.csv

The sun's centre, apparent place, seen from the ground (parallax included) without
refraction, passes -0.8333 degrees (sunrise, sunset) or -6 degrees (dawn, dusk). `date` is
the local date of the solar transit that the event belongs to: a rising lies in the half-day
before it, a setting in the half-day after. Where there is none, `utc` is empty and `status`
says whether the sun stays above (polar_day) or below (polar_night).
"""

import csv
import sys
import warnings
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TextIO
from zoneinfo import ZoneInfo

import numpy as np
from skyfield import almanac
from skyfield.api import Loader, wgs84

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # old leap second tables are no matter at one second
    from skyfield_data import get_skyfield_data_path

    DATA = get_skyfield_data_path()

FIELDS = ("site", "lat", "lon", "tz", "date", "event", "utc", "status")


class Place(NamedTuple):
    name: str
    latitude: float
    longitude: float
    time_zone: str


PLACES = (
    Place("Beijing", 39.9042, 116.4074, "Asia/Shanghai"),
    Place("Urumqi", 43.825, 87.6168, "Asia/Shanghai"),
    Place("Kashgar", 39.4704, 75.9898, "Asia/Shanghai"),
    Place("Mohe", 52.9721, 122.5386, "Asia/Shanghai"),
    Place("Quito", -0.1807, -78.4678, "America/Guayaquil"),
    Place("Singapore", 1.3521, 103.8198, "Asia/Singapore"),
    Place("Sydney", -33.8688, 151.2093, "Australia/Sydney"),
    Place("Santiago", -33.4489, -70.6693, "America/Santiago"),
    Place("Lord Howe", -31.5553, 159.0821, "Australia/Lord_Howe"),
    Place("Casablanca", 33.5731, -7.5898, "Africa/Casablanca"),
    Place("Kiritimati", 1.8721, -157.4278, "Pacific/Kiritimati"),
    Place("Apia", -13.8333, -171.7667, "Pacific/Apia"),
    Place("Pago Pago", -14.2756, -170.702, "Pacific/Pago_Pago"),
    Place("Anadyr", 64.7337, 177.4968, "Asia/Anadyr"),
    Place("Oslo", 59.9139, 10.7522, "Europe/Oslo"),
    Place("Ushuaia", -54.8019, -68.303, "America/Argentina/Ushuaia"),
    Place("Tromso", 69.6492, 18.9553, "Europe/Oslo"),
    Place("Longyearbyen", 78.2232, 15.6267, "Arctic/Longyearbyen"),
    Place("McMurdo", -77.8419, 166.6863, "Antarctica/McMurdo"),
)
DAYS = ("01-15", "03-20", "04-08", "05-17", "06-21", "08-05", "09-23", "10-28", "12-21")
EVENTS = (("sunrise", -0.8333), ("sunset", -0.8333), ("dawn", -6.0), ("dusk", -6.0))


class Ephemeris:
    """DE421 without the network."""

    def __init__(self) -> None:
        load: Any = Loader(DATA, verbose=False)
        self.timescale = load.timescale(builtin=True)
        self.bodies = load("de421.bsp")

    def events(self, place: Place, local_date: date) -> list[dict[str, str]]:
        """The rows of one place and date."""
        time_zone = ZoneInfo(place.time_zone)
        observer = self.bodies["earth"] + wgs84.latlon(place.latitude, place.longitude)
        sun = self.bodies["sun"]
        midday = datetime(
            local_date.year, local_date.month, local_date.day, 12, tzinfo=time_zone
        ).astimezone(UTC)
        low, high = self._at(midday - timedelta(days=1)), self._at(midday + timedelta(days=1))
        transits = almanac.find_transits(observer, sun, low, high)
        noon = next(one for one in transits if one.astimezone(time_zone).date() == local_date)
        start, end = self._shift(noon, -0.5), self._shift(noon, 0.5)
        rows = []
        for event, elevation in EVENTS:
            is_rising = event in {"sunrise", "dawn"}
            span = (start, noon) if is_rising else (noon, end)
            instant = self._crossing(observer, *span, elevation)
            if instant is None:
                utc, status = (
                    "",
                    "polar_day" if self._is_up(observer, noon, elevation) else "polar_night",
                )
            else:
                rounded = instant.utc_datetime() + timedelta(milliseconds=500)
                utc, status = rounded.strftime("%Y-%m-%dT%H:%M:%SZ"), "ok"
            rows.append(
                {
                    "site": place.name,
                    "lat": str(place.latitude),
                    "lon": str(place.longitude),
                    "tz": place.time_zone,
                    "date": local_date.isoformat(),
                    "event": event,
                    "utc": utc,
                    "status": status,
                }
            )
        return rows

    def _crossing(self, observer: Any, start: Any, end: Any, elevation: float) -> Any | None:
        low, high, before, after = start.tt, end.tt, 0.0, 1.0
        for points in (721, 61):  # a minute, then a second, then a straight line
            instants = np.linspace(low, high, points)
            above = self._altitude(observer, instants) - elevation
            changes = np.flatnonzero((above[:-1] < 0) != (above[1:] < 0))
            if not changes.size:
                return None
            index = int(changes[0])
            low, high = instants[index], instants[index + 1]
            before, after = float(above[index]), float(above[index + 1])
        return self.timescale.tt_jd(low + (high - low) * before / (before - after))

    def _is_up(self, observer: Any, noon: Any, elevation: float) -> bool:
        return bool(self._altitude(observer, np.array([noon.tt]))[0] > elevation)

    def _altitude(self, observer: Any, instants_tt: np.ndarray) -> np.ndarray:
        seen = observer.at(self.timescale.tt_jd(instants_tt)).observe(self.bodies["sun"])
        altitude, _, _ = seen.apparent().altaz()
        return np.asarray(altitude.degrees)

    def _at(self, instant: datetime) -> Any:
        return self.timescale.from_datetime(instant)

    def _shift(self, instant: Any, days: float) -> Any:
        return self.timescale.tt_jd(instant.tt + days)


def write(out: TextIO) -> None:
    """Write the table: each place on two of the days in every year from 2024 to 2035."""
    ephemeris = Ephemeris()
    table = csv.DictWriter(out, FIELDS, lineterminator="\n")
    table.writeheader()
    for number, place in enumerate(PLACES):
        for year in range(2024, 2036):
            day = DAYS[(number + 2 * (year - 2024)) % len(DAYS)]
            table.writerows(ephemeris.events(place, date.fromisoformat(f"{year}-{day}")))


if __name__ == "__main__":
    write(sys.stdout)
