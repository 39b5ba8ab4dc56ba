"""Plans drawn, proved, saved and taken back in a browser, against the real service and street."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.system.consoles import (
    Watched,
    demonstration,
    origin_of,
    watched_page,
)

ARTERIAL = "110101-arterial-01"
TUNNEL = "110105-tunnel-01"
expect.set_options(timeout=20_000)
WEIGHED_MS = 90_000
"""The proof of many nights, on a machine that is busy."""


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("console")
    with demonstration(folder, "--luminaires", "500", "--speed", "30") as address:
        yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, link: str) -> Any:
    """The state of a browser that came in by the one-time link."""
    with watched_page(browser, origin_of(link)) as watched:
        watched.page.goto(link)
        expect(watched.page.get_by_role("heading", name="今夜")).to_be_attached()
        return watched.page.context.storage_state()


@pytest.fixture
def colleague(browser: Browser, link: str, signed_in: Any) -> Iterator[Watched]:
    """Another planner, with a name and a browser of their own."""
    origin = origin_of(link)
    with watched_page(browser, origin, state=signed_in) as watched:
        asked = watched.page.context.request
        token = asked.get(f"{origin}/api/v1/session").json()["csrf"]
        made = asked.post(
            f"{origin}/api/v1/users",
            headers={"X-CSRF-Token": token},
            data={
                "id": "wang",
                "name": "王工",
                "grants": [{"role": "planner", "scope": {"kind": "city"}}],
            },
        )
        assert made.status == 201, made.text()
        invitation = made.json()["link"]
    with watched_page(browser, origin) as watched:
        watched.page.goto(f"{origin}/#/enter/{invitation}")
        expect(watched.page.get_by_role("heading", name="今夜")).to_be_attached()
        yield watched
        watched.assert_quiet()


def point(page: Page, key: str) -> Locator:
    """A point of the program on the chart."""
    return page.locator(f'[data-point="{key}"]')


def tab_to(page: Page, wanted: str, *, at_most: int = 120) -> None:
    """Walk with the tabulator until what has the focus fits a selector."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"the keyboard does not come to {wanted}")


def settled(page: Page) -> None:
    """The preview is that of the last edit."""
    expect(page.locator(".chart[aria-busy=false]")).to_be_visible()


def drag(page: Page, handle: Locator, right: float, down: float) -> None:
    """Move something with the mouse."""
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()


def reviewed(page: Page) -> Locator:
    """The dialog with the service's verdict."""
    page.locator("[data-action=review]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-verdict]").first).to_be_visible(timeout=WEIGHED_MS)
    return dialog


def revision(page: Page) -> int:
    """The revision in force, as the service says."""
    etag = page.request.get(f"{page.url.split('#')[0]}api/v1/documents/programs").headers["etag"]
    return int(re.sub(r"\D", "", etag))


def level_of(page: Page, luminaire: str) -> Callable[[], float]:
    """What a luminaire reports, asked anew with each call."""
    address = f"{page.url.split('#')[0]}api/v1/luminaires/{luminaire}"
    return lambda: float(page.request.get(address).json()["reported"]["level"] or 0.0)


