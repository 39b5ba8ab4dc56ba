"""What readers get of the street, each as much as may be seen."""

import struct
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Alarm
from controller.service.people import Grant, Place, Role
from controller.service.tonight import LampState
from schedules import Site, demo_plan, resolve_zone
from tests.fakes.console_house import NIGHT, a_console
from tests.fakes.small_city import small_site
from zones import District, demo_inventory

A_ALONE = Grant(Role.VIEWER, Place.ZONE, "a")
API = "/api/v1"


def demo_city(luminaires: int = 120) -> Site:
    inventory = demo_inventory(luminaires, seed=1)
    return Site(inventory=inventory, plan=demo_plan(inventory))


async def read(client: httpx.AsyncClient, path: str, **params: object) -> object:
    answer = await client.get(f"{API}{path}", params=params)  # type: ignore[arg-type]  # httpx takes what str() takes
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_city_is_shown_as_far_as_one_may_see(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        whole = (await (await house.client()).get(f"{API}/city")).json()
        part = (await (await house.client(A_ALONE)).get(f"{API}/city")).json()
    assert [zone["id"] for zone in whole["zones"]] == ["a", "b"]
    assert whole["revision"] == 1
    assert (whole["luminaires"], part["luminaires"]) == (4, 2)
    assert [zone["id"] for zone in part["zones"]] == ["a"]
    assert [one["id"] for one in part["districts"]] == ["d"]


async def test_every_district_around_what_one_may_see_is_shown(tmp_path: Path) -> None:
    site = small_site()
    inventory = site.inventory
    inner, core = (
        District(id=name, name=name, longitude=116.4, latitude=39.9, inside=inside)
        for name, inside in (("inner", "d"), ("core", "inner"))
    )
    nested = inventory.model_copy(
        update={
            "districts": (*inventory.districts, inner, core),
            "zones": (
                inventory.zones[0].model_copy(update={"district": "core"}),
                *inventory.zones[1:],
            ),
        }
    )
    async with a_console(tmp_path, Site(inventory=nested, plan=site.plan)) as house:
        part = (await (await house.client(A_ALONE)).get(f"{API}/city")).json()
    assert {one["id"]: one["parent"] for one in part["districts"]} == {
        "d": None,
        "inner": "d",
        "core": "inner",
    }


async def test_outlines_are_hulls_around_every_luminaire(tmp_path: Path) -> None:
    site = demo_city()
    async with a_console(tmp_path, site) as house:
        city = (await (await house.client()).get(f"{API}/city")).json()
    for zone in city["zones"]:
        lamps = [one for one in site.inventory.luminaires if one.zone == zone["id"]]
        if zone["outline"] is None:
            continue
        (ring,) = zone["outline"]
        for lamp in lamps:
            turns = [
                (bx - ax) * (lamp.latitude - ay) - (by - ay) * (lamp.longitude - ax)
                for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True)
            ]
            assert min(turns) >= -1e-12, (zone["id"], lamp.id)
    assert any(zone["outline"] for zone in city["zones"])


