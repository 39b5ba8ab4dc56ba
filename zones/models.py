"""What is on the street, as documents.

Owns the frozen documents of the inventory: city, district, zone, lamp type, luminaire,
gateway, cabinet and feeder, and the `Inventory` that holds one city's worth of them and
checks that they name each other rightly. Knows nothing of schedules, time or messages.

Longitudes and latitudes are WGS 84 degrees. Electrical power is input power in watts.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from zones.sentences import SAY, thing_said

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""1 to 64 of ``A-Z a-z 0-9 _ -``: safe as an MQTT topic level, a file name and a label."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
PowerW = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Level = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
"""Dimming level, % of rated light output, 0 to 100."""


class Document(BaseModel):
    """A frozen document that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy; what was derived from the old fields is derived anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Category(StrEnum):
    """Kind of zone: what the light is for."""

    EXPRESSWAY = "expressway"
    ARTERIAL = "arterial"
    COLLECTOR = "collector"
    LOCAL = "local"
    RESIDENTIAL = "residential"
    PARK = "park"
    LANDSCAPE = "landscape"
    FACADE = "facade"
    TUNNEL = "tunnel"


class Technology(StrEnum):
    """Light source of a lamp type."""

    LED = "led"
    HIGH_PRESSURE_SODIUM = "high_pressure_sodium"
    LOW_PRESSURE_SODIUM = "low_pressure_sodium"
    METAL_HALIDE = "metal_halide"
    MERCURY_VAPOUR = "mercury_vapour"
    FLUORESCENT = "fluorescent"
    INDUCTION = "induction"
    INCANDESCENT = "incandescent"
    SOLAR = "solar"
    UNKNOWN = "unknown"


class City(Document):
    """The site: one city under one controller or a set of them."""

    id: Identifier
    name: Name
    name_en: Name | None = None
    time_zone: str
    """IANA name, such as ``Asia/Shanghai``."""
    longitude: Longitude
    latitude: Latitude
    synthetic: bool = False
    """True where the inventory was generated and describes no real street."""

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(SAY("time_zone", value=value)) from error
        return value


class District(Document):
    """An administrative unit of the city."""

    id: Identifier
    """The statistics code where there is one, such as ``110105``."""
    name: Name
    name_en: Name | None = None
    longitude: Longitude
    latitude: Latitude
    inside: Identifier | None = None
    """The district it lies in, for a development area with its own administration."""


