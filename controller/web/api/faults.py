"""Faults of a request in words: which field, which value, what would be right."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request

from controller.errors import (
    AlarmAcknowledged,
    ConfigurationError,
    ControllerError,
    NoSuchAlarm,
    NoSuchRevision,
    RevisionConflict,
    StoreError,
)
from controller.web.api.language import language_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem
from schedules import Language
from schedules.errors import UnknownTarget

_CODES: Final[tuple[tuple[type[Exception], ProblemCode], ...]] = (
    (StoreError, ProblemCode.STORE),
    (NoSuchRevision, ProblemCode.REFUSED),
    (NoSuchAlarm, ProblemCode.REFUSED),
    (RevisionConflict, ProblemCode.CONFLICT),
    (AlarmAcknowledged, ProblemCode.CONFLICT),
    (UnknownTarget, ProblemCode.REFUSED),
    (ConfigurationError, ProblemCode.REFUSED),
    (ControllerError, ProblemCode.REFUSED),
)


def problem_of(error: Exception) -> Problem:
    """An expected error of the service as a problem."""
    why = " ".join(str(error).split())
    code = next((code for kind, code in _CODES if isinstance(error, kind)), ProblemCode.REFUSED)
    return Problem(code, why=why)


def field_problems(request: Request, errors: Sequence[Any]) -> Problem:
    """Faults that pydantic found, in the reader's language."""
    first = errors[0] if errors else {}
    if first.get("type") == "json_invalid":
        return Problem(ProblemCode.MALFORMED, why=str(first.get("ctx", {}).get("error", "JSON")))
    language = language_of(request)
    found = [field_problem(one, language) for one in errors]
    return Problem(ProblemCode.INVALID, count=len(found), errors=found)


def field_problem(error: Mapping[str, Any], language: Language) -> FieldProblem:
    """One fault that pydantic found."""
    kind = str(error.get("type", ""))
    context = error.get("ctx") or {}
    message = str(error.get("msg", "")).removeprefix("Value error, ")
    expected = ""
    if kind in _EXPECTED:
        chinese, english = _EXPECTED[kind]
        pattern = chinese if language is Language.CHINESE else english
        try:
            expected = pattern.format(**context)
        except (KeyError, IndexError):
            expected = pattern
    if language is Language.CHINESE and expected:
        message = f"应为：{expected}"
    return FieldProblem(
        field=where(error.get("loc", ())),
        value=None if kind == "missing" else error.get("input"),
        expected=expected,
        detail=message,
    )


def where(path: Iterable[object]) -> str:
    """A place in a request as one word; the part of the request is left out."""
    parts = [str(part) for part in path]
    if len(parts) > 1 and parts[0] in {"body", "query", "path", "header", "cookie"}:
        parts = parts[1:]
    return ".".join(parts)


_EXPECTED: Final[dict[str, tuple[str, str]]] = {
    "missing": ("此项必填", "this field is required"),
    "extra_forbidden": ("没有此项，请删去", "no such field; leave it out"),
    "int_parsing": ("整数", "an integer"),
    "int_type": ("整数", "an integer"),
    "int_from_float": ("整数", "an integer"),
    "float_parsing": ("数字", "a number"),
    "float_type": ("数字", "a number"),
    "finite_number": ("有限的数字", "a finite number"),
    "bool_parsing": ("true 或 false", "true or false"),
    "bool_type": ("true 或 false", "true or false"),
    "string_type": ("文本", "text"),
    "string_too_short": ("至少 {min_length} 个字符", "at least {min_length} characters"),
    "string_too_long": ("至多 {max_length} 个字符", "at most {max_length} characters"),
    "string_pattern_mismatch": ("符合 {pattern} 的文本", "text that matches {pattern}"),
    "greater_than": ("大于 {gt}", "more than {gt}"),
    "greater_than_equal": ("不小于 {ge}", "{ge} or more"),
    "less_than": ("小于 {lt}", "less than {lt}"),
    "less_than_equal": ("不大于 {le}", "{le} or less"),
    "enum": ("以下之一：{expected}", "one of {expected}"),
    "literal_error": ("以下之一：{expected}", "one of {expected}"),
    "date_from_datetime_parsing": ("日期，如 2026-11-22", "a date, such as 2026-11-22"),
    "date_parsing": ("日期，如 2026-11-22", "a date, such as 2026-11-22"),
    "date_type": ("日期，如 2026-11-22", "a date, such as 2026-11-22"),
    "datetime_parsing": (
        "带时区的时刻，如 2026-11-22T12:00:00Z",
        "an instant with its zone, such as 2026-11-22T12:00:00Z",
    ),
    "datetime_from_date_parsing": (
        "带时区的时刻，如 2026-11-22T12:00:00Z",
        "an instant with its zone, such as 2026-11-22T12:00:00Z",
    ),
    "timezone_aware": (
        "带时区的时刻，如 2026-11-22T12:00:00Z",
        "an instant with its zone, such as 2026-11-22T12:00:00Z",
    ),
    "list_type": ("列表", "a list"),
    "too_long": ("至多 {max_length} 项", "at most {max_length} entries"),
    "too_short": ("至少 {min_length} 项", "at least {min_length} entries"),
    "dict_type": ("对象", "an object"),
    "model_type": ("对象", "an object"),
    "model_attributes_type": ("对象", "an object"),
    "json_invalid": ("JSON", "JSON"),
}
