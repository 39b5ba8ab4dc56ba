"""Sites as files: the layout, and what is said about files that do not hold."""

import pytest

from schedules import Layer, Limit, Override, OverrideKind, Selector, Site
from schedules.files import (
    Problem,
    canonical,
    is_known,
    read_site_files,
    site_files,
)
from tests.fakes.one_zone import at_utc, program, site
from tests.fakes.small_city import small_site


def files_of(where: Site, **changed: str | None) -> dict[str, str]:
    """The files of a site, some of them as given, or without where None."""
    files = site_files(where)
    for path, text in changed.items():
        if text is None:
            files.pop(path)
        else:
            files[path] = text
    return files


def problems(files: dict[str, str]) -> list[str]:
    read = read_site_files({path: text.encode() for path, text in files.items()})
    assert (read.site is None) == bool(read.problems)
    return [one.text for one in read.problems]


def with_file(path: str, text: str) -> list[str]:
    return problems(files_of(small_site(), **{path: text}))


def test_the_layout_of_a_small_city() -> None:
    files = site_files(small_site())
    assert files.keys() >= {
        "assignments.yaml", "cabinets.yaml", "calendars/all.yaml", "city.yaml", "districts.yaml",
        "gateways.yaml", "lamp-types.yaml", "limits.yaml", "luminaires.csv", "overrides.yaml",
        "plan.yaml", "programs/night.yaml", "zones/d.yaml",
    }  # fmt: skip
    assert "feeders.yaml" not in files
    assert all(is_known(path) for path in files)
    assert [line for line in files["programs/night.yaml"].splitlines() if line[0] != "#"] == [
        "name: night",
        "window: {on: '18:00', off: '06:00'}",
        "steps:",
        "  - {at: '23:00', level: 50}",
    ]
    assert files["luminaires.csv"].splitlines()[:2] == [
        "id,zone,lamp_type,longitude,latitude,pole,gateway,feeder,name,installed_on",
        "a1,a,led,116.4,39.9,,g,,,",
    ]
    for path, text in files.items():
        assert path == "luminaires.csv" or text.startswith("# "), path


def test_fields_at_their_default_are_left_out() -> None:
    text = site_files(small_site())["lamp-types.yaml"].partition("\n- ")[2]
    assert "has_clock: false" in text
    assert "has_clock: true" not in text
    assert "power_curve" not in text


def test_what_has_no_order_stands_in_order() -> None:
    where = site(program("18:00", "06:00"), others=[program("18:00", "05:00", identifier="a")])
    assert [one.id for one in canonical(where).plan.programs] == ["a", "p"]
    read = read_site_files(
        {path: text.encode() for path, text in sorted(site_files(where).items(), reverse=True)}
    )
    assert read.site == canonical(where)


def test_instants_are_written_in_local_time() -> None:
    override = Override(
        id="o", selector=Selector(city=True), level=10, kind=OverrideKind.EVENT,
        start_at=at_utc(0), end_at=at_utc(86_400), reason="r", author="a",
    )  # fmt: skip
    text = site_files(small_site(override))["overrides.yaml"]
    assert "start_at: 1970-01-01T08:00:00+08:00" in text


def test_all_problems_of_all_files_are_told_with_file_line_field_value_and_remedy() -> None:
    files = files_of(
        small_site(),
        **{
            "programs/night.yaml": (
                "# head\nname: n\nwindow: {on: 18:00, off: 25:00}\nsteps:\n"
                "  - {at: 22:00, level: 80}\n  - {at: 05:00, level: 130}\n"
                "  - {att: 06:00, level: x}\ncolour: red\n"
            ),
            "calendars/all.yaml": "name: all\ndefault: nigt\n",
            "zones/d.yaml": (
                "- {id: a, name: a, category: locl, longitude: 1, latitude: 2}\n"
                "- {id: b b, name: b, category: local, longitude: 181, latitude: 2}\n"
            ),
        },
    )
    assert problems(files) == [
        "calendars/all.yaml:2: default: 'nigt' is no program that is defined; near it: night",
        "luminaires.csv:4: zone: 'b' is no zone that is defined",
        "luminaires.csv:5: zone: 'b' is no zone that is defined",
        "programs/night.yaml:3: window.off: '25:00' is no clock time; one such is '23:00'",
        "programs/night.yaml:6: steps[1].level: 130 must be at most 100",
        "programs/night.yaml:7: steps[2].at: is missing",
        "programs/night.yaml:7: steps[2].level: 'x' must be a number",
        "programs/night.yaml:7: steps[2].att: is no field here; near it: at",
        (
            "programs/night.yaml:8: colour: is no field here; fields are base_level, extinguish, "
            "id, min_burn_s, name, name_en, off_ramp_s, on_ramp_s, steps, window"
        ),
        (
            "zones/d.yaml:1: zones[0].category: 'locl' must be one of 'expressway', 'arterial', "
            "'collector', 'local', 'residential', 'park', 'landscape', 'facade' or 'tunnel'"
        ),
        "zones/d.yaml:2: zones[1].id: 'b b' must be 1 to 64 of A-Z, a-z, 0-9, _ and -",
        "zones/d.yaml:2: zones[1].longitude: 181 must be at most 180",
    ]


