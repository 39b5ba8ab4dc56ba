"""The report of an import: text for people, one JSON object for machines, CSV of rejects."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from controller.reports.cells import safe_text
from zones.inventory import Finding, ImportResult, counted

SHOWN: Final = 20
"""Rejected rows that the text report shows."""


def rejects_csv(rejects: tuple[Finding, ...]) -> bytes:
    """Every rejected row as CSV that a spreadsheet reads right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(Finding._fields)
    for reject in rejects:
        cells = (reject.column or "", reject.value, reject.reason)
        writer.writerow((reject.line, *map(safe_text, cells)))
    # With the mark, a spreadsheet reads Chinese right.
    return out.getvalue().encode("utf-8-sig")


def json_report(file: Path, result: ImportResult, *, stored: bool, dry_run: bool) -> str:
    """One JSON object with every figure, every reject and the mapping."""
    box = result.bbox
    report: dict[str, Any] = {
        "file": str(file),
        "file_format": result.file_format,
        "encoding": result.encoding,
        "rows": result.rows,
        "luminaires": len(result.luminaires),
        "rejected": len(result.rejects),
        "rejects": [reject._asdict() for reject in result.rejects],
        "corrected": len(result.corrections),
        "corrections": [correction._asdict() for correction in result.corrections],
        "total_kw": round(result.total_kw, 3),
        "assumed_power": result.assumed_power,
        "assumed_kw": round(result.assumed_kw, 3),
        "led_share": round(result.led_share, 4),
        "bbox": None if box is None else [round(edge, 7) for edge in box],
        "zones": len(result.zones),
        "districts": len(result.districts),
        "lamp_types": len(result.lamp_types),
        "mapping": {str(field): mapped.column for field, mapped in result.mapping.items()},
        "mapping_reasons": {str(field): mapped.reason for field, mapped in result.mapping.items()},
        "unmapped_columns": _unmapped(result),
        "warnings": list(result.warnings),
        "dry_run": dry_run,
        "stored": stored,
    }
    return json.dumps(report, ensure_ascii=False, indent=2)


def _unmapped(result: ImportResult) -> list[str]:
    taken = {mapped.column for mapped in result.mapping.values()}
    return [column for column in result.columns if column not in taken]


def text_report(
    file: Path, result: ImportResult, *, stored: bool, dry_run: bool, rejects_file: Path | None
) -> Iterator[str]:
    """The report line by line; the rejects cut to the first twenty."""
    yield f"{file} ({result.file_format}, {result.encoding})"
    if result.mapping:
        yield "Mapping (change with --map FIELD=COLUMN):"
        for field, mapped in result.mapping.items():
            yield f"  {field:<14} = {mapped.column!r}: {mapped.reason}"
        left = _unmapped(result)
        if left:
            yield f"  not used: {', '.join(left)}"
    for warning in result.warnings:
        yield f"Note: {warning}"
    if result.corrections:
        yield f"Corrected rows: {len(result.corrections):,}"
        yield from _findings(result.corrections, "--format json tells all")
    if result.rejects:
        yield f"Rejected rows: {len(result.rejects):,}"
        where = f"all are in {rejects_file}" if rejects_file else "--rejects FILE writes all"
        yield from _findings(result.rejects, where)
    yield f"rows         {result.rows:,}"
    yield f"luminaires   {len(result.luminaires):,} in {counted(len(result.zones), 'zone')}"
    yield f"rejected     {len(result.rejects):,}"
    assumed = (
        f", {result.assumed_kw:,.3f} kW of it assumed for "
        f"{counted(result.assumed_power, 'luminaire')}"
        if result.assumed_power
        else ""
    )
    yield f"total        {result.total_kw:,.3f} kW{assumed}"
    box = result.bbox
    if box is not None:
        yield "bounding box {:.6f}, {:.6f}, {:.6f}, {:.6f} (west, south, east, north)".format(*box)
    yield f"LED share    {result.led_share:.1%}"
    if stored:
        yield "Stored." if not result.rejects else "Stored without the rejected rows."
    elif dry_run:
        yield "Nothing was stored (dry run)."


def _findings(findings: tuple[Finding, ...], where_all: str) -> Iterator[str]:
    for each in findings[:SHOWN]:
        where = f"line {each.line}" + (f", column {each.column!r}" if each.column else "")
        yield f"  {where}: {each.value!r}: {each.reason}"
    if len(findings) > SHOWN:
        yield f"  and {len(findings) - SHOWN:,} more; {where_all}"
