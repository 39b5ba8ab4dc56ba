"""What the program says to people, in each of the operators' languages.

Owns the form: a sentence is a `str`, the English one, so that errors, logs and the command line
carry it as any text; it brings its Chinese along for whoever answers a reader. The sentences
themselves stand in a catalogue beside what says them. Rules never look at the language.
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, Self

_KEPT: Final = '{"en": '


class Language(StrEnum):
    """A language of the operators."""

    CHINESE = "zh"
    ENGLISH = "en"


class Said(str):
    """English text that brings its Chinese along."""

    __slots__ = ("chinese",)

    chinese: str

    def __new__(cls, english: str, chinese: str) -> Self:
        """The same, said twice."""
        said = super().__new__(cls, english)
        said.chinese = chinese
        return said

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """For a process that says it to another."""
        return type(self), (str(self), self.chinese)


class Catalogue:
    """Sentences by key: (English, Chinese), with the same fields in braces."""

    def __init__(self, sentences: Mapping[str, tuple[str, str]]) -> None:
        self.sentences: Final = sentences

    def __call__(self, key: str, /, **values: object) -> Said:
        """One of them; what is itself `Said` among the values is in the same language."""
        english, chinese = self.sentences[key]
        there = {name: chinese_of(value) for name, value in values.items()}
        return Said(english.format(**values), chinese.format(**there))


def chinese_of(value: object) -> object:
    """The Chinese of what has one; else the value itself."""
    return value.chinese if isinstance(value, Said) else value


def text_in(text: str, language: Language) -> str:
    """A text in a language, as far as it is known in it."""
    return text.chinese if isinstance(text, Said) and language is Language.CHINESE else str(text)


def texts_in(texts: Iterable[str], language: Language) -> list[str]:
    """Texts in a language."""
    return [text_in(one, language) for one in texts]


def message_of(error: BaseException) -> str:
    """What an error says, one line; `Said` where it was."""
    first = error.args[0] if len(error.args) == 1 else None
    return first if isinstance(first, Said) else " ".join(str(error).split())


def fault_of(error: Mapping[str, Any]) -> str:
    """What pydantic says of one fault, without its prefix; `Said` where one of ours is in it."""
    inner = (error.get("ctx") or {}).get("error")
    if isinstance(inner, BaseException):
        return message_of(inner)
    return str(error.get("msg", "")).removeprefix("Value error, ")


def cut(text: str, most: int) -> str:
    """The first characters of a text."""
    return Said(text[:most], text.chinese[:most]) if isinstance(text, Said) else text[:most]


def listed(texts: Iterable[str], between: tuple[str, str] = (", ", "、")) -> Said:
    """Names or phrases one after the other."""
    known = list(texts)
    chinese = [text_in(one, Language.CHINESE) for one in known]
    return Said(between[0].join(known), between[1].join(chinese))


def stored(text: str) -> str | dict[str, str]:
    """As plain data that keeps both languages."""
    return {"en": str(text), "zh": text.chinese} if isinstance(text, Said) else text


def restored(data: Any) -> Any:
    """Plain data with what `stored` made of texts said again."""
    if isinstance(data, dict):
        if data.keys() == {"en", "zh"}:
            return Said(str(data["en"]), str(data["zh"]))
        return {name: restored(value) for name, value in data.items()}
    return [restored(one) for one in data] if isinstance(data, list) else data


def kept(text: str) -> str:
    """As a column of text keeps it; in both languages where it has both."""
    if not isinstance(text, Said) and text.startswith(_KEPT):
        text = Said(text, text)  # somebody wrote what looks like ours
    data = stored(text)
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def read_kept(column: str) -> str:
    """What `kept` made of a text, said again."""
    if not column.startswith(_KEPT):
        return column
    try:
        found = restored(json.loads(column))
    except ValueError:
        return column
    return found if isinstance(found, str) else column


def data_in(data: Any, language: Language) -> Any:
    """Plain data with every text in one language."""
    if isinstance(data, str):
        return text_in(data, language)
    if isinstance(data, Mapping):
        return {name: data_in(value, language) for name, value in data.items()}
    return [data_in(one, language) for one in data] if isinstance(data, list | tuple) else data
