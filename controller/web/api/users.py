"""``/users``, ``/sessions`` and ``/tokens``: who may come in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from controller.errors import NoSuchPerson
from controller.ports.people import PassRow
from controller.service.names import thing_said
from controller.service.people import Caller, Grant, Place, Right, Role
from controller.service.people.passes import LONGEST_TOKEN_S, Invitation
from controller.web.api.access import caller, person, require
from controller.web.api.context import Context, context
from controller.web.api.instants import utc, utc_or_none
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem, no_such
from controller.web.api.sentences import SAY
from controller.web.api.session import Body, GrantModel, UserId, grant_model
from schedules import Language

router = APIRouter(tags=["people"])

_DAY_S: Final = 86_400.0

Here = Annotated[Context, Depends(context)]
Admin = Annotated[Caller, Depends(require(Right.ADMIN, in_city=True))]
"""Users are the whole city's: an admin of a district could name one of the city."""
Grants = Annotated[list[GrantModel], Field(min_length=1, max_length=100)]
Label = Annotated[str, Field(max_length=100)]


class PersonModel(BaseModel):
    """A user."""

    id: str
    name: str
    language: str | None
    is_disabled: bool
    has_password: bool
    created_at: str
    locked_until: str | None
    grants: list[GrantModel]


class PersonList(BaseModel):
    """All users."""

    items: list[PersonModel]


class NewPerson(Body):
    """A user to invite."""

    id: UserId
    name: Label = ""
    grants: Grants


class PersonChange(Body):
    """What is to change; what is left out stays."""

    name: Label | None = None
    language: Language | None = None
    grants: Grants | None = None
    is_disabled: bool | None = None


class LinkModel(BaseModel):
    """A one-time link; shown once."""

    link: str
    """Its secret: the console takes it at ``/#/enter/SECRET``."""
    expires_at: str


class PassModel(BaseModel):
    """A session or a token, without its secret."""

    key: str
    user: str
    name: str
    address: str
    created_at: str
    seen_at: str | None
    expires_at: str
    is_own: bool
    """Whether it is the one that asks."""
    grants: list[GrantModel]
    """Of a token; a session has its user's."""


class PassList(BaseModel):
    """Sessions or tokens."""

    items: list[PassModel]


class NewToken(Body):
    """A token for a program."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    grants: Grants
    days: Annotated[float, Field(gt=0, le=LONGEST_TOKEN_S / _DAY_S)] = 365


class TokenModel(PassModel):
    """A new token, with its secret; shown once."""

    token: str


@router.get("/users")
async def users(asking: Admin, here: Here) -> PersonList:
    """All users, by identifier."""
    return PersonList(
        items=[
            PersonModel(
                id=row.id,
                name=row.name,
                language=row.language,
                is_disabled=row.is_disabled,
                has_password=row.password is not None,
                created_at=utc(row.created_at),
                locked_until=utc_or_none(await here.people.directory.locked_until(row.id)),
                grants=[grant_model(one) for one in grants],
            )
            for row, grants in await here.people.directory.users()
        ]
    )


@router.post("/users", status_code=201)
async def invite(body: NewPerson, asking: Admin, here: Here) -> LinkModel:
    """Make a user; the link lets them in once, to choose a password."""
    grants = grants_of(body.grants, here)
    return _link(await here.people.directory.invite(asking, body.id, body.name, grants))


@router.patch("/users/{user}", status_code=204)
async def change(user: str, body: PersonChange, asking: Admin, here: Here) -> None:
    """Change a user; one who is disabled is out at once."""
    with _known(user):
        await here.people.directory.change_user(
            asking,
            user,
            name=body.name,
            language=None if body.language is None else body.language.value,
            grants=None if body.grants is None else grants_of(body.grants, here),
            is_disabled=body.is_disabled,
        )


@router.delete("/users/{user}", status_code=204)
async def delete(user: str, asking: Admin, here: Here) -> None:
    """Forget a user, with sessions and tokens."""
    with _known(user):
        await here.people.directory.delete_user(asking, user)


@router.post("/users/{user}/link", status_code=201)
async def new_link(user: str, asking: Admin, here: Here) -> LinkModel:
    """A one-time link for a user who forgot the password or is locked."""
    with _known(user):
        return _link(await here.people.directory.new_link(asking, user))


@router.get("/sessions")
async def sessions(asking: Annotated[Caller, Depends(caller)], here: Here) -> PassList:
    """One's own sessions; an admin of the city sees all."""
    rows = await here.people.passes.sessions(_whose(asking))
    return PassList(items=[_shown(row, [], asking) for row in rows])


