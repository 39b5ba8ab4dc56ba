"""The base map: what is taken for one, who gets it, and the street in its coordinates."""

import struct
from pathlib import Path

import numpy as np
import pytest

from controller.config import ConsoleSettings, Coordinates
from controller.errors import ConfigurationError
from controller.service.people import Grant, Place, Role
from controller.web.base_map import BaseMap, base_map_of
from schedules import Site, demo_plan
from tests.fakes.base_maps import archive, picture_tile
from tests.fakes.console_house import a_console
from zones import demo_inventory
from zones.inventory.shifted import from_gcj02

WHOLE = archive(picture_tile((200, 0, 0)), is_vector=False)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no PMTiles archive"),
        (b"SQLite format 3\0" + b"\0" * 200, "is no PMTiles archive: it begins with b'SQLite f'"),
        (WHOLE[:100], "is no PMTiles archive"),
        (b"PMTiles\x02" + WHOLE[8:], "is PMTiles of version 2, not 3"),
    ],
)
def test_what_is_no_base_map_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"city\.pmtiles") as raised:
        base_map_of(ConsoleSettings(base_map=file))
    assert says in str(raised.value)


def test_a_base_map_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no\.pmtiles.*No such file"):
        base_map_of(ConsoleSettings(base_map=tmp_path / "no.pmtiles"))


async def test_the_archive_is_given_in_ranges_to_those_who_may_look(tmp_path: Path) -> None:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(WHOLE)
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"))
        assert (await client.get("/api/v1/map/base")).status_code == 204
        assert (await client.get("/api/v1/map/base.pmtiles")).status_code == 404
        house.here.base_map = BaseMap(file, Coordinates.GCJ02)
        told = (await client.get("/api/v1/map/base")).json()
        assert told["coordinates"] == "gcj02"
        part = await client.get(told["url"], headers={"Range": "bytes=0-126"})
        assert part.status_code == 206
        assert part.content == WHOLE[:127]
        assert "content-encoding" not in part.headers
        whole = await client.get(told["url"])
        assert whole.content == WHOLE
        refused = await client.get(told["url"], headers={"Range": "bytes=999999-"})
        assert refused.status_code == 416
        assert (await house.stranger().get(told["url"])).status_code == 401
        file.unlink()
        assert (await client.get(told["url"])).status_code == 404


async def test_the_street_is_drawn_in_the_coordinates_of_the_map(tmp_path: Path) -> None:
    inventory = demo_inventory(60, seed=1)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    async with a_console(tmp_path, site, has_book=False) as house:
        client = await house.client(Grant(Role.VIEWER))
        street = "/api/v1/map/luminaires"
        plain = await client.get(street)
        shifted = await client.get(street, params={"coordinates": "gcj02"})
        assert plain.headers["etag"] != shifted.headers["etag"]
        kept = await client.get(
            street,
            params={"coordinates": "gcj02"},
            headers={"If-None-Match": shifted.headers["etag"]},
        )
        assert kept.status_code == 304
        stands, drawn = places(plain.content), places(shifted.content)
        assert (np.abs(drawn - stands) > 1e-4).any(), "Beijing lies in the shifted country"
        back = np.array(from_gcj02(*drawn))
        assert np.abs(back - stands).max() < 3e-7
        city = (await client.get("/api/v1/city")).json()
        moved = (await client.get("/api/v1/city", params={"coordinates": "gcj02"})).json()
        outlines = 0
        for before, after in zip(city["zones"], moved["zones"], strict=True):
            for was, now in zip(
                [[before["center"]], *(before["outline"] or ())],
                [[after["center"]], *(after["outline"] or ())],
                strict=True,
            ):
                returned = np.array(from_gcj02(*np.array(now).T)).T
                assert np.abs(returned - np.array(was)).max() < 3e-7
                outlines += len(was) > 2
        assert outlines > 0
        assert (await client.get(street, params={"coordinates": "bd09"})).status_code == 422


def places(body: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Longitudes and latitudes of the answer's bytes, degrees."""
    (count,) = struct.unpack_from("<I", body)
    fixed = np.frombuffer(body, "<i4", 2 * count, 4).reshape(2, count)
    return fixed / 1e7
