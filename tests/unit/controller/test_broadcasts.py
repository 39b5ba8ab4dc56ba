"""When a zone is spoken to as one, and when that would be wrong."""

from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np

from controller.engine.awaited import Outcome
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.engine.orders import CommandOrder, Order, Priority, ZoneCommandOrder
from controller.wire.messages import State
from schedules import Layer, Limit, Override, OverrideKind, Selector, Site
from tests.fakes.small_city import small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()  # 12:00 in the small city
DUSK, DIM, DAWN = NOON + 6 * 3600, NOON + 11 * 3600, NOON + 18 * 3600
WORKS, END = DUSK + 3600, DUSK + 3 * 3600


def works(level: float | None = 20, *, since: float = WORKS, until: float = END) -> Override:
    return Override(
        id="works",
        selector=Selector(zones=frozenset({"a"})),
        level=level,
        kind=OverrideKind.OPERATOR,
        start_at=datetime.fromtimestamp(since, UTC),
        end_at=datetime.fromtimestamp(until, UTC),
        ramp_s=40,
        reason="works",
        author="li",
    )


def with_floor(site: Site, luminaire: str, floor: float) -> Site:
    limit = Limit(layer=Layer.LUMINAIRE, target=luminaire, floor=floor, reason="crossing")
    return site.model_copy(update={"plan": site.plan.model_copy(update={"limits": (limit,)})})


def all_clockless(site: Site) -> Site:
    luminaires = tuple(
        one.model_copy(update={"lamp_type": "dumb"}) for one in site.inventory.luminaires
    )
    inventory = site.inventory.model_copy(update={"luminaires": luminaires})
    return site.model_copy(update={"inventory": inventory})


class Street:
    """An engine whose orders get revisions, as the service gives them."""

    def __init__(self, site: Site, now: float, *, speaks_to_zones: bool = True) -> None:
        self.engine = Engine(
            site, now, lambda: 0.5, lambda _e, _d: None, speaks_to_zones=speaks_to_zones
        )
        self.engine.adopt(compile_book(site, now))
        self.revs = count(10)
        self.engine.expect_program(np.arange(4), 7)
        for row in range(4):
            self.engine.expect_config(row, 3)

    def report(self, level: float, at: float, *names: str, by_command: bool = False) -> None:
        for name in names:
            state = State(
                rev=3,
                program_rev=7,
                level=level,
                source="command" if by_command else "program",
                at_ms=int(at * 1000),
            )
            self.engine.take_state(self.engine.columns.row_of[name], state, at)

    def orders(self, now: float, elapsed: float) -> list[Order]:
        orders = list(self.engine.reconcile(now, elapsed))
        for order in orders:
            if isinstance(order, CommandOrder):
                self.engine.commanded(order, next(self.revs), elapsed)
            elif isinstance(order, ZoneCommandOrder):
                self.engine.zone_commanded(order, next(self.revs), elapsed)
        return orders


def lit_street(site: Site) -> Street:
    street = Street(site, DUSK)
    street.report(100, DUSK, "a1", "a2", "b1", "b2")
    assert street.orders(DUSK, 0.0) == []
    return street


def test_an_override_is_one_command_and_stragglers_are_repaired_after_a_grace() -> None:
    street = lit_street(small_site(works()))
    (order,) = street.orders(WORKS, 10.0)
    assert order == ZoneCommandOrder(
        zone="a",
        zone_row=0,
        level=20,
        expires_at=int(END),
        ramp_s=40,
        priority=Priority.LOWER_LIGHT,
    )
    street.report(20, WORKS + 1, "a1", by_command=True)
    assert street.orders(WORKS + 2, 15.0) == []
    (repair,) = street.orders(WORKS + 20, 25.0)
    assert isinstance(repair, CommandOrder)
    assert (repair.luminaire, repair.level, repair.expires_at) == ("a2", 20, int(END))


def test_an_override_outlives_the_points_of_the_program_under_it() -> None:
    street = lit_street(small_site(works(100, since=DUSK + 60, until=DIM + 7200)))
    assert street.orders(DUSK + 60, 10.0) == []
    # The program would dim now; nobody waits until the street has followed it.
    orders = street.orders(DIM, 20.0)
    assert [
        (one.zone, one.level, one.expires_at) for one in orders if isinstance(one, ZoneCommandOrder)
    ] == [("a", 100, int(DIM + 7200))]


