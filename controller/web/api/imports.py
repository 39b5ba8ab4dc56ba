"""``/inventory/imports``: an inventory from a file, looked at before anything changes."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, File, Form, Path, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from controller.errors import RevisionConflict
from controller.ports.work import ImportRow
from controller.service.editing.import_reading import Coordinates, Mode, Reading
from controller.service.editing.imports import ImportHeld, NoSuchImport
from controller.service.people import Caller, Right
from controller.web.api.access import require
from controller.web.api.context import Context, context
from controller.web.api.documents import etag_of
from controller.web.api.edits import DoneModel
from controller.web.api.faults import field_problems
from controller.web.api.instants import utc
from controller.web.api.language import language_of
from controller.web.api.once import once
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem, no_such
from zones.said import Language, data_in, message_of, restored, texts_in

router = APIRouter(tags=["inventory"])

Here = Annotated[Context, Depends(context)]
Importer = Annotated[Caller, Depends(require(Right.IMPORT, in_city=True))]
Number = Annotated[int, Path(ge=1, le=2**53)]

MOST_OPTIONS: Final = 100_000
"""Characters of options and mapping."""


class OptionsModel(BaseModel):
    """How a file is to be read."""

    model_config = ConfigDict(extra="forbid")

    coordinates: Coordinates = "wgs84"
    crs: Annotated[str | None, Field(max_length=80)] = None
    mode: Mode = "merge"
    skips_rejected: bool = False
    encoding: Annotated[str | None, Field(max_length=40)] = None
    box: tuple[float, float, float, float] | None = None


class FindingModel(BaseModel):
    """Something at one place of a file."""

    row: int | None
    """Line of the file, from 1."""
    column: str | None
    value: str | None
    detail: str


class ImportModel(BaseModel):
    """What was found in a file, and what would change; nothing did."""

    id: str
    state: str
    """``read`` or ``applied``."""
    author: str
    made_at: str
    base: int
    """Revision of the documents that it was compared with."""
    revision: int | None
    ok: bool
    """Whether it can be put in force."""
    columns: dict[str, str | None]
    """For each field the column that it was read from."""
    why: dict[str, str]
    """Why that column."""
    headings: list[str]
    unused: list[str]
    file_format: str
    encoding: str
    rows: int
    luminaires: int
    errors: list[FindingModel]
    """Rows that cannot be read, a thousand at most."""
    errors_total: int
    corrections: list[FindingModel]
    warnings: list[str]
    difference: dict[str, Any] | None
    needs_approval: list[str]


@router.post(
    "/inventory/imports",
    status_code=201,
    responses={409: {"description": "Another file is being read."}},
)
async def read(
    request: Request,
    asking: Importer,
    here: Here,
    file: Annotated[UploadFile, File(description="CSV, GeoJSON, or an inventory document.")],
    options: Annotated[str, Form(max_length=MOST_OPTIONS, description="JSON.")] = "{}",
    mapping: Annotated[
        str, Form(max_length=MOST_OPTIONS, description="JSON: field to column, empty for none.")
    ] = "{}",
) -> ImportModel:
    """Read an inventory from a file: columns guessed or said, rows that are wrong, what would
    change. Archives are refused, unpack them first."""
    try:
        told = OptionsModel.model_validate_json(options)
    except ValidationError as error:
        raise field_problems([_below("options", one) for one in error.errors()]) from None
    how = Reading(**told.model_dump(), mapping=_mapping(mapping))
    data = await file.read()
    try:
        row = await here.imports.read(asking, data, how)
    except ImportHeld as error:
        raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None
    detail = {"file": file.filename, "bytes": len(data)}
    await here.people.audit.write(asking, "read inventory", str(row.number), detail=detail)
    return _model(row, language_of(request))


@router.get("/inventory/imports/{number}")
async def one(number: Number, request: Request, asking: Importer, here: Here) -> ImportModel:
    """What was found in a file before."""
    try:
        return _model(await here.imports.one(number), language_of(request))
    except NoSuchImport:
        raise _missing(number) from None


@router.post(
    "/inventory/imports/{number}/apply",
    response_model=DoneModel,
    responses={
        202: {"model": DoneModel, "description": "It waits for a second person."},
        409: {"description": "The inventory was changed meanwhile, or rows are wrong."},
    },
)
async def apply(number: Number, request: Request, asking: Importer, here: Here) -> Response:
    """Put it in force; a service whose inventory changed begins anew, and changes no lamp."""

    async def work() -> Response:
        try:
            found = await here.imports.apply(asking, number)
        except NoSuchImport:
            raise _missing(number) from None
        except (ImportHeld, RevisionConflict) as error:
            raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None
        detail = {"revision": found.revision, "approval": found.approval}
        await here.people.audit.write(asking, "import inventory", str(number), detail=detail)
        model = DoneModel(
            revision=found.revision,
            approval=found.approval,
            needs_approval=texts_in(found.reasons, language_of(request)),
        )
        return Response(
            model.model_dump_json(),
            status_code=200 if found.approval is None else 202,
            media_type="application/json",
            headers={} if found.revision is None else {"ETag": etag_of(found.revision)},
        )

    return await once(request, here, asking, work)


def _mapping(text: str) -> dict[str, str]:
    fault = FieldProblem(field="mapping", value=text, expected='{"longitude": "X", "pole": ""}')
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Problem(ProblemCode.INVALID, count=1, errors=[fault]) from None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise Problem(ProblemCode.INVALID, count=1, errors=[fault])
    return found


def _below(where: str, error: Any) -> dict[str, Any]:
    return {**error, "loc": (where, *error["loc"])}


def _missing(number: int) -> Problem:
    return no_such("import", number)


def _model(row: ImportRow, language: Language) -> ImportModel:
    return ImportModel(
        id=str(row.number),
        state=row.state,
        author=row.author,
        made_at=utc(row.made_at),
        base=row.base,
        revision=row.revision,
        **data_in(restored(json.loads(row.report)), language),
    )
