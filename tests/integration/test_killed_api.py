"""What was stored when the service died is not done again by whoever asks again."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.service.people import Grant, Role
from schedules import Site
from tests.fakes.console_house import a_console

API = "/api/v1"
OVERRIDE = {
    "selector": {"zones": ["a"]},
    "level": 80,
    "end_at": "2026-03-20T15:00:00Z",
    "reason": "fair",
}


def stored(data: Path) -> Site | None:
    """The documents that the dead service left."""
    with SqliteStore(data) as store:
        return store.load_site()


@pytest.mark.parametrize(
    ("at", "path", "body", "status"),
    [
        ("documents stored", "/overrides", OVERRIDE, 200),
        ("work order stored", "/work-orders", {"title": "new lamp"}, 201),
    ],
)
async def test_an_action_that_was_stored_and_not_answered_is_done_once(
    tmp_path: Path, at: str, path: str, body: dict[str, Any], status: int
) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.OPERATOR))
        made = await client.post(
            f"{API}/tokens",
            json={
                "name": "t",
                "grants": [{"role": "operator", "scope": {"kind": "city"}}],
                "days": 1,
            },
        )
    token = made.json()["token"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.killed_api"),
        *(str(tmp_path), at, f"{API}{path}", token, json.dumps(body)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    told, _ = await process.communicate()
    assert (process.returncode, told) == (-signal.SIGKILL, b"")
    async with a_console(tmp_path, site=stored(tmp_path)) as house:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
        async with house.stranger() as client:
            again = await client.post(f"{API}{path}", json=body, headers=headers)
        overrides = len(house.control.site.plan.overrides)
        orders = len(await house.here.work_orders.all())
    assert again.status_code == status, again.text
    assert overrides + orders == 1
