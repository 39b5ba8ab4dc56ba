"""Names in Arabic and Hebrew script as they are seen, for writers that set characters as they come.

The line is read from the left. All rules of the Unicode algorithm, but for those of the signs
that embed and isolate, which no name in a table has. Letters of Arabic, and of Uyghur in it, get
the form that their place asks for. The libraries that do this may not be passed on as freely as
Lamplighter.

Ref: Unicode Standard Annex 9 (bidirectional text), W1 to W7, N0 to N2, I1, L1, L2, L4; The
Unicode Standard 15.1, 9.2 (joining).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

_FORMS = ("isolated", "final", "initial", "medial")
_LEFTWARD = ("R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_OPENING = {")": "(", "]": "[", "}": "{"}
_SEPARATED = re.compile(r"(?<=N)S(?=N)|(?<=N)C(?=N)|(?<=A)C(?=A)")


def visual(text: str) -> str:
    """A line that is read from the left, its characters in the order in which they are seen."""
    if not any(unicodedata.bidirectional(one) in (*_LEFTWARD, "AN") for one in text):
        return text
    levels = _levels(text)
    # What is turned keeps its numbers as they are, and brackets open to the side they face.
    line = [
        one.translate(_MIRRORED) if level == 1 else one
        for one, level in zip(_joined(text), levels, strict=True)
    ]
    found = []
    for is_turned, run in groupby(range(len(line)), key=lambda at: levels[at] > 0):
        places = list(run)
        if is_turned:
            parts = [list(part) for _, part in groupby(places, key=lambda at: levels[at])]
            parts = [part if levels[part[0]] == 2 else part[::-1] for part in reversed(parts)]
            places = [at for part in parts for at in part]
        found += [line[at] for at in places]
    return "".join(found)


def _levels(text: str) -> list[int]:
    """Of every character: 0 from the left, 1 from the right, 2 a number within that."""
    kinds = _weak([unicodedata.bidirectional(one) for one in text])
    _pair_brackets(text, kinds)
    sides = [_side(kind) for kind in kinds]
    for at, end in _runs(kinds):
        before = sides[at - 1] if at else "L"
        after = sides[end] if end < len(kinds) else "L"
        # What has no direction of its own follows its neighbours where they agree, else the line.
        kinds[at:end] = [before if before == after else "L"] * (end - at)
    levels = [{"L": 0, "R": 1}.get(kind, 2) for kind in kinds]
    for at in range(len(text.rstrip()), len(text)):
        levels[at] = 0
    return levels


def _weak(kinds: list[str]) -> list[str]:
    """Marks, numbers, and the signs that belong to numbers: rules W1 to W7."""
    strong = previous = "L"
    for at, own in enumerate(kinds):
        kind = previous if own == "NSM" else own
        if kind in ("L", *_LEFTWARD):
            strong = kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        kinds[at] = previous = kind
    letters = {"EN": "N", "AN": "A", "ES": "S", "CS": "C", "ET": "T"}
    signs = "".join(letters.get(kind, "-") for kind in kinds)
    signs = _SEPARATED.sub(lambda found: signs[found.start() - 1], signs)
    signs = re.sub(r"T+(?=N)|(?<=N)T+", lambda found: "N" * len(found.group()), signs)
    numbers = {"N": "EN", "A": "AN", "S": "ON", "C": "ON", "T": "ON"}
    strong = "L"
    for at, sign in enumerate(signs):
        kind = numbers.get(sign, "R" if kinds[at] == "AL" else kinds[at])
        if kind in ("L", "R"):
            strong = kind
        kinds[at] = "L" if kind == "EN" and strong == "L" else kind
    return kinds


def _side(kind: str) -> str:
    """Numbers count as read from the right where they stand beside something."""
    return "R" if kind in ("EN", "AN") else kind


def _pair_brackets(text: str, kinds: list[str]) -> None:
    """Both brackets of a pair take one direction: rule N0."""
    for opening, closing in sorted(_pairs(text, kinds)):
        inside = {_side(kind) for kind in kinds[opening + 1 : closing]}
        if "L" in inside:
            found = "L"
        elif "R" in inside:
            sides = (_side(kind) for kind in reversed(kinds[:opening]))
            found = next((side for side in sides if side in ("L", "R")), "L")
        else:
            continue
        kinds[opening] = kinds[closing] = found


def _pairs(text: str, kinds: list[str]) -> Iterator[tuple[int, int]]:
    """Places of brackets that belong together."""
    opened: list[int] = []
    for at, one in enumerate(text):
        if kinds[at] != "ON":
            continue
        if one in _OPENING.values():
            opened.append(at)
        elif one in _OPENING:
            fitting = [place for place in opened if text[place] == _OPENING[one]]
            if fitting:
                yield fitting[-1], at
                del opened[opened.index(fitting[-1]) :]


def _runs(kinds: list[str]) -> Iterator[tuple[int, int]]:
    """Stretches without a direction of their own, [begin, end)."""
    places = enumerate(kinds)
    for is_neutral, run in groupby(places, key=lambda pair: pair[1] in _NEUTRAL):
        if is_neutral:
            members = [at for at, _ in run]
            yield members[0], members[-1] + 1


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