def test_a_zone_of_two_levels_is_commanded_one_by_one() -> None:
    street = lit_street(with_floor(small_site(works()), "a2", 60))
    orders = street.orders(WORKS, 10.0)
    assert {(one.luminaire, one.level) for one in orders if isinstance(one, CommandOrder)} == {
        ("a1", 20),
        ("a2", 60),
    }
    assert len(orders) == 2


def test_light_is_raised_in_a_zone_before_it_is_lowered_in_another() -> None:
    up = works(100, since=DIM + 60, until=DIM + 3600)
    down = up.model_copy(
        update={"id": "down", "level": 10.0, "selector": Selector(zones=frozenset({"b"}))}
    )
    street = Street(small_site(down, up), DIM)
    street.report(50, DIM, "a1", "a2", "b1", "b2")
    street.orders(DIM, 0.0)
    orders = street.orders(DIM + 60, 10.0)
    assert [(one.zone, one.level) for one in orders if isinstance(one, ZoneCommandOrder)] == [
        ("a", 100),
        ("b", 10),
    ]


def test_a_zone_without_clocks_is_told_its_switching_points() -> None:
    street = Street(all_clockless(small_site()), NOON)
    street.report(0, NOON, "a1", "a2", "b1", "b2")
    assert street.orders(NOON, 0.0) == []
    orders = street.orders(DUSK, 10.0)
    assert {(one.zone, one.level) for one in orders if isinstance(one, ZoneCommandOrder)} == {
        ("a", 100),
        ("b", 100),
    }
    assert {one.expires_at for one in orders if isinstance(one, ZoneCommandOrder)} == {int(DIM)}


def test_one_clock_in_a_zone_keeps_the_others_commands_their_own() -> None:
    street = Street(small_site(), NOON)
    street.report(0, NOON, "a1", "a2", "b1", "b2")
    street.orders(NOON, 0.0)
    (order,) = street.orders(DUSK, 10.0)
    assert isinstance(order, CommandOrder)
    assert order.luminaire == "b2"


def cancel(street: Street, now: float) -> None:
    site = small_site()
    street.engine.use_site(site)
    street.engine.adopt(compile_book(site, now))


def test_an_override_that_ends_early_lets_its_zone_resume() -> None:
    street = lit_street(small_site(works()))
    street.orders(WORKS, 10.0)
    street.report(20, WORKS + 1, "a1", "a2", by_command=True)
    street.orders(WORKS + 2, 12.0)
    cancel(street, WORKS + 600)
    (order,) = street.orders(WORKS + 600, 20.0)
    assert isinstance(order, ZoneCommandOrder)
    assert (order.zone, order.level, order.priority) == ("a", None, Priority.RAISE_LIGHT)
    street.report(100, WORKS + 601, "a2")
    assert street.orders(WORKS + 602, 25.0) == []
    (repair,) = street.orders(WORKS + 640, 35.0)
    assert isinstance(repair, CommandOrder)
    assert (repair.luminaire, repair.is_resume, repair.level) == ("a1", True, None)
    (level,) = street.orders(WORKS + 700, 45.0)
    assert isinstance(level, CommandOrder)
    assert (level.luminaire, level.level, level.is_resume) == ("a1", 100, False)


def test_who_is_right_by_a_command_of_his_own_is_not_made_to_resume() -> None:
    street = Street(small_site(works()), DUSK)
    street.report(100, DUSK, "a2", "b1", "b2")
    street.report(100, DUSK, "a1", by_command=True)  # his own clock is wrong, say
    street.orders(DUSK, 0.0)
    street.orders(WORKS, 10.0)
    street.report(20, WORKS + 1, "a2", by_command=True)
    street.report(100, WORKS + 1, "a1", by_command=True)
    street.orders(WORKS + 1, 11.0)
    cancel(street, WORKS + 600)
    orders = street.orders(WORKS + 600, 20.0)
    assert [(one.luminaire, one.is_resume) for one in orders if isinstance(one, CommandOrder)] == [
        ("a2", True)
    ]
    assert len(orders) == 1


def test_a_natural_end_needs_no_words() -> None:
    street = lit_street(small_site(works()))
    street.orders(WORKS, 10.0)
    street.report(20, WORKS + 1, "a1", "a2", by_command=True)
    street.orders(WORKS + 2, 12.0)
    assert street.orders(END, 20.0) == []
    street.report(100, END + 1, "a1", "a2")
    assert street.orders(END + 2, 40.0) == []


