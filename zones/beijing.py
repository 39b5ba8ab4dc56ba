"""The Beijing demo city: synthetic luminaires in the real districts.

Districts are facts (`zones.beijing_districts`); zones, streets, cabinets and luminaires are
generated from a seed and describe no real street. The same arguments give the same city.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from zones.beijing_districts import DISTRICTS, DistrictFacts
from zones.beijing_lamps import KINDS, LED_60_NO_CLOCK
from zones.errors import OptionWrong
from zones.models import (
    Cabinet,
    Category,
    City,
    District,
    Feeder,
    Gateway,
    Inventory,
    LampType,
    Luminaire,
    Zone,
)

MAX_LUMINAIRES: Final = 1_000_000
SMALLEST_ZONE: Final = 10
PER_GATEWAY: Final = 200
PER_FEEDER: Final = 100
METRES_PER_DEGREE: Final = 111_320.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def demo_inventory(
    luminaires: int = 10_000, seed: int = 1, clockless_share: float = 0.0
) -> Inventory:
    """A synthetic Beijing with this many luminaires.

    ``luminaires`` is 1 to 1,000,000: about 150 zones at 10,000 and 400 at 100,000, at least
    10 luminaires in each, every district served from 170 on. ``seed`` is 0 or more.
    ``clockless_share``, 0 to 1, is the share of the local roads' luminaires whose lamp type
    has no clock; it changes nothing else. Raises `OptionWrong` outside these ranges.
    """
    if not 1 <= luminaires <= MAX_LUMINAIRES:
        raise OptionWrong(
            f"demo city of {luminaires} luminaires: 1 to {MAX_LUMINAIRES} are possible"
        )
    if seed < 0:
        raise OptionWrong(f"seed {seed} of the demo city: must be 0 or more")
    if not 0 <= clockless_share <= 1:
        raise OptionWrong(f"clockless share {clockless_share} of the demo city: must be 0 to 1")
    rng = np.random.default_rng(seed)
    zones = _zones(luminaires, rng)
    sizes = _sizes(zones, luminaires, rng)
    longitudes, latitudes = _positions(zones, sizes, rng)
    lamp_types = _lamp_types(zones, sizes, rng, clockless_share)
    zones = _with_roads(zones, sizes)
    return _assemble(zones, sizes, longitudes, latitudes, lamp_types)


def _apportion(total: int, weights: Floats, at_least: int) -> Ints:
    """Whole numbers in proportion to the weights, each at least so much, that sum to total."""
    spare = total - at_least * len(weights)
    exact = spare * weights / weights.sum()
    counts: Ints = np.floor(exact).astype(np.int64)
    # Stable, so that equal remainders fall to the earlier and the outcome is the same anywhere.
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: spare - int(counts.sum())]] += 1
    counts += at_least
    return counts


def _zones(luminaires: int, rng: np.random.Generator) -> list[Zone]:
    count = max(1, min(round(150 * (luminaires / 10_000) ** 0.426), luminaires // SMALLEST_ZONE))
    shares = np.array([facts.share for facts in DISTRICTS])
    if count >= len(DISTRICTS):
        slots = _apportion(count, shares, at_least=1)
    else:
        slots = np.zeros(len(DISTRICTS), dtype=np.int64)
        slots[np.argsort(-shares, kind="stable")[:count]] = 1
    category_shares = np.array([kind.share for kind in KINDS.values()])
    category_counts = dict(
        zip(
            KINDS,
            _apportion(count, category_shares, int(count >= len(KINDS))).tolist(),
            strict=True,
        )
    )
    zones: list[Zone] = []
    numbers: dict[tuple[str, Category], int] = {}
    # Rare kinds first: they are choosy about their district, the common ones fill what is left.
    for category in sorted(category_counts, key=lambda each: KINDS[each].share):
        kind = KINDS[category]
        for _ in range(category_counts[category]):
            liked = np.array(
                [1.0 if facts.character in kind.characters else 0.05 for facts in DISTRICTS]
            )
            weights = slots * liked
            index = int(rng.choice(len(DISTRICTS), p=weights / weights.sum()))
            slots[index] -= 1
            facts = DISTRICTS[index]
            number = numbers[facts.code, category] = numbers.get((facts.code, category), 0) + 1
            zones.append(_zone(facts, category, number, rng))
    return sorted(zones, key=lambda zone: zone.id)


def _zone(facts: DistrictFacts, category: Category, number: int, rng: np.random.Generator) -> Zone:
    kind = KINDS[category]
    west, south, east, north = facts.box
    # Four fifths of the way from the centre to the edge at most, most of them much nearer.
    away_x, away_y = np.clip(rng.normal(0, 0.3, 2), -0.8, 0.8)
    longitude, latitude = facts.centre
    longitude += float(away_x * ((east - longitude) if away_x > 0 else (longitude - west)))
    latitude += float(away_y * ((north - latitude) if away_y > 0 else (latitude - south)))
    lighting_class, illuminance_lx = kind.classes[int(rng.integers(len(kind.classes)))]
    return Zone(
        id=f"{facts.code}-{category}-{number:02d}",
        name=f"{facts.name}{kind.name} {number:02d}",
        name_en=f"{facts.name_en} {kind.name_en} {number:02d}",
        district=facts.code,
        category=category,
        lighting_class=lighting_class,
        design_illuminance_lx=illuminance_lx,
        longitude=round(longitude, 6),
        latitude=round(latitude, 6),
    )


def _sizes(zones: list[Zone], luminaires: int, rng: np.random.Generator) -> Ints:
    weights = np.array([KINDS[zone.category].size for zone in zones])
    weights = weights * rng.lognormal(0, 0.35, len(zones))
    return _apportion(luminaires, weights, min(SMALLEST_ZONE, luminaires // len(zones)))


def _with_roads(zones: list[Zone], sizes: Ints) -> list[Zone]:
    """Zones with the carriageways that their luminaires stand along."""
    found: list[Zone] = []
    for zone, size in zip(zones, sizes.tolist(), strict=True):
        kind = KINDS[zone.category]
        if kind.road is None:
            found.append(zone)
            continue
        width_m, lanes = kind.road
        length_m = kind.spacing_m * (-(-size // 2) if kind.double_arm else size)
        road = {"road_length_m": length_m, "road_width_m": width_m, "lanes": lanes}
        found.append(zone.model_copy(update=road))
    return found


def _positions(zones: list[Zone], sizes: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Luminaires along the streets of their zones, inside their districts' boxes."""
    boxes = {facts.code: facts.box for facts in DISTRICTS}
    longitudes: list[Floats] = []
    latitudes: list[Floats] = []
    for zone, size in zip(zones, sizes.tolist(), strict=True):
        kind = KINDS[zone.category]
        along_pole = np.arange(size) // (2 if kind.double_arm else 1)
        street, along = np.divmod(along_pole, kind.street)
        # The old city is a grid: streets run with the compass, and here and there askew.
        grid = rng.integers(0, 2, int(street[-1]) + 1) * (np.pi / 2)
        heading = (grid + rng.normal(0, 0.03, len(grid)))[street]
        start_x, start_y = rng.normal(0, 40 * kind.spacing_m / 2, (2, len(grid)))
        x_m = start_x[street] + along * kind.spacing_m * np.cos(heading)
        y_m = start_y[street] + along * kind.spacing_m * np.sin(heading)
        # Poles stand left and right in turn; the arms of one pole hang over its two sides.
        side = np.where(np.arange(size) % 2 == 0, 1.0, -1.0) * (1.5 if kind.double_arm else 6.0)
        x_m = x_m - side * np.sin(heading) + rng.normal(0, 0.4, size)
        y_m = y_m + side * np.cos(heading) + rng.normal(0, 0.4, size)
        west, south, east, north = boxes[zone.district]
        scale_x = METRES_PER_DEGREE * float(np.cos(np.radians(zone.latitude)))
        longitudes.append(_folded(zone.longitude + x_m / scale_x, west, east))
        latitudes.append(_folded(zone.latitude + y_m / METRES_PER_DEGREE, south, north))
    return np.concatenate(longitudes), np.concatenate(latitudes)


