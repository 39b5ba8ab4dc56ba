"""The first evening of an installation in a browser: the first admin, a second person's yes, and
lamps that are imported while the service runs."""

import io
import re
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from controller.adapters.sqlite import SqliteStore
from tests.fakes.base_maps import archive, vector_tile
from tests.integration.brokers import free_port
from tests.system.command import LAMPLIGHTER
from tests.system.consoles import Watched, origin_of, watched_page
from zones import demo_inventory

PASSWORD = "quiet lamps by the canal"
LUMINAIRES = 60
WATER = (0xC9, 0xDC, 0xEC)
WEIGHED_MS = 90_000
"""The proof of many nights, on a machine that is busy."""


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that the first start of a service prints; its street is not there yet."""
    folder = tmp_path_factory.mktemp("first")
    with SqliteStore(folder / "lamplighter-data") as store:
        store.save_inventory(demo_inventory(LUMINAIRES, seed=1))
    (folder / "city.pmtiles").write_bytes(
        archive(vector_tile("water"), is_vector=True, layers=("water",))
    )
    (folder / "lamplighter.toml").write_text(
        "[console]\napproval_above_luminaires = 2\n"
        'base_map = "city.pmtiles"\nbase_map_coordinates = "gcj02"\n'
    )
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
        _, rest = process.communicate(timeout=60)
    assert "Traceback" not in rest


@pytest.fixture(scope="module")
def signed_in(browser: Browser, link: str) -> Any:
    """The state of the first admin's browser, who came by the link and chose a password."""
    assert "/#/setup/" in link
    with watched_page(browser, origin_of(link)) as watched:
        page = watched.page
        page.goto(link)
        expect(page.get_by_role("button", name="创建管理员")).to_be_visible()
        watched.assert_accessible("the first admin's page")
        page.get_by_label("用户名").fill("zhao")
        page.get_by_label("姓名").fill("赵工")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_label("再次输入密码").fill("something else")
        page.get_by_role("button", name="创建管理员").click()
        expect(page.locator(".wrong")).to_be_visible()
        page.get_by_label("再次输入密码").fill(PASSWORD)
        page.get_by_role("button", name="创建管理员").click()
        expect(page.get_by_role("heading", name="今夜")).to_be_attached()
        assert "setup" not in page.url, "the spent link stays in the address"
        watched.assert_quiet()
        return page.context.storage_state()


def invited(page: Page, origin: str, user: str, name: str) -> str:
    """A one-time link for a new planner of the whole city."""
    token = page.context.request.get(f"{origin}/api/v1/session").json()["csrf"]
    grants = [{"role": role, "scope": {"kind": "city"}} for role in ("planner", "admin")]
    made = page.context.request.post(
        f"{origin}/api/v1/users",
        headers={"X-CSRF-Token": token},
        data={"id": user, "name": name, "grants": grants},
    )
    assert made.status == 201, made.text()
    return f"{origin}/#/enter/{made.json()['link']}"


def revision(page: Page, origin: str) -> str:
    """The ETag of the documents in force."""
    return str(page.context.request.get(f"{origin}/api/v1/documents/programs").headers["etag"])


def test_the_setup_link_is_spent(browser: Browser, link: str, signed_in: Any) -> None:
    with watched_page(browser, origin_of(link)) as watched:
        page = watched.page
        page.goto(link)
        page.get_by_label("用户名").fill("mallory")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_label("再次输入密码").fill(PASSWORD)
        page.get_by_role("button", name="创建管理员").click()
        expect(page.get_by_role("alert")).to_be_visible()
        # The browser itself notes the refusal.
        assert ["401" in one for one in watched.complaints] == [True]


