"""Faults of a request in words: which field, which value, what would be right."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from controller.errors import (
    AlarmAcknowledged,
    ConfigurationError,
    ControllerError,
    NoSuchAlarm,
    NoSuchRevision,
    RevisionConflict,
    StoreError,
)
from controller.service.field_words import detail_of, expected_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem
from controller.web.api.sentences import SAY
from schedules.errors import UnknownTarget
from zones.said import message_of

_TAKE_SECRETS: Final = ("/session", "/session/password", "/setup", "/oidc/callback")
"""Ends of the paths whose requests hold secrets: none of what they brought is said again."""

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
    why = message_of(error)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), ProblemCode.REFUSED)
    return Problem(code, why=why)


def field_problems(errors: Sequence[Any], path: str = "") -> Problem:
    """Faults that pydantic found in a request to a path, in the reader's language."""
    first = errors[0] if errors else {}
    if first.get("type") == "json_invalid":
        return Problem(ProblemCode.MALFORMED, why=str(first.get("ctx", {}).get("error", "JSON")))
    found = [field_problem(one) for one in errors]
    if path.endswith(_TAKE_SECRETS):
        # What was typed may be a password, also where none belongs.
        found = [one.model_copy(update={"value": None}) for one in found]
    return Problem(ProblemCode.INVALID, count=len(found), errors=found)


def field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """One fault that pydantic found."""
    if error.get("type") == "model_attributes_type" and isinstance(error.get("input"), bytes):
        # Nobody read it as JSON, as nobody said that it is.
        said = SAY("not_said_json")
        return FieldProblem(field="body", value=error["input"], expected=said, detail=said)
    return FieldProblem(
        field=where(error.get("loc", ())),
        value=None if error.get("type") == "missing" else error.get("input"),
        expected=expected_of(error),
        detail=detail_of(error),
    )


def where(path: Iterable[object]) -> str:
    """A place in a request as one word; the part of the request is left out."""
    parts = [str(part) for part in path]
    if len(parts) > 1 and parts[0] in {"body", "query", "path", "header", "cookie"}:
        parts = parts[1:]
    return ".".join(parts)