def _folded(values: Floats, low: float, high: float) -> Floats:
    """Values beyond an edge turned back inside, so that no street leaves its district."""
    span = high - low
    phase = np.mod(values - low, 2 * span)
    folded = low + np.where(phase > span, 2 * span - phase, phase)
    return np.clip(np.round(folded, 6), low, high)


def _lamp_types(
    zones: list[Zone], sizes: Ints, rng: np.random.Generator, clockless_share: float
) -> list[LampType]:
    lamp_types: list[LampType] = []
    quota = 0.0
    for zone, size in zip(zones, sizes.tolist(), strict=True):
        kind = KINDS[zone.category]
        sodium_share = float(rng.choice([0, 0, 0, 0.3, 0.6]))
        sodium = round(size * sodium_share) if kind.sodium is not None else 0
        here = [kind.led] * (size - sodium)
        if kind.sodium is not None:
            here = [kind.sodium] * sodium + here
        if zone.category is Category.LOCAL:
            # The quota carries over, so that the share is right over the whole city.
            quota += size * clockless_share
            clockless = int(quota + 1e-9)
            quota -= clockless
            here[size - clockless :] = [LED_60_NO_CLOCK] * clockless
        lamp_types += here
    return lamp_types


def _assemble(
    zones: list[Zone],
    sizes: Ints,
    longitudes: Floats,
    latitudes: Floats,
    lamp_types: list[LampType],
) -> Inventory:
    cabinets: list[Cabinet] = []
    feeders: list[Feeder] = []
    gateways: list[Gateway] = []
    luminaires: list[Luminaire] = []
    zone_of = np.repeat(np.arange(len(zones)), sizes).tolist()
    first_of = (np.cumsum(sizes) - sizes).tolist()
    places = list(zip(longitudes.tolist(), latitudes.tolist(), strict=True))
    districts = [zones[index].district for index in zone_of]
    for facts in DISTRICTS:
        # Zones are sorted by id; "110115-" and "110115403-" do not mix: a hyphen sorts first.
        rows = [row for row, district in enumerate(districts) if district == facts.code]
        pieces = (
            np.array_split(np.array(rows), max(1, round(len(rows) / PER_GATEWAY))) if rows else []
        )
        for segment, piece in enumerate(pieces, 1):
            cabinet = Cabinet(id=f"cab-{facts.code}-{segment:03d}", district=facts.code)
            gateway = Gateway(id=f"gw-{facts.code}-{segment:03d}", cabinet=cabinet.id)
            cabinets.append(cabinet)
            gateways.append(gateway)
            for circuit, part in enumerate(np.array_split(piece, -(-len(piece) // PER_FEEDER)), 1):
                feeder = Feeder(id=f"{cabinet.id}-f{circuit}", cabinet=cabinet.id)
                feeders.append(feeder)
                for row in part.tolist():
                    zone = zones[zone_of[row]]
                    number = row - first_of[zone_of[row]]
                    pole = number // 2 if KINDS[zone.category].double_arm else number
                    luminaires.append(
                        Luminaire(
                            id=f"{zone.id}-{number + 1:04d}",
                            zone=zone.id,
                            lamp_type=lamp_types[row].id,
                            longitude=places[row][0],
                            latitude=places[row][1],
                            pole=f"{zone.id}-P{pole + 1:04d}",
                            gateway=gateway.id,
                            feeder=feeder.id,
                        )
                    )
    used = {lamp_type.id: lamp_type for lamp_type in lamp_types}
    return Inventory(
        city=City(
            id="beijing-demo",
            name="北京（合成示例）",
            name_en="Beijing (synthetic)",
            time_zone="Asia/Shanghai",
            longitude=116.4074,
            latitude=39.9042,
            synthetic=True,
        ),
        districts=tuple(
            District(
                id=facts.code,
                name=facts.name,
                name_en=facts.name_en,
                longitude=facts.centre[0],
                latitude=facts.centre[1],
                inside=facts.inside,
            )
            for facts in DISTRICTS
        ),
        zones=tuple(zones),
        lamp_types=tuple(sorted(used.values(), key=lambda lamp_type: lamp_type.id)),
        cabinets=tuple(cabinets),
        feeders=tuple(feeders),
        gateways=tuple(gateways),
        luminaires=tuple(luminaires),
    )
