"""``/documents`` and ``/revisions``: what is in force, as it is written, and what was."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from controller.ports.store import Revision
from controller.service.editing.keys import OWNERS, keyed
from controller.web.api.context import Context, context
from controller.web.api.instants import utc
from controller.web.api.language import language_of
from controller.web.api.paging import After, Limit, Page, page_of
from controller.web.api.problems import no_such
from controller.web.api.replies import fits, json_reply
from controller.web.api.sight import Sight, sight
from controller.web.api.visible import concerns
from schedules import Assignment, Layer, Plan, Selector, Site
from schedules import Limit as LevelLimit
from schedules.files.layout import settings_of
from zones import Cabinet, Document, Gateway, Inventory, Luminaire, Zone
from zones.said import Language, text_in

router = APIRouter(tags=["documents"])

_SETTINGS: Final = settings_of(Plan)


class DocumentsModel(BaseModel):
    """What there is."""

    revision: int
    kinds: dict[str, int]
    """Documents of each kind that the reader may see."""
    settings: dict[str, JsonValue]
    """What the plan says once for all."""


class RevisionModel(BaseModel):
    """One state of the documents, kept for ever."""

    number: int
    saved_at: str
    author: str
    comment: str
    inventory: int | None
    plan: int | None
    restores: int | None
    """The revision whose content was brought back."""


@router.get("/documents")
async def kinds(
    response: Response,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
) -> DocumentsModel:
    """Kinds of documents with their number, and what the plan says once for all."""
    site, revision = here.control.site, await here.revision()
    response.headers["ETag"] = etag_of(revision)

    def counted() -> DocumentsModel:
        settings = site.plan.model_dump(mode="json", include=set(_SETTINGS))
        found = {kind: len(documents_of(here, site, seen, kind)) for kind in OWNERS}
        return DocumentsModel(revision=revision, kinds=found, settings=settings)

    return await asyncio.to_thread(counted)


@router.get("/documents/{kind}", response_model=Page[dict[str, JsonValue]])
async def documents(
    kind: str,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    limit: Limit = 100,
    after: After = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Documents of a kind, as they are written. The ETag is that of the revision in force."""
    site, revision = here.control.site, await here.revision()
    if fits(if_none_match, etag_of(revision)):
        return Response(status_code=304, headers={"ETag": etag_of(revision)})

    def written() -> Response:
        found = documents_of(here, site, seen, kind)
        keys = list(found)
        shown, following = page_of(keys, str, limit, after)
        return json_reply(
            {
                "items": [found[key].model_dump(mode="json") for key in shown],
                "next": following,
                "total": len(keys),
            },
            headers={"ETag": etag_of(revision), "Cache-Control": "private, no-cache"},
        )

    return await asyncio.to_thread(written)


@router.get("/documents/{kind}/{key}", response_model=dict[str, JsonValue])
async def document(
    kind: str,
    key: str,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """One document, as it is written."""
    site, revision = here.control.site, await here.revision()
    found = (await asyncio.to_thread(documents_of, here, site, seen, kind)).get(key)
    if found is None:
        raise no_such(kind, key)
    if fits(if_none_match, etag_of(revision)):
        return Response(status_code=304, headers={"ETag": etag_of(revision)})
    return json_reply(
        found.model_dump(mode="json"),
        headers={"ETag": etag_of(revision), "Cache-Control": "private, no-cache"},
    )


def etag_of(revision: int) -> str:
    """The ETag of documents."""
    return f'"r{revision}"'


def documents_of(here: Context, site: Site, seen: Sight, kind: str) -> dict[str, Document]:
    """Documents of a kind that a reader may see, by their keys; raises for no kind at all."""
    owner = OWNERS.get(kind)
    if owner is None:
        raise no_such("kind", kind)
    whole = site.inventory if owner is Inventory else site.plan
    is_visible = _visibility(here, site, seen)
    # Keys are those of the whole: what one may not see has its number all the same.
    return {key: one for key, one in keyed(getattr(whole, kind)).items() if is_visible(one)}


def _visibility(here: Context, site: Site, seen: Sight) -> Callable[[Document], bool]:
    """Whether a reader may see a document: what is about others' zones alone is left out."""
    if seen.is_whole:
        return lambda _: True
    inventory, districts = site.inventory, seen.districts(here)
    cabinets = {one.id for one in inventory.cabinets if one.district in districts}

    def is_visible(one: Document) -> bool:
        match one:
            case Assignment(layer=layer, target=target) | LevelLimit(layer=layer, target=target):
                match layer:
                    case Layer.DISTRICT:
                        return target in districts
                    case Layer.ZONE:
                        return seen.has(target)
                    case Layer.LUMINAIRE:
                        return seen.has(inventory.luminaire_by_id[target].zone)
                    case _:
                        return True
            case Zone(id=zone) | Luminaire(zone=zone):
                return seen.has(zone)
            case Cabinet(district=district):
                return district in districts
            case Gateway(cabinet=cabinet):
                return cabinet in cabinets
            case _:
                return _names_visible(one)

    def _names_visible(one: Document) -> bool:
        """By what it names, whatever it is."""
        selector: Selector | None = getattr(one, "selector", None)
        district: str | None = getattr(one, "district", None)
        cabinet: str | None = getattr(one, "cabinet", None)
        return (
            (selector is None or concerns(here, seen, selector))
            and (district is None or district in districts)
            and (cabinet is None or cabinet in cabinets)
        )

    return is_visible


@router.get("/revisions")
async def revisions(
    request: Request,
    here: Annotated[Context, Depends(context)],
    _: Annotated[Sight, Depends(sight)],
    limit: Limit = 100,
    after: After = None,
) -> Page[RevisionModel]:
    """States of the documents, the newest first."""
    found = list(reversed(await asyncio.to_thread(here.store.revisions)))
    shown, following = page_of(found, lambda one: str(one.number), limit, after)
    return Page(
        items=[revision_model(one, language_of(request)) for one in shown],
        next=following,
        total=len(found),
    )


@router.get("/revisions/{number}")
async def revision(
    number: int,
    request: Request,
    here: Annotated[Context, Depends(context)],
    _: Annotated[Sight, Depends(sight)],
) -> RevisionModel:
    """One state of the documents."""
    for one in await asyncio.to_thread(here.store.revisions):
        if one.number == number:
            return revision_model(one, language_of(request))
    raise no_such("revision", number)


def revision_model(one: Revision, language: Language) -> RevisionModel:
    """A revision as data."""
    return RevisionModel(
        number=one.number,
        saved_at=utc(one.saved_at),
        author=one.author,
        comment=text_in(one.comment, language),
        inventory=one.inventory,
        plan=one.plan,
        restores=one.restores,
    )
