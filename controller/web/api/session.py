"""``/session`` and ``/setup``: coming in, going out, and who one is."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from controller.service.people import Caller, Grant, Right
from controller.service.people.passes import SESSION_S, Entered
from controller.service.people.passwords import LONGEST, SHORTEST
from controller.service.people.refusals import MustWait, NotLetIn
from controller.web.api.access import (
    address_of,
    caller,
    cookie_name,
    csrf_of,
    person,
    refuse_other_sites,
)
from controller.web.api.context import Context, context
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem

router = APIRouter(tags=["session"])

Secret = Annotated[str, Field(min_length=1, max_length=1000)]
NewPassword = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]
UserId = Annotated[str, Field(min_length=1, max_length=64)]


class Body(BaseModel):
    """A body that knows its fields: an unknown one is refused."""

    model_config = ConfigDict(extra="forbid")


class ScopeModel(BaseModel):
    """A part of the city."""

    kind: Literal["city", "district", "zone"]
    id: str | None = None


class GrantModel(BaseModel):
    """A role in a part of the city."""

    role: Literal["viewer", "operator", "planner", "maintainer", "admin"]
    scope: ScopeModel


class UserModel(BaseModel):
    """Who one is."""

    id: str
    name: str
    language: str | None


class SessionModel(BaseModel):
    """A session as its page needs to know it."""

    user: UserModel
    grants: list[GrantModel]
    rights: list[Right]
    """Held anywhere in the city; the service decides for the single zone."""
    csrf: str
    """For ``X-CSRF-Token`` on everything but reading; empty for a token."""


class Login(Body):
    """Name and password, or a one-time link's secret."""

    user: Annotated[str, Field(max_length=64)] = ""
    password: Annotated[str, Field(max_length=LONGEST)] = ""
    link: Annotated[str, Field(max_length=200)] = ""


class SetUp(Body):
    """The first admin, by the link that the service printed at its first start."""

    link: Secret
    user: UserId
    name: Annotated[str, Field(max_length=100)] = ""
    password: NewPassword


class OwnChange(Body):
    """What a user may change of their own account."""

    name: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    language: Literal["zh", "en"] | None = None


class PasswordChange(Body):
    """A new password; the old one where there is one."""

    old: Annotated[str | None, Field(max_length=LONGEST)] = None
    new: NewPassword


def grant_model(grant: Grant) -> GrantModel:
    """A grant as it is shown."""
    return GrantModel.model_validate(
        {"role": grant.role.value, "scope": {"kind": grant.place.value, "id": grant.id}}
    )


@router.get("/session")
async def who(request: Request, asking: Annotated[Caller, Depends(caller)]) -> SessionModel:
    """Who asks, what they may do, and the token for writes."""
    return _shown(asking, csrf_of(request))


@router.post("/session")
async def log_in(
    request: Request,
    response: Response,
    body: Login,
    here: Annotated[Context, Depends(context)],
) -> SessionModel:
    """Log in by password, or by a one-time link. The cookie is always a new one."""
    refuse_other_sites(request)
    directory, address = here.people.directory, address_of(request)
    before = request.cookies.get(cookie_name(is_secure=here.is_secure), "")
    try:
        if body.link:
            entered = await directory.enter(body.link, address, before)
        else:
            entered = await directory.log_in(body.user, body.password, address, before)
    except (NotLetIn, MustWait) as error:
        raise refusal(error) from None
    return _entered(response, entered, here)


@router.post("/setup")
async def set_up(
    request: Request,
    response: Response,
    body: SetUp,
    here: Annotated[Context, Depends(context)],
) -> SessionModel:
    """Make the first admin."""
    refuse_other_sites(request)
    try:
        entered = await here.people.directory.set_up(
            body.link, body.user, body.name, body.password, address_of(request)
        )
    except (NotLetIn, MustWait) as error:
        raise refusal(error) from None
    return _entered(response, entered, here)


@router.delete("/session", status_code=204)
async def log_out(
    response: Response,
    asking: Annotated[Caller, Depends(caller)],
    here: Annotated[Context, Depends(context)],
    everywhere: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> None:
    """End this session, or all of one's own."""
    await here.people.directory.log_out(asking, everywhere=everywhere)
    response.delete_cookie(
        cookie_name(is_secure=here.is_secure),
        secure=here.is_secure,
        httponly=True,
        samesite="strict",
    )


@router.patch("/session")
async def change_own(
    request: Request,
    body: OwnChange,
    asking: Annotated[Caller, Depends(person)],
    here: Annotated[Context, Depends(context)],
) -> SessionModel:
    """Change how one is called, and the language one reads."""
    directory = here.people.directory
    await directory.change_user(asking, asking.user, name=body.name, language=body.language)
    present = await directory.present(asking.user)
    assert present is not None, "a session whose user was there a moment ago"
    changed = replace(asking, name=present.name, language=present.language)
    return _shown(changed, csrf_of(request))


@router.post("/session/password", status_code=204)
async def change_password(
    body: PasswordChange,
    asking: Annotated[Caller, Depends(person)],
    here: Annotated[Context, Depends(context)],
) -> None:
    """Choose a new password; every other session of one's own ends."""
    try:
        await here.people.directory.change_password(asking, body.old, body.new)
    except (NotLetIn, MustWait) as error:
        raise refusal(error) from None


def refusal(error: NotLetIn | MustWait) -> Problem:
    """Not let in, or not yet."""
    if isinstance(error, MustWait):
        wait_s = max(1, round(error.wait_s))
        return Problem(
            ProblemCode.TOO_MANY, retry_after_s=wait_s, headers={"Retry-After": str(wait_s)}
        )
    return Problem(ProblemCode.WRONG_CREDENTIALS)


def set_session(response: Response, entered: Entered, here: Context) -> None:
    """Give the browser the cookie of a new session."""
    response.set_cookie(
        cookie_name(is_secure=here.is_secure),
        entered.secret,
        max_age=int(SESSION_S),
        path="/",
        secure=here.is_secure,
        httponly=True,
        samesite="strict",
    )


def _entered(response: Response, entered: Entered, here: Context) -> SessionModel:
    set_session(response, entered, here)
    return _shown(entered.caller, entered.csrf)


def _shown(asking: Caller, csrf: str) -> SessionModel:
    return SessionModel(
        user=UserModel(id=asking.user, name=asking.name, language=asking.language),
        grants=[grant_model(one) for one in asking.grants],
        rights=[right for right in Right if asking.has(right)],
        csrf=csrf,
    )
