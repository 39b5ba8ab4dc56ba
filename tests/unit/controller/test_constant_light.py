"""Constant light output on the wire: what is desired is what the luminaire makes of it."""

from datetime import UTC, date, datetime

import pytest

from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.engine.orders import CommandOrder
from controller.wire.messages import State
from schedules import Override, OverrideKind, Selector, Site, resolve
from tests.fakes.small_city import small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()  # 12:00 in the small city


def city(*overrides: Override) -> Site:
    """``a1`` is new, the others undated."""
    site = small_site(*overrides)
    lamps = tuple(
        one.model_copy(update={"lumen_maintenance": 0.8, "rated_life_h": 50_000.0})
        for one in site.inventory.lamp_types
    )
    first, *rest = site.inventory.luminaires
    dated = first.model_copy(update={"installed_on": date(2026, 3, 1)})
    inventory = site.inventory.model_copy(
        update={"lamp_types": lamps, "luminaires": (dated, *rest)}
    )
    return site.model_copy(update={"inventory": inventory})


def engine_of(site: Site) -> Engine:
    engine = Engine(site, NOON, lambda: 0.5, lambda _edge, _s: None)
    engine.adopt(compile_book(site, NOON))
    return engine


@pytest.mark.parametrize("hour", range(1, 24))
def test_desired_is_what_resolve_says(hour: int) -> None:
    site = city()
    engine = engine_of(site)
    engine.reconcile(NOON + hour * 3600, 0.0)
    instant = datetime.fromtimestamp(NOON + hour * 3600, UTC)
    wanted = [resolve(site, name, instant).level for name in engine.columns.ids]
    assert engine.columns.desired.tolist() == wanted


def test_the_book_has_the_scale_of_new_lamps_alone() -> None:
    book = compile_book(city(), NOON)
    assert book.scales == {"a1": (0.81, 0.0)}
    assert {point.level for point in book.zones["a"].points} == {0, 50, 100}


def test_a_luminaire_that_scales_by_itself_is_left_alone() -> None:
    over = Override(
        id="o",
        selector=Selector(luminaires=frozenset({"b1"})),
        level=30,
        kind=OverrideKind.OPERATOR,
        start_at=datetime.fromtimestamp(NOON, UTC),
        end_at=datetime.fromtimestamp(NOON + 86_400, UTC),
        reason="r",
        author="a",
    )
    engine = engine_of(city(over))
    at = NOON + 8 * 3600
    engine.reconcile(at, 0.0)
    for name, level in (("a1", 81), ("a2", 100), ("b1", 30), ("b2", 100)):
        state = State(rev=0, program_rev=0, level=level, source="program", at_ms=int(at * 1000))
        engine.take_state(engine.columns.row_of[name], state, at)
    orders = engine.reconcile(at + 60, 60.0)
    # The override's own is told to hold on, as no command of ours holds it yet.
    assert [one.luminaire for one in orders if isinstance(one, CommandOrder)] == ["b1"]
