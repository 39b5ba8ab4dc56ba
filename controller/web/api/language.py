"""The reader's language, by what the request says that it accepts."""

from typing import Final

from starlette.requests import HTTPConnection

from schedules import Language

DEFAULT: Final = Language.ENGLISH
"""For readers that name none, such as programs."""


def language_of(connection: HTTPConnection) -> Language:
    """Chinese or English, whichever ``Accept-Language`` prefers. Ref: RFC 9110, 12.5.4."""
    best, best_weight = DEFAULT, 0.0
    for part in connection.headers.get("accept-language", "")[:500].split(","):
        tag, _, weighed = part.partition(";")
        spoken = _SPOKEN.get(tag.strip().lower().partition("-")[0])
        weight = _weight(weighed)
        if spoken is not None and weight > best_weight:
            best, best_weight = spoken, weight
    return best


_SPOKEN: Final = {language.value: language for language in Language}


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
