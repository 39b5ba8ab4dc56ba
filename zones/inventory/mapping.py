"""Which column is which field: guessed by name and by content, or told by the user.

Every choice carries its reason. A guess that content contradicts is not made; where two
columns could be meant, the one whose content fits wins, then the better name.
"""

from collections.abc import Mapping
from typing import Final

from zones.errors import MappingWrong
from zones.inventory.fields import FIELD_NAMES, Field, field_named, name_rank
from zones.inventory.profile import Profile, profile
from zones.inventory.result import MappedColumn
from zones.inventory.sentences import SAY
from zones.inventory.table import Table

Mapped = dict[Field, MappedColumn]

_SIMPLE: Final = (
    Field.LAMP_TYPE_ID,
    Field.POLE,
    Field.ID,
    Field.RECORD,
    Field.ZONE,
    Field.ZONE_NAME,
    Field.DISTRICT,
    Field.DISTRICT_NAME,
    Field.CATEGORY,
    Field.LIGHTING_CLASS,
    Field.ROAD,
    Field.CABINET,
    Field.FEEDER,
    Field.GATEWAY,
    Field.NAME,
)
"""Fields that a column's name decides; any text may stand in them."""


def map_columns(table: Table, told: Mapping[str, str], *, crs_is_projected: bool | None) -> Mapped:
    """The mapping of a table's columns.

    ``told`` is field name to column name and wins; an empty column name leaves the field
    unmapped. ``crs_is_projected`` is None where no reference system is given. Raises
    `MappingWrong` for a field or column that does not exist, for a guess that hits a
    repeated column name, and where coordinates cannot be found.
    """
    return _Guess(table, told, crs_is_projected=crs_is_projected).mapped


