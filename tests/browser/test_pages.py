"""The pages in a real browser: no barrier that axe-core finds, at any width, and nothing from elsewhere."""

from hashlib import sha256

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AXE

JUNE = "as_at=2026-06-30"
PAGES = {
    "administrator": [
        "/",
        "/people",
        f"/coverage?{JUNE}",
        f"/coverage?{JUNE}&by=role",
        f"/coverage?{JUNE}&by=place",
        "/accounts",
        "/accounts/new",
        "/accounts/1",
        "/accounts/5",
        "/password",
    ],
    "hr": [
        f"/organisations/QUA/people?{JUNE}",
        "/organisations/QUA/people?search=zzzz",
        f"/people/1?{JUNE}",
        "/people/1?as_at=nonsense",
        "/people/1/statements/00000000-0000-4000-8000-000000100000",
        f"/organisations/QUA/coverage/in_scope?module=ATR-F&{JUNE}",
        "/organisations/FAR/people",
    ],
    "public health": [f"/coverage?{JUNE}"],
    "owner": [f"/learning?{JUNE}", "/accounts"],
    "nobody": ["/learning"],
}
FOR_EVERYBODY = ["/sign-in", "/accessibility", "/privacy", "/nowhere"]
# A wide screen, a phone, and a wide screen zoomed in to 400%.
WIDTHS = [1280, 375, 320]


def test_axe_core_is_what_was_published():
    """axe-core 4.14.0 from the npm registry, unchanged, under the Mozilla Public License 2.0."""
    expected = "20c09fe157a8a34a30e241aaa1fcdade657734f08ab379ecfbeb7d45cc46e878"
    assert sha256(AXE.read_bytes()).hexdigest() == expected


@pytest.mark.parametrize("who", [None, *PAGES])
def test_no_page_has_a_barrier_that_axe_finds_nor_scrolls_sideways(page, live_app, sign_in, violations, who):
    if who:
        sign_in(page, who)
    for address in PAGES[who] if who else FOR_EVERYBODY:
        page.goto(live_app + address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{address} is {wider} pixels too wide at {width}"
            if width != 320:
                assert violations(page) == [], f"{address} at {width}"


def test_the_form_with_errors_has_no_barrier_and_takes_the_eye_to_them(page, live_app, village, violations):
    page.goto(f"{live_app}/sign-in")
    page.click("main button:has-text('Sign in')")
    page.wait_for_selector(".nhsuk-error-summary")
    expect(page).to_have_title("Error: Sign in – Golden Thread")
    assert page.evaluate("document.activeElement.className").startswith("nhsuk-error-summary")
    assert violations(page) == []
    page.click(".nhsuk-error-summary a")
    assert page.evaluate("document.activeElement.id") == "email"


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_wrong_in_the_console(page, live_app, sign_in):
    loaded, said = [], []
    page.on("requestfinished", lambda request: loaded.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, "hr")
    for address in PAGES["hr"][:2]:
        page.goto(live_app + address)
    assert loaded
    assert all(address.startswith(live_app) for address in loaded)
    # The stylesheet names a typeface of the NHS; the policy blocks it, and the pages do not use it.
    assert [text for text in said if "assets.nhs.uk" not in text] == []


def test_pages_print_without_menu_and_forms(page, live_app, sign_in):
    sign_in(page, "hr")
    page.goto(f"{live_app}/coverage?{JUNE}")
    page.emulate_media(media="print")
    expect(page.locator(".gt-header").first).to_be_hidden()
    expect(page.locator(".gt-asked").first).to_be_hidden()
    expect(page.locator("text=Quarrelby Trust").first).to_be_visible()


def test_the_reasons_are_printed_though_they_were_folded(page, live_app, sign_in):
    sign_in(page, "owner")
    page.goto(f"{live_app}/learning?{JUNE}")
    reason = page.locator(".nhsuk-details__text").first
    assert not reason.is_visible()
    page.emulate_media(media="print")
    assert reason.evaluate("one => one.getBoundingClientRect().height") > 0