def test_a_program_is_edited_by_keyboard_alone_and_the_lamps_follow(console: Watched) -> None:
    page = console.open(f"schedules?zone={TUNNEL}")
    before = revision(page)
    on = point(page, "on")
    expect(on).to_be_visible()
    settled(page)
    line = page.locator("path.line")
    drawn = line.get_attribute("d")

    # A point moves by a minute, and stays hung on the daylight.
    tab_to(page, '[data-point="on"]')
    said = on.get_attribute("aria-valuetext") or ""
    page.keyboard.press("Shift+ArrowLeft")
    settled(page)
    expect(on).not_to_have_attribute("aria-valuetext", said)
    expect(on).to_have_attribute("aria-valuetext", re.compile("前 15 分钟"))
    assert line.get_attribute("d") != drawn, "the preview is not that of the edit"

    # In the table it is hung on the clock: a tunnel burns by day.
    tab_to(page, 'select[aria-label^="开灯"]')
    page.keyboard.press("Home")
    tab_to(page, 'input[aria-label^="开灯"]')
    page.keyboard.press("Control+a")
    page.keyboard.type("1200")
    page.keyboard.press("Tab")
    settled(page)
    expect(on).to_have_attribute("aria-valuetext", re.compile("^12:00"))

    page.keyboard.press("Control+Home")
    page.locator("h1").first.evaluate("heading => heading.focus()")
    tab_to(page, "[data-action=review]")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-verdict=proved]")).to_be_visible(timeout=WEIGHED_MS)
    expect(dialog.locator("[data-cost=energy]")).to_contain_text("+")
    expect(dialog.get_by_text(re.compile(r"^\+[\d,.]+ CNY$"))).to_be_visible()
    console.assert_accessible("the review of an edit")
    tab_to(page, "[data-action=save]")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden(timeout=WEIGHED_MS)
    assert revision(page) == before + 1

    # The street does what the preview said.
    console.open(f"map?view=table&zone={TUNNEL}&states=lit")
    rows = page.locator("tbody").get_by_role("row").filter(has_text="100 %")
    expect(rows.first).to_be_visible()
    rows.first.get_by_role("button").click()
    panel = page.get_by_label("图例与选中灯具")
    expect(panel.locator("[data-level=desired]")).to_have_text("100 %")
    expect(panel.locator("[data-level=reported]")).to_have_text("100 %")
    expect(panel.get_by_text("12:00")).to_be_visible()
    console.assert_accessible("a luminaire and why")

    # One click takes it back, and the lamps follow again.
    name = panel.get_by_role("heading", level=2).first.inner_text()
    console.open("schedules/revisions")
    page.get_by_role("button", name=f"恢复到版本 {before}", exact=True).click()
    page.locator("[data-action=rollback]").click()
    expect(page.get_by_text(f"已恢复到版本 {before}")).to_be_visible()
    console.open(f"map?view=table&luminaire={name}")
    expect(page.locator("[data-level=reported]")).to_have_text("0 %")


def test_points_are_dragged_with_the_mouse_and_refused_below_the_floor(console: Watched) -> None:
    page = console.open(f"schedules?zone={ARTERIAL}")
    step = point(page, "step0")
    expect(step).to_be_visible()
    settled(page)
    was = step.get_attribute("aria-valuetext") or ""
    before = page.locator('[data-at="step0"]').inner_text()

    drag(page, step, 40, 40)
    settled(page)
    expect(step).not_to_have_attribute("aria-valuetext", was)
    after = page.locator('[data-at="step0"]')
    expect(after).not_to_have_text(before)
    assert int(after.inner_text()[-2:]) % 5 == 0, "dragging keeps to five minutes"
    expect(page.locator("path.saved")).to_be_visible()

    # What hangs on the sun stays hung on it: dragging changes how far from it.
    drag(page, point(page, "on"), 30, 0)
    settled(page)
    expect(point(page, "on")).to_have_attribute("aria-valuetext", re.compile(r"后 \d+ 分钟"))
    page.keyboard.press("Control+z")
    settled(page)
    expect(point(page, "on")).not_to_have_attribute("aria-valuetext", re.compile("分钟"))

    dialog = reviewed(page)
    expect(dialog.locator("[data-verdict=proved]")).to_be_visible()
    expect(dialog.locator("[data-action=save]")).to_be_enabled()
    dialog.get_by_role("button", name="返回修改").click()

    # Below the floor of the road's class nothing goes, and it is said at once.
    drag(page, step, 0, 150)
    settled(page)
    expect(page.get_by_text(re.compile("低于下列分区.*此修改会被拒绝"))).to_be_visible()
    dialog = reviewed(page)
    expect(dialog.locator("[data-verdict=refused]")).to_contain_text("46")
    expect(dialog.locator("[data-action=save]")).to_be_disabled()
    console.assert_accessible("a refused edit")
    dialog.get_by_role("button", name="返回修改").click()
    page.get_by_role("button", name="放弃修改").click()
    expect(step).to_have_attribute("aria-valuetext", was)


