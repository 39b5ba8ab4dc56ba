"""A real Prometheus that scrapes one service every half second."""

import json
import subprocess
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.brokers import free_port, system_tool
from tests.system.command import get, wait_until

DEPLOY = Path(__file__).parents[2] / "deploy"

_CONFIGURATION = """\
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
  evaluation_interval: 2s
rule_files:
  - {rules}/recording_rules.yml
  - {rules}/alert_rules.yml
scrape_configs:
  - job_name: lamplighter
    static_configs:
      - targets: ["{target}"]
"""


class Prometheus:
    """What it knows, by its HTTP interface."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Series of an instant query; fails with Prometheus's words for a wrong one."""
        asked = urllib.parse.urlencode({"query": expression})
        found: list[dict[str, Any]] = self._get(f"query?{asked}")["result"]
        return found

    def value(self, expression: str) -> float:
        """The one value of an instant query."""
        (one,) = self.query(expression)
        return float(one["value"][1])

    def rules(self) -> list[dict[str, Any]]:
        """Every rule and how its last evaluation went."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _get(self, path: str) -> dict[str, Any]:
        told = json.loads(get(f"{self._url}/api/v1/{path}"))
        data: dict[str, Any] = told["data"]
        return data


@contextmanager
def scraping(folder: Path, web: str) -> Iterator[Prometheus]:
    """Prometheus with its data in a folder of its own, scraping ``web``."""
    folder.mkdir()
    (folder / "prometheus.yml").write_text(
        _CONFIGURATION.format(rules=DEPLOY / "prometheus", target=web.removeprefix("http://"))
    )
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                system_tool("prometheus", "prometheus"),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: bool(get(f"{url}/-/ready")), "Prometheus is ready")
        yield Prometheus(url)
    finally:
        process.terminate()
        process.wait(timeout=30)
