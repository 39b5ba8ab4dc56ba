"""A console in a real browser against the real service and a simulated street."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

LAMPLIGHTER = str(Path(sys.executable).with_name("lamplighter"))
SOURCES: Final = Path(__file__).parents[2] / "controller" / "console"
_AXE: Final = SOURCES / "node_modules" / "axe-core" / "axe.min.js"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ARGUMENTS: Final = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
)  # fmt: skip

_PATIENCE_MS: Final = 60_000
"""A machine that has much to do is slow, and not wrong."""

DESK: Final = (1440, 900)
PHONE: Final = (390, 844)


@contextmanager
def demonstration(folder: Path, *arguments: str) -> Iterator[str]:
    """A simulated city with its console; gives the one-time address of the console."""
    process = subprocess.Popen(
        [LAMPLIGHTER, "demo", "--headless", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    assert process.stderr is not None
    said: list[str] = []
    link = ""
    for line in process.stderr:
        said.append(line)
        if "console at " in line:
            link = line.split("console at ")[1].strip()
        if link and ("holds its program" in line or "hold their program" in line):
            break
    else:
        pytest.fail(f"the demonstration ended: {said}")
    try:
        yield link
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    told = "".join(said) + rest
    assert "Traceback" not in told, told[-4000:]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window; skips where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not on this machine")
    # Builds the console where its sources changed, and sees to the checker of accessibility.
    made = subprocess.run(
        [sys.executable, str(SOURCES / "hatch_build.py"), "packages"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, and what it must not do: complain, or ask beyond this machine."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self._hear(said.type, f"{said.text} {said.location}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        self.page.on("request", self._ask)

    def open(self, place: str) -> Page:
        """Go to a page of the console; the same document, as by its navigation."""
        self.page.goto(f"{self.origin}/#/{place}")
        self.page.locator("h1").first.wait_for(state="attached")
        return self.page

    def assert_accessible(self, what: str) -> None:
        """No violation of WCAG 2.2 A and AA that axe-core can see."""
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules})", _RULES
        )
        told = [
            f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}"
            for one in found["violations"]
        ]
        assert told == [], f"{what}: {json.dumps(told, ensure_ascii=False, indent=1)}"

    def assert_quiet(self) -> None:
        """Nothing in the browser's console, nothing asked of another machine."""
        assert self.complaints == []
        assert self.abroad == []

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def _ask(self, request: Request) -> None:
        parts = urlsplit(request.url)
        is_here = f"{parts.scheme}://{parts.netloc}" == self.origin
        if not is_here and parts.scheme not in ("data", "blob"):
            self.abroad.append(request.url)


@contextmanager
def watched_page(
    browser: Browser,
    origin: str,
    *,
    size: tuple[int, int] = DESK,
    language: str = "zh-CN",
    theme: str = "light",
    state: Any = None,
) -> Iterator[Watched]:
    """A browser of its own, as a person of that language would have it."""
    width, height = size
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
        storage_state=state,
    )
    context.set_default_timeout(_PATIENCE_MS)
    try:
        yield Watched(context.new_page(), origin)
    finally:
        context.close()


def origin_of(link: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"
