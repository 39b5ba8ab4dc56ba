"""What YAML readers are known to get wrong, and what a person means."""

import pytest

from schedules.files import write_yaml
from schedules.files.yaml_text import MAX_DEPTH, plain, read_yaml


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("at: 23:00", {"at": "23:00"}),
        ("at: 1:30:00", {"at": "1:30:00"}),
        ("on: sunset\noff: sunrise", {"on": "sunset", "off": "sunrise"}),
        ("{on: 18:00, off: 06:00}", {"on": "18:00", "off": "06:00"}),
        ("name: no", {"name": "no"}),
        ("name: Off", {"name": "Off"}),
        ("id: 0110105", {"id": "0110105"}),
        ("id: 0o17", {"id": "0o17"}),
        ("id: 1e5", {"id": "1e5"}),
        ("id: 1_000", {"id": "1_000"}),
        ("day: 2026-10-01", {"day": "2026-10-01"}),
        ("level: .5", {"level": ".5"}),
        ("name: =", {"name": "="}),
        ("a: <<", {"a": "<<"}),
        ("a: 'null'", {"a": "null"}),
        ('a: ""', {"a": ""}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ("\ufeffa: b", {"a": "b"}),
        ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("---\na: b\n...\n", {"a": "b"}),
    ],
)
def test_a_text_stays_the_text_that_was_written(text: str, means: object) -> None:
    node, problems = read_yaml(text)
    assert problems == []
    assert plain(node) == means


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_an_entry_that_says_nothing_is_as_if_it_were_not_there(nothing: str) -> None:
    node, problems = read_yaml(f"a: {nothing}\nb: 1\n")
    assert problems == []
    assert plain(node) == {"b": "1"}


@pytest.mark.parametrize("text", ["", "\n", "# a comment alone\n", "---\n"])
def test_an_empty_file_is_null(text: str) -> None:
    node, problems = read_yaml(text)
    assert problems == []
    assert plain(node) is None


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' stands twice, first in line 1"),
        ("x: {a: 1, a: 2}", 1, "key 'a' stands twice"),
        ("a: &x 1\n", 1, "'&x' is an anchor"),
        ("a: 1\nb: *x\n", 2, "'*x' is an alias"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tag '!!python/object/apply:os.system'"),
        ("a: !mine 3\n", 1, "tag '!mine' is not taken"),
        ("a: 1\n--- \nb: 2\n", 2, "a second document begins"),
        ("a: 1\n\tb: 2\n", 2, "is no YAML"),
        ("a: [1, 2\nb: 3\n", 2, "is no YAML"),
        ("a: b: c\n", 1, "quote a text that holds ': '"),
        ("? [a]\n: b\n", 1, "a key must be a plain name"),
        ("a: \x07\n", 1, "no text file should hold"),
    ],
)
def test_what_is_refused_is_told_with_its_line(text: str, line: int, says: str) -> None:
    _, problems = read_yaml(text)
    assert [(one.line, says in one.message) for one in problems] == [(line, True)]


def test_every_refusal_of_a_file_is_told() -> None:
    _, problems = read_yaml("a: &x 1\na: *x\nb: !t 2\n")
    assert [one.line for one in problems] == [1, 2, 2, 3]


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x,x]\n" + "".join(
        f"{name}: &{name} [*{before},*{before}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    node, problems = read_yaml(bomb)
    assert "'&a' is an anchor" in problems[0].message
    assert len(str(plain(node))) < 1000


def test_depth_is_bounded() -> None:
    _, problems = read_yaml("[" * 5000)
    assert f"beyond {MAX_DEPTH} levels" in problems[0].message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"at": "22:00", "level": 80.0}, "at: '22:00'\nlevel: 80\n"),
        ({"id": "0110105"}, "id: '0110105'\n"),
        ({"name": "no"}, "name: 'no'\n"),
        ({"name": "北京：东城区"}, "name: 北京：东城区\n"),
        ({"name": "a\nb"}, 'name: "a\\x0Ab"\n'),
        ({"off": "sunrise-10m"}, "off: sunrise-10m\n"),
        ({"on": "lux(20)rising not_after 07:30"}, "on: lux(20)rising not_after 07:30\n"),
        ({"share": 0.5, "tiny": 1e-07, "yes": True}, "share: 0.5\ntiny: 1e-07\nyes: true\n"),
        ({"window": {"on": "sunset", "off": "05:00"}}, "window: {on: sunset, off: '05:00'}\n"),
        ({"steps": [{"at": "sunset", "level": 5}]}, "steps:\n  - {at: sunset, level: 5}\n"),
        ({"curve": [[0, 0.3], [100, 1]]}, "curve: [[0, 0.3], [100, 1]]\n"),
        ([], "[]\n"),
        ([{"a": 1}, {"b": []}], "- {a: 1}\n- {b: []}\n"),
    ],
)
def test_what_is_written_is_short_and_unmistakable(value: object, text: str) -> None:
    assert write_yaml(value) == text


def test_a_large_entry_of_a_list_takes_a_line_for_each_field() -> None:
    entry = dict.fromkeys("abcdef", "value")
    assert write_yaml([entry, entry]).splitlines() == [
        "- a: value", *(f"  {name}: value" for name in "bcdef"), "",
        "- a: value", *(f"  {name}: value" for name in "bcdef"),
    ]  # fmt: skip


def test_the_head_is_a_comment() -> None:
    assert write_yaml({"a": 1}, "one\n\ntwo") == "# one\n#\n# two\na: 1\n"
