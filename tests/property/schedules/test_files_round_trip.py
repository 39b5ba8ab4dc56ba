"""Sites to files and back: the same documents, the same bytes, whatever people call things."""

from datetime import date, datetime
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import Site
from schedules.files import (
    LUMINAIRES,
    SiteRead,
    canonical,
    read_site_files,
    read_yaml,
    site_files,
    write_yaml,
)
from schedules.files.yaml_text import plain
from tests.fakes.random_sites import sites, texts

slowly = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def read_back(files: dict[str, str]) -> SiteRead:
    return read_site_files({path: text.encode() for path, text in files.items()})


@slowly
@given(sites())
def test_yaml_round_trips(site: Site) -> None:
    files = site_files(site)
    read = read_back(files)
    assert [one.text for one in read.problems] == []
    assert read.site == canonical(site)
    assert site_files(read.site) == files


@slowly
@given(sites())
def test_the_order_of_files_is_a_matter_of_looks_alone(site: Site) -> None:
    turned = canonical(site)
    assert sorted(one.id for one in turned.inventory.zones) == sorted(
        one.id for one in site.inventory.zones
    )
    assert turned.plan.overrides == site.plan.overrides
    assert canonical(turned) == turned
    assert site_files(turned) == site_files(site)


@slowly
@given(sites())
def test_other_readers_of_yaml_see_the_same_texts(site: Site) -> None:
    # A YAML 1.1 reader takes the keys on and off for booleans; all else it reads as we do.
    for path, text in site_files(site).items():
        if path == LUMINAIRES:
            continue
        assert is_same(yaml.safe_load(text), plain(read_yaml(text)[0])), path


def is_same(theirs: Any, ours: Any) -> bool:
    """Whether a value of another reader is what our text says."""
    match theirs:
        case dict():
            named = {{True: "on", False: "off"}.get(key, key): one for key, one in theirs.items()}
            return named.keys() == ours.keys() and all(
                is_same(one, ours[key]) for key, one in named.items()
            )
        case list():
            return len(theirs) == len(ours) and all(map(is_same, theirs, ours))
        case bool():
            return {True: "true", False: "false"}[theirs] == str(ours)
        case int() | float():
            return float(ours) == theirs
        case datetime():
            return datetime.fromisoformat(ours) == theirs
        case date():
            return date.fromisoformat(ours) == theirs
        case _:
            return bool(theirs == ours)


scalars = texts | st.sampled_from(
    ["", " ", "null", "~", "0o7", "1:2:3", "0b1", "+1", "=", "---", "..."]
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(trees, st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Z"]), max_size=40))
def test_any_tree_of_texts_is_read_as_it_was_written(tree: Any, head: str) -> None:
    node, problems = read_yaml(write_yaml(tree, head))
    assert problems == []
    assert plain(node) == tree


@given(st.binary(max_size=300), st.sampled_from(["city.yaml", "programs/x.yaml", LUMINAIRES]))
def test_no_bytes_raise(content: bytes, path: str) -> None:
    read = read_site_files({path: content})
    assert read.site is None
    assert read.problems


@given(st.text(st.sampled_from("abc:-[]{}&*!|>'\"#%@`, \n\t?~<=.0"), max_size=80))
def test_no_text_raises_and_every_problem_has_a_line(text: str) -> None:
    read = read_site_files({"overrides.yaml": text.encode()})
    lines = text.count("\n") + 2
    for one in read.problems:
        if one.file == "overrides.yaml":
            assert one.line is not None
            assert 1 <= one.line <= lines
