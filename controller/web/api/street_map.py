"""``/map``: every luminaire in few bytes, for a map of a large city.

Numbers are little endian. What the reader may not see is left out, so that the rows of all
answers to one reader agree as long as the inventory does.
"""

import asyncio
import hashlib
import struct
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel
from starlette.responses import Response

from controller.config import Coordinates
from controller.service.street_states import COLUMNS, UNKNOWN_LEVEL
from controller.service.tonight import LampState, Link
from controller.web.api.context import Context, context
from controller.web.api.replies import binary_reply, fits, json_reply
from controller.web.api.sight import Sight, sight

router = APIRouter(tags=["map"])

STATES_MAGIC: Final = b"LMS1"
_HEAD: Final = struct.Struct("<4sII")


class CodesModel(BaseModel):
    """What the bytes of ``/map/states`` mean."""

    columns: list[str]
    states: dict[str, int]
    communications: dict[str, int]
    unknown_level: int


@router.get("/map/codes")
async def codes(_: Annotated[Sight, Depends(sight)]) -> CodesModel:
    """What the bytes of ``/map/states`` mean."""
    return CodesModel(
        columns=list(COLUMNS),
        states={one.name.lower(): int(one) for one in LampState},
        communications={one.name.lower(): int(one) for one in Link},
        unknown_level=UNKNOWN_LEVEL,
    )


@router.get("/map/luminaires", response_class=Response, responses=binary_reply("Luminaires."))
async def luminaires(
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    coordinates: Coordinates = Coordinates.WGS84,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Where the luminaires stand: u32 n, i32 longitude[n] and i32 latitude[n] in 1e-7 degrees,
    u16 zone[n], a place in the list ``zones`` of ``/map/ids``."""
    etag = f'{street_etag(here, seen)[:-1]}-{coordinates}"'
    if fits(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    index = await here.street.of(here.control.site.inventory)
    longitude, latitude = index.longitude, index.latitude
    if coordinates is Coordinates.GCJ02:
        longitude, latitude = await asyncio.to_thread(lambda: index.drawn_gcj02)
    rows = seen.rows(here)
    zone_rows = seen.zone_rows(here)
    place = np.cumsum(zone_rows) - 1
    zone = place[here.control.engine.columns.zone[rows]].astype("<u2")
    body = b"".join(
        (
            struct.pack("<I", rows.size),
            longitude[rows].astype("<i4").tobytes(),
            latitude[rows].astype("<i4").tobytes(),
            zone.tobytes(),
        )
    )
    return Response(body, media_type="application/octet-stream", headers=_kept(etag))


@router.get("/map/ids", responses={304: {"description": "As the reader has it."}})
async def ids(
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Identifiers in the order of ``/map/luminaires``: {zones: [...], luminaires: [...]}."""
    etag = street_etag(here, seen)
    if fits(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    columns = here.control.engine.columns
    zones = [columns.zone_ids[row] for row in np.flatnonzero(seen.zone_rows(here)).tolist()]
    rows = seen.rows(here)

    def written() -> Response:
        names = columns.ids if seen.is_whole else tuple(columns.ids[row] for row in rows.tolist())
        return json_reply({"zones": zones, "luminaires": names}, headers=_kept(etag))

    return await asyncio.to_thread(written)


@router.get("/map/states", response_class=Response, responses=binary_reply("States."))
async def states(
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """How the luminaires stand: "LMS1", u32 version, u32 n, then five columns of n bytes each:
    state, desired, commanded and reported level (whole %, 255 where not known), communication.
    """
    found = here.states.look()
    street = street_etag(here, seen)
    etag = f'{street[:-1]}-{here.states.run}-{found.version}"'
    if fits(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag})
    columns = found.columns if seen.is_whole else found.columns[:, seen.rows(here)]
    head = _HEAD.pack(STATES_MAGIC, found.version, columns.shape[1])
    return Response(
        head + columns.tobytes(), media_type="application/octet-stream", headers=_kept(etag)
    )


def street_etag(here: Context, seen: Sight) -> str:
    """Names the inventory as far as the reader sees it."""
    inventory = here.control.site.inventory
    part = "all"
    if seen.zones is not None:
        part = hashlib.sha256("\n".join(sorted(seen.zones)).encode()).hexdigest()[:16]
    # An inventory changes by a new start of the service alone.
    return f'"{inventory.city.id}-{here.states.run}-{part}"'


def _kept(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": "private, no-cache"}
