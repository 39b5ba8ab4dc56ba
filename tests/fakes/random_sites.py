"""Strategies for whole sites: names that trip readers up, every kind of document."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone

from hypothesis import strategies as st

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    DateRange,
    Dates,
    Layer,
    Limit,
    MonthDay,
    NthWeekday,
    Override,
    OverrideKind,
    Plan,
    Selector,
    Site,
    Weekday,
    Weekdays,
    Window,
    YearlyRange,
)
from schedules.emission_factors import EmissionFactor
from schedules.energy.baselines import (
    CalendarHours,
    DeclaredBaseline,
    DuskToDawn,
    FixedHours,
    PartNight,
    PreviousHours,
    PreviousLamps,
    ProgramHours,
)
from schedules.energy.slips import Dated, slips
from schedules.energy.targets import Target
from schedules.energy.tariffs import ClockSpan, PriceBand, Tariff
from schedules.holiday_conditions import DayTypes, Holiday, HolidayEve, WorkingDay
from schedules.lunar import Festival
from schedules.lunar_conditions import FestivalDays, LunarDates, LunarDay, LunarRange
from schedules.models import Baseline, Metering
from schedules.programs import Extinguish
from schedules.public_holidays import DayType
from schedules.rules import DynamicRule, Plausible, RuleAction
from tests.fakes.random_programs import anchors, levels, programs
from zones import (
    Cabinet,
    Category,
    City,
    District,
    Feeder,
    Gateway,
    Inventory,
    LampType,
    Luminaire,
    Technology,
    Zone,
)

identifiers = st.sampled_from(
    ["110105", "0110105", "no", "on", "null", "1e5", "0x1F", "-", "_", "a-b", "2026-10-01", "Y"]
) | st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
_traps = st.sampled_from(
    ["yes", "off", "~", "12:30", "0110105", "- a", "a: b", "#5", "a #b", "'", '"', "=SUM(A1)", "@x",
     "北京：东城区", "  spaced  ", "two\nlines", "tab\t", "&a", "*a", "!t", "{x}", "[x]", "%", "|",
     ">", "?", "1_000", ".5", ".inf", "<<", "\u2028", "\u00a0", "\ufeff", "😀", "\\n", "a,b", "\r",
     "\x85", "\x00", "x" * 150]
)  # fmt: skip
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | _traps
names = texts.filter(lambda text: 1 <= len(text) <= 200)
dates_ = st.dates(date(1970, 1, 1), date(2100, 12, 31))
degrees = st.floats(-90, 90, allow_nan=False)
numbers = st.sampled_from([0.1, 1.0, 22.5, 1e-7, 100.0]) | st.floats(0.001, 1000)


@st.composite
def month_days(draw: st.DrawFn) -> MonthDay:
    """A day of every year."""
    return MonthDay(month=draw(st.integers(1, 12)), day=draw(st.integers(1, 29)))


_lunar_days = st.builds(
    LunarDay,
    month=st.integers(1, 12),
    day=st.sampled_from([-1, 1, 15, 29]),
    leap=st.booleans(),
)
conditions = st.one_of(
    st.builds(Weekdays, days=st.frozensets(st.sampled_from(Weekday), min_size=1)),
    st.builds(
        NthWeekday,
        nth=st.sampled_from([1, 2, 3, 4, 5, -1, -2, -3, -4, -5]),
        weekday=st.sampled_from(Weekday),
        months=st.frozensets(st.integers(1, 12), max_size=4),
    ),
    st.tuples(dates_, dates_).map(lambda two: DateRange(first=min(two), last=max(two))),
    st.builds(YearlyRange, first=month_days(), last=month_days()),
    st.builds(Dates, dates=st.frozensets(dates_, min_size=1, max_size=4)),
    # Norway is the country that YAML 1.1 takes for false.
    st.builds(Holiday, country=st.sampled_from(["CN", "NO"]), whole_break=st.booleans()),
    st.builds(HolidayEve, country=st.just("CN"), name=st.none() | st.just("春节")),
    st.builds(WorkingDay, country=st.sampled_from(["CN", "NO"])),
    st.builds(
        DayTypes,
        country=st.just("CN"),
        types=st.frozensets(st.sampled_from(DayType), min_size=1),
    ),
    st.builds(
        FestivalDays,
        festival=st.sampled_from(Festival),
        until=st.none() | st.sampled_from(Festival),
        days_before=st.integers(0, 10),
    ),
    st.builds(LunarDates, days=st.lists(_lunar_days, min_size=1, max_size=3).map(tuple)),
    st.builds(LunarRange, first=_lunar_days, last=_lunar_days),
)


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """An aware instant in any offset."""
    moment = draw(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - given its offset below
    offset = draw(st.sampled_from([0, 60, 480, -210, 345]))
    return moment.replace(tzinfo=UTC if offset == 0 else timezone(timedelta(minutes=offset)))


@st.composite
def selectors(draw: st.DrawFn, inventory: Inventory) -> Selector:
    """Something that stands in the inventory."""
    districts = st.sampled_from([one.id for one in inventory.districts])
    zones = st.sampled_from([one.id for one in inventory.zones])
    luminaires = st.sampled_from([one.id for one in inventory.luminaires])
    return Selector(
        city=draw(st.booleans()),
        districts=draw(st.frozensets(districts, min_size=1)),
        categories=draw(st.frozensets(st.sampled_from(Category), max_size=2)),
        zones=draw(st.frozensets(zones, max_size=2)),
        luminaires=draw(st.frozensets(luminaires, max_size=2)),
    )


@st.composite
def rules(draw: st.DrawFn, identifier: str, inventory: Inventory) -> DynamicRule:
    """A rule for some sensors."""
    has_window = draw(st.booleans())
    return DynamicRule(
        id=identifier,
        name=draw(names),
        selector=draw(selectors(inventory)),
        sensors=draw(st.frozensets(identifiers, min_size=1, max_size=3)),
        reading=draw(identifiers),
        above=draw(numbers),
        action=draw(st.sampled_from(RuleAction)),
        level=draw(st.sampled_from([1.0, 62.5, 100.0])),
        window=Window(on=draw(anchors()), off=draw(anchors())) if has_window else None,
        plausible=draw(st.none() | st.just(Plausible(low=-1.5, high=1e6))),
        start_at=draw(st.none() | instants()),
    )


@st.composite
def overrides(draw: st.DrawFn, identifier: str, inventory: Inventory, plan: Plan) -> Override:
    """An override of something that stands in the inventory."""
    start_at = draw(instants())
    has_program = draw(st.booleans()) and bool(plan.programs)
    return Override(
        id=identifier,
        selector=draw(selectors(inventory)),
        level=None if has_program else draw(levels),
        program=draw(st.sampled_from([one.id for one in plan.programs])) if has_program else None,
        ramp_s=draw(st.sampled_from([0, 30])),
        kind=draw(st.sampled_from(OverrideKind)),
        start_at=start_at,
        end_at=start_at + draw(st.timedeltas(timedelta(seconds=1), timedelta(days=400))),
        reason=draw(names.filter(lambda text: bool(text.strip()))),
        author=draw(names.filter(lambda text: 0 < len(text.strip()) <= 100)),
        created_at=draw(st.none() | instants()),
    )


def _unique(size: int) -> st.SearchStrategy[list[str]]:
    return st.lists(identifiers, min_size=1, max_size=size, unique_by=str.casefold)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """A small inventory with every kind of document."""
    districts = draw(_unique(3))
    zones = draw(_unique(4))
    lamp_types = draw(_unique(2))
    cabinets, feeders, gateways = draw(_unique(2)), draw(_unique(2)), draw(_unique(2))
    luminaires = draw(_unique(6))

    def place() -> dict[str, float]:
        return {"longitude": draw(degrees), "latitude": draw(degrees)}

    return Inventory(
        city=City(
            id=draw(identifiers),
            name=draw(names),
            name_en=draw(st.none() | names),
            time_zone=draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"])),
            synthetic=draw(st.booleans()),
            **place(),
        ),
        districts=tuple(
            District(
                id=one,
                name=draw(names),
                inside=draw(st.none() | st.sampled_from(districts)),
                **place(),
            )
            for one in districts
        ),
        zones=tuple(
            Zone(
                id=one,
                name=draw(names),
                name_en=draw(st.none() | names),
                district=draw(st.sampled_from(districts)),
                category=draw(st.sampled_from(Category)),
                lighting_class=draw(st.none() | identifiers),
                design_illuminance_lx=draw(st.none() | numbers),
                **place(),
            )
            for one in zones
        ),
        lamp_types=tuple(
            LampType(
                id=one,
                name=draw(names),
                technology=draw(st.sampled_from(Technology)),
                rated_power_w=draw(numbers),
                standby_power_w=draw(st.sampled_from([0.0, 1.5])),
                power_curve=draw(
                    st.sampled_from([((0, 0.0), (100, 1.0)), ((0, 0.3), (12.5, 0.5), (100, 1.25))])
                ),
                is_dimmable=draw(st.booleans()),
                has_clock=draw(st.booleans()),
                baseline_power_w=draw(st.none() | numbers),
            )
            for one in lamp_types
        ),
        cabinets=tuple(
            Cabinet(id=one, district=draw(st.sampled_from(districts))) for one in cabinets
        ),
        feeders=tuple(Feeder(id=one, cabinet=draw(st.sampled_from(cabinets))) for one in feeders),
        gateways=tuple(
            Gateway(id=one, cabinet=draw(st.none() | st.sampled_from(cabinets))) for one in gateways
        ),
        luminaires=tuple(
            Luminaire(
                id=one,
                zone=draw(st.sampled_from(zones)),
                lamp_type=draw(st.sampled_from(lamp_types)),
                pole=draw(st.none() | st.just("") | texts),
                gateway=draw(st.none() | st.sampled_from(gateways)),
                feeder=draw(st.none() | st.sampled_from(feeders)),
                name=draw(st.none() | st.just("") | texts),
                **place(),
            )
            for one in luminaires
        ),
    )


@st.composite
def targets(draw: st.DrawFn, inventory: Inventory) -> tuple[Layer, str]:
    """A layer and one of its targets."""
    layer = draw(st.sampled_from(Layer))
    known = {
        Layer.CITY: [inventory.city.id],
        Layer.DISTRICT: [one.id for one in inventory.districts],
        Layer.CATEGORY: [one.value for one in Category],
        Layer.ZONE: [one.id for one in inventory.zones],
        Layer.LUMINAIRE: [one.id for one in inventory.luminaires],
    }
    return layer, draw(st.sampled_from(known[layer]))


@st.composite
def zone_selectors(draw: st.DrawFn, inventory: Inventory) -> Selector:
    """Whole zones of the inventory."""
    zones = st.sampled_from([one.id for one in inventory.zones])
    return Selector(
        city=draw(st.booleans()),
        zones=draw(st.frozensets(zones, min_size=1)),
        categories=draw(st.frozensets(st.sampled_from(Category), max_size=2)),
    )


@st.composite
def hours(draw: st.DrawFn, program_ids: list[str], calendar_ids: list[str]) -> PreviousHours:
    """Previous hours by any method."""
    on = draw(anchors())
    off = draw(anchors().filter(lambda other: other != on))
    ways: list[PreviousHours] = [
        DuskToDawn(on=on, off=off),
        PartNight(on=on, off=off, extinguish=Extinguish(off=off, on=on)),
        FixedHours(on=time(18, 30), off=time(6, 0, 30)),
        ProgramHours(program=program_ids[0]),
        CalendarHours(calendar=calendar_ids[0]),
    ]
    return draw(st.sampled_from(ways))


@st.composite
def baselines(
    draw: st.DrawFn,
    identifier: str,
    inventory: Inventory,
    programs_: list[str],
    calendars: list[str],
) -> DeclaredBaseline:
    """A declared baseline for zones of the inventory."""
    lamp_types = st.sampled_from([one.id for one in inventory.lamp_types])
    return DeclaredBaseline(
        id=identifier,
        name=draw(st.none() | names),
        valid_from=draw(dates_),
        selector=draw(zone_selectors(inventory)),
        hours=draw(hours(programs_, calendars)),
        lamps=tuple(
            PreviousLamps(
                lamp_types=draw(st.frozensets(lamp_types)),
                zones=draw(st.just(frozenset()) | st.just(frozenset({inventory.zones[0].id}))),
                power_w=draw(numbers),
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        source=draw(st.just("") | names),
        declared_on=draw(st.none() | dates_),
    )


@st.composite
def tariffs(draw: st.DrawFn, identifier: str, inventory: Inventory) -> Tariff:
    """A tariff of some bands."""
    spans = st.sampled_from(["00:00-24:00", "22:00-07:00", "10:15-13:00"]).map(ClockSpan.read)
    bands = draw(st.lists(names, max_size=3, unique=True))
    bands = [name for name in bands if name != "the rest of the day"]
    return Tariff(
        id=identifier,
        name=draw(names),
        valid_from=draw(dates_),
        selector=draw(zone_selectors(inventory)),
        currency="CNY",
        price_per_kwh=draw(numbers),
        flat_name="the rest of the day",
        bands=tuple(
            PriceBand(
                name=name,
                price_per_kwh=draw(numbers),
                hours=tuple(draw(st.lists(spans, min_size=1, max_size=2))),
                when=tuple(draw(st.lists(conditions, max_size=1))),
                unless=tuple(draw(st.lists(conditions, max_size=1))),
                instead_of=tuple(bands[number + 1 :]),
            )
            for number, name in enumerate(bands)
        ),
        is_example=draw(st.booleans()),
    )


def _meant(documents: Iterable[Dated]) -> tuple[Dated, ...]:
    """Documents that are not refused when they are read."""
    drawn = tuple(documents)
    slipped = [slip.document for slip in slips(drawn)]
    return tuple(one for one in drawn if one not in slipped)


@st.composite
def energy_documents(
    draw: st.DrawFn, inventory: Inventory, program_ids: list[str], calendar_ids: list[str]
) -> dict[str, object]:
    """The plan's fields about energy."""
    return {
        "baselines": _meant(
            draw(baselines(one, inventory, program_ids, calendar_ids)) for one in draw(_unique(2))
        ),
        "tariffs": _meant(draw(tariffs(one, inventory)) for one in draw(_unique(2))),
        "emission_factors": _meant(
            EmissionFactor(
                id=one, g_per_kwh=draw(numbers), gas=draw(st.sampled_from(["CO2", "CO2e"])),
                valid_from=draw(dates_), source=draw(names),
            )
            for one in draw(_unique(2))
        ),
        "targets": tuple(
            Target(
                id=one, district=inventory.districts[0].id, year=2000 + number,
                saved_ratio=draw(st.sampled_from([0.5, 0.123456789])),
            )
            for number, one in enumerate(draw(_unique(3)))
        ),
        "metering": Metering(modelled_uncertainty=draw(st.sampled_from([0.1, 0.25]))),
    }  # fmt: skip


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """A whole site."""
    inventory = draw(inventories())
    program_ids, calendar_ids = draw(_unique(3)), draw(_unique(3))
    on = draw(anchors())
    off = draw(anchors().filter(lambda other: other != on))
    plan = Plan(
        programs=tuple(
            draw(programs(one)).model_copy(update={"name": draw(names)}) for one in program_ids
        ),
        calendars=tuple(
            Calendar(
                id=one,
                name=draw(names),
                default=draw(st.sampled_from(program_ids)),
                rules=tuple(
                    CalendarRule(
                        name=draw(names),
                        when=tuple(draw(st.lists(conditions, min_size=1, max_size=2))),
                        unless=tuple(draw(st.lists(conditions, max_size=1))),
                        program=draw(st.sampled_from(program_ids)),
                    )
                    for _ in range(draw(st.integers(0, 3)))
                ),
            )
            for one in calendar_ids
        ),
        assignments=tuple(
            Assignment(layer=layer, target=target, calendar=draw(st.sampled_from(calendar_ids)))
            for layer, target in draw(st.lists(targets(inventory), max_size=4, unique=True))
        ),
        limits=tuple(
            Limit(
                layer=layer,
                target=target,
                floor=draw(st.none() | st.sampled_from([0.0, 12.5])),
                ceiling=draw(st.sampled_from([20.0, 100.0])),
                reason=draw(st.just("") | names),
            )
            for layer, target in draw(st.lists(targets(inventory), max_size=4))
        ),
        rules=tuple(draw(rules(one, inventory)) for one in draw(_unique(2))),
        failsafe_level=draw(st.sampled_from([100.0, 55.5])),
        baseline=Baseline(on=on, off=off),
    )
    plan = plan.model_copy(update=draw(energy_documents(inventory, program_ids, calendar_ids)))
    given = tuple(draw(overrides(one, inventory, plan)) for one in draw(_unique(3)))
    return Site(inventory=inventory, plan=plan.model_copy(update={"overrides": given}))
