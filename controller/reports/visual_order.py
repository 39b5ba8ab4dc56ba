"""Names in Arabic and Hebrew script as they are seen, for writers that set characters as they come.

A small part of the Unicode algorithm, as names in a table need it: the line is read from the
left, words and numbers of such a script within it from the right. Letters of Arabic, and of
Uyghur in it, get the form that their place asks for.

Ref: Unicode Standard Annex 9 (bidirectional text); The Unicode Standard 15.1, 9.2 (joining).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

_FORMS = ("isolated", "final", "initial", "medial")
_LEFTWARD = ("R", "AL")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def visual(text: str) -> str:
    """A line that is read from the left, its characters in the order in which they are seen."""
    if not any(unicodedata.bidirectional(one) in _LEFTWARD for one in text):
        return text
    shaped = _joined(text)
    runs = groupby(enumerate(_directions(text)), key=lambda pair: pair[1])
    return "".join(
        _turned(shaped[at] for at, _ in run)
        if is_leftward
        else "".join(shaped[at] for at, _ in run)
        for is_leftward, run in runs
    )


def _turned(run: Iterable[str]) -> str:
    """A run from right to left, numbers in it as they are."""
    turned = "".join(run)[::-1].translate(_MIRRORED)
    return _NUMBER.sub(lambda found: found.group()[::-1], turned)


def _directions(text: str) -> list[bool]:
    """Of every character whether it runs from right to left."""
    found: list[bool | None] = []
    is_leftward = False
    for one in text:
        kind = unicodedata.bidirectional(one)
        if kind == "L" or kind in _LEFTWARD:
            is_leftward = kind in _LEFTWARD
        # A number goes with the word before it, a mark with its letter.
        has_own = kind in ("L", "EN", "AN", "NSM", *_LEFTWARD)
        found.append(is_leftward if has_own else None)
    done: list[bool] = []
    before = False
    for at, direction in enumerate(found):
        # What has no direction of its own follows its neighbours where they agree.
        after = next((other for other in found[at:] if other is not None), False)
        before = (before and after) if direction is None else direction
        done.append(before)
    return done


def _joined(text: str) -> list[str]:
    """Each character in the form that its neighbours ask for."""
    letters = [at for at, one in enumerate(text) if unicodedata.bidirectional(one) != "NSM"]
    shaped = list(text)
    for place, at in enumerate(letters):
        forms = _forms().get(text[at])
        if forms is None:
            continue
        before = text[letters[place - 1]] if place else ""
        after = text[letters[place + 1]] if place + 1 < len(letters) else ""
        is_tied = "final" in forms and "initial" in _forms().get(before, {})
        is_tying = "initial" in forms and "final" in _forms().get(after, {})
        shaped[at] = forms.get(_FORMS[is_tied + 2 * is_tying], text[at])
    return shaped


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Of every letter its forms, from the characters that stand for one form of one letter."""
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFDFC), *range(0xFE80, 0xFEF5)):
        form, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if letters and " " not in letters:
            found.setdefault(chr(int(letters, 16)), {})[form.strip("<>")] = chr(code)
    return found
