"""Every page of the console: accessible, quiet, and no wider than the screen it is on."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.system.consoles import DESK, PHONE, demonstration, origin_of, watched_page

PLACES = (
    "tonight", "wall", "overrides", "overrides?set=1", "alarms", "alarms/past", "alarms/orders",
    "audit", "admin", "admin/users", "admin/tokens", "admin/sessions", "profile",
    "schedules?zone=110101-arterial-01", "schedules?zone=110101-arterial-01&view=year",
    "schedules/calendars/arterial", "schedules/assignments", "schedules/rollouts",
    "schedules/revisions", "map", "map?view=table", "fleet", "fleet/import", "energy",
)  # fmt: skip
_LOADING = re.compile("^(正在加载…|Loading…|正在核算…|Reckoning…)$")


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    with demonstration(folder, "--luminaires", "300", "--speed", "60", "--faults", "0.05") as found:
        yield found


@pytest.fixture(scope="module")
def signed_in(browser: Browser, link: str) -> Any:
    """The state of a browser that came in by the one-time link."""
    with watched_page(browser, origin_of(link)) as watched:
        watched.page.goto(link)
        expect(watched.page.get_by_role("heading", name="今夜")).to_be_attached()
        return watched.page.context.storage_state()


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [
        pytest.param(DESK, "light", "zh-CN", id="desk-light-chinese"),
        pytest.param(PHONE, "dark", "en-GB", id="phone-dark-english"),
    ],
)
def test_every_page_is_accessible_quiet_and_fits(
    browser: Browser, link: str, signed_in: Any, size: tuple[int, int], theme: str, language: str
) -> None:
    with watched_page(
        browser, origin_of(link), state=signed_in, size=size, theme=theme, language=language
    ) as watched:
        for place in PLACES:
            page = watched.open(place)
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            expect(page.get_by_text(_LOADING)).to_have_count(0)
            watched.assert_accessible(f"{place} {language} {theme}")
            beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{place} is {beyond} pixels wider than {size[0]}"
        watched.assert_quiet()
