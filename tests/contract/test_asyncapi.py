"""The AsyncAPI document: well formed, every reference leads somewhere, every topic is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from controller.wire.codec import RETAINED_LEAVES
from controller.wire.topics import LEAVES, Topics, root

DOCS = Path(__file__).parents[2] / "docs"

STRUCTURE: dict[str, Any] = {
    "type": "object",
    "required": ["asyncapi", "info", "servers", "channels", "operations", "components"],
    "additionalProperties": False,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "defaultContentType": {"const": "application/json"},
        "info": {"type": "object", "required": ["title", "version"]},
        "servers": {
            "type": "object",
            "additionalProperties": {"type": "object", "required": ["host", "protocol"]},
        },
        "channels": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["address", "title", "messages"],
                "properties": {
                    "address": {"type": "string"},
                    "messages": {"type": "object", "minProperties": 1},
                    "parameters": {"type": "object"},
                },
            },
        },
        "operations": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["action", "channel", "messages", "bindings"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": {"type": "object", "required": ["$ref"]},
                    "messages": {"type": "array", "minItems": 1},
                    "bindings": {
                        "type": "object",
                        "required": ["mqtt"],
                        "properties": {
                            "mqtt": {
                                "type": "object",
                                "required": ["qos", "retain"],
                                "properties": {
                                    "qos": {"enum": [0, 1]},
                                    "retain": {"type": "boolean"},
                                },
                            }
                        },
                    },
                },
            },
        },
        "components": {"type": "object", "required": ["messages", "parameters"]},
    },
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    return loaded


def follow(document: dict[str, Any], reference: str) -> Any:
    """What a reference leads to, in this document or in a file beside it."""
    file, _, pointer = reference.partition("#")
    found: Any = json.loads((DOCS / file).read_text(encoding="utf-8")) if file else document
    for step in pointer.strip("/").split("/") if pointer else []:
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def addresses(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Channel to the (owner, leaf) of its address."""
    found = {}
    for name, channel in document["channels"].items():
        levels = channel["address"].split("/")
        assert "/".join(levels[:3]) == root("{site}")
        found[name] = (levels[3], levels[-1])
    return found


def test_structure(document: dict[str, Any]) -> None:
    Draft202012Validator(STRUCTURE).validate(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = list(references(document))
    assert found
    for reference in found:
        assert follow(document, reference) is not None, reference


def test_channels_are_the_topics_of_the_contract(document: dict[str, Any]) -> None:
    topics = {(owner, leaf) for owner, leaves in LEAVES.items() for leaf in leaves}
    assert sorted(addresses(document).values()) == sorted(topics)


def test_every_address_is_read_by_the_topic_grammar(document: dict[str, Any]) -> None:
    for channel in document["channels"].values():
        address = channel["address"]
        assert set(channel["parameters"]) == {
            part[1:-1] for part in address.split("/") if part.startswith("{")
        }
        filled = "/".join("x1" if p.startswith("{") else p for p in address.split("/"))
        assert Topics("x1").parse(filled) is not None, address


def test_every_channel_has_one_operation_with_its_messages(document: dict[str, Any]) -> None:
    used = [op["channel"]["$ref"].rsplit("/", 1)[1] for op in document["operations"].values()]
    assert sorted(used) == sorted(document["channels"])
    for operation in document["operations"].values():
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")


def test_retained_and_direction_are_those_of_the_contract(document: dict[str, Any]) -> None:
    kinds = addresses(document)
    received = {tuple(f.split("/")[3:6:2]) for f, _ in Topics("x").controller_filters()}
    for operation in document["operations"].values():
        owner, leaf = kinds[operation["channel"]["$ref"].rsplit("/", 1)[1]]
        binding = operation["bindings"]["mqtt"]
        assert binding["retain"] is (leaf in RETAINED_LEAVES)
        assert binding["qos"] == (0 if leaf == "heartbeat" else 1)
        assert (operation["action"] == "receive") is ((owner, leaf) in received)


def test_payload_of_each_channel_is_the_schema_of_its_leaf(document: dict[str, Any]) -> None:
    for name, (_, leaf) in addresses(document).items():
        (reference,) = document["channels"][name]["messages"].values()
        payload = follow(document, reference["$ref"])["payload"]
        assert payload["schema"]["$ref"] == f"schemas/{leaf}.json"


def test_wire_page_names_every_topic_and_field() -> None:
    page = (DOCS / "wire.md").read_text(encoding="utf-8")
    for owner, leaves in LEAVES.items():
        for leaf in leaves:
            middle = {"zone": "{zone}/", "controller": ""}.get(owner, "{id}/")
            assert f"`{owner}/{middle}{leaf}`" in page
    for path in (DOCS / "schemas").glob("*.json"):
        for field in json.loads(path.read_text(encoding="utf-8")).get("properties", {}):
            assert f"`{field}`" in page, f"{path.stem}.{field}"


def test_examples_of_the_wire_page_are_valid() -> None:
    page = (DOCS / "wire.md").read_text(encoding="utf-8")
    section, shown = "", 0
    for line in page.splitlines():
        if line.startswith("### 3."):
            section = line.split()[2].lower()
        if line.startswith("{"):
            schema = json.loads((DOCS / "schemas" / f"{section}.json").read_text(encoding="utf-8"))
            Draft202012Validator(schema).validate(json.loads(line))
            shown += 1
    assert shown >= 7
