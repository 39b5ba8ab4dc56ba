"""Refusals as ``application/problem+json``: what, where, which value, and what would be right.

Every problem has its words in Chinese and in English. Ref: RFC 9457.
"""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, SkipValidation
from starlette.requests import Request
from starlette.responses import Response

from controller.service.names import thing_said
from controller.web.api.language import language_of
from controller.web.api.problem_words import WORDS, ProblemCode
from schedules import Language
from zones.said import data_in, text_in

MEDIA_TYPE: Final = "application/problem+json"
REFUSED_FOR: Final = "lamplighter.problem"
"""Where a request's scope says what it was refused for, and the right that was missing."""
_LONGEST_VALUE: Final = 200


class FieldProblem(BaseModel):
    """One field that is wrong. Its texts may be `Said`, until it is told."""

    field: Annotated[str, Field(description="Where: a path into the body, or a parameter.")]
    value: Annotated[Any, Field(description="What was given; long values are shortened.")] = None
    expected: Annotated[str, SkipValidation, Field(description="What would be right.")] = ""
    detail: Annotated[str, SkipValidation, Field(description="What is wrong, one line.")] = ""

    def told(self, language: Language) -> "FieldProblem":
        """As it is answered: in a language, with a value that fits."""
        return FieldProblem(
            field=self.field,
            value=shortened(self.value),
            expected=text_in(self.expected, language),
            detail=text_in(self.detail, language),
        )


class ProblemBody(BaseModel):
    """A refusal. Ref: RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class Problem(Exception):
    """Ends a request with a refusal; ``params`` fill the sentence of its code.

    ``extra`` are further members of the body, ``headers`` go with the answer.
    """

    def __init__(
        self,
        code: ProblemCode,
        *,
        errors: Sequence[FieldProblem] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: object,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.params = params

    def body(self, language: Language) -> dict[str, Any]:
        """The members of the answer."""
        words = WORDS[self.code]
        title, sentence = words.of(language)
        found = ProblemBody(
            type=f"urn:lamplighter:problem:{self.code.value}",
            title=title,
            status=words.status,
            detail=sentence.format(**data_in(self.params, language)),
            errors=[one.told(language) for one in self.errors],
        )
        return {**found.model_dump(mode="json"), **self.extra}


def no_such(kind: str, name: object) -> Problem:
    """There is none of that name, or it is not for this reader's eyes."""
    return Problem(ProblemCode.NOT_FOUND, kind=thing_said(kind), id=name)


def shortened(value: Any) -> Any:
    """A value that fits into an answer."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def problem_response(request: Request, problem: Problem) -> Response:
    """The answer, in the reader's language."""
    language = language_of(request)
    request.scope[REFUSED_FOR] = problem.code.value, problem.params.get("right")
    body = json.dumps(problem.body(language), ensure_ascii=False, allow_nan=False, default=str)
    return Response(
        body.encode("utf-8", "replace"),  # what was given may hold what no text has: half a pair
        status_code=WORDS[problem.code].status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language.value, "Vary": "Accept-Language", **problem.headers},
    )
