"""Whatever the plan asks and whatever the network loses: the street comes to agree."""

from datetime import UTC, date, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.book import compile_book
from controller.engine.columns import LEVEL_TOLERANCE
from controller.engine.engine import Engine
from controller.engine.orders import CommandOrder, Priority, ZoneCommandOrder
from schedules import (
    Assignment,
    Calendar,
    ControlProgram,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Plan,
    Selector,
    Site,
    Step,
    Window,
    parse_anchor,
    resolve,
)
from tests.fakes.lossy_street import Street
from tests.fakes.small_city import small_inventory
from zones import Category, Feeder, Inventory, Luminaire, Zone

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()  # 12:00 in the small city
ZONES = ("a", "b", "c")
TYPES = ("led", "dumb", "stiff", "worn")
LEVELS = (0.0, 10.0, 30.0, 50.0, 50.4, 100.0)


def random_city(rng: Random) -> Inventory:
    """Up to 14 luminaires in three zones: of one kind, or of every kind."""
    small = small_inventory()
    led = small.lamp_types[0]
    at = {"longitude": 116.4, "latitude": 39.9}
    kinds = (
        *small.lamp_types,
        led.model_copy(update={"id": "stiff", "is_dimmable": False}),
        led.model_copy(update={"id": "worn", "lumen_maintenance": 0.7, "rated_life_h": 50_000.0}),
    )
    of_zone = {zone: rng.choice([("led",), ("led",), ("dumb",), TYPES]) for zone in ZONES}
    return small.model_copy(
        update={
            "zones": tuple(
                Zone(id=name, name=name, district="d", category=Category.LOCAL, **at)
                for name in ZONES
            ),
            "lamp_types": kinds,
            "feeders": (Feeder(id="f", cabinet="c"),),
            "luminaires": tuple(
                Luminaire(
                    id=f"l{number}",
                    zone=ZONES[number % len(ZONES)],
                    lamp_type=rng.choice(of_zone[ZONES[number % len(ZONES)]]),
                    gateway=rng.choice([None, "g"]),
                    feeder=rng.choice([None, "f"]),
                    installed_on=date(2025, 1, 1),
                    **at,
                )
                for number in range(rng.randint(6, 14))
            ),
        }
    )


def random_override(rng: Random, identifier: str, inventory: Inventory) -> Override:
    """Of whole zones mostly, since those are spoken to as one."""
    start = NOON + 1800 * rng.randint(0, 34) + rng.choice([-7, 0, 0])
    level = rng.choice([*LEVELS, None])
    names = [one.id for one in inventory.luminaires]
    return Override(
        id=identifier,
        selector=Selector(
            zones=frozenset(rng.sample(ZONES, rng.randint(1, 3))),
            luminaires=frozenset(rng.sample(names, rng.choice([0, 0, 1]))),
        ),
        level=level,
        program="late" if level is None else None,
        ramp_s=rng.choice([0, 30]),
        kind=rng.choice(list(OverrideKind)),
        start_at=datetime.fromtimestamp(start, UTC),
        end_at=datetime.fromtimestamp(start + 1800 * rng.randint(1, 16), UTC),
        reason="works",
        author="li",
    )


def random_site(rng: Random) -> Site:
    """Two programs, luminaires of their own calendar, floors, overrides."""
    inventory = random_city(rng)
    names = [one.id for one in inventory.luminaires]
    programs = (
        ControlProgram(
            id="night",
            name="night",
            window=Window(on=parse_anchor("18:00"), off=parse_anchor("06:00")),
            steps=(Step(at=parse_anchor("23:00"), level=rng.choice(LEVELS)),),
        ),
        ControlProgram(
            id="late",
            name="late",
            window=Window(on=parse_anchor("19:10"), off=parse_anchor("04:00")),
            base_level=80,
            steps=(Step(at=parse_anchor("22:00"), level=30),),
        ),
    )
    own = rng.sample(names, rng.choice([0, 0, 1, 2]))
    floors = {one: rng.choice([20.0, 60.0]) for one in rng.sample(names, rng.choice([0, 0, 1]))}
    plan = Plan(
        programs=programs,
        calendars=tuple(Calendar(id=one.id, name=one.id, default=one.id) for one in programs),
        assignments=(
            Assignment(layer=Layer.CITY, target="small", calendar="night"),
            *(Assignment(layer=Layer.LUMINAIRE, target=one, calendar="late") for one in own),
        ),
        limits=tuple(
            Limit(layer=Layer.LUMINAIRE, target=one, floor=floor, reason="crossing")
            for one, floor in floors.items()
        ),
        overrides=tuple(
            random_override(rng, f"o{number}", inventory) for number in range(rng.randint(1, 4))
        ),
    )
    return Site(inventory=inventory, plan=plan)


