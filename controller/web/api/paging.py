"""Lists in parts: ``?limit=&after=`` in, ``{items, next, total}`` out."""

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem

MOST: Final = 1000
LARGEST_NUMBER: Final = 2**53
"""Of what is numbered: what JSON carries whole."""

Limit = Annotated[int, Query(ge=1, le=MOST, description="Entries of the answer.")]
After = Annotated[
    str | None,
    Query(max_length=200, description="``next`` of the answer before; none: from the first."),
]

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: Annotated[str | None, Field(description="``after`` for what follows; null: the end.")]
    total: Annotated[int, Field(description="Entries of the whole list.")]


def page_of(
    entries: Sequence[T], name: Callable[[T], str], limit: int, after: str | None
) -> tuple[Sequence[T], str | None]:
    """The entries after the one named ``after``, and the cursor to what follows."""
    first = 0
    if after is not None:
        first = 1 + next(
            (place for place, one in enumerate(entries) if name(one) == after), len(entries)
        )
        if first > len(entries):
            raise unknown_cursor(after)
    shown = entries[first : first + limit]
    return shown, name(shown[-1]) if first + limit < len(entries) else None


def unknown_cursor(after: str) -> Problem:
    """The refusal of an ``after`` that no list gave out, or whose entry is gone."""
    return Problem(ProblemCode.CURSOR, after=after[:100])
