"""Takes the pictures of the operators' guide: `make pictures`.

Runs a demonstration with some faults, waits for the evening, and goes through the console in
both languages, as docs/guide.zh.md and docs/guide.en.md show it.
"""

import io
import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, expect

from tests.system.consoles import DESK, PHONE, chromium, demonstration, origin_of, watched_page

FOLDER: Final = Path(__file__).parents[2] / "docs" / "guide"
LANGUAGES: Final = {"zh": "zh-CN", "en": "en-GB"}
PICTURES: Final = (
    ("tonight", "tonight", "light", DESK),
    ("tonight-phone", "tonight", "dark", PHONE),
    ("wall", "wall", "dark", DESK),
    ("map", "map", "dark", DESK),
    ("schedules", "schedules", "light", DESK),
    ("overrides", "overrides?set=1", "light", DESK),
    ("alarms", "alarms", "light", DESK),
    ("energy", "energy", "light", DESK),
    ("fleet", "fleet", "light", DESK),
    ("audit", "audit", "light", DESK),
    ("users", "admin/users", "light", DESK),
)
_SETTLES_MS: Final = 2500
_RECKONING: Final = re.compile("Reckoning|正在核算")
_COLOURS: Final = 192


def main() -> None:
    """Write every picture anew."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration(
            Path(folder),
            *("--luminaires", "2000", "--speed", "240", "--faults", "0.01", "--nights", "3"),
        ) as link,
        chromium() as browser,
    ):
        with watched_page(browser, origin_of(link)) as watched:
            watched.page.goto(link)
            watched.page.locator("h1").first.wait_for(state="attached")
            _wait_for_the_evening(watched.page)
            state = watched.page.context.storage_state()
        for language, tag in LANGUAGES.items():
            (FOLDER / language).mkdir(parents=True, exist_ok=True)
            for name, place, theme, size in PICTURES:
                with watched_page(
                    browser, origin_of(link), size=size, language=tag, theme=theme, state=state
                ) as watched:
                    page = watched.page
                    page.add_init_script(
                        f"localStorage.setItem('lamplighter.language', {json.dumps(language)});"
                        f"localStorage.setItem('lamplighter.theme', {json.dumps(theme)})"
                    )
                    watched.open(place)
                    page.wait_for_timeout(_SETTLES_MS)
                    # What is reckoned beside the street's control comes when it can.
                    expect(page.get_by_text(_RECKONING)).to_have_count(0, timeout=90_000)
                    page.wait_for_timeout(500)
                    _keep(page.screenshot(), FOLDER / language / f"{name}.png")
                print(f"{language}/{name}.png", file=sys.stderr)


def _wait_for_the_evening(page: Page) -> None:
    for _ in range(600):
        tonight = page.evaluate("fetch('/api/v1/tonight').then(answer => answer.json())")
        city = tonight.get("city")  # a refusal until the link has let us in
        if city is not None and city["lit"] > city["luminaires"] / 2:
            return
        time.sleep(0.5)
    raise SystemExit("the evening never came")


def _keep(png: bytes, path: Path) -> None:
    """With few colours: a tenth of the size, and nobody sees it."""
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS)
        few.save(path, optimize=True)


if __name__ == "__main__":
    main()
