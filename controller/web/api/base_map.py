"""``/map/base``: the operator's own base map, as a whole or in the ranges that a map asks for."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import FileResponse, Response

from controller.config import Coordinates
from controller.web.api.context import Context, context
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem
from controller.web.api.sight import Sight, sight

router = APIRouter(tags=["map"])

MEDIA_TYPE: Final = "application/vnd.pmtiles"


class BaseMapModel(BaseModel):
    """A base map."""

    coordinates: Coordinates
    """To draw the street on it, ask for ``coordinates`` of ``/map/luminaires`` and ``/city``."""
    url: str


@router.get(
    "/map/base", response_model=BaseMapModel, responses={204: {"description": "There is none."}}
)
async def base(
    here: Annotated[Context, Depends(context)], _: Annotated[Sight, Depends(sight)]
) -> BaseMapModel | Response:
    """The base map that the settings name, if any."""
    if here.base_map is None:
        return Response(status_code=204)
    return BaseMapModel(coordinates=here.base_map.coordinates, url="/api/v1/map/base.pmtiles")


@router.get(
    "/map/base.pmtiles",
    response_class=Response,
    responses={
        200: {"description": "The archive.", "content": {MEDIA_TYPE: {}}},
        206: {"description": "The range that was asked for.", "content": {MEDIA_TYPE: {}}},
        404: {"description": "There is none."},
        416: {"description": "No such range."},
    },
)
async def archive(
    here: Annotated[Context, Depends(context)], _: Annotated[Sight, Depends(sight)]
) -> Response:
    """The base map's file; a ``Range`` of it."""
    if here.base_map is None or not here.base_map.path.is_file():
        raise Problem(ProblemCode.NOT_FOUND, kind="base map", id="base.pmtiles")
    return FileResponse(
        here.base_map.path,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "private, max-age=3600"},
    )