class Zone(Document):
    """A planning unit: luminaires that follow one calendar."""

    id: Identifier
    name: Name
    name_en: Name | None = None
    district: Identifier
    category: Category
    lighting_class: Identifier | None = None
    """Key into the lighting classes, such as ``CJJ45-I-high``; None where none is assigned."""
    design_illuminance_lx: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Maintained mean illuminance at full level, lx."""
    road_length_m: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    """Length of the lit carriageways, m."""
    road_width_m: Annotated[float, Field(gt=0, le=500, allow_inf_nan=False)] | None = None
    """Mean width of the lit carriageways, m."""
    area_m2: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None
    """Area that is lit, m2; None: length times width, where both are told."""
    lanes: Annotated[int, Field(ge=1, le=30)] | None = None
    """Lanes of the carriageway, both ways together."""
    longitude: Longitude
    latitude: Latitude

    @property
    def lit_area_m2(self) -> float | None:
        """Area that is lit, m2; None where the zone tells neither it nor length and width."""
        if self.area_m2 is not None:
            return self.area_m2
        if self.road_length_m is None or self.road_width_m is None:
            return None
        return self.road_length_m * self.road_width_m


class LampType(Document):
    """A light source with its gear and electrical data."""

    id: Identifier
    name: Name
    technology: Technology
    rated_power_w: PowerW
    """Input power at level 100, gear included."""
    standby_power_w: PowerW = 0.0
    """Input power at level 0 while the feeder is live."""
    power_curve: tuple[tuple[Level, Annotated[float, Field(ge=0, le=1.5)]], ...] = (
        (0, 0.0),
        (100, 1.0),
    )
    """(level, share of rated power) pairs, level rising from 0 to 100, linear in between.

    Applies to a burning lamp, level above 0; a dark one draws the standby power.
    """
    is_dimmable: bool = True
    has_clock: bool = True
    """False where the luminaire needs a command at every switching point."""
    warm_up_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    baseline_power_w: PowerW | None = None
    """Input power of the lamp that stood here before the retrofit; None: the same lamp."""
    lumen_maintenance: Annotated[float, Field(ge=0.3, le=1)] | None = None
    """Share of its first light that it gives at the end of its rated life, such as 0.8.

    With `rated_life_h`: the lamp is dimmed while it gives more (constant light output).
    None: its light is taken as constant.
    """
    rated_life_h: Annotated[float, Field(gt=0, le=500_000)] | None = None
    """Burning hours of its rated life."""

    @field_validator("power_curve")
    @classmethod
    def _curve_spans_all_levels(
        cls, curve: tuple[tuple[float, float], ...]
    ) -> tuple[tuple[float, float], ...]:
        levels = [level for level, _ in curve]
        if len(levels) < 2 or levels[0] != 0 or levels[-1] != 100 or sorted(set(levels)) != levels:
            raise ValueError(SAY("curve", levels=levels))
        return curve

    def power_w(self, level: float) -> float:
        """Input power at a dimming level of 0 to 100, in watts."""
        if level <= 0:
            return self.standby_power_w
        for (low, low_share), (high, high_share) in zip(
            self.power_curve, self.power_curve[1:], strict=False
        ):
            if level <= high:
                share = low_share + (high_share - low_share) * (level - low) / (high - low)
                return self.rated_power_w * share
        return self.rated_power_w * self.power_curve[-1][1]


class Cabinet(Document):
    """A feeder pillar."""

    id: Identifier
    district: Identifier


class Feeder(Document):
    """An outgoing circuit of a cabinet."""

    id: Identifier
    cabinet: Identifier


class Gateway(Document):
    """A segment controller: many luminaires behind one connection."""

    id: Identifier
    cabinet: Identifier | None = None


class Luminaire(Document):
    """One fitting on one pole: the unit that is addressed."""

    id: Identifier
    zone: Identifier
    lamp_type: Identifier
    longitude: Longitude
    latitude: Latitude
    pole: str | None = None
    gateway: Identifier | None = None
    feeder: Identifier | None = None
    name: str | None = None
    installed_on: date | None = None
    """Local date on which its light source was new; None: not known."""


class Inventory(Document):
    """One city's districts, zones, lamp types, cabinets, feeders, gateways and luminaires.

    Every reference is checked and every identifier is unique within its kind; the
    validation error names the document, the field and the value.
    """

    city: City
    districts: tuple[District, ...]
    zones: tuple[Zone, ...]
    lamp_types: tuple[LampType, ...]
    cabinets: tuple[Cabinet, ...] = ()
    feeders: tuple[Feeder, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    luminaires: tuple[Luminaire, ...]

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        districts = _unique("district", self.districts)
        zones = _unique("zone", self.zones)
        lamp_types = _unique("lamp type", self.lamp_types)
        cabinets = _unique("cabinet", self.cabinets)
        feeders = _unique("feeder", self.feeders)
        gateways = _unique("gateway", self.gateways)
        _unique("luminaire", self.luminaires)
        for district in self.districts:
            _refers("district", district.id, "inside", district.inside, districts)
        for zone in self.zones:
            _refers("zone", zone.id, "district", zone.district, districts)
        for cabinet in self.cabinets:
            _refers("cabinet", cabinet.id, "district", cabinet.district, districts)
        for feeder in self.feeders:
            _refers("feeder", feeder.id, "cabinet", feeder.cabinet, cabinets)
        for gateway in self.gateways:
            _refers("gateway", gateway.id, "cabinet", gateway.cabinet, cabinets)
        for luminaire in self.luminaires:
            _refers("luminaire", luminaire.id, "zone", luminaire.zone, zones)
            _refers("luminaire", luminaire.id, "lamp_type", luminaire.lamp_type, lamp_types)
            _refers("luminaire", luminaire.id, "gateway", luminaire.gateway, gateways)
            _refers("luminaire", luminaire.id, "feeder", luminaire.feeder, feeders)
        return self

    @cached_property
    def zone_by_id(self) -> Mapping[str, Zone]:
        """Zones by identifier."""
        return {zone.id: zone for zone in self.zones}

    @cached_property
    def district_by_id(self) -> Mapping[str, District]:
        """Districts by identifier."""
        return {district.id: district for district in self.districts}

    @cached_property
    def cabinet_by_id(self) -> Mapping[str, Cabinet]:
        """Cabinets by identifier."""
        return {cabinet.id: cabinet for cabinet in self.cabinets}

    @cached_property
    def feeder_by_id(self) -> Mapping[str, Feeder]:
        """Feeders by identifier."""
        return {feeder.id: feeder for feeder in self.feeders}

    @cached_property
    def lamp_type_by_id(self) -> Mapping[str, LampType]:
        """Lamp types by identifier."""
        return {lamp_type.id: lamp_type for lamp_type in self.lamp_types}

    @cached_property
    def luminaire_by_id(self) -> Mapping[str, Luminaire]:
        """Luminaires by identifier."""
        return {luminaire.id: luminaire for luminaire in self.luminaires}

    @cached_property
    def gateway_by_id(self) -> Mapping[str, Gateway]:
        """Gateways by identifier."""
        return {gateway.id: gateway for gateway in self.gateways}

    def districts_within(self, districts: Iterable[str]) -> frozenset[str]:
        """Districts and those that lie in them, at any depth."""
        within = set(districts)
        while more := {one.id for one in self.districts if one.inside in within} - within:
            within |= more
        return frozenset(within)

    def districts_around(self, district: str) -> tuple[str, ...]:
        """A district and those that it lies in, the innermost first."""
        found: list[str] = []
        outer: str | None = district
        while outer is not None and outer not in found:
            found.append(outer)
            outer = self.district_by_id[outer].inside
        return tuple(found)


def _unique(
    kind: str,
    documents: Iterable[City | District | Zone | LampType | Cabinet | Feeder | Gateway | Luminaire],
) -> frozenset[str]:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise ValueError(SAY("twice", kind=thing_said(kind), id=document.id))
        seen.add(document.id)
    return frozenset(seen)


def _refers(kind: str, owner: str, field: str, value: str | None, known: frozenset[str]) -> None:
    if value is not None and value not in known:
        named = thing_said(kind), thing_said(field)
        raise ValueError(SAY("dangling", kind=named[0], id=owner, field=named[1], value=value))
