"""What people are told stands in catalogues: each sentence in both languages, each one used."""

import ast
import importlib
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from controller.service.field_words import EXPECTED
from zones.models import Category
from zones.names import CATEGORIES
from zones.said import (
    Catalogue,
    Language,
    Said,
    cut,
    data_in,
    fault_of,
    kept,
    listed,
    message_of,
    read_kept,
    restored,
    stored,
    text_in,
)

ROOT = Path(__file__).parents[3]
PACKAGES = ("zones", "schedules", "controller")
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
FIELD = re.compile(r"\{[^}]*\}")
CATALOGUES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*sentences.py")
)


def catalogue_of(module: str) -> Catalogue:
    found = importlib.import_module(module).SAY
    assert isinstance(found, Catalogue)
    return found


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def fields_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def calls() -> Iterator[tuple[str, int, str, ast.Call]]:
    """Where a sentence of a catalogue is said: file, line, catalogue's module, call."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            if "SAY" not in text:
                continue
            tree = ast.parse(text)
            names = {
                alias.asname or alias.name: node.module
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.module
                for alias in node.names
                if alias.name == "SAY"
            }
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in names
                ):
                    where = str(path.relative_to(ROOT))
                    yield where, node.lineno, names[node.func.id], node


def keys_of(node: ast.expr, known: Catalogue) -> set[str]:
    """The keys that an expression may be."""
    match node:
        case ast.Constant(value=str(key)):
            return {key}
        case ast.IfExp(body=body, orelse=other):
            return keys_of(body, known) | keys_of(other, known)
        case ast.JoinedStr(values=[ast.Constant(value=str(begin)), _]):
            return {key for key in known.sentences if key.startswith(begin)}
        case _:
            raise AssertionError(f"line {node.lineno}: which sentence is said cannot be read")


@pytest.mark.parametrize("path", CATALOGUES, ids=str)
def test_both_languages_say_the_same_of_the_same(path: Path) -> None:
    assert_complete(catalogue_of(module_of(path)))


def test_faults_of_fields_are_told_in_both_languages() -> None:
    assert_complete(EXPECTED)


def assert_complete(catalogue: Catalogue) -> None:
    for key, (english, chinese) in catalogue.sentences.items():
        assert fields_of(english) == fields_of(chinese), key
        if FIELD.sub("", english).strip():
            assert CHINESE.search(chinese), key
        assert not CHINESE.search(english), key
        assert "  " not in english + chinese, key


def test_what_is_said_stands_in_its_catalogue_with_its_values() -> None:
    said: dict[str, set[str]] = {}
    for where, line, module, call in calls():
        catalogue = catalogue_of(module)
        keys = keys_of(call.args[0], catalogue)
        assert keys, f"{where}:{line}"
        said.setdefault(module, set()).update(keys)
        given = {keyword.arg for keyword in call.keywords}
        for key in keys:
            pair = catalogue.sentences[key]
            wanted = fields_of(pair[0])
            takes = f"{where}:{line}: {key} takes {sorted(wanted)}"
            if None in given:  # **values
                assert given - {None} <= wanted, takes
            else:
                assert given == wanted, takes
    for path in CATALOGUES:
        module = module_of(path)
        unused = catalogue_of(module).sentences.keys() - said.get(module, set())
        assert not unused, f"{module}: nobody says {sorted(unused)}"


SAY = Catalogue({"late": ("{n:,} {what} late", "{what}迟了 {n:,} 盏")})


def test_a_sentence_is_english_text_that_brings_its_chinese() -> None:
    said = SAY("late", n=1200, what=Said("lamps", "灯"))
    assert said == "1,200 lamps late"
    assert text_in(said, Language.CHINESE) == "灯迟了 1,200 盏"
    assert text_in("plain", Language.CHINESE) == "plain"
    assert type(text_in(said, Language.ENGLISH)) is str
    again = pickle.loads(pickle.dumps(said))
    assert (again, again.chinese) == (said, said.chinese)
    assert text_in(cut(said, 3), Language.CHINESE) == "灯迟了"
    assert listed([said, "x"]).chinese == "灯迟了 1,200 盏、x"


def test_a_stored_sentence_is_read_in_both_languages() -> None:
    said = Said("late", "迟了")
    data = restored({"a": [stored(said), stored("plain"), 3]})
    assert data_in(data, Language.CHINESE) == {"a": ["迟了", "plain", 3]}
    assert data_in(data, Language.ENGLISH) == {"a": ["late", "plain", 3]}


def test_a_column_keeps_a_sentence_in_both_languages_and_any_text_as_it_is() -> None:
    said = Said("late", "迟了")
    assert text_in(read_kept(kept(said)), Language.CHINESE) == "迟了"
    for text in ("plain", "", '{"en": 1', '{"en": "a", "zh": "b"}'):
        assert text_in(read_kept(kept(text)), Language.CHINESE) == text


def test_an_error_keeps_what_it_says() -> None:
    said = Said("late", "迟了")
    assert text_in(message_of(ValueError(said)), Language.CHINESE) == "迟了"
    assert message_of(ValueError("two\n lines")) == "two lines"
    fault = {"msg": "Value error, late", "ctx": {"error": ValueError(said)}}
    assert text_in(fault_of(fault), Language.CHINESE) == "迟了"
    assert fault_of({"msg": "Value error, plain"}) == "plain"


def test_the_console_calls_categories_as_the_service_does() -> None:
    file = ROOT / "controller" / "console" / "src" / "i18n" / "zh" / "common.json"
    told = json.loads(file.read_text())
    assert {one: told[f"category_{one.value}"] for one in Category} == {
        one: name.chinese for one, name in CATEGORIES.items()
    }
