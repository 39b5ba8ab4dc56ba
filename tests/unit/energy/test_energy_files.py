"""Baselines, tariffs, factors and targets as files: read, refused, shown by diff."""

from schedules import Site
from schedules.difference import What, difference
from schedules.files import read_site_files, site_files
from tests.fakes.small_city import small_site

BASELINES = """
- id: old
  valid_from: 2024-01-01
  hours: {kind: fixed_hours, on: 18:30, off: 06:00}
  lamps: [{lamp_types: [led], power_w: 250}]
  source: 2023 年普查
"""
TARIFFS = """
- id: tou
  name: 分时
  valid_from: 2026-01-01
  currency: CNY
  price_per_kwh: 0.8
  bands:
    - {name: 低谷, price_per_kwh: 0.4, hours: [23:00-07:00]}
"""
TARGETS = """
- {id: t, district: d, period: quarter, quarter: 4, energy_kwh: 1000}
"""


def read(**files: str) -> tuple[Site | None, list[str]]:
    texts = site_files(small_site()) | files
    found = read_site_files({path: text.encode() for path, text in texts.items()})
    return found.site, [one.text for one in found.problems]


def wrong(path: str, text: str) -> str:
    site, problems = read(**{path: text})
    assert site is None
    (one,) = problems
    return one


def test_files_are_read_and_shown_by_diff() -> None:
    site, problems = read(
        **{"baselines.yaml": BASELINES, "tariffs.yaml": TARIFFS, "targets.yaml": TARGETS}
    )
    assert problems == []
    assert site is not None
    assert site.plan.baselines[0].source == "2023 年普查"
    assert site.plan.tariffs[0].bands[0].hours[0].text == "23:00-07:00"
    change = difference(small_site(), site)
    assert {(one.part, one.id, one.what) for one in change.documents} == {
        ("baselines", "old", What.ADDED),
        ("tariffs", "tou", What.ADDED),
        ("targets", "t", What.ADDED),
    }
    assert change.luminaires == 0, "figures change no lamp"
    dearer = TARIFFS.replace("0.4", "0.5")
    after, _ = read(
        **{"baselines.yaml": BASELINES, "tariffs.yaml": dearer, "targets.yaml": TARGETS}
    )
    assert after is not None
    (changed,) = difference(site, after).documents
    (field,) = changed.fields
    assert (field.path, field.before, field.after) == ("bands[0].price_per_kwh", "0.4", "0.5")


def test_what_is_wrong_is_said_with_its_line() -> None:
    assert wrong("baselines.yaml", BASELINES.replace("[led]", "[ledd]")) == (
        "baselines.yaml:5: baselines[0].lamps[0].lamp_types[0]: 'ledd' is no lamp type that is "
        "defined; near it: led"
    )
    program = BASELINES.replace("{kind: fixed_hours, on: 18:30, off: 06:00}",
                                "{kind: program, program: nigth}")  # fmt: skip
    assert wrong("baselines.yaml", program) == (
        "baselines.yaml:4: baselines[0].hours.program: 'nigth' is no program that is defined; "
        "near it: night"
    )
    assert "'23-7' is no span of clock times" in wrong(
        "tariffs.yaml", TARIFFS.replace("23:00-07:00", "23-7")
    )
    assert wrong("targets.yaml", TARGETS.replace("district: d", "district: x")) == (
        "targets.yaml:2: targets[0].district: 'x' is no district that is defined"
    )
    assert "tariff.yaml: is no document that is known; near it: tariffs.yaml" in wrong(
        "tariff.yaml", TARIFFS
    )
    assert "'yuan' must be three capital letters, such as 'CNY'" in wrong(
        "tariffs.yaml", TARIFFS.replace("CNY", "yuan")
    )
    twice = wrong("targets.yaml", TARGETS + TARGETS.replace("id: t", "id: u").lstrip())
    assert "target 'u' is for the same district and period as 't'" in twice


def test_bands_that_overlap_are_refused_with_their_line() -> None:
    peak = "    - {name: 尖峰, price_per_kwh: 1.4, hours: [22:00-24:00]}\n"
    said = wrong("tariffs.yaml", TARIFFS + peak)
    assert said.startswith("tariffs.yaml:8: tariffs[0].bands[0].hours")
    assert "bands '低谷' and '尖峰' both hold 23:00-24:00" in said
    allowed = TARIFFS.replace("hours: [23:00-07:00]", "hours: [23:00-07:00], instead_of: [尖峰]")
    assert read(**{"tariffs.yaml": allowed + peak})[1] == []


def test_two_that_begin_together_for_the_same_zones_are_refused() -> None:
    for name, text, kind in (
        ("tariffs.yaml", TARIFFS, "tariff"),
        ("baselines.yaml", BASELINES, "baseline"),
        ("emission-factors.yaml", "\n- {id: tou, g_per_kwh: 500, source: s}\n", "emission factor"),
    ):
        one = "old" if kind == "baseline" else "tou"
        again = text.replace(f"id: {one}", "id: new")
        said = wrong(name, text + again.lstrip("\n"))
        assert f"like {kind} '{one}', for the same zones; give each a valid_from" in said
        if kind != "emission factor":
            elsewhere = again + "  selector: {districts: [d]}\n"
            assert read(**{name: text + elsewhere.lstrip("\n")})[1] == []


def test_a_grid_factor_in_kilograms_is_refused() -> None:
    factor = "- {id: f, g_per_kwh: 0.5306, source: s}\n"
    assert wrong("emission-factors.yaml", factor) == (
        "emission-factors.yaml:1: emission_factors[0].g_per_kwh: 0.5306 "
        "is less than any grid's in g/kWh; 0.5306 kg/kWh is 530.6 g/kWh"
    )
    assert read(**{"emission-factors.yaml": factor.replace("0.5306", "0")})[1] == []
