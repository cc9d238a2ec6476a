"""A workbook with several sheets, and a list that a worker is at: by hand, with scripts and without."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lms import clock, db
from lms.rules import roster as rules
from lms.services import roster
from tests.rosters import files
from tests.rosters.lists import Cells
from tests.web.village import Village
from workers.roster import check_role_list

CAPTIONS = ["Employee Number", "Last Name", "First Name", "Job Title"]
ROWS = [CAPTIONS, ["100000", "Khan", "Amina", "Staff nurse"], ["100001", "O’Neill", "Ben", "Staff nurse"]]
WIDTHS = [1280, 375, 320]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "list.xlsx"
    path.write_bytes(files.xlsx({"Staff": ROWS, "Bank": [CAPTIONS, ["109999", "New", "Nia", "Porter"]]}))
    return path


@pytest.fixture
def waiting(village: Village) -> int:
    """A list that waits for a worker."""
    reading = rules.read([Cells(ROWS)], as_at=date(2026, 6, 30))
    with db.transaction() as session:
        made = roster.keep(
            session,
            village.organisations["QUA"],
            reading,
            filename="list.csv",
            options={},
            account_id=None,
            now=clock.now(),
        )
        return made.id or 0


def note(role_list_id: int, done: int) -> None:
    with db.transaction() as session:
        roster.note_progress(session, role_list_id, "Comparing", done, 2000, clock.now())


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_another_sheet_is_read_without_scripts(
    plain: Page, live_app: str, village: Village, book: Path, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(plain, "hr")
    plain.goto(f"{live_app}/organisations/QUA/role-lists/new")
    plain.set_input_files("#file", book)
    plain.check("input[name=covers][value=nothing]")
    plain.click("main button:has-text('Check the list')")
    expect(plain.locator("dd:text-is('Staff')").first).to_be_visible()
    plain.click("summary:has-text('Read another one')")
    plain.select_option("#sheet", "Bank")
    plain.set_input_files("#again", book)
    plain.click("main button:has-text('Check this sheet')")
    expect(plain.locator("dd:text-is('Bank')").first).to_be_visible()
    plain.goto(f"{live_app}/organisations/QUA/role-lists/new")
    expect(plain.locator("#sheet")).to_have_value("Bank")


def test_the_pages_of_sheets_and_of_work_have_no_barrier_that_axe_finds(
    page: Page,
    live_app: str,
    book: Path,
    waiting: int,
    sign_in: Callable[[Page, str], None],
    violations: Callable[[Page], list[str]],
) -> None:
    sign_in(page, "hr")
    page.goto(f"{live_app}/organisations/QUA/role-lists/new")
    page.set_input_files("#file", book)
    page.check("input[name=covers][value=nothing]")
    page.click("main button:has-text('Check the list')")
    page.click("summary:has-text('Read another one')")
    expect(page.locator("#again")).to_be_visible()
    preview = page.url
    note(waiting, 500)
    for address in (None, f"{live_app}/role-lists/{waiting}"):
        if address:
            page.goto(address)
            expect(page.locator("progress")).to_be_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert fits(page), (address or preview, width)
            assert violations(page) == [], (address or preview, width)


def test_the_page_follows_the_work_by_itself_and_opens_what_it_becomes(
    page: Page, live_app: str, waiting: int, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "hr")
    page.goto(f"{live_app}/role-lists/{waiting}")
    expect(page.locator("#working")).to_contain_text("Waiting for its turn")
    note(waiting, 500)
    expect(page.locator("#working label")).to_have_text("Comparing: 500 of 2,000")
    expect(page.locator("progress")).to_have_attribute("value", "500")
    note(waiting, 1500)
    expect(page.locator("progress")).to_have_attribute("value", "1500")
    check_role_list(waiting)
    expect(page.locator("h1")).to_have_text("What this list would do")


def test_without_scripts_the_page_reloads_until_the_work_is_done(
    plain: Page, live_app: str, waiting: int, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(plain, "hr")
    plain.goto(f"{live_app}/role-lists/{waiting}")
    note(waiting, 500)
    expect(plain.locator("#working label")).to_have_text("Comparing: 500 of 2,000")
    check_role_list(waiting)
    expect(plain.locator("h1")).to_have_text("What this list would do")
