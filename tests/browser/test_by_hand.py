"""The thread by hand: by keyboard alone, and without JavaScript."""

import re

from playwright.sync_api import Page, expect

from tests.web.village import PASSWORD

JUNE = "as_at=2026-06-30"
MARKED = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
}"""

# A table's region is a stop as well, but not what is looked for.
WORDS = """() => {
    const one = document.activeElement;
    return one.matches('a, button, summary, input') ? one.innerText || one.id : '';
}"""


def tab_to(page: Page, words: str, most: int = 80) -> None:
    """Press Tab until the focus stands on something with these words; each stop on the way is visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(MARKED), "the focus cannot be seen"
        text = page.evaluate(WORDS)
        if re.search(words, text):
            return
    raise AssertionError(f"No Tab leads to {words}")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_hr_signs_in_and_follows_a_figure_to_the_statement_by_keyboard_alone(page, live_app, village):
    page.goto(f"{live_app}/coverage?{JUNE}")
    tab_to(page, "^email$")
    page.keyboard.type("hr@example.org")
    tab_to(page, "^password$")
    page.keyboard.type(PASSWORD)
    enter(page)
    expect(page).to_have_title("Coverage – Golden Thread")
    tab_to(page, "due soon")
    enter(page)
    expect(page).to_have_title("People due soon, ATR Foundation – Golden Thread")
    tab_to(page, "Ben O’Neill")
    enter(page)
    expect(page).to_have_title("Ben O’Neill – Golden Thread")
    tab_to(page, "^Why")
    page.keyboard.press("Enter")
    expect(page.locator("text=Everyone in the whole partnership needs ATR-F").first).to_be_visible()
    page.goto(page.url)
    tab_to(page, "see the record")
    enter(page)
    expect(page).to_have_title("Record of ATR Foundation – Golden Thread")
    expect(page.locator("pre").first).to_contain_text("http://adlnet.gov/expapi/verbs/completed")


def test_the_skip_link_is_the_first_stop_and_passes_the_menu(page, live_app, sign_in):
    sign_in(page, "hr")
    page.goto(f"{live_app}/coverage?{JUNE}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    box = page.locator(".nhsuk-skip-link").bounding_box()
    assert box
    assert box["width"] > 50
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "maincontent"


def test_a_wide_table_is_scrolled_by_keyboard(page, live_app, sign_in):
    page.set_viewport_size({"width": 375, "height": 800})
    sign_in(page, "hr")
    page.goto(f"{live_app}/coverage?{JUNE}")
    region = page.locator(".gt-scroll").nth(1)
    region.focus()
    for _ in range(
        100
    ):  # a key pressed before the first frame is painted scrolls nothing; people press again
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
        if region.evaluate("one => one.scrollLeft > 0"):
            break
    assert region.evaluate("one => one.scrollLeft > 0")


def test_everything_works_without_javascript(plain, live_app, village):
    page = plain
    page.goto(f"{live_app}/coverage")
    page.fill("#email", "hr@example.org")
    page.fill("#password", "wrong")
    page.click("main button:has-text('Sign in')")
    expect(page.locator("text=There is a problem").first).to_be_visible()
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Sign in')")
    expect(page).to_have_title("Coverage – Golden Thread")

    for part, text in (("day", "30"), ("month", "June"), ("year", "2026")):
        page.fill(f"#as_at-{part}", text)
    page.click("text=Show this day")
    expect(page.locator("text=As at 30 June 2026").first).to_be_visible()
    with page.expect_download() as download:
        page.click("text=Download these figures")
    assert download.value.suggested_filename == "coverage-by-module-2026-06-30.csv"
    page.locator("a[href*='coverage/due_soon']").first.click()
    page.click("text=Ben O’Neill >> nth=0")
    expect(page.locator("text=Due soon").first).to_be_visible()
    page.click("summary >> nth=0")
    expect(page.locator(".nhsuk-details__text").first).to_be_visible()
    page.click("text=see the record")
    expect(page.locator("pre").first).to_contain_text("verbs/completed")

    page.click("text=People >> nth=0")
    page.fill("#search", "khan")
    page.click("main button:has-text('Search')")
    expect(page.locator("text=Amina Khan").first).to_be_visible()
    page.click("text=Sign out")
    expect(page.locator("text=You are signed out.").first).to_be_visible()


def test_an_administrator_makes_an_account_without_javascript(plain, live_app, village):
    page = plain
    page.goto(f"{live_app}/accounts/new")
    page.fill("#email", "administrator@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Sign in')")
    page.fill("#name", "New Comer")
    page.fill("#email", "new@example.org")
    page.select_option("#role", "trainer")
    page.select_option("#organisation", "QUA")
    page.click("text=Make the account")
    first = page.inner_text(".gt-secret")
    page.click("text=Sign out")
    page.fill("#email", "new@example.org")
    page.fill("#password", first)
    page.click("main button:has-text('Sign in')")
    expect(page.locator("text=Choose your own password").first).to_be_visible()
