"""The village, really served, and a browser that signs in like a person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lms import settings
from lms.app import create_app
from tests.web import village as building
from tests.web.village import Village

# A claim about a page waits for the page: a form that is sent without JavaScript answers when it answers.
expect.set_options(timeout=30_000)

AXE = Path(__file__).parent / "axe" / "axe.min.js"
# WCAG 2.2 AA and what axe calls best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Pages look the same on either engine; what they say is tested below them on both."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    with building.cheap_hashes():
        yield


@pytest.fixture
def village(live_app: str) -> Village:
    """The village behind the served app."""
    return building.build(create_app(settings.current()), 12)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page in a browser with JavaScript switched off."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def sign_in(live_app: str, village: Village) -> Callable[[Page, str], None]:
    """Sign somebody of the cast in: ``sign_in(page, "hr")``."""

    def go(page: Page, who: str) -> None:
        page.goto(f"{live_app}/sign-in")
        page.fill("#email", f"{who.replace(' ', '.')}@example.org")
        page.fill("#password", building.PASSWORD)
        page.click("text=Sign in >> nth=-1")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    return go


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page."""

    def look(page: Page) -> list[str]:
        if not page.evaluate("typeof axe !== 'undefined'"):
            page.evaluate(AXE.read_text())
        found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES)[
            "violations"
        ]
        return [
            f"{one['id']}: {one['help']} ({', '.join(str(node['target']) for node in one['nodes'][:3])})"
            for one in found
        ]

    return look