async def test_tonight_counts_what_burns_and_what_should(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        house.report(a1=100, a2=0, b1=100)
        house.control.engine.columns.attempts[house.control.engine.columns.row_of["a2"]] = 1
        page = (await (await house.client()).get(f"{API}/tonight")).json()
        part = (await (await house.client(A_ALONE)).get(f"{API}/tonight")).json()
    city = page["city"]
    assert (city["luminaires"], city["lit"], city["dark"], city["unknown"]) == (4, 2, 1, 1)
    assert city["lit_rate"] == pytest.approx(2 / 3)
    assert city["next"] == {"at": "2026-03-20T15:00:00Z", "level": 50.0}
    assert [zone["id"] for zone in part["zones"]] == ["a"]
    assert (part["city"]["luminaires"], part["city"]["lit_rate"]) == (2, 0.5)
    assert page["at"] == "2026-03-20T12:00:00Z"


async def test_the_map_is_the_inventory_and_the_columns_byte_by_byte(tmp_path: Path) -> None:
    site = demo_city()
    async with a_console(tmp_path, site) as house:
        columns = house.control.engine.columns
        house.report(**{columns.ids[3]: 42.4})
        client = await house.client()
        where = (await client.get(f"{API}/map/luminaires")).content
        names = (await client.get(f"{API}/map/ids")).json()
        states = (await client.get(f"{API}/map/states")).content
        codes = (await client.get(f"{API}/map/codes")).json()
    (n,) = struct.unpack_from("<I", where)
    longitude = np.frombuffer(where, "<i4", n, 4)
    latitude = np.frombuffer(where, "<i4", n, 4 + 4 * n)
    zone = np.frombuffer(where, "<u2", n, 4 + 8 * n)
    assert len(where) == 4 + 10 * n
    assert names["luminaires"] == list(columns.ids)
    for row, lamp in enumerate(site.inventory.luminaires):
        assert longitude[row] == round(lamp.longitude * 1e7)
        assert latitude[row] == round(lamp.latitude * 1e7)
        assert names["zones"][zone[row]] == lamp.zone
    magic, version, count = struct.unpack_from("<4sII", states)
    assert (magic, version, count) == (b"LMS1", 1, n)
    table = np.frombuffer(states, np.uint8, 5 * n, 12).reshape(5, n)
    assert table[codes["columns"].index("reported"), 3] == 42
    assert table[codes["columns"].index("reported"), 4] == codes["unknown_level"]
    assert table[0, 4] == codes["states"]["unknown"] == LampState.UNKNOWN
    assert (table[1] == np.rint(columns.desired)).all()


async def test_the_map_leaves_out_what_one_may_not_see(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.ZONE, "b"))
        names = (await client.get(f"{API}/map/ids")).json()
        where = (await client.get(f"{API}/map/luminaires")).content
        states = (await client.get(f"{API}/map/states")).content
    assert names == {"zones": ["b"], "luminaires": ["b1", "b2"]}
    assert struct.unpack_from("<I", where) == (2,)
    assert list(np.frombuffer(where, "<u2", 2, 4 + 16)) == [0, 0]
    assert len(states) == 12 + 5 * 2


