"""The console speaks Chinese and English alike: no key is missing on either side."""

import json
import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[3] / "controller" / "console" / "src"
LANGUAGES = ("zh", "en")
# t('page.name'), t(`page.name_${code}`), and keys that stand as values: 'page.name'
_LITERAL = re.compile(r"""['"`]([a-z_]+)\.([a-z0-9_]+)(\$\{)?""")
_PLACEHOLDER = re.compile(r"\{(\w+)(?:\|[^|}]*\|[^}]*)?\}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def _catalogue(language: str) -> dict[str, str]:
    return {
        f"{file.stem}.{name}": text
        for file in sorted((CONSOLE / "i18n" / language).glob("*.json"))
        for name, text in json.loads(file.read_text(encoding="utf-8")).items()
    }


CATALOGUES = {language: _catalogue(language) for language in LANGUAGES}
PAGES = {key.partition(".")[0] for catalogue in CATALOGUES.values() for key in catalogue}


def _sources() -> list[Path]:
    found = [*CONSOLE.rglob("*.svelte"), *CONSOLE.rglob("*.ts")]
    assert len(found) > 10, f"no sources of the console below {CONSOLE}"
    return found


def _used() -> tuple[set[str], set[str]]:
    """Keys that the sources name, and beginnings that they complete at run time."""
    whole: set[str] = set()
    begun: set[str] = set()
    for source in _sources():
        for page, name, goes_on in _LITERAL.findall(source.read_text(encoding="utf-8")):
            if page in PAGES:
                (begun if goes_on else whole).add(f"{page}.{name}")
    return whole, begun


def test_both_catalogues_have_the_same_keys() -> None:
    chinese, english = (set(CATALOGUES[language]) for language in LANGUAGES)

    assert sorted(chinese - english) == [], "in Chinese only"
    assert sorted(english - chinese) == [], "in English only"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_the_sources_has_a_text(language: str) -> None:
    whole, begun = _used()
    known = set(CATALOGUES[language])

    assert sorted(whole - known) == []
    assert [start for start in sorted(begun) if not any(k.startswith(start) for k in known)] == []


def test_no_text_is_left_over() -> None:
    whole, begun = _used()
    unused = set(CATALOGUES["en"]) - whole

    assert sorted(k for k in unused if not any(k.startswith(start) for start in begun)) == []


def test_both_languages_fill_in_the_same_values() -> None:
    chinese, english = (CATALOGUES[language] for language in LANGUAGES)

    differing = [
        key
        for key in sorted(set(chinese) & set(english))
        if set(_PLACEHOLDER.findall(chinese[key])) - set(_PLACEHOLDER.findall(english[key]))
    ]
    assert differing == []


def test_no_text_is_empty_and_english_is_english() -> None:
    assert [key for catalogue in CATALOGUES.values() for key, t in catalogue.items() if not t] == []
    assert [key for key, text in CATALOGUES["en"].items() if _CHINESE.search(text)] == []


def test_sources_hold_no_chinese_but_units_and_the_languages_own_names() -> None:
    found = {
        source.relative_to(CONSOLE).as_posix()
        for source in _sources()
        if _CHINESE.search(source.read_text(encoding="utf-8"))
    }

    assert found <= {"lib/format.ts", "components/LanguageSwitch.svelte"}
