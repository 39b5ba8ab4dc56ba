"""Broker fixtures, the same as the integration tests'; a browser, and a page that is watched."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.integration.conftest import mosquitto
from tests.system.consoles import Watched, chromium, origin_of, watched_page

__all__ = ["mosquitto"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture
def console(browser: Browser, link: str, signed_in: Any) -> Iterator[Watched]:
    """The console of the module's city, signed in as the module's `signed_in` says."""
    with watched_page(browser, origin_of(link), state=signed_in) as watched:
        yield watched
        watched.assert_quiet()
