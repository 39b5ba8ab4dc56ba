"""Documents out of accepted rows: luminaires, lamp types, zones, districts, cabinets."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any, Final

from zones.inventory.fields import Field
from zones.inventory.identity import NamedIdentifiers, UniqueIdentifiers, identifier
from zones.inventory.mapping import Mapped
from zones.inventory.rows import LampRow
from zones.inventory.sentences import SAY, counted
from zones.inventory.technology import SHORT_NAMES
from zones.inventory.wattage import Lamp
from zones.models import (
    Cabinet,
    Category,
    District,
    Feeder,
    Gateway,
    LampType,
    Luminaire,
    Technology,
    Zone,
)

NO_DISTRICT: Final = "imported"
"""District of the luminaires whose row names none."""

SMALLEST_ROAD: Final = 10
"""Luminaires from which a road is a zone of its own."""

LED_CURVE: Final = ((0, 0.04), (10, 0.13), (25, 0.26), (50, 0.48), (75, 0.73), (100, 1.0))
PLAIN_CURVE: Final = ((0, 0.0), (100, 1.0))
DIMMABLE: Final = frozenset({Technology.LED, Technology.SOLAR})
WARM_UP_S: Final = {
    Technology.HIGH_PRESSURE_SODIUM: 300.0,
    Technology.LOW_PRESSURE_SODIUM: 600.0,
    Technology.METAL_HALIDE: 240.0,
    Technology.MERCURY_VAPOUR: 300.0,
    Technology.FLUORESCENT: 60.0,
}

_CATEGORY_WORDS: Final = (
    (Category.EXPRESSWAY, r"express|motorway|freeway|highway|快速|高速"),
    (Category.TUNNEL, r"tunnel|underpass|隧道|地道"),
    (Category.ARTERIAL, r"arterial|primary|principal|major|main|主干"),
    (Category.COLLECTOR, r"collector|secondary|minor|次干"),
    (Category.RESIDENTIAL, r"residential|living|housing|居住|小区|胡同"),
    (Category.PARK, r"park|garden|trail|公园|绿地"),
    (Category.LANDSCAPE, r"landscape|景观"),
    (Category.FACADE, r"facade|façade|building|楼宇|立面"),
    (Category.LOCAL, r"local|tertiary|street|支路|街坊"),
)


def parse_category(text: str) -> Category | None:
    """The category that a text names, or None."""
    plain = text.casefold().strip()
    try:
        return Category(plain)
    except ValueError:
        return next(
            (category for category, words in _CATEGORY_WORDS if re.search(words, plain)), None
        )


class Assembly:
    """The documents of one import; built whole by the constructor."""

    def __init__(self, rows: Sequence[LampRow], mapped: Mapped) -> None:
        self.luminaires: list[Luminaire] = []
        self.lamp_types: list[LampType] = []
        self.zones: list[Zone] = []
        self.districts: list[District] = []
        self.cabinets: list[Cabinet] = []
        self.feeders: list[Feeder] = []
        self.gateways: list[Gateway] = []
        self.warnings: list[str] = []
        self._rows = rows
        self._mapped = mapped
        if not rows:
            return
        lamp_type_of = self._make_lamp_types()
        zone_of = self._make_zones()
        circuits = self._make_circuits(zone_of)
        self._make_luminaires(lamp_type_of, zone_of, circuits)

    # Lamp types

    def _make_lamp_types(self) -> dict[tuple[str | None, Lamp], str]:
        """Identifier of the lamp type for (identifier in the file, lamp)."""
        wanted: dict[tuple[str | None, Lamp], None] = {}
        for row in self._rows:
            for lamp in row.lamps:
                wanted[row.texts.get(Field.LAMP_TYPE_ID), lamp] = None
        claims: dict[str, Lamp] = {}
        chosen: dict[tuple[str | None, Lamp], str] = {}
        for told, lamp in sorted(
            wanted, key=lambda each: (each[0] is None, each[0] or "", each[1])
        ):
            prefix, name = SHORT_NAMES[lamp.technology]
            power = f"{lamp.power_w:.10g}"
            derived = f"{prefix}-{power.replace('.', '-')}w"
            key = identifier(told, "lamp-type") if told is not None else derived
            if claims.setdefault(key, lamp) != lamp:
                # One name for two kinds of lamp: the first keeps it, the other is told apart.
                key = f"{key[:40]}-{derived}"
                claims.setdefault(key, lamp)
            chosen[told, lamp] = key
            if all(each.id != key for each in self.lamp_types):
                self.lamp_types.append(_lamp_type(key, f"{name} {power} W", lamp))
        return chosen

    # Zones and districts

    def _make_zones(self) -> list[str]:
        """Identifier of the zone of each row."""
        district_names = [
            row.texts.get(Field.DISTRICT) or row.texts.get(Field.DISTRICT_NAME) or NO_DISTRICT
            for row in self._rows
        ]
        keys = self._zone_keys(district_names)
        members: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for index, key in enumerate(keys):
            members[key].append(index)
        several = len(set(district_names)) > 1
        shown_of = {
            key: f"{key[2]} {key[1]}" if several and key[0] in ("road", "rest") else key[1]
            for key in members
        }
        # Different zones may read alike, as road "East Ring" and road "Ring" in "East".
        zone_ids = UniqueIdentifiers(identifier(shown, "zone") for shown in shown_of.values())
        district_ids = NamedIdentifiers("district")
        in_district: defaultdict[str, list[int]] = defaultdict(list)
        zone_id_of: dict[tuple[str, ...], str] = {}
        for key, rows in members.items():
            district = Counter(district_names[index] for index in rows).most_common(1)[0][0]
            in_district[district].extend(rows)
            shown = shown_of[key]
            zone_id = zone_ids.take(identifier(shown, "zone"))
            zone_id_of[key] = zone_id
            spoken = self._most(rows, Field.ZONE_NAME) if key[0] == "zone" else None
            category = self._most(rows, Field.CATEGORY)
            lighting_class = self._most(rows, Field.LIGHTING_CLASS)
            self.zones.append(
                Zone(
                    id=zone_id,
                    name=(spoken or shown)[:200],
                    district=district_ids.of(district),
                    category=(parse_category(category) if category else None) or Category.LOCAL,
                    lighting_class=identifier(lighting_class, "class") if lighting_class else None,
                    longitude=self._mean(rows, "longitude"),
                    latitude=self._mean(rows, "latitude"),
                )
            )
        for district, rows in in_district.items():
            named = self._most(rows, Field.DISTRICT_NAME)
            self.districts.append(
                District(
                    id=district_ids.of(district),
                    name=(named or district)[:200],
                    longitude=self._mean(rows, "longitude"),
                    latitude=self._mean(rows, "latitude"),
                )
            )
        return [zone_id_of[key] for key in keys]

    def _zone_keys(self, district_names: list[str]) -> list[tuple[str, ...]]:
        """A key for each row; rows with equal keys are one zone."""
        if Field.ZONE in self._mapped:
            return [
                ("zone", row.texts[Field.ZONE])
                if Field.ZONE in row.texts
                else ("rest", "No zone", district)
                for row, district in zip(self._rows, district_names, strict=True)
            ]
        if Field.ROAD not in self._mapped:
            return [("district", district, district) for district in district_names]
        roads = [
            (district, row.texts.get(Field.ROAD, ""))
            for row, district in zip(self._rows, district_names, strict=True)
        ]
        sizes: Counter[tuple[str, str]] = Counter()
        for road, row in zip(roads, self._rows, strict=True):
            sizes[road] += len(row.lamps)
        small = {road for road, size in sizes.items() if size < SMALLEST_ROAD or not road[1]}
        if small:
            self.warnings.append(
                SAY("minor_roads", roads=counted(len(small), "road"), least=SMALLEST_ROAD)
            )
        return [
            ("rest", "Minor roads", road[0]) if road in small else ("road", road[1], road[0])
            for road in roads
        ]

    def _most(self, rows: list[int], field: Field) -> str | None:
        """What most of the rows say, the first of equals; None where none says anything."""
        if field not in self._mapped:
            return None
        said = Counter(
            text for index in rows if (text := self._rows[index].texts.get(field)) is not None
        )
        return said.most_common(1)[0][0] if said else None

    def _mean(self, rows: list[int], axis: str) -> float:
        values = [getattr(self._rows[index], axis) for index in rows]
        if axis == "longitude" and max(values) - min(values) > 180:
            # Over the date line the mean of degrees lies on the other side of the world.
            return values[0] if isinstance(values[0], float) else 0.0
        return round(fmean(values), 6)

    # Cabinets, feeders, gateways

    def _make_circuits(self, zone_of: list[str]) -> list[tuple[str | None, str | None]]:
        """(gateway, feeder) of each row."""
        if not {Field.CABINET, Field.FEEDER, Field.GATEWAY} & set(self._mapped):
            return [(None, None)] * len(self._rows)
        district_of = {zone.id: zone.district for zone in self.zones}
        cabinet_ids, gateway_ids = NamedIdentifiers("cabinet"), NamedIdentifiers("gateway")
        feeder_ids = UniqueIdentifiers(())
        feeder_of: dict[tuple[str, str], str] = {}
        cabinets: dict[str, Cabinet] = {}
        feeders: dict[str, Feeder] = {}
        gateways: dict[str, Gateway] = {}
        circuits: list[tuple[str | None, str | None]] = []
        for row, zone in zip(self._rows, zone_of, strict=True):
            told = (
                row.texts.get(Field.CABINET),
                row.texts.get(Field.FEEDER),
                row.texts.get(Field.GATEWAY),
            )
            cabinet_name, feeder_name, gateway_name = told
            cabinet_name = cabinet_name or feeder_name
            cabinet = cabinet_ids.of(cabinet_name) if cabinet_name else None
            if cabinet is not None and cabinet not in cabinets:
                cabinets[cabinet] = Cabinet(id=cabinet, district=district_of[zone])
            feeder = gateway = None
            if feeder_name and cabinet is not None:
                feeder = feeder_of.get((cabinet, feeder_name))
                if feeder is None:
                    wanted = identifier(feeder_name, "feeder")
                    if wanted in feeders:
                        # Circuit 1 of this cabinet is not circuit 1 of that one.
                        wanted = identifier(f"{cabinet}-{feeder_name}", "feeder")
                    feeder = feeder_of[cabinet, feeder_name] = feeder_ids.take(wanted)
                    feeders[feeder] = Feeder(id=feeder, cabinet=cabinet)
            if gateway_name:
                gateway = gateway_ids.of(gateway_name)
                if gateway not in gateways:
                    gateways[gateway] = Gateway(id=gateway, cabinet=cabinet)
            circuits.append((gateway, feeder))
        self.cabinets, self.feeders, self.gateways = (
            list(cabinets.values()),
            list(feeders.values()),
            list(gateways.values()),
        )
        return circuits

    # Luminaires

    def _make_luminaires(
        self,
        lamp_type_of: dict[tuple[str | None, Lamp], str],
        zone_of: list[str],
        circuits: list[tuple[str | None, str | None]],
    ) -> None:
        wanted = [self._wanted_identifier(row) for row in self._rows]
        unique = UniqueIdentifiers(wanted)
        counts = Counter(wanted)
        repeated = sum(count > 1 for count in counts.values())
        if repeated:
            self.warnings.append(SAY("repeated_ids", ids=counted(repeated, "identifier")))
        nameless = sum(not ({Field.ID, Field.POLE} & row.texts.keys()) for row in self._rows)
        if nameless:
            self.warnings.append(
                SAY("nameless", rows=counted(nameless, "row"), source=self._second_name())
            )
        several = 0
        for row, stem, zone, (gateway, feeder) in zip(
            self._rows, wanted, zone_of, circuits, strict=True
        ):
            several += len(row.lamps) > 1
            original = row.texts.get(Field.ID)
            name = row.texts.get(Field.NAME)
            if name is None and original is not None and original != stem:
                name = original
            pole = row.texts.get(Field.POLE)
            if pole is None and len(row.lamps) > 1:
                pole = original or stem
            told = row.texts.get(Field.LAMP_TYPE_ID)
            for lamp in row.lamps:
                fields: dict[str, Any] = {
                    "id": unique.take(stem),
                    "zone": zone,
                    "lamp_type": lamp_type_of[told, lamp],
                    "longitude": row.longitude,
                    "latitude": row.latitude,
                    "pole": pole,
                    "gateway": gateway,
                    "feeder": feeder,
                    "name": name,
                }
                self.luminaires.append(Luminaire(**fields))
        if several:
            self.warnings.append(SAY("many_lamps_rows", rows=counted(several, "row")))

    def _wanted_identifier(self, row: LampRow) -> str:
        for field in (Field.ID, Field.POLE):
            text = row.texts.get(field)
            if text is not None:
                return identifier(text, field.value)
        text = row.texts.get(Field.RECORD)
        if text is not None:
            return identifier(f"{self._mapped[Field.RECORD].column}-{text}", "record")
        return f"row-{row.line}"

    def _second_name(self) -> str:
        return (
            SAY("from_column", column=self._mapped[Field.RECORD].column)
            if Field.RECORD in self._mapped
            else SAY("from_line")
        )


def _lamp_type(key: str, name: str, lamp: Lamp) -> LampType:
    dimmable = lamp.technology in DIMMABLE
    return LampType(
        id=key,
        name=name,
        technology=lamp.technology,
        rated_power_w=lamp.power_w,
        power_curve=LED_CURVE if dimmable else PLAIN_CURVE,
        is_dimmable=dimmable,
        warm_up_s=WARM_UP_S.get(lamp.technology, 0.0),
    )
