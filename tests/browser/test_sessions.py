"""A register in a training room: on a phone, by keyboard alone, and without JavaScript."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from lms import clock
from tests.web.village import PASSWORD, Village

WIDTHS = [1280, 375, 320]


def plan(page: Page, live_app: str) -> str:
    """Plan a session that began at midnight today, put four people on its register, and give its address."""
    today = clock.today()
    page.goto(f"{live_app}/sessions/new")
    page.select_option("#module", "ATR-F")
    page.fill("#day-day", str(today.day))
    page.fill("#day-month", f"{today:%B}")
    page.fill("#day-year", str(today.year))
    page.fill("#starts", "0:00")
    page.click("text=Plan the session")
    address = page.url
    page.click("text=Find people to add")
    for words, most in (("khan", 2), ("neill", 2)):
        page.fill("#search", words)
        page.click("main button:has-text('Search')")
        for number in range(most):
            page.locator("input[type=checkbox]").nth(number).check()
        page.click("text=Add and search again")
    page.goto(address)
    return address


def test_no_page_of_sessions_has_a_barrier_that_axe_finds_nor_scrolls_sideways(
    page: Page,
    live_app: str,
    sign_in: Callable[[Page, str], None],
    violations: Callable[[Page], list[str]],
) -> None:
    sign_in(page, "trainer")
    register = plan(page, live_app)
    page.fill("#name", "Jo Berry")
    page.click("text=Add as attended")
    line = page.locator("a:has-text('Match')").get_attribute("href")
    one = register.removesuffix("/register")
    for address in (
        f"{live_app}/sessions",
        f"{live_app}/sessions/past?whose=all",
        f"{live_app}/sessions/new",
        f"{live_app}/sessions/walk-ins",
        one,
        f"{one}/change",
        f"{one}/people?search=khan",
        register,
        f"{live_app}{line}?search=khan",
    ):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{address} is {wider} pixels too wide at {width}"
        assert violations(page) == [], address
        page.set_viewport_size({"width": 1280, "height": 800})
        assert violations(page) == [], address


def test_on_a_phone_every_mark_can_be_hit_with_a_thumb_and_saving_is_always_in_reach(
    page: Page, live_app: str, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "trainer")
    plan(page, live_app)
    page.set_viewport_size({"width": 375, "height": 667})
    page.reload()
    marks = page.locator(".gt-register__mark")
    expect(marks).to_have_count(16)
    for number in range(16):
        box = marks.nth(number).bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 120
    page.locator(".gt-register__line").first.scroll_into_view_if_needed()
    button = page.locator("text=Save the register").bounding_box()
    assert button
    assert button["y"] + button["height"] <= 667
    page.locator(".gt-register__mark:has-text('Attended')").nth(0).click()
    page.click("text=Save the register")
    expect(page.locator("text=The register is saved. 1 mark changed.").first).to_be_visible()
    expect(page.locator("input[type=radio][value=attended]").nth(0)).to_be_checked()


def test_the_focus_is_never_hidden_behind_the_button_that_stays(
    page: Page, live_app: str, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "trainer")
    plan(page, live_app)
    page.set_viewport_size({"width": 375, "height": 500})
    page.reload()
    page.locator("input[type=radio]").first.focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const one = document.activeElement.getBoundingClientRect();
                const bar = document.querySelector('.gt-register__save');
                if (!bar || bar.contains(document.activeElement)) return false;
                const over = bar.getBoundingClientRect();
                return one.bottom > over.top && one.top < over.bottom;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")


def test_a_register_is_marked_and_saved_by_keyboard_alone(
    page: Page, live_app: str, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "trainer")
    plan(page, live_app)
    page.reload()
    marked = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            page.keyboard.press("ArrowDown")
            marked += 1
        if page.evaluate("document.activeElement.innerText") == "Save the register":
            break
    assert marked == 4
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("text=4 marks changed").first).to_be_visible()
    expect(page.locator("input[type=radio][value=attended]:checked")).to_have_count(4)


def test_the_whole_thread_works_without_javascript(plain: Page, live_app: str, village: Village) -> None:
    page = plain
    page.goto(f"{live_app}/sessions")
    page.fill("#email", "trainer@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Sign in')")
    plan(page, live_app)
    page.locator("input[value=left_early]").nth(0).check()
    page.locator("input[value=absent]").nth(1).check()
    page.click("text=Save, and everybody else attended")
    expect(page.locator("text=4 marks changed").first).to_be_visible()
    expect(
        page.locator("text=4 names: 2 attended, 1 left early, 1 absent, 0 booked and not marked").first
    ).to_be_visible()
    page.fill("#name", "Amina K")
    page.click("text=Add as attended")
    expect(page.locator("text=Amina K is on the register as attended.").first).to_be_visible()
    page.click("a:has-text('Match')")
    page.fill("#search", "khan")
    page.click("main button:has-text('Search')")
    page.locator("input[type=radio]").nth(2).check()
    page.click("text=This is the person")
    expect(page.locator("text=The walk-in is matched.").first).to_be_visible()
    expect(page.locator("a:has-text('Match')")).to_have_count(0)


def test_the_first_thing_wrong_takes_the_eye_and_the_links_lead_to_the_fields(
    page: Page, live_app: str, sign_in: Callable[[Page, str], None], violations: Callable[[Page], list[str]]
) -> None:
    sign_in(page, "trainer")
    page.goto(f"{live_app}/sessions/new")
    page.click("text=Plan the session")
    page.wait_for_selector(".nhsuk-error-summary")
    expect(page).to_have_title(re.compile("^Error: "))
    assert violations(page) == []
    page.click("text=Enter the date of the session >> nth=0")
    assert page.evaluate("document.activeElement.id") == "day-day"
