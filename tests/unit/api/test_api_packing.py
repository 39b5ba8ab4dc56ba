"""Large answers are packed for those who can read that, and say the same."""

from pathlib import Path

from schedules import Site, demo_plan
from tests.fakes.console_house import a_console
from zones import demo_inventory

API = "/api/v1"


async def test_a_packed_answer_says_the_same(tmp_path: Path) -> None:
    inventory = demo_inventory(3000, seed=1)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    async with a_console(tmp_path, site) as house:
        client = await house.client()
        for path in ("/map/ids", "/map/states", "/map/luminaires", "/city", "/luminaires"):
            packed = await client.get(f"{API}{path}", headers={"Accept-Encoding": "gzip"})
            plain = await client.get(f"{API}{path}", headers={"Accept-Encoding": "identity"})
            assert packed.headers["content-encoding"] == "gzip", path
            assert "Accept-Encoding" in packed.headers["vary"]
            assert "content-encoding" not in plain.headers
            assert packed.content == plain.content
            assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


async def test_small_answers_and_refusals_go_as_they_are(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        for path in ("/session", "/tonight", "/nowhere"):
            answer = await client.get(f"{API}{path}", headers={"Accept-Encoding": "gzip"})
            assert "content-encoding" not in answer.headers
