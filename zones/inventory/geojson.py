"""GeoJSON and its relatives as a table: features, lines of features, Esri features, plain objects.

Ref: RFC 7946; the ``crs`` member of the 2008 specification is still common and honoured.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from zones.errors import FileUnusable
from zones.inventory.file_sentences import SAY
from zones.inventory.result import Finding, finding
from zones.inventory.table import Progress, Table, no_progress
from zones.said import cut, message_of

GEOMETRY_X: Final = "geometry x"
GEOMETRY_Y: Final = "geometry y"
FEATURE_ID: Final = "feature id"
PROGRESS_EVERY: Final = 5_000


def looks_like_json(text: str) -> bool:
    """Whether the text begins like a JSON object or array."""
    return text.lstrip()[:1] in ("{", "[")


def parse_json(text: str) -> Any:
    """The document, or a list of documents where the text is one JSON document per line.

    Raises `FileUnusable` that names line and column.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        failure = error
    except (RecursionError, ValueError) as error:
        raise FileUnusable(SAY("unreadable_json", why=_short(error))) from error
    if failure.msg.startswith("Extra data"):
        return _parse_lines(text)
    where = SAY("json_at", line=failure.lineno, column=failure.colno)
    if failure.pos >= len(text.rstrip()) - 1 or "Unterminated" in failure.msg:
        raise FileUnusable(SAY("json_cut", where=where))
    raise FileUnusable(SAY("no_json", why=failure.msg, where=where))


class _Line(dict[str, Any]):
    """A document of one line that remembers which."""

    line: int


def _parse_lines(text: str) -> list[Any]:
    documents: list[Any] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip().lstrip("\x1e")
        if not stripped:
            continue
        try:
            document = json.loads(stripped, parse_constant=_refuse_constant)
        except (RecursionError, ValueError) as error:
            raise FileUnusable(SAY("line_no_json", line=number, why=_short(error))) from error
        if isinstance(document, dict):
            document = _Line(document)
            document.line = number
        documents.append(document)
    return documents


def read_features(document: Any, text: str, progress: Progress = no_progress) -> Table:
    """A table with a column per property, ``geometry x`` and ``geometry y``.

    Raises `FileUnusable` where the document holds no features.
    """
    crs: str | None = None
    if isinstance(document, list):
        features: list[Any] = document
        kind = "geojson" if any(_is_feature(each) for each in document) else "json"
    elif _is_feature(document):
        features, kind = [document], "geojson"
    elif isinstance(document, dict) and isinstance(document.get("features"), list):
        features, kind = document["features"], "geojson"
        crs = _crs(document)
    else:
        kind_found = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise FileUnusable(SAY("no_collection", kind=str(kind_found)[:60]))
    if not features:
        raise FileUnusable(SAY("no_features"))
    lines = [
        each.line if isinstance(each, _Line) else number for number, each in enumerate(features, 1)
    ]
    is_by_line = any(isinstance(each, _Line) for each in features)
    table = Table(columns=(), rows=[], lines=[], file_format=kind, crs=crs)
    if not is_by_line:
        table.locate = lambda ordinals: _lines_of(text, ordinals, len(features))
    records: list[dict[str, str]] = []
    columns: dict[str, None] = {}
    for count, (line, feature) in enumerate(zip(lines, features, strict=True)):
        if count % PROGRESS_EVERY == 0:
            progress("reading", count, len(features))
        record = _record(feature, line, needs_geometry=kind == "geojson")
        if isinstance(record, Finding):
            table.rejects.append(record)
            continue
        records.append(record)
        table.lines.append(line)
        columns.update(dict.fromkeys(record))
    if kind == "geojson":
        table.geometry = (GEOMETRY_X, GEOMETRY_Y)
        columns = {**dict.fromkeys(table.geometry), **columns}
    table.columns = tuple(columns)
    table.rows = [[record.get(column, "") for column in columns] for record in records]
    progress("reading", len(features), len(features))
    return table


def _is_feature(document: Any) -> bool:
    return isinstance(document, dict) and (
        document.get("type") == "Feature" or ("attributes" in document and "geometry" in document)
    )