def test_points_are_added_and_removed(console: Watched) -> None:
    page = console.open(f"schedules?zone={ARTERIAL}")
    steps = page.locator('[data-point^="step"]')
    expect(steps).to_have_count(4)
    page.get_by_role("button", name="添加调光点").click()
    expect(steps).to_have_count(5)
    settled(page)
    point(page, "step4").focus()
    page.keyboard.press("Delete")
    expect(steps).to_have_count(4)
    page.get_by_role("button", name="撤销").click()
    expect(steps).to_have_count(5)
    page.get_by_role("button", name="放弃修改").click()
    expect(steps).to_have_count(4)


def test_a_year_shows_which_nights_an_edit_changes(console: Watched) -> None:
    page = console.open(f"schedules?zone={ARTERIAL}")
    point(page, "step0").focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="全年").click()
    expect(page.get_by_text(re.compile(r"\d+ 夜有变化"))).to_be_visible()
    year = page.get_by_role("slider", name=re.compile("每个控制日"))
    year.focus()
    said = year.get_attribute("aria-valuetext") or ""
    page.keyboard.press("ArrowRight")
    expect(year).not_to_have_attribute("aria-valuetext", said)
    page.keyboard.press("Enter")
    expect(point(page, "step0")).to_be_visible()
    page.get_by_role("button", name="放弃修改").click()


def test_two_people_edit_the_same_calendar(console: Watched, colleague: Watched) -> None:
    ours, theirs = (
        console.open("schedules/calendars/arterial"),
        colleague.open("schedules/calendars/arterial"),
    )
    for page, program in ((ours, "expressway"), (theirs, "all-night")):
        page.get_by_label("其余日子").select_option(program)
    dialog = reviewed(theirs)
    dialog.get_by_label("说明").fill("主干路全夜灯")
    dialog.locator("[data-action=save]").click()
    expect(dialog).to_be_hidden(timeout=WEIGHED_MS)

    # Ours began earlier: it is told so at once, and nothing is overwritten unseen.
    expect(ours.get_by_text(re.compile("其他人保存了新版本"))).to_be_visible()
    reviewed(ours).locator("[data-action=save]").click()
    conflict = ours.get_by_role("dialog")
    expect(conflict).to_contain_text("wang")
    expect(conflict).to_contain_text("主干路全夜灯")
    expect(conflict.get_by_text("all-night")).to_be_visible()
    console.assert_accessible("two people's edits")
    # The browser itself notes the refusal of the late one, and nothing else.
    console.complaints[:] = [one for one in console.complaints if "412" not in one]

    conflict.locator("[data-action=reload]").click()
    expect(conflict).to_be_hidden()
    expect(ours.get_by_label("其余日子")).to_have_value("all-night")
    ours.get_by_label("其余日子").select_option("arterial")
    dialog = reviewed(ours)
    dialog.locator("[data-action=save]").click()
    expect(dialog).to_be_hidden(timeout=WEIGHED_MS)
    expect(theirs.get_by_label("其余日子")).to_have_value("arterial")