def without_overrides(site: Site) -> Site:
    """The same, every override ended early."""
    return site.model_copy(update={"plan": site.plan.model_copy(update={"overrides": ()})})


def check_orders(street: Street, orders: list[object], now: float) -> None:
    """Light first, and nobody is told to be darker than desired."""
    desired = street.engine.columns.desired
    priorities = [order.priority for order in orders if hasattr(order, "priority")]
    assert priorities == sorted(priorities)
    for order in orders:
        if isinstance(order, CommandOrder):
            assert order.expires_at > now
            if order.level is not None:
                assert order.level == desired[order.row]
            is_raised = not street.found[order.row] >= desired[order.row]
            assert is_raised == (order.priority is Priority.RAISE_LIGHT)
        elif isinstance(order, ZoneCommandOrder):
            assert order.expires_at > now
            for lamp in street.lamps:
                if lamp.zone == order.zone:
                    level = lamp.programmed(now) if order.level is None else order.level
                    assert level >= desired[lamp.row] - LEVEL_TOLERANCE
                    assert order.level is None or order.level == desired[lamp.row]


def settle(street: Street, now: float, elapsed: float) -> float:
    """Passes at one instant: the network loses for a while, and then no more."""
    for turn in range(40):
        if turn == 12:
            street.loss = 0.0
        elapsed += 250.0
        check_orders(street, street.step(now, elapsed), now)
    return elapsed


def check_street(street: Street, site: Site, now: float) -> None:
    """Every lamp is as `resolve` has it."""
    instant = datetime.fromtimestamp(now, UTC)
    for lamp in street.lamps:
        wanted = resolve(site, lamp.name, instant).level
        level, _ = lamp.now_at(now)
        assert street.engine.columns.desired[lamp.row] == pytest.approx(wanted, abs=0.5)
        if lamp.is_dimmable:
            assert level == pytest.approx(wanted, abs=1.0)
        else:
            assert (level > 0) == (wanted > 0)
    assert not street.engine.not_following().any()
    assert street.engine.awaited.pending == 0


@given(seed=st.integers(0, 10**9))
def test_the_street_comes_to_agree(seed: int) -> None:
    rng = Random(seed)
    site = random_site(rng)
    now, elapsed = NOON, 0.0
    engine = Engine(site, now, rng.random, lambda _edge, _delays: None)
    street = Street(engine, rng)
    street.loss = rng.choice([0.0, 0.0, 0.3, 0.6])
    street.publish(compile_book(site, now))
    for _ in range(rng.randint(4, 20)):
        for _ in range(3):
            elapsed += 4.0
            check_orders(street, street.step(now, elapsed), now)
        now += rng.choice([7, 900, 1800, 3600])
        if rng.random() < 0.1:
            site = without_overrides(site)
            engine.use_site(site)
            street.publish(compile_book(site, now))
    settle(street, now, elapsed)
    check_street(street, site, now)


@given(seed=st.integers(0, 10**9))
def test_what_is_desired_is_what_resolve_says(seed: int) -> None:
    rng = Random(seed)
    site = random_site(rng)
    engine = Engine(site, NOON, lambda: 0.5, lambda _edge, _delays: None)
    engine.adopt(compile_book(site, NOON))
    for at in sorted(NOON + rng.randrange(2 * 86_400) for _ in range(8)):
        engine.reconcile(at, at)
        check_desired(engine, site, at)


@given(seed=st.integers(0, 10**9))
def test_nothing_desired_changes_before_the_instant_that_is_named(seed: int) -> None:
    rng = Random(seed)
    site = random_site(rng)
    engine = Engine(site, NOON, lambda: 0.5, lambda _edge, _delays: None)
    engine.adopt(compile_book(site, NOON))
    now = NOON
    for _ in range(12):
        engine.reconcile(now, now)
        until = engine.next_change_at()
        assert until > now
        check_desired(engine, site, now)
        check_desired(engine, site, np.ceil(until) - 1)
        now = until


def check_desired(engine: Engine, site: Site, at: float) -> None:
    """The bulk form of the layers is what `resolve` says."""
    instant = datetime.fromtimestamp(at, UTC)
    wanted = [resolve(site, name, instant).level for name in engine.columns.ids]
    assert engine.columns.desired == pytest.approx(wanted, abs=LEVEL_TOLERANCE)
