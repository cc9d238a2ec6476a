"""The training map in a real browser: no barrier, the arrow keys, and the sentence while somebody types."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from lms import clock, db
from lms.rules.prior_learning import Claim
from lms.services import prior_learning, reference
from lms.services.audit import COMMAND_LINE
from lms.services.people import exemptions
from lms.services.training_map import drafts
from tests.web.test_training_map import MAP
from tests.web.village import BASE_URL, NOW, Village

WIDTHS = (1280, 375)


@pytest.fixture
def draft(village: Village, live_app: str) -> str:
    """The address of a draft of the village's map."""
    with db.transaction() as session:
        reference.load(session, {"training-map.csv": MAP}, now=NOW, base_url=BASE_URL)
        made = drafts.begin(session, title="Spring", actor=COMMAND_LINE, now=clock.now())
        return f"{live_app}/training-map/drafts/{made.id}"


def test_no_page_of_the_map_has_a_barrier_nor_scrolls_sideways(
    page: Page, draft: str, live_app: str, sign_in: Callable, violations: Callable
) -> None:
    sign_in(page, "administrator")
    addresses = [
        draft,
        f"{draft}/requirement?who=role&value=RN&module=SG-1",
        f"{draft}/preview",
        *(
            f"{live_app}/training-map{part}"
            for part in (
                "",
                "/versions",
                "/versions/2",
                "/versions/2/undo",
                "/modules",
                "/frameworks",
                "/roles",
            )
        ),
        f"{live_app}/training-map/gaps",
        f"{live_app}/prior-learning",
        f"{live_app}/people/1/decisions",
        f"{live_app}/learning/prior",
    ]
    for address in addresses:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{address} is {wider} pixels too wide at {width}"
            assert violations(page) == [], f"{address} at {width}"


def test_what_waits_and_what_was_decided_has_no_barrier(
    page: Page, village: Village, live_app: str, sign_in: Callable, violations: Callable
) -> None:
    owner, today, now = village.employments["owner"], clock.today(), clock.now()
    with db.transaction() as session:
        for day in (today, today - timedelta(days=1)):
            claim = Claim("SG-1", day, provider="Another council", evidence="Certificate 17")
            last = prior_learning.claim(session, owner, claim, actor=COMMAND_LINE, today=today, now=now)
        prior_learning.take_back(
            session,
            last,
            reason="Entered twice",
            organisation_ids=None,
            actor=COMMAND_LINE,
            by="test",
            base_url=BASE_URL,
            now=now,
        )
        exemptions.decide(session, owner, kind="away", start=today, end=today, actor=COMMAND_LINE, now=now)
    for who, addresses in (
        ("hr", ("/prior-learning", f"/people/{owner}/decisions")),
        ("owner", ("/learning/prior",)),
    ):
        sign_in(page, who)
        for address in addresses:
            page.goto(live_app + address)
            expect(page.get_by_text("Certificate 17").first).to_be_visible()
            assert violations(page) == [], address
        page.context.clear_cookies()


def test_the_arrow_keys_lead_through_the_matrix_and_enter_opens_a_cell(
    page: Page, draft: str, sign_in: Callable
) -> None:
    sign_in(page, "administrator")
    page.goto(draft)
    page.focus(".gt-matrix")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr[data-who='who=everyone&value='] td >> nth=0").locator("a")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    empty = page.locator("tr[data-who='who=managers&value='] td >> nth=1")
    expect(empty).to_be_focused()
    expect(empty).to_have_attribute("aria-label", "Managers, OLD Something from before: nothing is asked yet")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Something from before")
    expect(page.locator("h1")).to_contain_text("every manager")


def test_the_sentence_of_a_requirement_follows_what_is_typed(
    page: Page, draft: str, sign_in: Callable
) -> None:
    sign_in(page, "administrator")
    page.goto(f"{draft}/requirement?who=everyone&module=ATR-F")
    page.fill("#every_months-0", "24")
    said = page.locator("[data-sentence]")
    expect(said).to_contain_text("everyone, within 90 days of starting, again every 24 months")
    page.fill("#every_months-0", "0")
    expect(said).to_contain_text("do not make a requirement yet")


def test_the_heads_of_the_matrix_stay_in_sight(page: Page, draft: str, sign_in: Callable) -> None:
    sign_in(page, "administrator")
    page.set_viewport_size({"width": 700, "height": 400})
    page.goto(draft)
    box = page.locator(".gt-matrix")
    box.evaluate("box => { box.style.maxHeight = '220px'; box.scrollTop = 120; box.scrollLeft = 80; }")
    region = box.bounding_box()
    head = page.locator(".gt-matrix thead th >> nth=0").bounding_box()
    assert region is not None
    assert head is not None
    assert abs(head["y"] - region["y"]) < 2
    assert abs(head["x"] - region["x"]) < 2