def test_an_edit_reaches_one_district_first_and_then_the_others(console: Watched) -> None:
    page = console.open(f"schedules?zone={ARTERIAL}")
    point(page, "step1").focus()
    page.keyboard.press("ArrowUp")
    dialog = reviewed(page)
    dialog.get_by_label(re.compile("先在一个区试行")).check()
    dialog.get_by_label("先行的区").select_option(label="东城区")
    dialog.get_by_label("说明").fill("先试东城")
    dialog.locator("[data-action=save]").click()
    expect(dialog).to_be_hidden(timeout=WEIGHED_MS)

    stages = page.locator("ol.stages li")
    expect(stages.first).to_contain_text("东城区")
    expect(stages.first).to_contain_text("已生效")
    expect(stages.nth(1)).to_contain_text("等待")
    console.assert_accessible("a rollout")
    advance = page.locator("[data-action=advance]")
    for number in range(1, stages.count()):
        advance.click()
        expect(stages.nth(number)).to_contain_text("已生效")
    expect(advance).to_have_count(0)
    console.open("schedules/revisions")
    expect(page.get_by_role("row").filter(has_text="先试东城").first).to_be_visible()


def test_an_inventory_is_looked_at_before_anything_changes(console: Watched) -> None:
    page = console.open("fleet/import")
    before = revision(page)
    rows = (
        "灯杆号,经度,纬度,功率,道路名称,行政区",
        "P-1,116.41,39.92,100,平安大街,东城区",
        "P-2,昨天,39.92,100,平安大街,东城区",
    )
    page.get_by_label("CSV 或 GeoJSON 文件").set_input_files(
        FilePayload(name="lamps.csv", mimeType="text/csv", buffer="\n".join(rows).encode())
    )
    wrong = page.get_by_role("row").filter(has_text="昨天")
    expect(wrong).to_be_visible(timeout=WEIGHED_MS)
    # The column that was guessed can be said otherwise.
    wattage = page.get_by_label("功率 对应的列", exact=True)
    expect(wattage).to_have_value("功率")
    wattage.select_option("")
    expect(
        page.get_by_text(re.compile(r"\d+ 处错误")).or_(page.get_by_text("没有错误"))
    ).to_be_visible()
    console.assert_accessible("an inventory that was read")
    assert revision(page) == before


def test_the_map_selects_with_a_lasso_what_an_override_is_for(console: Watched) -> None:
    page = console.open(f"map?zone={ARTERIAL}")
    lasso = page.get_by_role("button", name="套索选择")
    expect(lasso).to_be_enabled()
    page.wait_for_timeout(800)  # the map flies to the zone
    lasso.click()
    box = page.locator("[data-map]").bounding_box()
    assert box is not None
    corners = ((0.03, 0.03), (0.9, 0.03), (0.97, 0.97), (0.03, 0.97), (0.03, 0.05))
    for number, (right, down) in enumerate(corners):
        page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"], steps=5)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    chosen = page.get_by_role("heading", name=re.compile(r"已选 [\d,]+ 盏灯"))
    expect(chosen).to_be_visible()
    console.assert_accessible("what was lassoed")
    page.locator("[data-action=override]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="取消选择").click()
    expect(chosen).to_be_hidden()


def test_the_table_is_the_maps_equal_by_keyboard(console: Watched) -> None:
    page = console.open(f"map?view=table&zone={ARTERIAL}")
    boxes = page.get_by_role("checkbox", name=re.compile("^选择灯具"))
    expect(boxes.first).to_be_visible()
    tab_to(page, 'input[aria-label="选择本页全部灯具"]')
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name=re.compile("已选"))).to_be_visible()
    expect(boxes.first).to_be_checked()


def test_a_report_is_downloaded(console: Watched) -> None:
    page = console.open("energy")
    ladder = page.get_by_role("heading", name="节电阶梯")
    nothing_yet = page.get_by_text(re.compile("还没有核算数据"))
    for _ in range(60):
        expect(ladder.or_(nothing_yet)).to_be_visible(timeout=WEIGHED_MS)
        if ladder.is_visible():
            break
        page.wait_for_timeout(3000)  # the first quarter of an hour is not over
        page.reload()
    expect(page.locator("[data-status=provisional]")).to_contain_text("暂报")
    with page.expect_download(timeout=WEIGHED_MS) as waiting:
        page.get_by_role("link", name=re.compile("CSV")).click()
    assert waiting.value.suggested_filename.endswith(".csv")
