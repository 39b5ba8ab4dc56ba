"""Who asks, as a dependency of routes: by session cookie or bearer token."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from controller.service.names import right_said
from controller.service.people import Caller, Right
from controller.web.api.context import Context, context
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER: Final = "x-csrf-token"


def cookie_name(*, is_secure: bool) -> str:
    """Under TLS the prefix keeps neighbours under the same name from planting one.

    Ref: RFC 6265bis 4.1.3.2.
    """
    return "__Host-lamplighter" if is_secure else "lamplighter"


async def caller(request: Request, here: Annotated[Context, Depends(context)]) -> Caller:
    """Who asks; refuses those that nobody knows, and unconfirmed writes of a browser."""
    found, csrf = await known(request, here)
    request.state.csrf = csrf or ""
    if found is None:
        raise Problem(ProblemCode.NOT_LOGGED_IN, headers={"WWW-Authenticate": "Bearer"})
    request.state.caller = found
    if csrf is not None and request.method not in _SAFE:
        refuse_other_sites(request)
        given = request.headers.get(CSRF_HEADER, "").encode()
        if not hmac.compare_digest(given, csrf.encode()):
            raise Problem(ProblemCode.CSRF)
    return found


async def person(asking: Annotated[Caller, Depends(caller)]) -> Caller:
    """Who asks, by a session: programs neither choose passwords nor make tokens."""
    if asking.via != "session":
        raise Problem(ProblemCode.FORBIDDEN, right=right_said("session"))
    return asking


def require(right: Right, *, in_city: bool = False) -> Callable[..., Awaitable[Caller]]:
    """A dependency that also refuses callers without a right anywhere in the city.

    With ``in_city`` they must have it in the whole city.
    """

    async def permitted(asking: Annotated[Caller, Depends(caller)]) -> Caller:
        if not (asking.is_citywide(right) if in_city else asking.has(right)):
            raise Problem(ProblemCode.FORBIDDEN, right=right_said(right.value))
        return asking

    permitted.right = right  # type: ignore[attr-defined]  # for the permission table
    return permitted


def refuse_outside(asking: Caller, right: Right, here: Context, zones: set[str]) -> None:
    """Refuse to act in zones where the caller has no such right."""
    if not asking.may(right, here.control.site.inventory, zones):
        raise Problem(ProblemCode.FORBIDDEN, right=right_said(right.value))


def refuse_other_sites(request: Request) -> None:
    """Refuse what a page of another site made a browser send, also before there is a session.

    Programs do not say where they come from. Ref: W3C Fetch Metadata; RFC 6454 (Origin).
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if not is_ours:
        raise Problem(ProblemCode.CSRF)


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client is not None else ""


def csrf_of(request: Request) -> str:
    """The token for writes of a request that `caller` looked at; empty for a program's."""
    found: str = request.state.csrf
    return found


async def known(request: Request, here: Context) -> tuple[Caller | None, str | None]:
    """Who asks, and the CSRF token that a browser must bring along; None for programs."""
    scheme, _, brought = request.headers.get("authorization", "").partition(" ")
    address = address_of(request)
    if scheme.lower() == "bearer":
        return await here.people.passes.caller_of_token(brought.strip(), address), None
    secret = request.cookies.get(cookie_name(is_secure=here.is_secure))
    if secret is None:
        return None, None
    entered = await here.people.passes.caller_of_session(secret, address)
    return (None, None) if entered is None else (entered.caller, entered.csrf)
