"""The luminaires of one zone as metrics, for those who ask for them: four series each."""

import asyncio
from typing import Final

import numpy as np
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import PlainTextResponse, Response

from controller.engine.account_meters import JOULES_PER_WH
from controller.engine.columns import Floats
from controller.service.control import Control
from controller.web.exposition import Family, Kind, Sample, labelled, written

MOST: Final = 2000
"""Luminaires of a page."""

_TEXTS: Final[dict[str, tuple[Kind, str]]] = {
    "streetlight_luminaire_up": ("gauge", "1 while neither it nor its gateway said offline."),
    "streetlight_luminaire_fault": ("gauge", "1 where its last state named a fault."),
    "streetlight_luminaire_level_ratio": (
        "gauge",
        "Reported dimming level; absent where none was ever reported.",
    ),
    "streetlight_luminaire_meter_energy_joules_total": (
        "counter",
        "Its own meter by the last reading that was believed; absent where it has none.",
    ),
}


async def luminaires_of_zone(control: Control, zone: str | None, *, is_on: bool) -> Response:
    """The page of a zone, or why there is none."""
    columns = control.engine.columns
    if not is_on:
        return _refused(404, "luminaires are not shown: set luminaires = true under [web]")
    if not zone:
        return _refused(400, "give a zone, such as /metrics/luminaires?zone=ZONE")
    place = columns.zone_row_of.get(zone)
    if place is None:
        return _refused(404, f"zone {zone[:100]!r} is not in the inventory")
    rows = np.flatnonzero(columns.zone == place)
    if rows.size > MOST:
        return _refused(
            400,
            f"zone {zone!r} has {rows.size} luminaires; at most {MOST} are shown, "
            "ask the store for more",
        )
    ids = [columns.ids[row] for row in rows.tolist()]
    figures = (
        columns.is_reachable[rows].astype(np.float64),
        columns.is_faulty[rows].astype(np.float64),
        columns.reported[rows] / 100,
        control.engine.account.rows.meter_wh[rows] * JOULES_PER_WH,
    )
    district = control.site.inventory.zone_by_id[zone].district
    body = await asyncio.to_thread(_page, district, zone, ids, figures)
    return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _page(district: str, zone: str, ids: list[str], figures: tuple[Floats, ...]) -> bytes:
    labels = [labelled(district=district, zone=zone, luminaire=name) for name in ids]
    return written(
        Family(
            name,
            kind,
            text,
            [
                Sample(here, value)
                for here, value in zip(labels, column.tolist(), strict=True)
                if value == value  # NaN: nothing is known
            ],
        )
        for (name, (kind, text)), column in zip(_TEXTS.items(), figures, strict=True)
    )


def _refused(code: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status_code=code)
