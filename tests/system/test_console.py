"""What an operator does every evening, in a browser, against the real service and street."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.system.consoles import (
    PHONE,
    Watched,
    demonstration,
    origin_of,
    watched_page,
)

PASSWORD = "quiet lamps by the canal"


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # A minute of the street in a second: an override of hours ends while the tests run.
    folder = tmp_path_factory.mktemp("console")
    with demonstration(
        folder, "--luminaires", "300", "--speed", "60", "--faults", "0.05"
    ) as address:
        yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, link: str) -> Any:
    """The state of a browser that came in by the one-time link, with a password set since."""
    with watched_page(browser, origin_of(link)) as watched:
        page = watched.page
        page.goto(link)
        expect(page.get_by_role("heading", name="今夜")).to_be_attached()
        assert "enter" not in page.url, "the spent link stays in the address"
        watched.open("profile")
        page.get_by_label("新密码").fill(PASSWORD)
        page.get_by_label("再次输入密码").fill(PASSWORD)
        page.get_by_role("button", name="修改密码").click()
        expect(page.get_by_text("密码已修改")).to_be_visible()
        watched.assert_quiet()
        return page.context.storage_state()


def counted(page: Page, state: str) -> int:
    """Luminaires in a state, as the city's card says."""
    text = page.get_by_role("link").filter(has_text=state).first.inner_text()
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_one_signs_in_by_password_and_is_refused_with_a_wrong_one(
    browser: Browser, link: str, signed_in: Any
) -> None:
    with watched_page(browser, origin_of(link)) as watched:
        page = watched.open("tonight")
        watched.assert_accessible("sign-in")
        page.get_by_label("用户名").fill("demo")
        page.get_by_label("密码").fill("not the password")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="各区与分区")).to_be_visible()
        # The browser itself notes the refusal of the wrong password, and nothing else.
        assert [one for one in watched.complaints if "401" not in one] == []
        assert watched.abroad == []


def test_a_link_lets_in_once(browser: Browser, link: str, signed_in: Any) -> None:
    with watched_page(browser, origin_of(link)) as watched:
        watched.page.goto(link)
        expect(watched.page.get_by_role("alert")).to_be_visible()
        expect(watched.page.get_by_role("button", name="登录")).to_be_visible()


def test_tonight_is_live(console: Watched) -> None:
    page = console.open("tonight")
    expect(page.get_by_text("实时", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="系统健康")).to_be_visible()
    clock = page.get_by_role("banner").locator("time")
    was = clock.get_attribute("datetime")
    expect(clock).not_to_have_attribute("datetime", was or "")
    district = page.get_by_role("button", name="东城区")
    district.click()
    expect(district).to_have_attribute("aria-expanded", "true")