async def test_what_a_reader_has_is_not_sent_again(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        part = await house.client(A_ALONE)
        for path in ("/map/luminaires", "/map/ids", "/map/states", "/documents/programs"):
            first = await client.get(f"{API}{path}")
            etag = {"If-None-Match": first.headers["etag"]}
            again = await client.get(f"{API}{path}", headers=etag)
            assert (again.status_code, again.content) == (304, b"")
            if path.startswith("/map"):
                other = await part.get(f"{API}{path}", headers=etag)
                assert other.status_code == 200  # what another may see is another thing


class TestLuminaires:
    """Lists by what is known."""

    async def _ids(self, client: httpx.AsyncClient, **params: object) -> list[str]:
        page = await read(client, "/luminaires", **params)
        assert isinstance(page, dict)
        assert page["total"] == len(page["items"])
        return [one["id"] for one in page["items"]]

    async def test_conditions(self, tmp_path: Path) -> None:
        async with a_console(tmp_path) as house:
            house.report(a1=100, a2=30, b1=0)
            columns = house.control.engine.columns
            columns.is_online[columns.row_of["b1"]] = False
            client = await house.client()
            assert await self._ids(client) == ["a1", "a2", "b1", "b2"]
            assert await self._ids(client, zone="a") == ["a1", "a2"]
            assert await self._ids(client, zone=["a", "b"], q="2") == ["a2", "b2"]
            assert await self._ids(client, district="d", q=" B ") == ["b1", "b2"]
            assert await self._ids(client, district="nowhere") == []
            assert await self._ids(client, category="local", state="lit") == ["a1", "a2"]
            assert await self._ids(client, category="park") == []
            assert await self._ids(client, state=["offline", "unknown"]) == ["b1", "b2"]
            assert await self._ids(client, communication="offline") == ["b1"]
            assert await self._ids(client, level_min=30, level_max=99) == ["a2"]
            assert await self._ids(client, level_max=0) == ["b1"]

    async def test_pages_hold_every_luminaire_once(self, tmp_path: Path) -> None:
        async with a_console(tmp_path, demo_city()) as house:
            client = await house.client()
            seen: list[str] = []
            after: str | None = None
            while True:
                asked = {"limit": 7} | ({} if after is None else {"after": after})
                page = (await client.get(f"{API}/luminaires", params=asked)).json()
                assert page["total"] == 120
                seen += [one["id"] for one in page["items"]]
                after = page["next"]
                if after is None:
                    break
        assert seen == list(house.control.engine.columns.ids)

    async def test_a_foreign_one_is_as_if_it_were_not_there(self, tmp_path: Path) -> None:
        async with a_console(tmp_path) as house:
            client = await house.client(A_ALONE)
            assert await self._ids(client, zone="b") == []
            foreign = await client.get(f"{API}/luminaires/b1")
            absent = await client.get(f"{API}/luminaires/zz")
            cursor = await client.get(f"{API}/luminaires", params={"after": "b1"})
        assert (foreign.status_code, absent.status_code, cursor.status_code) == (404, 404, 422)
        assert foreign.json()["type"] == absent.json()["type"]

    async def test_one_says_why_in_the_readers_language(self, tmp_path: Path) -> None:
        async with a_console(tmp_path) as house:
            house.report(a1=100)
            english = (await (await house.client()).get(f"{API}/luminaires/a1")).json()
            client = await house.client(language="zh-CN,zh;q=0.9,en;q=0.5")
            chinese = (await client.get(f"{API}/luminaires/a1")).json()
        texts = [[one["text"] for one in page["desired"]["reasons"]] for page in (english, chinese)]
        assert texts[0][1] == "control day 2026-03-20: default program night"
        assert "默认程序 night" in texts[1][1]
        assert english["desired"]["level"] == english["reported"]["level"] == 100
        assert english["reported"]["at"] == "2026-03-20T12:00:00Z"
        assert english["document"]["gateway"] == "g"
        assert english["telemetry"]["power_w"] is None

    async def test_a_word_that_goes_over_two_luminaires_finds_none(self, tmp_path: Path) -> None:
        async with a_console(tmp_path) as house:
            assert await self._ids(await house.client(), q="a1 a2") == []


async def test_nights_are_those_of_the_plan_with_their_anchors(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        nights = await read(client, "/zones/a/nights", **{"from": "2026-03-20", "to": "2026-03-21"})
        present = await read(client, "/zones/a/nights")
    assert isinstance(nights, list)
    assert present == nights[:1]
    first = nights[0]
    assert [(point["at"], point["level"]) for point in first["points"]] == [
        ("2026-03-20T10:00:00Z", 100.0),
        ("2026-03-20T15:00:00Z", 50.0),
        ("2026-03-20T22:00:00Z", 0.0),
    ]
    assert first["anchors"]["steps_at"] == ["2026-03-20T15:00:00Z"]
    assert (first["program"], first["calendar"], first["rule"]) == ("night", "all", None)
    assert first["points"][1]["reason"] == "step 1 at 03-20 23:00:00: level 50 %"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2026-03-20", "to": "2026-03-19"}, "to"),
        ({"from": "2026-03-20", "to": "2026-09-19"}, "to"),
        ({"from": "1800-01-01"}, "from"),
        ({"from": "yesterday"}, "from"),
    ],
)
async def test_nights_that_cannot_be_are_refused_by_name(
    tmp_path: Path, asked: dict[str, str], field: str
) -> None:
    async with a_console(tmp_path) as house:
        answer = await (await house.client()).get(f"{API}/zones/a/nights", params=asked)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["field"], fault["value"]) == (field, asked[field])
    assert fault["expected"]


