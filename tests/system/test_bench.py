"""The benchmarks at a tiny size: both exchanges happen whole, and the output keeps its form.

No figure is judged here: tests do not time.
"""

import json
from collections import Counter
from pathlib import Path

from controller.cli.bench.exchange import EXCHANGES, Exchanges
from controller.cli.bench.figures import Notes
from controller.ports.bus import Outbound
from controller.wire.topics import Topics
from tests.contract.bus_suite import running
from tests.integration.brokers import Mosquitto
from tests.system.command import lamplighter
from zones import demo_inventory

LUMINAIRES = 60


def test_every_figure_stands_beside_its_ceiling_and_the_page_is_written(tmp_path: Path) -> None:
    done = lamplighter(
        *("bench", "--luminaires", str(LUMINAIRES), "--rounds", "1", "--format", "json"),
        *("--output", "page.md"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    keys = {"name", "value", "unit", "ceiling", "ratio", "budget"}
    assert all(keys <= set(figure) for figure in figures)
    assert {figure["name"] for figure in figures} == {
        *EXCHANGES, "scrape-stall", "start-commands", "sun", "sun-60", "sun-90", "levels", "proof",
        "signing", "checking",
    }  # fmt: skip
    without = {figure["title"] for figure in figures if figure["ceiling"] is None}
    assert without == {
        "loop held up by a scrape",
        "lamps commanded anew by a restart",
        "memory a luminaire",
    }
    assert not any(figure["is_judged"] for figure in figures)
    (restart,) = [one for one in figures if one["name"] == "start-commands"]
    assert restart["value"] == 0
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert all(figure["title"] in page for figure in figures)
    for exchange in ("wave", "push", "telemetry"):
        assert f"| {exchange} | bare |" in page
        assert f"| {exchange} | ours |" in page


async def test_exchanges_happen_whole_and_leave_nothing(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    topics = Topics(demo_inventory(1).city.id)
    ear_filters = (topics.luminaire("+", "command"), topics.luminaire("+", "config"))
    notes = Notes()
    async with running(mosquitto.bus("ear"), *ear_filters, topics.zone("+", "command")) as ear:
        exchanges = Exchanges(
            LUMINAIRES, 1, mosquitto.url(), tmp_path, lambda _line: None, notes, is_signed=True
        )
        figures = await exchanges.measure(frozenset({"wave", "push"}))
    assert [figure.name for figure in figures] == ["wave", "push"]
    assert [(name, whose) for name, whose, _ in notes.samples] == [
        *(("wave", "bare"), ("wave", "ours")),
        *(("push", "bare"), ("push", "ours")),
    ]
    heard = Counter(
        (message.topic.rsplit("/", 1)[1], message.topic)
        for message in ear.messages
        if message.payload
    )
    commanded = [count for (leaf, topic), count in heard.items() if leaf == "command"]
    assert len(commanded) == LUMINAIRES, "each by itself, and no zone as one"
    assert min(commanded) >= 2, "by the bare client and by us"
    configured = [count for (leaf, _), count in heard.items() if leaf == "config"]
    assert len(configured) == LUMINAIRES
    async with running(mosquitto.bus("late"), "lamplighter/v1/#") as late:
        await mosquitto_settled(mosquitto)
    left = [one.topic for one in late.messages if one.retained and one.payload]
    assert left == [], "what the exchanges kept with the broker is cleared"


async def mosquitto_settled(broker: Mosquitto) -> None:
    """What a broker kept comes before the answer to what is asked later."""
    async with running(broker.bus("echo"), "echo/+") as echo:
        bus = broker.bus("voice")
        async with running(bus):
            await bus.publish(Outbound("echo/1", b"1"))
            await echo.until(lambda: bool(echo.messages))


def test_wrong_use_is_one_clear_line(tmp_path: Path) -> None:
    for arguments, code, said in (
        (("--broker", "mqtts://broker"), 1, "without TLS"),
        (("--broker", "mqtt://127.0.0.1:1", "--only", "wave"), 1, "Connection refused"),
        (("--only", "nothing"), 2, "'wave'"),
        (("--luminaires", "0"), 2, "--luminaires"),
        (("--output", "no/such/folder.md", "--only", "sun"), 1, "no folder"),
    ):
        done = lamplighter("bench", *arguments, folder=tmp_path)
        assert done.returncode == code, done.stderr
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
