"""The pages of the record in a real browser: without a barrier, by keyboard alone, and without JavaScript."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lms import clock, db, settings
from lms.rules.completions import Reason
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from lms.services.completions import decided, settling, waiting
from lms.services.completions.resolving import SET_ASIDE
from lms.services.statements import forwarding, stores
from tests.browser.test_by_hand import enter, tab_to
from tests.browser.test_pages import WIDTHS
from tests.web.test_record import Package, address, person_of, statement
from tests.web.village import PASSWORD, Village

LONG = "https://lms.example.org/a/very/long/address/of/a/course/that-does-not-end/with/many/parts/7"


@pytest.fixture
def record(village: Village) -> list[str]:
    """Statements that wait for every reason, a key and a store that refuses; the pages to look at."""
    now = clock.now()
    with db.transaction() as session:
        store_id = stores.add(
            session,
            COMMAND_LINE,
            name="Leeds",
            address="https://lrs.example.org",
            username="u",
            sealed="",
            forwards=True,
            pulls=True,
            trusted=False,
            now=now,
        )
    trusted, untrusted = Package(village), Package(village, trusted=False)
    dev = person_of("100003")
    trusted.say(*(statement() for _ in range(25)), statement(dev, LONG))
    trusted.say(statement({"mbox": "mailto:gone@home.example"}))
    trusted.say(*(statement(dev, timestamp=(now + timedelta(days=9)).isoformat()) for _ in range(2)))
    untrusted.say(statement(dev))
    with db.transaction() as session:
        parcel = forwarding.due(session, store_id, now + timedelta(minutes=1))
        assert parcel
        forwarding.refused(session, store_id, parcel.seqs[0], "400: " + "no such verb " * 20, now)
        stores.failed(session, store_id, "The store does not answer.", now)
        gone = waiting.about(session, Reason.UNKNOWN_ACTOR, "mbox mailto:gone@home.example")
        settling.decide(session, COMMAND_LINE, gone, SET_ASIDE, settings.current().base_url, now=now)
        act = decided.acts(session)[0][0].act_id
        items = waiting.listed(session)
        key = keys.listed(session)[0].prefix
    return [
        *("/record", "/record?reason=future", "/record?reason=ambiguous_actor"),
        *(f"{address(one)}?search=a" for one in items),
        *("/record/keys", "/record/keys/new", f"/record/keys/{key}"),
        *("/record/stores", "/record/stores/new", f"/record/stores/{store_id}"),
        *("/record/decided", "/record/decided?of=activities", "/record/decided?of=statements"),
        f"/record/decided/{act}",
    ]


def enter_password(page: Page, live_app: str, path: str, who: str = "administrator") -> None:
    page.goto(live_app + path)
    page.fill("#email", f"{who}@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Sign in')")


def test_no_page_of_the_record_has_a_barrier_nor_scrolls_sideways(
    page, live_app, sign_in, violations, record
):
    sign_in(page, "administrator")
    for path in record:
        page.goto(live_app + path)
        for one in page.locator("details").all()[:1]:
            one.evaluate("one => one.open = true")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{path} is {wider} pixels too wide at {width}"
            if width != 320:
                assert violations(page) == [], f"{path} at {width}"


def test_an_actor_is_found_matched_and_taken_back_by_keyboard_alone(page, live_app, sign_in, record):
    sign_in(page, "administrator")
    page.goto(f"{live_app}/record")
    tab_to(page, "dev@home.example")
    enter(page)
    expect(page.locator("text=25 statements wait for this").first).to_be_visible()
    tab_to(page, "^search$")
    page.keyboard.type("Patel")
    enter(page)
    tab_to(page, r"^This is the person[\s:]+Dev Patel-Smith, Quarrelby Trust 100003")
    enter(page)
    expect(page.locator(".gt-said").first).to_contain_text("25 statements count now")
    tab_to(page, "^Decided$")
    enter(page)
    tab_to(page, "^Take back")
    enter(page)
    expect(page.locator(".gt-said").first).to_contain_text("25 statements wait again")


def test_an_activity_a_source_and_a_clock_are_resolved_without_javascript(plain, live_app, record):
    page = plain
    enter_password(page, live_app, "/record")
    page.click(f"text={LONG}")
    page.click("text=It means this module")
    expect(page.locator(".nhsuk-error-summary").first).to_contain_text("Choose the module")
    page.select_option("#module", "ATR-F")
    page.click("text=It means this module")
    expect(page.locator(".gt-said").first).to_contain_text("1 statement counts now")
    page.click("text=key e-learning")
    page.click("summary >> nth=0")
    expect(page.locator("pre").first).to_contain_text("verbs/completed")
    page.click("text=Trust it for completions")
    expect(page.locator(".gt-said").first).to_contain_text("1 statement counts now")
    page.select_option("#reason", "future")
    page.click("main button:has-text('Show')")
    page.click("table a >> nth=0")
    page.click("text=Count on the day of storing")
    expect(page.locator(".gt-said").first).to_contain_text("2 statements count now")


def test_a_key_is_made_without_javascript_and_its_secret_shown_once(plain, live_app, village):
    page = plain
    enter_password(page, live_app, "/record/keys/new")
    page.click("text=Make the key")
    expect(page.locator(".nhsuk-error-summary").first).to_contain_text("Enter a name")
    page.fill("#name", "E-learning")
    page.check("#scope-1")
    page.check("#trusted-yes")
    page.click("text=Make the key")
    secret = page.locator(".gt-secret").nth(1).inner_text()
    page.click("text=Go to the key")
    expect(page.locator("text=What it writes counts").first).to_be_visible()
    assert secret not in page.content()
    page.click("text=Revoke this key")
    expect(page.locator(".gt-said").first).to_contain_text("It opens nothing any more")


def test_somebody_downloads_their_whole_record(plain, live_app, village):
    page = plain
    enter_password(page, live_app, "/learning", "owner")
    with page.expect_download() as download:
        page.click("text=Download your whole record")
    kept = json.loads(Path(download.value.path()).read_text())
    assert [one["id"] for one in kept] == [village.statements["owner"]]
    assert download.value.suggested_filename.startswith("my-learning-record-")


def test_the_page_with_the_secret_has_no_barrier_nor_scrolls_sideways(
    page, live_app, sign_in, violations, village
):
    sign_in(page, "administrator")
    page.goto(f"{live_app}/record/keys/new")
    page.fill("#name", "E-learning")
    page.check("#scope-1")
    page.click("text=Make the key")
    expect(page.locator(".gt-secret").first).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
