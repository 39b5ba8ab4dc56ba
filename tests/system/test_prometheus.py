"""A real Prometheus beside a real run: panels have figures, and a death counts nothing twice."""

import asyncio
import json
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from deploy.grafana.dashboards import ALL, FOLDER, written
from tests.system.prometheus import Prometheus, scraping
from tests.system.scenarios.stage import ControllerProcess, Stage, a_stage, until

BEGINS = "2026-11-22T16:40:00+08:00"
ENERGY = "streetlight_energy_joules_total"
MAY_BE_EMPTY = {'streetlight_target_forecast_ratio{instance="$instance"}'}
"""No target is declared on this street."""


CERTIFICATES = Path(__file__).parents[1] / "integration" / "certificates"


def show_a_certificate(controller: ControllerProcess) -> None:
    controller.console = "127.0.0.1:0"
    (controller.folder / "lamplighter.toml").write_text(
        f'[console]\ncertificate_file = "{CERTIFICATES / "server.pem"}"\n'
        f'key_file = "{CERTIFICATES / "server.key"}"\n'
    )


async def until_scraped(seen: Prometheus, what: str) -> None:
    await until(lambda: bool(seen.query(f"{what} > 0")), what, 30)


def stored_j(stage: Stage) -> dict[str, float]:
    with SqliteStore(stage.controller.data, read_only=True) as store:
        totals = store.energy_totals()
    return {
        "metered": sum(one.metered_counter_j for one in totals),
        "modelled": sum(one.modelled_counter_j for one in totals),
        "baseline": sum(one.baseline_j for one in totals),
    }


def queries() -> list[str]:
    return [
        target["expr"]
        for name in ALL
        for panel in json.loads((FOLDER / f"{name}.json").read_text())["panels"]
        for target in panel["targets"]
    ]


def test_the_committed_dashboards_are_what_the_code_writes() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(ALL)
    for name, page in ALL.items():
        assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == written(page)


async def test_panels_have_figures_and_energy_is_the_stores_over_deaths(tmp_path: Path) -> None:
    stage = a_stage(tmp_path, luminaires=60, begins=BEGINS, speed=720, lead_s=5)
    async with stage:
        controller = stage.controller
        await asyncio.to_thread(show_a_certificate, controller)
        controller.start()
        with scraping(tmp_path / "prometheus", controller.web) as seen:
            await controller.until_ready()
            async with stage.fleet():
                await until_scraped(seen, 'sum(streetlight_luminaires{state="on"})')
                await asyncio.sleep(3)
                assert await controller.stop() == 0
                assert stored_j(stage)["modelled"] + stored_j(stage)["metered"] > 0
                controller.start()
                await controller.until_ready()
                await until_scraped(seen, f"sum({ENERGY})")
                await asyncio.sleep(2)
                controller.kill()
                stored = stored_j(stage)
                controller.start()
                await controller.until_ready()
                await until_scraped(seen, 'sum(streetlight_luminaires{state="on"})')
                await asyncio.sleep(1)

                for name in (ENERGY, "streetlight_baseline_energy_joules_total"):
                    assert seen.value(f"max(resets({name}[5m]))") == 0
                for source in ("metered", "modelled"):
                    one = f'{ENERGY}{{source="{source}"}}[5m]'
                    grown = seen.value(f"sum(max_over_time({one}) - min_over_time({one}))")
                    assert grown == pytest.approx(stored[source], rel=1e-9, abs=1e-3)
                rise = "streetlight_baseline_energy_joules_total[5m]"
                grown = seen.value(f"sum(max_over_time({rise}) - min_over_time({rise}))")
                assert grown == pytest.approx(stored["baseline"], rel=1e-9)
                # Prometheus extends what it saw by up to a scrape at each end of the window.
                assert seen.value(f"sum(increase({rise}))") == pytest.approx(grown, rel=0.1)
                difference = seen.value(
                    "sum(streetlight_baseline_energy_joules_total) - "
                    "sum(streetlight_energy_saved_joules)"
                )
                # What a meter may still replace is used, and not counted yet.
                assert 0 < seen.value(f"sum({ENERGY})") <= difference + 1

                zone = stage.site.inventory.zones[0]
                for query in queries():
                    asked = (
                        query.replace("$__rate_interval", "1m")
                        .replace("$instance", controller.web.removeprefix("http://"))
                        .replace("$district", zone.district)
                        .replace("$zone", zone.id)
                    )
                    assert "$" not in asked
                    assert seen.query(asked) or query in MAY_BE_EMPTY, asked
                assert all(not rule.get("lastError") for rule in seen.rules())
                assert any(rule["health"] == "ok" for rule in seen.rules())
