"""``/oidc``: coming in by the city's own directory, where one is named in the settings."""

import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.ports.sign_in import NotVouchedFor, SignIn
from controller.service.people.refusals import MustWait, NotLetIn
from controller.web.api.access import address_of, cookie_name
from controller.web.api.context import Context, context
from controller.web.api.pending import LASTS_S
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem, no_such
from controller.web.api.session import refusal, set_session

router = APIRouter(tags=["session"])

COOKIE: Final = "lamplighter-oidc"

_NOBODY: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "Nobody vouches for people here."}
}

Here = Annotated[Context, Depends(context)]


class ProviderModel(BaseModel):
    """Who vouches for people."""

    name: str
    start: str
    """Where a browser goes."""


@router.get("/oidc", response_model=ProviderModel, responses={204: {"description": "Nobody does."}})
async def provider(here: Here) -> ProviderModel | Response:
    """Who vouches for people."""
    if here.sign_in is None:
        return Response(status_code=204)
    return ProviderModel(name=here.sign_in.name, start="/api/v1/oidc/start")


@router.get("/oidc/start", status_code=303, response_class=RedirectResponse, responses=_NOBODY)
async def start(request: Request, here: Here) -> RedirectResponse:
    """Send the browser to the provider."""
    try:
        begun = await _provider(here).begin()
    except NotVouchedFor as error:
        raise Problem(ProblemCode.NOT_READY, why=str(error)) from None
    here.sign_ins.add(begun)
    answer = RedirectResponse(begun.url, status_code=303)
    answer.set_cookie(
        COOKIE,
        begun.state,
        max_age=LASTS_S,
        path="/api/v1/oidc",
        secure=here.is_secure,
        httponly=True,
        samesite="lax",  # it comes back by a link of the provider's page
    )
    return answer


@router.get("/oidc/callback", status_code=303, response_class=RedirectResponse, responses=_NOBODY)
async def callback(
    request: Request,
    here: Here,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> RedirectResponse:
    """Take the browser back in, where the provider vouches for a user whom we know."""
    sign_in, address = _provider(here), address_of(request)
    ours = request.cookies.get(COOKIE, "")
    begun = here.sign_ins.take(state)
    is_theirs = hmac.compare_digest(ours.encode(), state.encode())
    before = request.cookies.get(cookie_name(is_secure=here.is_secure), "")
    directory = here.people.directory
    try:
        if begun is None or not code or not is_theirs:
            await directory.refuse_known(address, "no sign-in that this browser began")
        try:
            user = await sign_in.finish(begun, code)
        except NotVouchedFor as error:
            await directory.refuse_known(address, str(error))
        entered = await directory.enter_known(user, address, before)
    except (NotLetIn, MustWait) as error:
        raise refusal(error) from None
    answer = RedirectResponse("/", status_code=303)
    set_session(answer, entered, here)
    answer.delete_cookie(COOKIE, path="/api/v1/oidc")
    return answer


def _provider(here: Context) -> SignIn:
    if here.sign_in is None:
        raise no_such("provider", "oidc")
    return here.sign_in
