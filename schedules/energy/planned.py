"""What the documents plan, night by night: energy of zones, burning hours of luminaires.

Programs, calendars, limits and constant light output; no overrides, no sensors. A ramp counts
as its end. The sums over nights are those of `schedules.forecast`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from schedules.day import day_bounds
from schedules.forecast import burnt_power_w, lamp_groups, lit_pieces
from schedules.grid import Floats
from schedules.levels_bulk import Subject, excepted_luminaires, subject_of
from schedules.light_output import scaled
from schedules.site import Site

_DAY = timedelta(days=1)
_CELLS = 1 << 16
"""Places by days worked on at a time: bounds the memory."""


@dataclass(frozen=True, slots=True)
class PlannedNights:
    """Control days from `first` on; zones in the order of the inventory."""

    first: date
    energy_j: Floats
    """By zone and night, J."""
    burning_s: Floats
    """Of one luminaire on its zone's program, by zone and night, s."""
    own_burning_s: Mapping[str, Floats]
    """By night, of the luminaires that do not follow their zone, s."""

    @property
    def nights(self) -> int:
        """How many control days."""
        return int(self.energy_j.shape[1])


def planned_nights(site: Site, first: date, count: int) -> PlannedNights:
    """The plan of `count` control days from `first` on.

    Raises `OutOfRange` for years without sun.
    """
    zones = site.inventory.zones
    row_of_zone = {zone.id: row for row, zone in enumerate(zones)}
    groups = lamp_groups(site, first + count // 2 * _DAY)
    own_of_zone = [subject_of(site, zone) for zone in zones]
    subjects = list(dict.fromkeys([*own_of_zone, *groups]))
    row_of = {subject: row for row, subject in enumerate(subjects)}
    energy = np.zeros((len(subjects), count))
    burning = np.zeros((len(subjects), count))
    by_calendar: dict[str | None, list[int]] = {}
    for row, subject in enumerate(subjects):
        by_calendar.setdefault(subject.calendar, []).append(row)
    chunk = max(1, _CELLS // (count + 2))
    for calendar, members in by_calendar.items():
        for at in range(0, len(members), chunk):
            part = members[at : at + chunk]
            _reckon(site, calendar, subjects, part, groups, first, (energy, burning))
    by_zone = np.zeros((len(zones), count))
    for row, subject in enumerate(subjects):
        by_zone[row_of_zone[subject.zone.id]] += energy[row]
    excepted = excepted_luminaires(site)
    return PlannedNights(
        first=first,
        energy_j=by_zone,
        burning_s=burning[[row_of[subject] for subject in own_of_zone]],
        own_burning_s={
            one.id: burning[row_of[subject_of(site, site.zone(one.zone), one.id)]]
            for one in site.inventory.luminaires
            if one.id in excepted
        },
    )


def _reckon(
    site: Site,
    calendar: str | None,
    subjects: Sequence[Subject],
    part: Sequence[int],
    groups: Mapping[Subject, Mapping[tuple[str, float], int]],
    first: date,
    found: tuple[Floats, Floats],
) -> None:
    """Add energy and burning seconds of the subjects `part`, which follow one calendar."""
    energy, burning = found
    count = energy.shape[1]
    chosen = [subjects[row] for row in part]
    pieces = lit_pieces(site, calendar, chosen, first, count)
    inside = (pieces.night >= 1) & (pieces.night <= count) & (pieces.level > 0)
    pieces = pieces.only(inside)
    levels, column = np.unique(pieces.level, return_inverse=True)
    power_w = np.zeros((len(part), levels.size))
    standby_w = np.zeros(len(part))
    for row, subject in enumerate(chosen):
        for (lamp_type_id, scale), number in groups.get(subject, {}).items():
            lamp_type = site.inventory.lamp_type_by_id[lamp_type_id]
            given = [scaled(float(level), scale, subject.floor) for level in levels]
            power_w[row] += number * np.array([burnt_power_w(lamp_type, one) for one in given])
            standby_w[row] += number * lamp_type.standby_power_w
    lasting = (pieces.end - pieces.start).astype(np.float64)
    cell = pieces.row * count + pieces.night - 1
    lit_j = _by_cell(cell, power_w[pieces.row, column] * lasting, energy[part].shape)
    lit_s = _by_cell(cell, lasting, energy[part].shape)
    day_s = np.array(
        [np.diff(day_bounds(site.time_zone, first + night * _DAY))[0] for night in range(count)],
        dtype=np.float64,
    )
    energy[part] += lit_j + standby_w[:, None] * (day_s[None, :] - lit_s)
    burning[part] += lit_s


def _by_cell(cell: npt.NDArray[np.int64], weights: Floats, shape: tuple[int, ...]) -> Floats:
    rows, columns = shape
    summed = np.bincount(cell, weights=weights, minlength=rows * columns)
    return summed.astype(np.float64).reshape(rows, columns)