OVERRIDE = "selector: {city: true}, level: 5, kind: event, reason: r, author: a"


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("city.yaml", "id: x\n", "city.yaml:1: format: must be 1"),
        ("city.yaml", "format: 2\n", "city.yaml:1: format: 2 must be 1, the layout that this"),
        ("city.yaml", "", "city.yaml:1: must be a mapping of fields"),
        ("city.yaml", "[]", "city.yaml:1: a list of 0 must be a mapping of fields"),
        ("plan.yaml", "failsafe_level: 0\n", "plan.yaml:1: failsafe_level: 0 must be above 0"),
        ("plan.yaml", "baseline: {on: sunset, off: sunset}\n", "plan.yaml:1: baseline: on and off"),
        ("plan.yaml", "failsave_level: 9\n", "is no field here; near it: failsafe_level"),
        ("plan.yaml", "programs: []\n", "plan.yaml:1: programs: is no field here"),
        ("limits.yaml", "a: b\n", "limits.yaml:1: must be a list of limits"),
        ("limits.yaml", "- {layer: zone, target: a}\n", "give floor, ceiling or both"),
        ("limits.yaml", "- {layer: zone, target: c, floor: 1}\n", "'c' is no zone of the"),
        ("limits.yaml", "- {layer: city, target: a, floor: 1}\n", "the city is 'small'"),
        ("limits.yaml", "- {layer: category, target: road, floor: 1}\n", "categories are expr"),
        ("assignments.yaml", "- {layer: zone, target: a, calendar: b}\n", "'b' is no calendar"),
        (
            "assignments.yaml",
            "- {layer: zone, target: a, calendar: all}\n" * 2,
            "assignments.yaml:2: assignments[1].target: 'a' stands twice, first in assignments.y",
        ),
        ("zones/e.yaml", "- {id: z}\n", "zones/e.yaml:1: zones[0].name: is missing"),
        (
            "zones/e.yaml",
            "- {id: z, name: z, category: park, longitude: 1, latitude: 1}\n",
            "zones/e.yaml: file name: 'e' is no district that is defined",
        ),
        (
            "zones/d.yaml",
            "- {id: z, district: e, name: z, category: park, longitude: 1, latitude: 1}\n",
            "zones[0].district: 'e' must be 'd', the file's name, or be left out",
        ),
        ("programs/x.yaml", "id: y\nname: x\n", "id: 'y' must be 'x', the file's name"),
        (
            "programs/a b.yaml",
            "name: x\nwindow: {on: sunset, off: sunrise}",
            "file name: 'a b' must",
        ),
        ("programs/x.yaml", "name: x\nwindow: {on: 18:00, off: 18:00}", "same anchor"),
        ("calendars/x.yaml", "name: x\ndefault: night\nrules: 5\n", "rules: 5 must be a list"),
        (
            "calendars/x.yaml",
            "name: x\ndefault: night\nrules:\n- {name: r, program: day, when: [{kind: dates, "
            "dates: [2026-10-01]}]}\n",
            "calendars/x.yaml:4: rules[0].program: 'day' is no program that is defined",
        ),
        (
            "calendars/x.yaml",
            "name: x\ndefault: night\nrules:\n- {name: r, program: night, when: [{kind: dates, "
            "dates: [20261001]}]}\n",
            "rules[0].when[0].dates[0]: 20261001 must be",
        ),
        (
            "calendars/x.yaml",
            "name: x\ndefault: night\nrules:\n- {name: r, program: night, when: [{kind: moon}]}\n",
            "calendars/x.yaml:4: rules[0].when[0].kind: 'moon' must be one of 'weekdays'",
        ),
        (
            "calendars/x.yaml",
            "name: x\ndefault: night\nrules:\n- {name: r, program: night, when: []}\n",
            "when: a list of 0 must have at least 1 entries",
        ),
        (
            "overrides.yaml",
            f"- {{id: o, {OVERRIDE}, start_at: 2026, end_at: 2027-01-01T00:00Z}}\n",
            "overrides[0].start_at: 2026 must be written as date or instant",
        ),
        (
            "overrides.yaml",
            f"- {{id: o, {OVERRIDE}, start_at: 2026-01-01T00:00, end_at: 2027-01-01T00:00Z}}\n",
            "start_at: '2026-01-01T00:00' needs its offset from UTC, such as",
        ),
        (
            "overrides.yaml",
            f"- {{id: o, {OVERRIDE}, start_at: 2026-01-01T00:00Z}}\n",
            "overrides.yaml:1: overrides[0].end_at: is missing",
        ),
        (
            "overrides.yaml",
            "- {id: o, selector: {zones: [a, q]}, level: 5, kind: event, reason: r, author: a,\n"
            "   start_at: 2026-01-01T00:00Z, end_at: 2027-01-01T00:00Z}\n",
            "overrides.yaml:1: overrides[0].selector.zones[1]: 'q' is no zone of the inventory",
        ),
        ("limit.yaml", "[]", "limit.yaml: is no document that is known; near it: limits.yaml"),
        ("programs/x.yml", "[]", "name it 'programs/x.yaml'"),
        ("programs/old/x.yaml", "[]", "is no document that is known"),
        ("site.json", "{}", "site.json: is no document that is known; documents are city.yaml"),
        ("luminaires.csv", "", "luminaires.csv:1: is empty; its first line names the columns"),
        ("luminaires.csv", "id;zone\n", "is delimited by something else than commas"),
        ("luminaires.csv", "id,zone,lamp\n", "'lamp' is no column here"),
        ("luminaires.csv", "id,zone,lamp_type,longitude\n", "latitude: column is missing"),
        ("luminaires.csv", "id,id,zone\n", "'id' stands twice among the columns"),
        (
            "luminaires.csv",
            "id,zone,lamp_type,longitude,latitude\na,a,led,1,2\na,a,led,1\n",
            "luminaires.csv:3: has 4 cells; the head has 5 columns",
        ),
        (
            "luminaires.csv",
            'id,zone,lamp_type,longitude,latitude,name\na,a,led,1,2,"two\nlines"\nb,a,led,x,2,\n',
            "luminaires.csv:4: longitude: 'x' must be a number",
        ),
        (
            "luminaires.csv",
            "id,zone,lamp_type,longitude,latitude\na,a,led,1,2\na,a,led,1,2\n",
            "luminaires.csv:3: id: 'a' stands twice, first in line 2",
        ),
        (
            "luminaires.csv",
            "id,zone,lamp_type,longitude,latitude\na,,led,1,2\n",
            "luminaires.csv:2: zone: is missing",
        ),
        ("luminaires.csv", 'id,zone\n"a', "luminaires.csv:1: lamp_type: column is missing"),
    ],
)
def test_one_clear_line_for_what_is_wrong(path: str, text: str, says: str) -> None:
    said = with_file(path, text)
    assert any(says in line for line in said), said


