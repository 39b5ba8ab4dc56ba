"""Documents, revisions and reports, each as much as one may see."""

from pathlib import Path

import pytest

from controller.ports.reports import ReportRefused
from controller.service.people import Grant, Place, Role
from schedules import Assignment, Language, Layer, Limit, Override, OverrideKind, Selector, Site
from schedules.energy.periods import Period
from tests.fakes.console_house import NIGHT, a_console
from tests.fakes.small_city import small_site

API = "/api/v1"
A_ALONE = Grant(Role.VIEWER, Place.ZONE, "a")


def limited_site() -> Site:
    """Two limits of zone ``b``, one of the city, a calendar for ``b2``."""
    site = small_site()
    limits = (
        Limit(layer=Layer.CITY, target="small", ceiling=100),
        Limit(layer=Layer.ZONE, target="b", floor=10),
        Limit(layer=Layer.ZONE, target="b", floor=20),
    )
    own = Assignment(layer=Layer.LUMINAIRE, target="b2", calendar="all")
    plan = site.plan.model_copy(
        update={"limits": limits, "assignments": (*site.plan.assignments, own)}
    )
    return Site(inventory=site.inventory, plan=plan)


async def test_every_kind_is_listed_and_every_document_found_by_its_key(tmp_path: Path) -> None:
    site = limited_site()
    async with a_console(tmp_path, site) as house:
        client = await house.client()
        told = (await client.get(f"{API}/documents")).json()
        for kind, count in told["kinds"].items():
            page = await client.get(f"{API}/documents/{kind}")
            assert (page.json()["total"], page.headers["etag"]) == (count, '"r1"')
        for key in ("city.small", "zone.b", "zone.b.2"):
            assert (await client.get(f"{API}/documents/limits/{key}")).status_code == 200
        second = (await client.get(f"{API}/documents/limits/zone.b.2")).json()
        program = (await client.get(f"{API}/documents/programs/night")).json()
    assert told["kinds"]["limits"] == 3
    assert told["settings"]["failsafe_level"] == 100
    assert second["floor"] == 20
    assert program["window"] == {"on": "18:00", "off": "06:00"}
    assert program == site.plan.program_by_id["night"].model_dump(mode="json")


async def test_documents_about_others_zones_are_left_out(tmp_path: Path) -> None:
    async with a_console(tmp_path, limited_site()) as house:
        client = await house.client(A_ALONE)
        counts = (await client.get(f"{API}/documents")).json()["kinds"]
        foreign = await client.get(f"{API}/documents/limits/zone.b")
    assert (counts["limits"], counts["assignments"], counts["zones"]) == (1, 1, 1)
    assert (counts["luminaires"], counts["programs"]) == (2, 1)
    assert foreign.status_code == 404


async def test_overrides_of_others_zones_are_not_told(tmp_path: Path) -> None:
    def override(name: str, selector: Selector, kind: OverrideKind) -> Override:
        return Override.model_validate(
            {
                "id": name, "selector": selector, "level": 30, "kind": kind,
                "start_at": "2026-03-20T11:00:00Z", "end_at": "2026-03-20T14:00:00Z",
                "reason": "match", "author": "li",
            }
        )  # fmt: skip

    site = small_site(
        override("weak", Selector(zones=frozenset({"a"})), OverrideKind.EVENT),
        override("strong", Selector(luminaires=frozenset({"a1"})), OverrideKind.EMERGENCY),
        override("other", Selector(zones=frozenset({"b"})), OverrideKind.EVENT),
    )
    async with a_console(tmp_path, site, at=NIGHT) as house:
        page = (await (await house.client(A_ALONE)).get(f"{API}/tonight")).json()
    assert [one["id"] for one in page["overrides"]] == ["strong", "weak"]
    assert page["overrides"][0]["end_at"] == "2026-03-20T14:00:00Z"


async def test_revisions_are_told_the_newest_first(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        other = house.control.site.plan.model_copy(update={"failsafe_level": 80.0})
        house.here.store.save_site(
            Site(inventory=house.control.site.inventory, plan=other), author="wu", comment="80 %"
        )
        client = await house.client()
        page = (await client.get(f"{API}/revisions", params={"limit": 1})).json()
        one = (await client.get(f"{API}/revisions/{page['items'][0]['number']}")).json()
        absent = await client.get(f"{API}/revisions/999")
    assert (page["total"], page["items"][0]["author"], one) == (2, "wu", page["items"][0])
    assert absent.status_code == 404


class Reports:
    """Makes a report of what was asked."""

    def __init__(self, why_not: str = "") -> None:
        self.asked: list[tuple[str, str | None, str, str]] = []
        self._why_not = why_not

    async def __call__(
        self, period: Period, district: str | None, form: str, language: Language
    ) -> bytes:
        self.asked.append((period.text, district, form, language.value))
        if self._why_not:
            raise ReportRefused(self._why_not)
        return b'{"figures": 1}'


async def test_a_report_comes_as_a_file_in_the_readers_language(tmp_path: Path) -> None:
    made = Reports()
    async with a_console(tmp_path, make_report=made) as house:
        client = await house.client(language="zh")
        await client.get(f"{API}/reports", params={"period": "2026-Q1"})
        answer = await client.get(f"{API}/reports", params={"period": "2026-Q1"})
        figures = await client.get(f"{API}/energy", params={"period": "2026", "district": "d"})
    assert answer.headers["content-disposition"].endswith('"lamplighter-2026-Q1-zh.xlsx"')
    assert "spreadsheetml" in answer.headers["content-type"]
    assert figures.json() == {"figures": 1}
    assert made.asked == [("2026-Q1", None, "xlsx", "zh"), ("2026", "d", "json", "zh")]


@pytest.mark.parametrize("period", ["", "2026-13", "20266", "2026-Q9", "1026"])
async def test_a_period_that_is_none_is_refused_with_what_would_be_one(
    tmp_path: Path, period: str
) -> None:
    async with a_console(tmp_path, make_report=Reports()) as house:
        answer = await (await house.client()).get(f"{API}/energy", params={"period": period})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["field"], fault["value"]) == ("period", period)
    assert "2026-11" in fault["expected"]


async def test_a_report_is_for_those_who_see_all_of_it(tmp_path: Path) -> None:
    made = Reports()
    async with a_console(tmp_path, make_report=made) as house:
        client = await house.client(A_ALONE)
        codes = [
            (await client.get(f"{API}/energy", params={"period": "2026", **district})).status_code
            for district in ({}, {"district": "d"}, {"district": "nowhere"})
        ]
    assert codes == [403, 403, 404]
    assert not made.asked


async def test_a_period_without_data_is_no_fault_of_the_service(tmp_path: Path) -> None:
    made = Reports("the store holds no account yet")
    async with a_console(tmp_path, make_report=made) as house:
        client = await house.client()
        figures = await client.get(f"{API}/energy", params={"period": "2026"})
        file = await client.get(f"{API}/reports", params={"period": "2026"})
    assert figures.status_code == 200, "a browser's console takes a refusal for a fault"
    assert figures.json() == {"figures": None, "no_data": "the store holds no account yet"}
    assert (file.status_code, file.json()["type"]) == (404, "urn:lamplighter:problem:no-data")
    assert "no account yet" in file.json()["detail"]