def test_what_many_lamps_do_takes_a_second_person(
    browser: Browser, link: str, console: Watched
) -> None:
    origin = origin_of(link)
    page = console.open("schedules/calendars/arterial")
    before = revision(page, origin)
    page.get_by_label("其余日子").select_option("all-night")
    page.locator("[data-action=review]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-verdict]").first).to_be_visible(timeout=WEIGHED_MS)
    dialog.get_by_label("说明").fill("节日全夜灯")
    dialog.get_by_role("button", name="提交批准").click()
    expect(dialog).to_be_hidden(timeout=WEIGHED_MS)
    assert revision(page, origin) == before, "in force before anybody said yes"

    # Nobody says yes to what they asked for themselves.
    console.open("admin")
    mine = page.get_by_role("listitem").filter(has_text="自己提出的操作须由他人批准")
    expect(mine.first).to_be_visible()
    expect(page.get_by_role("button", name="批准", exact=True)).to_have_count(0)

    with watched_page(browser, origin) as second:
        theirs = second.page
        theirs.goto(invited(page, origin, "wang", "王工"))
        expect(theirs.get_by_role("heading", name="今夜")).to_be_attached()
        second.open("admin")
        second.assert_accessible("what waits for a second person")
        theirs.get_by_role("button", name="批准", exact=True).click()
        expect(theirs.get_by_text(re.compile("已批准第"))).to_be_visible(timeout=WEIGHED_MS)
        second.assert_quiet()
    assert revision(page, origin) != before
    console.open("schedules/calendars/arterial")
    expect(page.get_by_label("其余日子")).to_have_value("all-night")


def test_what_one_edits_is_not_shown_to_who_comes_next(
    browser: Browser, link: str, console: Watched
) -> None:
    origin = origin_of(link)
    with watched_page(browser, origin) as desk:
        page = desk.page
        page.goto(invited(console.page, origin, "sun", "孙工"))
        expect(page.get_by_role("heading", name="今夜")).to_be_attached()
        desk.open("schedules/calendars/collector")
        page.get_by_label("其余日子").select_option("all-night")
        expect(page.get_by_role("button", name="放弃修改")).to_be_visible()
        desk.open("profile")
        page.get_by_role("button", name="退出登录", exact=True).click()
        page.goto(invited(console.page, origin, "qian", "钱工"))
        expect(page.get_by_role("link", name="钱工")).to_be_visible()
        desk.open("schedules/calendars/collector")
        expect(page.get_by_label("其余日子")).not_to_have_value("all-night")
        expect(page.get_by_role("button", name="放弃修改")).to_have_count(0)


def test_the_map_stands_on_the_operators_own_base_map(console: Watched) -> None:
    page = console.open("map")
    toggle = page.get_by_role("button", name="底图")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("© Survey")).to_be_visible()
    expect(page.locator(".source a, .source b")).to_have_count(0)  # words alone
    console.assert_accessible("a map upon a base map")

    def water() -> int:
        """Pixels of the colour of water."""
        picture = Image.open(io.BytesIO(page.locator("[data-map]").screenshot())).convert("RGB")
        return sum(n for n, colour in picture.getcolors(1 << 24) or [] if colour == WATER)

    for _ in range(100):
        if water() > 10_000:
            break
        page.wait_for_timeout(100)
    assert water() > 10_000
    toggle.click()
    expect(page.get_by_text("© Survey")).to_be_hidden()
    for _ in range(100):
        if water() == 0:
            break
        page.wait_for_timeout(100)
    assert water() == 0
    toggle.click()


def test_lamps_are_imported_and_the_service_begins_anew(link: str, console: Watched) -> None:
    origin = origin_of(link)
    page = console.open("fleet/import")
    rows = (
        "灯杆号,经度,纬度,功率,道路名称,行政区",
        "P-1,116.41,39.92,100,平安大街,东城区",
        "P-2,昨天,39.92,100,平安大街,东城区",
    )
    page.get_by_label("CSV 或 GeoJSON 文件").set_input_files(
        FilePayload(name="lamps.csv", mimeType="text/csv", buffer="\n".join(rows).encode())
    )
    expect(page.get_by_role("row").filter(has_text="昨天")).to_be_visible(timeout=WEIGHED_MS)
    apply = page.get_by_role("button", name="导入并生效")
    expect(apply).to_have_count(0)  # as long as a row is wrong
    page.get_by_label("跳过有错误的行，导入其余").check()
    apply.click(timeout=WEIGHED_MS)
    expect(page.get_by_text("资产已导入")).to_be_visible(timeout=WEIGHED_MS)

    # The service takes the new lamp up by a start anew; the session holds over it.
    asked = page.context.request

    def has_it() -> bool:
        try:
            found = asked.get(f"{origin}/api/v1/luminaires/P-1")
        except Exception:
            return False
        return found.status == 200

    for _ in range(120):
        if has_it():
            break
        page.wait_for_timeout(500)
    assert has_it()
    # In between nobody answered, and the browser noted that.
    console.complaints.clear()
    console.open("map?view=table&q=P-1")
    expect(page.get_by_role("row").filter(has_text="P-1").first).to_be_visible()