def _record(feature: Any, line: int, *, needs_geometry: bool) -> dict[str, str] | Finding:
    if not isinstance(feature, dict):
        return finding(line, None, json.dumps(feature)[:200], SAY("no_feature"))
    if not needs_geometry:
        return {_clean(str(key)): cell_of(value) for key, value in feature.items()}
    properties = feature.get("properties", feature.get("attributes"))
    if properties is not None and not isinstance(properties, dict):
        return finding(line, "properties", cell_of(properties), SAY("no_properties"))
    record = {_clean(str(key)): cell_of(value) for key, value in (properties or {}).items()}
    point = _point(feature.get("geometry"))
    if isinstance(point, str):
        return finding(line, "geometry", cell_of(feature.get("geometry")), point)
    if feature.get("id") is not None:
        record.setdefault(FEATURE_ID, cell_of(feature["id"]))
    return {GEOMETRY_X: point[0], GEOMETRY_Y: point[1], **record}


def _point(geometry: Any) -> tuple[str, str] | str:
    """Coordinates as text, or what is wrong with the geometry."""
    if geometry is None:
        return SAY("geometry_missing")
    if not isinstance(geometry, dict):
        return SAY("no_geometry")
    if "type" not in geometry and "x" in geometry and "y" in geometry:
        coordinates: Any = [geometry["x"], geometry["y"]]
    else:
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        if kind == "MultiPoint":
            if not isinstance(coordinates, list) or len(coordinates) != 1:
                count = len(coordinates) if isinstance(coordinates, list) else 0
                return SAY("multi_point", count=count)
            coordinates = coordinates[0]
        elif kind != "Point":
            return SAY("no_point_kind", kind=str(kind)[:40])
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        return SAY("no_two")
    x, y = coordinates[:2]
    for value in (x, y):
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, (int, float, str))
        ):
            return SAY("no_number_pair")
    return cell_of(x), cell_of(y)


def cell_of(value: Any) -> str:
    """A JSON value as the text of a cell; a whole number loses its ``.0``."""
    match value:
        case None:
            return ""
        case str():
            return _clean(value)
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case int():
            return (
                str(value)
                if abs(value) < 10**30
                else f"{value:.0e}"
                if abs(value) < 10**300
                else "1e300"
            )
        case _:
            return json.dumps(value, ensure_ascii=False)[:1000]


def _clean(text: str) -> str:
    """Without what escapes can smuggle in and no file can hold: NUL and half surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _crs(document: dict[str, Any]) -> str | None:
    member = document.get("crs")
    if isinstance(member, dict):
        properties = member.get("properties")
        if isinstance(properties, dict):
            name = properties.get("name", properties.get("code"))
            if member.get("type") == "EPSG" and name is not None:
                return f"EPSG:{name}"
            return str(name) if name else None
    reference = document.get("spatialReference")
    if isinstance(reference, dict):
        code = reference.get("latestWkid", reference.get("wkid"))
        if isinstance(code, int):
            return f"EPSG:{3857 if code in (102100, 102113) else code}"
    return None


def _lines_of(text: str, ordinals: Iterable[int], count: int) -> list[int]:
    """Lines on which the features with these ordinals begin, or the ordinals themselves."""
    wanted = list(ordinals)
    decoder = json.JSONDecoder()
    for match in re.finditer(r'"features"\s*:\s*\[|\A\s*\[', text):
        starts: list[int] = []
        position = match.end()
        try:
            while len(starts) < count:
                position = _past_blanks(text, position)
                starts.append(position)
                _, position = decoder.raw_decode(text, position)
                position = _past_blanks(text, position)
                if text[position : position + 1] != ",":
                    break
                position += 1
        except (ValueError, RecursionError):
            continue
        if len(starts) == count:
            return _line_numbers(text, starts, wanted)
    return wanted


def _line_numbers(text: str, starts: list[int], wanted: list[int]) -> list[int]:
    lines: list[int] = []
    line, position = 1, 0
    for start in starts:
        line += text.count("\n", position, start)
        position = start
        lines.append(line)
    return [lines[ordinal - 1] for ordinal in wanted]


def _past_blanks(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t", "\n", "\r") and position < len(text):
        position += 1
    return position


def _refuse_constant(name: str) -> float:
    raise ValueError(SAY("constant", name=name))


def _short(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return SAY("too_deep")
    return cut(message_of(error), 200)