def test_a_command_that_did_not_go_out_is_considered_anew() -> None:
    street = lit_street(small_site(works()))
    (first,) = street.orders(WORKS, 10.0)
    assert isinstance(first, ZoneCommandOrder)
    assert street.engine.is_zone_wanted(0, 10)
    street.engine.zone_command_failed(0, 10)
    assert not street.engine.is_zone_wanted(0, 10)
    (again,) = street.orders(WORKS, 11.0)
    assert again == first
    assert street.engine.awaited.finished[Outcome.FAILED] == 2


def test_who_is_not_to_speak_to_zones_commands_one_by_one() -> None:
    street = Street(small_site(works()), DUSK, speaks_to_zones=False)
    street.report(100, DUSK, "a1", "a2", "b1", "b2")
    street.orders(DUSK, 0.0)
    orders = street.orders(WORKS, 10.0)
    assert {one.luminaire for one in orders if isinstance(one, CommandOrder)} == {"a1", "a2"}


def test_where_another_override_follows_the_command_lasts_a_little_longer() -> None:
    strong = works(10, since=WORKS, until=WORKS + 1800).model_copy(
        update={"id": "strong", "kind": OverrideKind.EMERGENCY}
    )
    street = lit_street(small_site(works(), strong))
    (order,) = street.orders(WORKS, 10.0)
    assert isinstance(order, ZoneCommandOrder)
    assert (order.level, order.expires_at) == (10, int(WORKS + 1800 + 30))
    street.report(10, WORKS + 1, "a1", "a2", by_command=True)
    street.orders(WORKS + 2, 12.0)
    (order,) = street.orders(WORKS + 1800, 30.0)
    assert isinstance(order, ZoneCommandOrder)
    assert (order.level, order.expires_at) == (20, int(END))


def test_an_early_end_is_measured_from_when_it_was_said() -> None:
    delays: list[float] = []
    site = small_site(works(until=WORKS + timedelta(hours=5).total_seconds()))
    engine = Engine(site, DUSK, lambda: 0.5, lambda _e, took: delays.extend(took.tolist()))
    engine.adopt(compile_book(site, DUSK))
    street = Street(site, DUSK)
    street.engine = engine
    street.report(100, DUSK, "a1", "a2", "b1", "b2")
    street.orders(DUSK, 0.0)
    street.orders(WORKS, 1.0)
    street.report(20, WORKS + 2, "a1", "a2", by_command=True)
    street.orders(WORKS + 3, 2.0)
    cancel(street, WORKS + 600)
    street.orders(WORKS + 600, 3.0)
    street.report(100, WORKS + 604, "a1", "a2")
    street.orders(WORKS + 605, 4.0)
    assert delays == [2.0, 2.0, 4.0, 4.0]


def test_a_command_that_ends_is_renewed_before_its_lamp_falls_back() -> None:
    site = with_floor(small_site(works(since=DUSK - 3600, until=END)), "a2", 60)
    street = Street(site, DUSK - 3600)
    street.report(0, DUSK - 3600, "a1", "a2", "b1", "b2")
    (zone,) = street.orders(DUSK - 3600, 0.0)
    assert isinstance(zone, ZoneCommandOrder)
    assert (zone.level, zone.expires_at) == (20, int(DUSK + 30)), "the floor holds from dusk on"
    street.report(20, DUSK - 3599, "a1", "a2", by_command=True)
    assert street.orders(DUSK - 1800, 1800.0) == []
    # At dusk the zone wants two levels: it is not one command any more, and a1 must not end.
    street.report(100, DUSK, "b1", "b2")
    orders = [one for one in street.orders(DUSK, 3600.0) if isinstance(one, CommandOrder)]
    assert {(one.luminaire, one.level) for one in orders} == {("a1", 20), ("a2", 60)}
    assert all(one.expires_at > DUSK + 60 for one in orders)
    for order in orders:
        rev = int(street.engine.awaited.rev[order.row])
        assert street.engine.is_wanted(order.row, rev), "though a1 does already as it should"
    street.report(60, DUSK + 1, "a2", by_command=True)
    assert street.orders(DUSK + 5, 3605.0) == []