@router.delete("/sessions/{key}", status_code=204)
async def end_session(key: str, asking: Annotated[Caller, Depends(caller)], here: Here) -> None:
    """End a session of one's own; an admin of the city ends any."""
    if not await here.people.passes.end(asking, "session", key, _whose(asking)):
        raise no_such("session", key)


@router.get("/tokens")
async def tokens(asking: Annotated[Caller, Depends(caller)], here: Here) -> PassList:
    """One's own tokens; an admin of the city sees all."""
    rows = await here.people.passes.tokens(_whose(asking))
    return PassList(items=[_shown(row, grants, asking) for row, grants in rows])


@router.post("/tokens", status_code=201)
async def make_token(
    body: NewToken, asking: Annotated[Caller, Depends(person)], here: Here
) -> TokenModel:
    """A token for a program. It never exceeds what its owner may at the time it is used."""
    grants = grants_of(body.grants, here)
    secret, row = await here.people.passes.make_token(asking, body.name, grants, body.days * _DAY_S)
    return TokenModel(token=secret, **_shown(row, grants, asking).model_dump())


@router.delete("/tokens/{key}", status_code=204)
async def end_token(key: str, asking: Annotated[Caller, Depends(caller)], here: Here) -> None:
    """End a token of one's own; an admin of the city ends any."""
    if not await here.people.passes.end(asking, "token", key, _whose(asking)):
        raise no_such("token", key)


def grants_of(models: list[GrantModel], here: Context) -> list[Grant]:
    """The grants that are meant; refuses parts of the city that there are not."""
    inventory = here.control.site.inventory
    known: dict[Place, set[str | None]] = {
        Place.CITY: {None},
        Place.DISTRICT: {*inventory.district_by_id},
        Place.ZONE: {*inventory.zone_by_id},
    }
    wrong = [
        FieldProblem(
            field=f"grants.{index}.scope.id",
            value=one.scope.id,
            expected=SAY("id_of", thing=thing_said(one.scope.kind))
            if one.scope.kind != "city"
            else "null",
            detail=SAY("none_there", thing=thing_said(one.scope.kind), id=one.scope.id),
        )
        for index, one in enumerate(models)
        if one.scope.id not in known[Place(one.scope.kind)]
    ]
    if wrong:
        raise Problem(ProblemCode.INVALID, count=len(wrong), errors=wrong)
    return [Grant(Role(one.role), Place(one.scope.kind), one.scope.id) for one in models]


@contextmanager
def _known(user: str) -> Iterator[None]:
    """Answer a user whom there is not as such."""
    try:
        yield
    except NoSuchPerson:
        raise no_such("user", user) from None


def _whose(asking: Caller) -> str | None:
    return None if asking.is_citywide(Right.ADMIN) else asking.user


def _link(made: Invitation) -> LinkModel:
    return LinkModel(link=made.secret, expires_at=utc(made.expires_at))


def _shown(row: PassRow, grants: list[Grant], asking: Caller) -> PassModel:
    return PassModel(
        key=row.key,
        user=row.person,
        name=row.name,
        address=row.address,
        created_at=utc(row.created_at),
        seen_at=utc_or_none(row.seen_at),
        expires_at=utc(row.expires_at),
        is_own=row.key == asking.key,
        grants=[grant_model(one) for one in grants],
    )