async def test_a_year_is_what_resolve_says_at_every_quarter(tmp_path: Path) -> None:
    site = demo_city()
    zone = site.inventory.zones[0].id
    async with a_console(tmp_path, site) as house:
        year = await read(await house.client(), f"/zones/{zone}/year", year=2026)
    assert isinstance(year, dict)
    levels = np.array(year["levels"]).reshape(year["days"], 96)
    noon = int(datetime(2026, 1, 1, 4, tzinfo=UTC).timestamp())
    for day in range(0, 365, 13):
        for quarter in range(day % 7, 96, 7):
            at = datetime.fromtimestamp(noon + day * 86_400 + quarter * 900, UTC)
            assert levels[day, quarter] == round(resolve_zone(site, zone, at).level), at
    assert len(year["sunset"]) == len(year["program"]) == 365
    assert date.fromisoformat(year["first_day"]) == date(2026, 1, 1)


def alarm(
    number: int, kind: AlarmType, scope: Scope, subject: str, *luminaires: str
) -> tuple[Alarm, tuple[str, ...]]:
    count = len(luminaires)
    made = Alarm(
        number, kind, Severity.WARNING, scope, subject, NIGHT, NIGHT, None, None, count, count,
        count, "",
    )  # fmt: skip
    return made, luminaires


OPEN_ALARMS = (
    alarm(1, AlarmType.LAMP_FAILURE, Scope.LUMINAIRE, "a1", "a1"),
    alarm(2, AlarmType.LAMP_FAILURE, Scope.LUMINAIRE, "b1", "b1"),
    alarm(3, AlarmType.STORE_FAILING, Scope.SERVICE, ""),
    alarm(4, AlarmType.COMMUNICATION_FAILURE, Scope.GATEWAY, "g", "a1", "a2"),
    alarm(5, AlarmType.COMMUNICATION_FAILURE, Scope.ZONE, "b", "b1", "b2"),
)
"""Gateway ``g`` has luminaires of zone ``a`` alone."""


async def test_alarms_are_those_of_what_one_may_see(tmp_path: Path) -> None:
    async with a_console(tmp_path, alarms=OPEN_ALARMS) as house:
        client = await house.client(A_ALONE, language="zh")
        pages = [
            (await one.get(f"{API}/alarms", params=asked)).json()
            for one, asked in (
                (await house.client(), {}),
                (client, {}),
                (await house.client(Grant(Role.VIEWER, Place.ZONE, "b")), {}),
                (client, {"type": "lamp_failure"}),
                (client, {"zone": "a"}),
                (client, {"severity": "critical"}),
                (client, {"limit": "2"}),
                (client, {"limit": "2", "after": "3"}),
            )
        ]
        own = (await client.get(f"{API}/alarms/1")).json()
        foreign = await client.get(f"{API}/alarms/2")
        tonight = (await client.get(f"{API}/tonight")).json()
    numbers = [[one["id"] for one in page["items"]] for page in pages]
    assert numbers == [[1, 2, 3, 4, 5], [1, 3, 4], [2, 3, 5], [1], [1], [], [1, 3], [4]]
    assert [page["next"] for page in pages[-2:]] == ["3", None]
    assert own["luminaires"] == ["a1"]
    assert (own["title"], own["place"], own["district"]) == ("灯具故障", "a", "d")
    assert foreign.status_code == 404
    assert tonight["alarms"] == {
        "open": 3, "by_severity": {"critical": 0, "warning": 3, "info": 0},
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        *("/city", "/tonight", "/luminaires", "/luminaires/a1", "/map/states", "/map/ids"),
        *("/map/luminaires", "/zones/a/nights", "/alarms", "/documents", "/revisions"),
    ],
)
async def test_everything_is_told_before_the_first_book_and_without_a_clock(
    tmp_path: Path, path: str
) -> None:
    async with a_console(tmp_path, at=0.0, has_book=False) as house:
        client = await house.client()
        answer = await client.get(f"{API}{path}")
        tonight = (await client.get(f"{API}/tonight")).json()
    assert answer.status_code == 200, answer.text
    assert (tonight["city"]["next"], tonight["ready"]) == (None, False)
