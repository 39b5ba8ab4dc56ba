"""The API described: OpenAPI 3.1, with every refusal, both ways in and examples.

``python -m controller.web.api FILE`` writes it; ``docs/openapi.json`` is that.
"""

import json
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from controller.web.api.access import CSRF_HEADER, cookie_name
from controller.web.api.examples import EXAMPLES
from controller.web.api.problem_words import WORDS, ProblemCode
from controller.web.api.problems import MEDIA_TYPE, ProblemBody
from schedules import Language

_TAGS: Final = {
    "session": "Coming in, going out, and who one is.",
    "people": "Users, grants, sessions, tokens; approvals by a second person; the audit log.",
    "city": "What stands in the city.",
    "tonight": "How the street stands.",
    "events": "What changes, told as it does.",
    "map": "Every luminaire in few bytes.",
    "luminaires": "Luminaires by what is known of them.",
    "schedules": "What zones will do, and why.",
    "energy": "Figures, ladder, targets and reports.",
    "alarms": "What is wrong now, and what was.",
    "documents": "What is in force, as it is written, and what was.",
    "edits": "Putting documents in force: weighed first, proved, one revision each.",
    "rollouts": "An edit in stages, one district first.",
    "overrides": "Stepping in for a while.",
    "work orders": "Who goes out to repair what.",
    "inventory": "Taking an inventory from a file.",
}
_DESCRIPTION: Final = """\
Everything that the console of Lamplighter does goes through this API. It is served by the
controller itself; `docs/api.md` tells how to use it.

Instants are ISO 8601 in UTC, control days (noon to noon, local) ISO dates, levels % of rated
light output, energies joules where a name ends in `_j`. Refusals are `application/problem+json`
(RFC 9457) in Chinese or English by `Accept-Language`; they name field, value and what would be
right. Lists answer `{items, next, total}` to `limit` and `after`. Who asks sees the part of the
city that his grants cover; what lies outside is answered as if it were not there.
"""
OPEN: Final = frozenset(
    {
        ("/api/v1/session", "post"),
        ("/api/v1/setup", "post"),
        ("/api/v1/oidc", "get"),
        ("/api/v1/oidc/start", "get"),
        ("/api/v1/oidc/callback", "get"),
    }
)
"""Operations for those who are not in yet."""

_PROBLEM: Final = "#/components/schemas/Problem"


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app's routes; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version="3.1.0",
            description=_DESCRIPTION,
            routes=app.routes,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        )
        used = {tag for _, _, one in _operations(made) for tag in one.get("tags", ())}
        made["tags"] = [{"name": tag, "description": _TAGS.get(tag, "")} for tag in sorted(used)]
        components = made.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _add_problem(schemas)
        components["securitySchemes"] = _ways_in()
        for path, method, operation in _operations(made):
            _complete(path, method, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _operations(made: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in made["paths"].items()
        for method, operation in methods.items()
    ]


def _add_problem(schemas: dict[str, Any]) -> None:
    made = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= made.pop("$defs")
    schemas["Problem"] = {**made, "title": "Problem"}


def _ways_in() -> dict[str, Any]:
    return {
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie_name(is_secure=True),
            "description": "Of `POST /session`; without TLS its name is "
            f"`{cookie_name(is_secure=False)}`. Writes also carry `{CSRF_HEADER}`, "
            "the `csrf` of `GET /session`.",
        },
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of `POST /tokens`, for programs.",
        },
    }


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Refusals, ways in and an example of one operation."""
    is_open = (path, method) in OPEN
    operation["security"] = [] if is_open else [{"session": []}, {"token": []}]
    answers: dict[str, Any] = operation["responses"]
    # The framework's own description of a refusal is not what this API answers.
    is_checked = answers.pop("422", None) is not None
    codes = [
        ProblemCode.NOT_LOGGED_IN,
        ProblemCode.FORBIDDEN,
        ProblemCode.TOO_MANY,
        ProblemCode.INTERNAL,
        ProblemCode.STORE,
        ProblemCode.MALFORMED,
    ]
    if is_checked:
        codes.append(ProblemCode.INVALID)
    if "{" in path or "district" in json.dumps(operation.get("parameters", [])):
        codes.append(ProblemCode.NOT_FOUND)
    if "requestBody" in operation:
        codes += [
            ProblemCode.BODY_TOO_LARGE,
            ProblemCode.UNSUPPORTED_MEDIA,
            ProblemCode.CONFLICT,
            ProblemCode.INVALID,
        ]
    if method != "get":
        codes.append(ProblemCode.CONFLICT)
    for code in codes:
        answers.setdefault(str(WORDS[code].status), _refusal(code))
    for status, answer in answers.items():
        if int(status) >= 400:
            # Declared by its route in words alone.
            answer.setdefault("content", {MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}})
    example = EXAMPLES.get((method, path.removeprefix("/api/v1")))
    if example is not None:
        for content in answers.get("200", {}).get("content", {}).values():
            content["example"] = example


def _refusal(code: ProblemCode) -> dict[str, Any]:
    title, sentence = WORDS[code].of(Language.ENGLISH)
    return {
        "description": title,
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": _PROBLEM},
                "example": {
                    "type": f"urn:lamplighter:problem:{code.value}",
                    "title": title,
                    "status": WORDS[code].status,
                    "detail": sentence,
                    "errors": [],
                },
            }
        },
    }