def test_a_missing_file_means_none_of_it_where_that_can_be() -> None:
    plain = site(program("18:00", "06:00"), limits=[Limit(layer=Layer.CITY, target="c", floor=1)])
    without = files_of(plain, **{"limits.yaml": None, "plan.yaml": None})
    read = read_site_files({path: text.encode() for path, text in without.items()})
    assert read.site is not None
    assert read.site.plan.limits == ()
    assert read.site.plan.failsafe_level == 100


@pytest.mark.parametrize(
    "path", ["city.yaml", "districts.yaml", "lamp-types.yaml", "luminaires.csv"]
)
def test_a_missing_file_without_which_lamps_would_vanish_is_a_problem(path: str) -> None:
    said = problems(files_of(small_site(), **{path: None}))
    # What names its documents is not called wrong as well.
    assert said == [f"{path}: is missing; an export holds an example"]


def test_what_names_documents_of_an_unreadable_file_is_not_called_wrong_as_well() -> None:
    said = with_file("programs/night.yaml", "name: [\n")
    assert len(said) == 1
    assert said[0].startswith("programs/night.yaml:")


def test_names_in_a_document_that_is_wrong_in_itself_are_told_as_well() -> None:
    text = "name: x\ndefault: nigt\nrules:\n- {name: r, program: dey, when: [{kind: moon}]}\n"
    said = with_file("calendars/x.yaml", text)
    assert [line.split(" ")[:3] for line in said] == [
        ["calendars/x.yaml:2:", "default:", "'nigt'"],
        ["calendars/x.yaml:4:", "rules[0].when[0].kind:", "'moon'"],
        ["calendars/x.yaml:4:", "rules[0].program:", "'dey'"],
    ]


def test_nothing_said_is_the_default_and_numbers_may_be_quoted() -> None:
    text = "name: n\nname_en:\nwindow: {on: 18:00, off: 06:00}\nsteps:\nbase_level: '070'\n"
    files = files_of(small_site(), **{"programs/night.yaml": text})
    read = read_site_files({path: text.encode() for path, text in files.items()})
    assert read.site is not None
    (night,) = read.site.plan.programs
    assert (night.steps, night.name_en, night.base_level) == ((), None, 70)


def test_a_problem_without_line_or_value_is_still_one_line() -> None:
    assert Problem("a.yaml", None, "", None, "is missing").text == "a.yaml: is missing"
    assert Problem("a.yaml", 3, "b", "5", "is wrong").text == "a.yaml:3: b: 5 is wrong"


def test_a_problem_is_one_line_whatever_a_file_holds() -> None:
    (line,) = with_file("plan.yaml", '"a\\nb\\e[2J": 1\n')
    assert line.startswith("plan.yaml:1: a\ufffdb\ufffd[2J: is no field here")


def test_problems_of_a_huge_table_are_bounded() -> None:
    rows = "".join(f"{n},a,led,500,2\n" for n in range(5000))
    said = with_file("luminaires.csv", f"id,zone,lamp_type,longitude,latitude\n{rows}")
    assert len(said) == 1000