def test_an_override_lights_a_district_by_day_and_its_end_puts_it_out(console: Watched) -> None:
    page = console.open("tonight")
    expect(page.get_by_text("按计划熄灭").first).to_be_visible()

    console.open("overrides?set=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name=re.compile("朝阳区")).check()
    # How many it means is said before it is set.
    expect(dialog.get_by_role("status")).to_contain_text(re.compile(r"\d+ 盏灯"))
    dialog.get_by_label("原因").fill("检查线路")
    dialog.get_by_role("button", name="8 小时").click()
    console.assert_accessible("setting an override")
    dialog.get_by_role("button", name="立即生效").click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("row").filter(has_text="检查线路")
    expect(row).to_be_visible()

    console.open("tonight")
    expect(page.get_by_text("检查线路")).to_be_visible()
    lamps = page.get_by_role("row").filter(has_text="朝阳区").get_by_role("cell")
    expect(lamps.nth(2)).to_have_text(re.compile(r"9\d|100"))
    assert counted(page, "点亮") > 0

    console.open("overrides")
    row.get_by_role("button", name=re.compile("解除")).click()
    page.get_by_role("button", name="立即解除").click()
    expect(row).to_be_hidden()
    console.open("tonight")
    expect(lamps.nth(2)).to_have_text("–")


def test_an_override_below_the_floor_says_how_many_it_holds(console: Watched) -> None:
    page = console.open("overrides?set=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name=re.compile("海淀区")).check()
    dialog.get_by_label("亮度（%）").fill("5")
    expect(dialog.get_by_role("status")).to_contain_text("下限")


def test_an_alarm_becomes_a_work_order_that_is_done(console: Watched) -> None:
    page = console.open("alarms")
    # What is about one luminaire: its alarm comes within seconds of the street's first words.
    alarm = page.get_by_role("row").filter(has_text="灯具").filter(has_text="未确认").first
    number = alarm.get_by_role("rowheader").inner_text().split()[0]
    alarm.get_by_role("button", name=f"派工单: {number}", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("负责人").fill("赵工")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name=f"确认: {number}", exact=True).click()
    dialog.get_by_label("备注").fill("已派单")
    console.assert_accessible("taking notice")
    dialog.get_by_role("button", name="确认", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("row").filter(has_text="已派单")).to_be_visible()

    console.open("alarms/orders")
    order = page.get_by_role("row").filter(has_text="赵工")
    expect(order).to_contain_text("待处理")
    order.get_by_role("button").click()
    dialog.get_by_label("已完成").check()
    dialog.get_by_label("备注").fill("换了驱动电源")
    console.assert_accessible("a work order")
    dialog.get_by_role("button", name="保存").click()
    expect(order).to_contain_text("已完成")


def test_whom_one_invites_sees_only_their_district(
    console: Watched, browser: Browser, link: str
) -> None:
    page = console.open("admin/users")
    page.get_by_role("button", name="邀请用户").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("用户名").fill("liqiang")
    dialog.get_by_label("姓名").fill("李强")
    dialog.get_by_label("角色", exact=True).select_option("operator")
    dialog.get_by_label("范围").select_option("district")
    dialog.get_by_label("区", exact=True).select_option(label="海淀区")
    console.assert_accessible("inviting a user")
    dialog.get_by_role("button", name="邀请用户").click()
    theirs = dialog.get_by_label("一次性链接").input_value()
    dialog.get_by_role("button", name="完成").click()
    expect(page.get_by_role("row").filter(has_text="李强")).to_contain_text("值班员：海淀区")

    with watched_page(browser, origin_of(link), size=PHONE, language="en-GB") as watched:
        watched.page.goto(theirs)
        rows = watched.page.get_by_role("table", name="Districts and zones").get_by_role("row")
        expect(rows.filter(has_text="Haidian")).to_be_visible()
        expect(rows.filter(has_text="Chaoyang")).to_have_count(0)
        # What they may not do is not offered: no audit log, no users.
        watched.page.get_by_role("button", name="More").click()
        expect(watched.page.get_by_role("link", name="Audit")).to_have_count(0)
        watched.assert_quiet()

    console.open("audit")
    expect(page.get_by_role("row").filter(has_text="邀请用户").first).to_contain_text("liqiang")
    page.get_by_role("button", name="校验完整性").click()
    expect(page.get_by_text("审计记录完整")).to_be_visible()


def test_another_language_is_spoken_at_once_and_kept(console: Watched) -> None:
    page = console.open("tonight")
    page.get_by_role("banner").get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Districts and zones")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    page.reload()
    expect(page.get_by_role("heading", name="Districts and zones")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="各区与分区")).to_be_visible()


def test_a_session_that_ends_leaves_the_page_as_it_was(
    browser: Browser, link: str, signed_in: Any
) -> None:
    with watched_page(browser, origin_of(link)) as watched:
        page = watched.open("tonight")
        page.get_by_label("用户名").fill("demo")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="各区与分区")).to_be_visible()
        watched.open("overrides?set=1")
        page.get_by_role("dialog").get_by_label("原因").fill("half written")
        page.context.clear_cookies()
        page.get_by_role("dialog").get_by_role("checkbox", name=re.compile("朝阳区")).check()

        again = page.get_by_role("dialog", name="会话已过期")
        again.get_by_label("用户名").fill("demo")
        again.get_by_label("密码").fill(PASSWORD)
        again.get_by_role("button", name="登录").click()
        expect(again).to_be_hidden()
        expect(page.get_by_label("原因")).to_have_value("half written")


def test_tonight_is_used_by_keyboard_alone(console: Watched) -> None:
    page = console.open("tonight")
    expect(page.get_by_role("heading", name="各区与分区")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    opener = page.get_by_role("button", name="东城区")
    for _ in range(40):
        page.keyboard.press("Tab")
        if opener.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")


def test_the_built_console_holds_no_address_of_another_machine() -> None:
    built = Path(__file__).parents[2] / "controller" / "web" / "console"
    assert built.is_dir(), "make console builds it"
    index = (built / "index.html").read_text(encoding="utf-8")
    assert "http://" not in index
    assert "https://" not in index
    assert "style=" not in index
    assert "<script>" not in index
