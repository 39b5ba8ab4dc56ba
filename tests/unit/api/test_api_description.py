"""The description of the API in the documentation is the one that the service gives."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from controller.service.people import Grant, Role
from controller.web.api.app import BASE, routed_app
from controller.web.api.events import EVENTS
from controller.web.api.examples import EXAMPLES
from controller.web.api.openapi import description
from schedules import Site, demo_plan
from tests.fakes.console_house import a_console
from zones import demo_inventory

DOCS = Path(__file__).parents[3] / "docs"
MADE = description(routed_app())


def test_the_description_in_the_documentation_is_current() -> None:
    kept = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(MADE)), (
        "write it anew: python -m controller.web.api docs/openapi.json"
    )


async def test_a_service_describes_itself_in_the_same_words(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        answer = await house.stranger().get(f"{BASE}/openapi.json")
    assert answer.json() == json.loads(json.dumps(MADE))
    assert answer.json()["openapi"] == "3.1.0"


@pytest.mark.parametrize(("method", "path"), sorted(EXAMPLES))
def test_examples_are_of_operations_that_there_are(method: str, path: str) -> None:
    content = MADE["paths"][BASE + path][method]["responses"]["200"]["content"]
    told = content["application/json"]
    assert told["example"] == EXAMPLES[method, path]
    whole = {**told["schema"], "components": MADE["components"]}
    validator = Draft202012Validator(whole)
    assert not [error.message for error in validator.iter_errors(told["example"])]


def test_every_address_of_the_page_is_one_of_the_api() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    paths = {path.removeprefix(BASE) for path in MADE["paths"]}
    reading = page.split("## Reading", 1)[1].split("## Changing", 1)[0]
    for path in ("/city", "/tonight", "/luminaires", "/events", "/map/states", "/revisions"):
        assert f"`GET {path}" in reading
        assert path in paths
    changing = page.split("## Changing", 1)[1].split("\n\n", 2)[1]
    for path in re.findall(r"(?<=[ `])/[a-z-]+[^`, ]*(?=`)", changing):
        assert any(one == path or one.endswith(path) for one in paths), path
    for event in EVENTS:
        assert f"| `{event}` |" in reading


async def test_the_bodies_by_example_are_taken(tmp_path: Path) -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```http\n(.*?)```", text, re.DOTALL)
    inventory = demo_inventory(120, seed=1)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    async with a_console(tmp_path, site) as house:
        admin = await house.client(Grant(Role.ADMIN))
        planner = await house.client(Grant(Role.PLANNER), Grant(Role.OPERATOR))
        for example in block.strip().split("\n\n"):
            head, _, body = example.partition("\n")
            method, address = head.split()
            client = admin if address.endswith("/tokens") else planner
            answer = await client.request(
                method, address, json=json.loads(body), headers={"If-Match": "*"}
            )
            assert answer.status_code < 300, (head, answer.text)
