"""What changes between two sites, and which luminaires it concerns."""

from schedules import (
    Assignment,
    Calendar,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Plan,
    Selector,
    Site,
    Step,
    parse_anchor,
)
from schedules.difference import DocumentChange, FieldChange, What, difference
from schedules.models import Baseline
from tests.fakes.one_zone import at_utc, program, site
from tests.fakes.small_city import small_site


def with_plan(where: Site, **fields: object) -> Site:
    plan = Plan.model_validate({**where.plan.model_dump(), **fields})
    return where.model_copy(update={"plan": plan})


def override(**fields: object) -> Override:
    told = {
        "id": "o", "selector": {"luminaires": ["a1"]}, "level": 10, "kind": OverrideKind.EVENT,
        "start_at": at_utc(0), "end_at": at_utc(60), "reason": "r", "author": "a", **fields,
    }  # fmt: skip
    return Override.model_validate(told)


def test_the_same_site_has_no_difference() -> None:
    found = difference(small_site(), small_site())
    assert (found.documents, found.zones, found.luminaires) == ((), (), 0)


def test_the_first_site_is_all_new() -> None:
    found = difference(None, small_site())
    assert {one.what for one in found.documents} == {What.ADDED}
    assert {one.part for one in found.documents} >= {"city", "plan", "zones", "luminaires"}
    assert found.zones == ("a", "b")
    assert found.luminaires == 4


def test_a_changed_step_is_told_by_field_and_concerns_who_runs_it() -> None:
    before = small_site()
    (night,) = before.plan.programs
    steps = (
        Step(at=parse_anchor("22:00"), level=80),
        Step(at=parse_anchor("23:00"), level=40, ramp_s=5),
    )
    found = difference(
        before, with_plan(before, programs=(night.model_copy(update={"steps": steps}),))
    )
    assert found.documents == (
        DocumentChange(
            "programs",
            "night",
            What.CHANGED,
            (
                FieldChange("steps[0]", None, "{at: '22:00', level: 80}"),
                FieldChange("steps[1].level", "50", "40"),
                FieldChange("steps[1].ramp_s", None, "5"),
            ),
        ),
    )
    assert (found.zones, found.luminaires) == (("a", "b"), 4)


def test_a_name_concerns_no_lamp() -> None:
    before = small_site()
    (night,) = before.plan.programs
    found = difference(
        before, with_plan(before, programs=(night.model_copy(update={"name": "夜"}),))
    )
    assert found.documents[0].fields == (FieldChange("name", "night", "夜"),)
    assert (found.zones, found.luminaires) == ((), 0)


def test_a_program_that_nobody_runs_concerns_nobody() -> None:
    before = small_site()
    spare = program("sunset", "sunrise", identifier="spare")
    found = difference(before, with_plan(before, programs=(*before.plan.programs, spare)))
    assert found.documents == (DocumentChange("programs", "spare", What.ADDED),)
    assert found.luminaires == 0


def test_another_calendar_with_the_same_meaning_concerns_nobody() -> None:
    before = small_site()
    twin = Calendar(id="twin", name="twin", default="night")
    after = with_plan(
        before,
        calendars=(*before.plan.calendars, twin),
        assignments=(
            *before.plan.assignments,
            Assignment(layer=Layer.ZONE, target="a", calendar="twin"),
        ),
    )
    assert difference(before, after).luminaires == 0


def test_a_limit_of_one_luminaire_concerns_it_alone() -> None:
    before = small_site()
    limit = Limit(layer=Layer.LUMINAIRE, target="b1", floor=60)
    found = difference(before, with_plan(before, limits=(limit,)))
    assert found.documents == (DocumentChange("limits", "luminaire b1", What.ADDED),)
    assert (found.zones, found.luminaires) == (("b",), 1)


def test_limits_for_the_same_target_are_told_apart() -> None:
    before = with_plan(
        small_site(), limits=[Limit(layer=Layer.ZONE, target="a", floor=n) for n in (10, 20)]
    )
    after = with_plan(
        small_site(), limits=[Limit(layer=Layer.ZONE, target="a", floor=n) for n in (10, 30)]
    )
    (changed,) = difference(before, after).documents
    assert (changed.id, changed.fields) == ("zone a (2)", (FieldChange("floor", "20", "30"),))


def test_an_override_concerns_what_it_selects() -> None:
    before = small_site()
    after = small_site(override())
    assert (difference(before, after).zones, difference(before, after).luminaires) == (("a",), 1)
    wider = small_site(override(selector=Selector(zones=frozenset({"a"}))))
    found = difference(after, wider)
    assert (found.zones, found.luminaires) == (("a",), 1)
    assert {field.path for field in found.documents[0].fields} == {
        "selector.zones",
        "selector.luminaires",
    }
    told = small_site(override(reason="another"))
    assert difference(after, told).luminaires == 0


def test_the_order_of_overrides_is_a_difference() -> None:
    one, two = override(), override(id="p")
    (changed,) = difference(small_site(one, two), small_site(two, one)).documents
    assert changed == DocumentChange(
        "overrides", "all", What.CHANGED, (FieldChange("order", "o, p", "p, o"),)
    )


def test_the_order_of_programs_is_none() -> None:
    plain, other = program("18:00", "06:00"), program("18:00", "05:00", identifier="a")
    before = site(plain, others=[other])
    plan = before.plan.model_copy(update={"programs": (other, plain)})
    assert difference(before, before.model_copy(update={"plan": plan})).documents == ()


def test_luminaires_that_come_go_and_change() -> None:
    before = small_site()
    a1, a2, b1, _ = before.inventory.luminaires
    kept = (a1, a2.model_copy(update={"lamp_type": "dumb"}), b1, a1.model_copy(update={"id": "n"}))
    after = before.model_copy(
        update={"inventory": before.inventory.model_copy(update={"luminaires": kept})}
    )
    found = difference(before, after)
    assert [(one.id, one.what.value) for one in found.documents] == [
        ("a2", "changed"),
        ("b2", "removed"),
        ("n", "added"),
    ]
    assert (found.zones, found.luminaires) == (("a", "b"), 3)


def test_settings_of_the_plan() -> None:
    before = small_site()
    baseline = Baseline(on=parse_anchor("18:30"), off=parse_anchor("06:30"))
    (changed,) = difference(before, with_plan(before, baseline=baseline)).documents
    assert (changed.part, changed.id) == ("plan", "plan")
    assert FieldChange("baseline.on", "sunset", "18:30") in changed.fields
    # Every zone has a calendar, so nobody is lit by the baseline.
    assert difference(before, with_plan(before, baseline=baseline)).luminaires == 0
    assert difference(before, with_plan(before, failsafe_level=50)).luminaires == 4
