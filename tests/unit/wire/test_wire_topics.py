import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.wire.topics import LEAVES, Topic, Topics

IDENTIFIERS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
TOPICS = Topics("beijing")


def build(owner: str, identifier: str, leaf: str) -> str:
    match owner:
        case "zone":
            return TOPICS.zone(identifier, leaf)
        case "luminaire":
            return TOPICS.luminaire(identifier, leaf)
        case "gateway":
            return TOPICS.gateway(identifier)
        case "sensor":
            return TOPICS.sensor(identifier)
        case _:
            return TOPICS.heartbeat


@given(
    st.sampled_from([(owner, leaf) for owner, leaves in LEAVES.items() for leaf in leaves]),
    IDENTIFIERS,
)
def test_what_is_built_is_read_back(kind: tuple[str, str], identifier: str) -> None:
    owner, leaf = kind
    read = TOPICS.parse(build(owner, identifier, leaf))
    assert read == Topic(owner, "" if owner == "controller" else identifier, leaf)


@given(st.text(max_size=80))
def test_no_text_below_the_root_raises(text: str) -> None:
    read = TOPICS.parse(f"lamplighter/v1/beijing/{text}")
    assert read is None or build(read.owner, read.identifier, read.leaf).endswith(text)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "lamplighter/v1/beijing",
        "lamplighter/v1/beijing/",
        "lamplighter/v1/beijing/luminaire/L1",
        "lamplighter/v1/beijing/luminaire/L1/state/",
        "lamplighter/v1/beijing/luminaire/L1/state/x",
        "lamplighter/v1/beijing/luminaire//state",
        "lamplighter/v1/beijing/luminaire/+/state",
        "lamplighter/v1/beijing/luminaire/L.1/state",
        "lamplighter/v1/beijing/luminaire/L1\n/state",
        "lamplighter/v1/beijing/luminaire/灯/state",
        f"lamplighter/v1/beijing/luminaire/{'x' * 65}/state",
        "lamplighter/v1/beijing/luminaire/L1/reading",
        "lamplighter/v1/beijing/lamp/L1/state",
        "lamplighter/v1/beijing/controller/c1/heartbeat",
        "lamplighter/v1/beijing/controller/other",
        "lamplighter/v2/beijing/luminaire/L1/state",
        "lamplighter/v1/beijing2/luminaire/L1/state",
        "x/lamplighter/v1/beijing/luminaire/L1/state",
    ],
)
def test_other_topics_are_none(topic: str) -> None:
    assert TOPICS.parse(topic) is None


def test_controller_hears_every_leaf_that_the_street_sends() -> None:
    heard = {tuple(f.split("/")[3:]) for f, _ in TOPICS.controller_filters()}
    sent = {("luminaire", "+", leaf) for leaf in ("state", "telemetry", "availability")}
    assert heard == sent | {("gateway", "+", "availability"), ("sensor", "+", "reading")}
