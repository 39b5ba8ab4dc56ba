"""An inventory from a file, over the API."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from controller.errors import RevisionConflict
from controller.service.editing.imports import KEPT
from controller.service.people import Grant, Place, Role
from controller.service.people.caller import local_caller
from schedules import Layer, Limit, Site
from tests.fakes.console_house import a_console
from tests.fakes.small_city import small_inventory, small_site
from zones import Inventory
from zones.inventory.shifted import to_gcj02

API = "/api/v1"
MAINTAINER = Grant(Role.MAINTAINER)
HEADER = "id,longitude,latitude,wattage,technology,district,street\n"


def lamps(count: int, *, at: tuple[float, float] = (116.4, 39.9)) -> str:
    rows = "".join(
        f"N{n},{at[0]:.8f},{at[1] + n * 1e-5:.8f},100,LED,区,新路\n" for n in range(count)
    )
    return HEADER + rows


async def upload(
    client: httpx.AsyncClient, data: str | bytes, mapping: object = None, **options: Any
) -> httpx.Response:
    body = {"options": json.dumps(options), "mapping": json.dumps(mapping or {})}
    return await client.post(
        f"{API}/inventory/imports", data=body, files={"file": ("lamps.csv", data)}
    )


def stored(house: Any) -> Inventory:
    found = house.here.store.load_site()
    inventory: Inventory = found.inventory
    return inventory


async def test_a_file_is_looked_at_and_then_put_in_force(tmp_path: Path) -> None:
    restarts: list[int] = []
    async with a_console(tmp_path, restart=lambda: restarts.append(1)) as house:
        client = await house.client(MAINTAINER)
        looked = await upload(client, lamps(3))
        assert stored(house) == small_inventory()
        where = f"{API}/inventory/imports/{looked.json()['id']}"
        again = await client.get(where)
        done = await client.post(f"{where}/apply", json={})
        repeated = await client.post(f"{where}/apply", json={})
        after = stored(house)
        state = (await client.get(where)).json()["state"]
    found = looked.json()
    assert (looked.status_code, found["ok"], found["rows"]) == (201, True, 3)
    assert again.json() == found
    assert (found["columns"]["id"], found["columns"]["gateway"]) == ("id", None)
    assert found["headings"] == HEADER.strip().split(",")
    assert found["difference"]["luminaires"] == 3
    assert done.json()["revision"] == repeated.json()["revision"] == 2
    assert len(after.luminaires) == 7
    assert after.city == small_inventory().city
    assert (state, restarts) == ("applied", [1])


async def test_wrong_rows_are_listed_and_nothing_is_half_imported(tmp_path: Path) -> None:
    async with a_console(tmp_path, restart=lambda: None) as house:
        client = await house.client(MAINTAINER)
        data = lamps(3) + "N9,east,39.9,100,LED,区,新路\n"
        looked = await upload(client, data)
        where = f"{API}/inventory/imports/{looked.json()['id']}"
        refused = await client.post(f"{where}/apply", json={})
        assert stored(house) == small_inventory()
        skipping = (await upload(client, data, skips_rejected=True)).json()
        done = await client.post(f"{API}/inventory/imports/{skipping['id']}/apply", json={})
        assert len(stored(house).luminaires) == 7
    found = looked.json()
    assert (found["ok"], found["errors_total"]) == (False, 1)
    (error,) = found["errors"]
    assert (error["row"], error["column"], error["value"]) == (5, "longitude", "east")
    assert refused.status_code == 409
    assert (skipping["ok"], done.status_code) == (True, 200)


async def test_what_the_plan_names_cannot_be_replaced_away(tmp_path: Path) -> None:
    site = small_site()
    limits = (Limit(layer=Layer.ZONE, target="b", floor=20),)
    held_by = Site(inventory=site.inventory, plan=site.plan.model_copy(update={"limits": limits}))
    async with a_console(tmp_path / "free", site) as house:
        free = (await upload(await house.client(MAINTAINER), lamps(2), mode="replace")).json()
    async with a_console(tmp_path / "held", held_by) as house:
        client = await house.client(MAINTAINER)
        held = (await upload(client, lamps(2), mode="replace")).json()
        nothing = await upload(client, HEADER)
    assert free["ok"]
    assert free["difference"]["luminaires"] == 6
    assert (held["ok"], held["difference"]) == (False, None)
    assert "the plan does not fit it" in held["errors"][0]["detail"]
    assert "'b'" in held["errors"][0]["detail"]
    assert nothing.status_code == 422


async def test_a_mapping_is_taken_as_it_is_said(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(MAINTAINER)
        data = "a,b,c,d\nX1,116.4,39.9,70\nX2,116.4,39.901,70\n"
        said = {"id": "a", "longitude": "b", "latitude": "c", "wattage": "d"}
        found = (await upload(client, data, said)).json()
        bare = (await upload(client, "a,b,c\nX1,mast,70\n", {"wattage": "c"})).json()
        unknown = await upload(client, data, {"longitude": "q"})
        odd = await upload(client, data, ["longitude"])
        strange = await upload(client, data, coordinates="mars")
    assert (found["ok"], found["luminaires"], found["columns"]["wattage"]) == (True, 2, "d")
    assert (bare["ok"], bare["headings"]) == (False, ["a", "b", "c"])
    assert (bare["columns"]["wattage"], bare["columns"]["longitude"]) == ("c", None)
    assert "no column for longitude" in bare["errors"][0]["detail"]
    assert unknown.status_code == 422
    assert "'q'" in unknown.json()["detail"]
    assert odd.json()["errors"][0]["field"] == "mapping"
    assert strange.json()["errors"][0]["field"] == "options.coordinates"


async def test_shifted_coordinates_are_kept_as_wgs_84(tmp_path: Path) -> None:
    x, y = to_gcj02(np.array([116.4]), np.array([39.9]))
    async with a_console(tmp_path, restart=lambda: None) as house:
        client = await house.client(MAINTAINER)
        data = lamps(1, at=(float(x[0]), float(y[0])))
        found = (await upload(client, data, coordinates="gcj02")).json()
        await client.post(f"{API}/inventory/imports/{found['id']}/apply", json={})
        new = next(one for one in stored(house).luminaires if one.id.startswith("N"))
    assert (new.longitude, new.latitude) == pytest.approx((116.4, 39.9), abs=1e-7)


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lamps.csv", data)
    return out.getvalue()


@pytest.mark.parametrize("packed", [zipped, gzip.compress])
async def test_archives_are_not_opened(tmp_path: Path, packed: Any) -> None:
    bomb = packed(b"0" * 50_000_000)
    async with a_console(tmp_path) as house:
        refused = await upload(await house.client(MAINTAINER), bomb)
        assert house.here.store.work().imports(10) == []
    assert len(bomb) < 100_000
    assert refused.status_code == 422
    assert "first" in refused.json()["detail"]


async def test_a_file_read_before_another_change_is_read_again(tmp_path: Path) -> None:
    async with a_console(tmp_path, restart=lambda: None) as house:
        client = await house.client(MAINTAINER)
        one, two = (await upload(client, lamps(1))).json(), (await upload(client, lamps(2))).json()
        await client.post(f"{API}/inventory/imports/{two['id']}/apply", json={})
        # The service begins anew with the inventory that is stored.
        site = house.here.store.load_site()
    async with a_console(tmp_path, site, restart=lambda: None) as house:
        with pytest.raises(RevisionConflict, match="read the file again"):
            await house.here.imports.apply(local_caller("test"), int(one["id"]))
        assert len(stored(house).luminaires) == 6


async def test_many_lamps_take_a_second_person(tmp_path: Path) -> None:
    async with a_console(tmp_path, restart=lambda: None, most_luminaires=2) as house:
        one, two = await house.client(), await house.client()
        found = (await upload(one, lamps(3))).json()
        asked = await one.post(f"{API}/inventory/imports/{found['id']}/apply", json={})
        assert stored(house) == small_inventory()
        number = asked.json()["approval"]
        agreed = await two.post(f"{API}/approvals/{number}/approve", json={})
        assert len(stored(house).luminaires) == 7
    assert (asked.status_code, agreed.json()["state"]) == (202, "done")


async def test_only_those_of_the_whole_city_import(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        near = await house.client(Grant(Role.MAINTAINER, Place.DISTRICT, "d"))
        planner = await house.client(Grant(Role.PLANNER))
        refused = [await upload(near, lamps(1)), await upload(planner, lamps(1))]
        missing = await (await house.client(MAINTAINER)).get(f"{API}/inventory/imports/7")
    assert [one.status_code for one in refused] == [403, 403]
    assert missing.status_code == 404


async def test_what_is_read_and_not_used_is_forgotten(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(MAINTAINER)
        for _ in range(KEPT + 2):
            await upload(client, lamps(1))
        kept = [row.number for row in house.here.store.work().imports(100)]
    assert kept == list(range(KEPT + 2, 2, -1))
