"""How long a frame of the map takes with a large city on it, in a browser without a GPU.

``python -m tests.benchmarks.map_large_city [LUMINAIRES]`` starts the service over an inventory of
so many, opens the map in Chromium with SwiftShader and drags it about at several zooms. Beside
each stands the same map with the points taken out: what the browser and the shapes alone take.
"""

import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from controller.adapters.sqlite import SqliteStore
from tests.integration.brokers import free_port
from tests.system.command import LAMPLIGHTER
from tests.system.consoles import chromium, origin_of, watched_page
from zones import demo_inventory

_DRAGGED_S: Final = 6.0
_STEPS_IN: Final = (0, 1, 3, 5)
"""Presses of the map's plus, from where points begin to be drawn."""
_COUNT_FRAMES: Final = """
() => {
  window.frames_ = []
  let last = performance.now()
  const tick = (now) => {
    window.frames_.push(now - last)
    last = now
    window.frame_ = requestAnimationFrame(tick)
  }
  window.frame_ = requestAnimationFrame(tick)
}
"""
_FRAMES: Final = "() => { cancelAnimationFrame(window.frame_); return window.frames_.slice(2) }"


@contextmanager
def service(folder: Path, luminaires: int) -> Iterator[str]:
    """The console's first link."""
    with SqliteStore(folder / "lamplighter-data") as store:
        store.save_inventory(demo_inventory(luminaires, seed=1))
    addresses = (
        "--http", f"127.0.0.1:{free_port()}", "--console", f"127.0.0.1:{free_port()}",
        "--broker", f"mqtt://127.0.0.1:{free_port()}",
    )  # fmt: skip
    process = subprocess.Popen(
        [LAMPLIGHTER, "run", *addresses], stderr=subprocess.PIPE, text=True, cwd=folder
    )
    assert process.stderr is not None
    found = None
    for line in process.stderr:
        found = re.search(r"console at (\S+)", line)
        if found:
            break
    assert found, "the service ended"
    try:
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def dragged(page: Page) -> list[float]:
    """Times of frames, ms, while the map is dragged about."""
    box = page.locator("[data-map]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_COUNT_FRAMES)
    begun, turn = time.monotonic(), 0
    while time.monotonic() - begun < _DRAGGED_S:
        turn += 1
        page.mouse.move(x + (turn % 40 - 20) * 6, y + (turn * 7 % 40 - 20) * 4)
    frames: list[float] = page.evaluate(_FRAMES)
    page.mouse.up()
    return frames


def main() -> None:
    """Print the medians and the worst twentieth."""
    luminaires = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with (
        tempfile.TemporaryDirectory() as folder,
        service(Path(folder), luminaires) as link,
        chromium() as browser,
        watched_page(browser, origin_of(link)) as watched,
    ):
        page = watched.page
        page.goto(link)
        page.get_by_label("用户名").fill("bench")
        page.get_by_label("密码", exact=True).fill("a long and dull password")
        page.get_by_label("再次输入密码").fill("a long and dull password")
        page.get_by_role("button", name="创建管理员").click()
        page.get_by_role("heading", name="今夜").wait_for(state="attached")
        begun = time.monotonic()
        watched.open("map")
        page.locator("[data-map] canvas").wait_for()
        print(f"{luminaires:,} luminaires; the map is there after {time.monotonic() - begun:.1f} s")
        for state in ("with points", "all filtered out"):
            # No lamp bears that name: the points are drawn of none.
            watched.open("map" if state == "with points" else "map?q=no-such-lamp")
            page.locator("[data-map] canvas").wait_for()
            plus = page.get_by_role("button", name="放大")
            lasso = page.get_by_role("button", name="套索选择")
            while lasso.is_disabled():  # below the zoom of points
                plus.click()
                page.wait_for_timeout(600)
            done = 0
            for steps in _STEPS_IN:
                for _ in range(steps - done):
                    plus.click()
                    page.wait_for_timeout(600)
                done = steps
                page.wait_for_timeout(1500)
                times = sorted(dragged(page))
                worst = times[int(len(times) * 0.95)]
                print(
                    f"{state:17} {steps} in: {statistics.median(times):6.1f} ms a frame, "
                    f"95 % within {worst:6.1f} ms ({len(times)} frames)"
                )


if __name__ == "__main__":
    main()