class _Guess:
    """One table's mapping in the making."""

    def __init__(
        self, table: Table, told: Mapping[str, str], *, crs_is_projected: bool | None
    ) -> None:
        self._table = table
        self._crs_is_projected = crs_is_projected
        self.mapped: Mapped = {}
        self._unmapped: set[Field] = set()
        self._profiles: dict[str, Profile] = {}
        self._take_told(told)
        self._guess_coordinates()
        self._guess_second_wattage()
        self._guess_wattage()
        self._guess_lamps()
        self._guess_lamp_type()
        for field in _SIMPLE:
            self._guess_by_name(field)
        self._guess_id_by_content()
        self._wattage_in_lamp_type()

    def _take_told(self, told: Mapping[str, str]) -> None:
        by_plain_name = {
            column.casefold().strip(): column for column in reversed(self._table.columns)
        }
        for name, wanted in told.items():
            field = field_named(name)
            if field is None:
                raise MappingWrong(SAY("no_field", name=name, fields=", ".join(Field)))
            if not wanted.strip():
                self._unmapped.add(field)
                continue
            column = (
                wanted
                if wanted in self._table.columns
                else by_plain_name.get(wanted.casefold().strip())
            )
            if column is None:
                raise MappingWrong(
                    SAY(
                        "no_column",
                        field=field,
                        column=wanted,
                        columns=_listed(self._table.columns),
                    )
                )
            self.mapped[field] = MappedColumn(column, SAY("told"))
        axes = [self.mapped.get(each) for each in (Field.LONGITUDE, Field.LATITUDE)]
        if axes[0] is not None and axes[0] == axes[1]:
            raise self._wrong(SAY("one_column", column=axes[0].column))

    def _wrong(self, why: str) -> MappingWrong:
        """What another choice among the columns puts right."""
        return MappingWrong(why, self._table.columns)

    def _profile(self, column: str) -> Profile:
        if column not in self._profiles:
            self._profiles[column] = profile(self._table, self._table.index(column))
        return self._profiles[column]

    def _is_open(self, field: Field) -> bool:
        return field not in self.mapped and field not in self._unmapped

    def _free(self) -> list[str]:
        taken = {mapped.column for mapped in self.mapped.values()}
        return [column for column in self._table.columns if column not in taken]

    def _named(self, field: Field) -> list[tuple[int, str]]:
        """Free columns whose name fits the field, best first."""
        ranked = [(name_rank(field, column), column) for column in self._free()]
        return sorted(
            ((rank, column) for rank, column in ranked if rank is not None),
            key=lambda each: each[0],
        )

    def _choose(self, field: Field, column: str, reason: str) -> None:
        if column in self._table.repeated:
            raise self._wrong(SAY("column_twice", column=column, field=field))
        self.mapped[field] = MappedColumn(column, reason)

    # Coordinates

    def _guess_coordinates(self) -> None:
        longitude_open, latitude_open = (
            self._is_open(Field.LONGITUDE),
            self._is_open(Field.LATITUDE),
        )
        if Field.POINT in self.mapped and (longitude_open or latitude_open):
            return
        if self._table.geometry is not None and longitude_open and latitude_open:
            for field, column in zip(
                (Field.LONGITUDE, Field.LATITUDE), self._table.geometry, strict=True
            ):
                self.mapped[field] = MappedColumn(column, SAY("its_geometry"))
            return
        wants_metres = bool(self._crs_is_projected)
        if longitude_open:
            self._guess_axis(Field.LONGITUDE, wants_metres=wants_metres)
        if latitude_open:
            self._guess_axis(Field.LATITUDE, wants_metres=wants_metres)
        both = Field.LONGITUDE in self.mapped and Field.LATITUDE in self.mapped
        fits = both and all(
            self._fits_axis(self.mapped[field].column, wants_metres=wants_metres)
            for field in (Field.LONGITUDE, Field.LATITUDE)
        )
        if longitude_open and latitude_open and not fits and self._is_open(Field.POINT):
            self._guess_point(replace=both)
        if Field.POINT in self.mapped or (
            Field.LONGITUDE in self.mapped and Field.LATITUDE in self.mapped
        ):
            return
        if longitude_open and latitude_open:
            self._guess_axes_by_content()
        missing = [field for field in (Field.LONGITUDE, Field.LATITUDE) if field not in self.mapped]
        if missing:
            raise self._wrong(
                SAY(
                    "columns_missing",
                    fields=missing[0]
                    if len(missing) == 1
                    else SAY("and", one=missing[0], other=missing[1]),
                    columns=_listed(self._table.columns),
                )
            )

    def _fits_axis(self, column: str, *, wants_metres: bool) -> bool:
        judged = self._profile(column)
        return judged.is_metres if wants_metres else judged.is_degrees

    def _guess_axis(self, field: Field, *, wants_metres: bool) -> None:
        named = self._named(field)
        for rank, column in named:
            if self._fits_axis(column, wants_metres=wants_metres):
                self._choose(field, column, self._ranged(_by_name(field, rank), column))
                return
        for rank, column in named:
            if rank < 100 or self._profile(column).numeric > 0.5:
                self._choose(field, column, _by_name(field, rank))
                return

    def _guess_point(self, *, replace: bool) -> None:
        named = [column for _, column in self._named(Field.POINT)]
        others = [column for column in self._free() if column not in named]
        for column, how in [(each, SAY("name_and_content")) for each in named] + [
            (each, SAY("its_content")) for each in others
        ]:
            if self._profile(column).points > 0.5:
                if replace:
                    del self.mapped[Field.LONGITUDE], self.mapped[Field.LATITUDE]
                self._choose(Field.POINT, column, SAY("both_coordinates", why=how))
                return

    def _guess_axes_by_content(self) -> None:
        """Two columns of degrees with decimals, one of which only a longitude can be."""
        for field in (Field.LONGITUDE, Field.LATITUDE):
            self.mapped.pop(field, None)
        likely = [
            column
            for column in self._free()
            if (judged := self._profile(column)).is_degrees
            and judged.numeric > 0.9
            and judged.decimals > 0.7
            and judged.distinct > 0.2
        ]
        if len(likely) != 2:
            return
        beyond = [
            max(abs(self._profile(column).low), abs(self._profile(column).high)) > 90
            for column in likely
        ]
        if sum(beyond) != 1:
            return
        longitude, latitude = likely if beyond[0] else reversed(likely)
        self._choose(Field.LONGITUDE, longitude, self._ranged(SAY("its_content"), longitude))
        self._choose(Field.LATITUDE, latitude, self._ranged(SAY("its_content"), latitude))

    def _ranged(self, why: str, column: str) -> str:
        judged = self._profile(column)
        return SAY("with_range", why=why, low=judged.low, high=judged.high)

    # What hangs on the pole

    def _guess_wattage(self) -> None:
        if not self._is_open(Field.WATTAGE):
            return
        named = self._named(Field.WATTAGE)
        for rank, column in named:
            judged = self._profile(column)
            if judged.wattage > 0.5 and not judged.is_metres:
                self._choose(
                    Field.WATTAGE,
                    column,
                    SAY("reads_wattage", why=_by_name(Field.WATTAGE, rank)),
                )
                return
        for rank, column in named:
            # A name of one letter or of many meanings needs content to speak for it.
            if rank < 12 or rank >= 100:
                self._choose(Field.WATTAGE, column, _by_name(Field.WATTAGE, rank))
                return
        for column in self._free():
            judged = self._profile(column)
            # A lamp type that names its wattage is shared later, not taken away here.
            is_lamp_type = name_rank(Field.LAMP_TYPE, column) is not None
            if judged.with_unit > 0.6 and judged.wattage > 0.8 and not is_lamp_type:
                self._choose(Field.WATTAGE, column, SAY("power_unit"))
                return
            if (
                judged.usual > 0.8
                and judged.numeric > 0.9
                and 3 <= judged.values <= 60
                and judged.high >= 70
                and len(self._table.rows) >= 20
            ):
                self._choose(Field.WATTAGE, column, SAY("sold_with"))
                return

    def _guess_second_wattage(self) -> None:
        """Before the first: its name holds the first's, and would be taken for it."""
        if not self._is_open(Field.WATTAGE_2):
            return
        for rank, column in self._named(Field.WATTAGE_2):
            judged = self._profile(column)
            if judged.wattage > 0.5 and not judged.is_metres:
                self._choose(Field.WATTAGE_2, column, _by_name(Field.WATTAGE_2, rank))
                return

    def _guess_lamps(self) -> None:
        if not self._is_open(Field.LAMPS):
            return
        for rank, column in self._named(Field.LAMPS):
            judged = self._profile(column)
            if judged.numeric > 0.8 and judged.whole == 1 and judged.low >= 0 and judged.high <= 50:
                self._choose(Field.LAMPS, column, self._ranged(_by_name(Field.LAMPS, rank), column))
                return

    def _guess_lamp_type(self) -> None:
        if not self._is_open(Field.LAMP_TYPE):
            return
        named = self._named(Field.LAMP_TYPE)
        for rank, column in named:
            if self._profile(column).technology > 0.5:
                reason = SAY("names_sources", why=_by_name(Field.LAMP_TYPE, rank))
                self._choose(Field.LAMP_TYPE, column, reason)
                return
        for column in self._free():
            if (
                (judged := self._profile(column)).technology > 0.6
                and judged.told > 0.2
                and judged.numeric < 0.1
            ):
                self._choose(Field.LAMP_TYPE, column, SAY("content_sources"))
                return
        for rank, column in named:
            judged = self._profile(column)
            if judged.technology > 0.1 and judged.numeric < 0.1:
                self._choose(Field.LAMP_TYPE, column, _by_name(Field.LAMP_TYPE, rank))
                return

    def _wattage_in_lamp_type(self) -> None:
        if not self._is_open(Field.WATTAGE) or Field.LAMP_TYPE not in self.mapped:
            return
        column = self.mapped[Field.LAMP_TYPE].column
        if self._profile(column).with_unit > 0.5:
            self.mapped[Field.WATTAGE] = MappedColumn(column, SAY("type_wattage"))

    # What it is called and where it belongs

    def _guess_by_name(self, field: Field) -> None:
        if not self._is_open(field):
            return
        for rank, column in self._named(field):
            judged = self._profile(column)
            if judged.told == 0:
                continue
            if field is Field.ID and judged.distinct < 0.5:
                continue
            self._choose(field, column, _by_name(field, rank))
            return

    def _guess_id_by_content(self) -> None:
        if any(field in self.mapped for field in (Field.ID, Field.POLE, Field.RECORD)):
            return
        if not self._is_open(Field.ID):
            return
        for column in self._free():
            judged = self._profile(column)
            if (
                judged.told > 0.9
                and judged.distinct > 0.98
                and judged.longest <= 40
                and judged.decimals < 0.1
                and len(self._table.rows) >= 3
            ):
                self._choose(Field.ID, column, SAY("short_unique"))
                return


def _by_name(field: Field, rank: int) -> str:
    return SAY("its_name" if rank < len(FIELD_NAMES[field].names) else "part_of_name")


def _listed(columns: tuple[str, ...]) -> str:
    shown = ", ".join(repr(column[:60]) for column in columns[:40])
    return shown if len(columns) <= 40 else SAY("and_more", some=shown, more=len(columns) - 40)
