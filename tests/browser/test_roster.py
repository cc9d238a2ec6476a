"""Role lists by hand: looked at by axe-core at every width, by keyboard alone, and without JavaScript."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from lms import db
from lms.tables.job_roles import JobRole
from lms.tables.people import Employment
from tests.web.village import PASSWORD, Village

WIDTHS = [1280, 375, 320]
CAPTIONS = "Employee Number,Last Name,First Name,Job Title,Email,Start Date,NI Number"


def lines() -> list[str]:
    """Two who are there, one who moves, and somebody new; the others of the twelve have left."""
    return [
        "100000,Khan,Amina,Staff nurse,owner@example.org,,QQ123456A",
        "100001,O’Neill,Ben,HCA Nights,mate@example.org,,QQ123457A",
        "100002,Łukasz,Chloë,Staff nurse,p100002@example.org,,",
        "109999,New,Nia,Officer,nia@example.org,01/04/2026,",
    ]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text("\n".join([CAPTIONS, *lines()]), encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.csv"
    broken = "100003,Patel-Smith,Dev,Staff nurse,p100003@example.org,31/02/2024,"
    path.write_text("\n".join([CAPTIONS, *lines(), broken]), encoding="utf-8")
    return path


def upload(page: Page, live_app: str, path: Path, *, columns: bool = False) -> None:
    page.goto(f"{live_app}/organisations/QUA/role-lists/new")
    page.set_input_files("#file", path)
    page.check("input[name=covers][value=all]")
    if columns:
        page.check("input[name=columns]")
    page.click("main button:has-text('Check the list')")
    page.wait_for_url(lambda url: not url.endswith("/new") or columns or path.stem == "bad")


def with_pair_and_roles(village: Village) -> None:
    with db.transaction() as session:
        session.add(JobRole(code="HCSW", name="Healthcare support worker", family="Nursing"))
        other = session.get_one(Employment, village.employments["stranger"])
        other.email = other.email_key = "owner@example.org"
        other.given_name, other.family_name, other.name_key = "Amina", "Jones", "aminajones"
        session.add(other)


def test_no_page_of_role_lists_has_a_barrier_that_axe_finds_nor_scrolls_sideways(
    page: Page,
    live_app: str,
    village: Village,
    good: Path,
    bad: Path,
    sign_in: Callable[[Page, str], None],
    violations: Callable[[Page], list[str]],
) -> None:
    with_pair_and_roles(village)
    sign_in(page, "hr")

    def look(what: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{what} is {wider} pixels too wide at {width}"
        assert violations(page) == [], what
        page.set_viewport_size({"width": 1280, "height": 800})
        assert violations(page) == [], what

    upload(page, live_app, bad)
    look("a list with errors")
    upload(page, live_app, good, columns=True)
    look("the columns")
    upload(page, live_app, good)
    preview = page.url
    look("the preview")
    page.goto(f"{preview}/people?kind=leaver")
    look("who leaves")
    page.goto(preview)
    page.click("main button:has-text('Apply the list')")
    page.wait_for_url("**confirm=**")
    look("the brake")
    page.check("#accept_leavers")
    page.click("main button:has-text('Apply the list')")
    page.wait_for_selector("text=The list is applied")
    look("what it did")
    for address in (
        "/organisations/QUA/role-lists",
        "/organisations/QUA/role-lists/new",
        "/organisations/QUA/role-lists/undo",
        "/organisations/QUA/job-titles",
        "/organisations/QUA/job-titles/settled",
        "/people-to-link",
    ):
        page.goto(live_app + address)
        look(address)


def test_a_link_is_taken_apart_and_made_again_on_a_narrow_page(
    page: Page, live_app: str, village: Village, sign_in: Callable[[Page, str], None]
) -> None:
    with_pair_and_roles(village)
    page.set_viewport_size({"width": 375, "height": 800})
    sign_in(page, "hr")
    page.goto(f"{live_app}/people-to-link")
    page.locator("button[value=same]").first.click()
    for button in ("Take apart", "One person after all"):
        region = page.locator(f".gt-scroll:has(button:has-text('{button}'))")
        expect(region).to_be_visible()
        assert region.evaluate("one => one.scrollWidth - one.clientWidth") == 0
        region.locator("button").first.click()
    expect(page.locator("button:has-text('Take apart')").first).to_be_visible()


def test_settled_titles_are_changed_on_a_narrow_page(
    page: Page, live_app: str, village: Village, sign_in: Callable[[Page, str], None]
) -> None:
    with_pair_and_roles(village)
    page.set_viewport_size({"width": 375, "height": 800})
    sign_in(page, "hr")
    page.goto(f"{live_app}/organisations/QUA/job-titles/settled")
    region = page.locator(".gt-scroll")
    assert region.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    region.locator("select").first.select_option("-")
    page.click("main button:has-text('Change these titles')")
    expect(page.locator("text=1 job title is settled").first).to_be_visible()


def test_titles_are_confirmed_by_keyboard_alone(
    page: Page, live_app: str, village: Village, good: Path, sign_in: Callable[[Page, str], None]
) -> None:
    with_pair_and_roles(village)
    sign_in(page, "hr")
    upload(page, live_app, good)
    page.check("#accept_leavers")
    page.click("main button:has-text('Apply the list')")
    page.goto(f"{live_app}/organisations/QUA/job-titles")
    titles = page.locator(".gt-title").count()
    assert titles >= 2
    chosen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        name, text = page.evaluate("[document.activeElement.name, document.activeElement.innerText]")
        if name and name.startswith("role-"):
            chosen += 1
            if not page.evaluate("document.activeElement.value"):
                page.keyboard.press("ArrowUp")  # from Later to No role
        if text == "Confirm what is selected":
            break
    assert chosen == titles
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(f"text={titles} job titles are settled").first).to_be_visible()
    expect(page.locator("text=No job title waits.").first).to_be_visible()


def test_a_list_is_uploaded_corrected_applied_and_undone_without_javascript(
    plain: Page, live_app: str, village: Village, good: Path, bad: Path
) -> None:
    page = plain
    page.goto(f"{live_app}/role-lists")
    page.fill("#email", "hr@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button:has-text('Sign in')")
    page.click("text=Upload a list")
    page.click("text=Check the list")
    expect(page.locator("text=Select a role list").first).to_be_visible()

    upload(page, live_app, bad)
    expect(page.locator("text=This date does not exist. Correct it.").first).to_be_visible()
    with page.expect_download() as download:
        page.click("text=Download it with the problems")
    sheet = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    assert "This date does not exist" in str(list(sheet.iter_rows(values_only=True))[5][-1])

    upload(page, live_app, good)
    expect(page.locator("text=Nothing has been changed yet.").first).to_be_visible()
    page.check("#accept_leavers")
    page.click("main button:has-text('Apply the list')")
    expect(page.locator("text=The list is applied").first).to_be_visible()
    page.click("text=Undo this list")
    page.click("main button:has-text('Undo this list')")
    expect(page.locator("text=Everything is as it was before.").first).to_be_visible()


def test_the_name_of_a_unit_is_asked_for_where_the_list_covers_one(
    page: Page, live_app: str, sign_in: Callable[[Page, str], None], good: Path
) -> None:
    sign_in(page, "hr")
    page.goto(f"{live_app}/organisations/QUA/role-lists/new")
    page.check("input[name=covers][value=unit]")
    page.set_input_files("#file", good)
    page.click("main button:has-text('Check the list')")
    page.wait_for_selector(".nhsuk-error-summary")
    page.click("text=Enter the name of the unit >> nth=0")
    assert page.evaluate("document.activeElement.id") == "unit"


def test_what_a_column_is_can_be_chosen_on_a_phone(
    page: Page, live_app: str, good: Path, village: Village, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page, "hr")
    upload(page, live_app, good, columns=True)
    page.set_viewport_size({"width": 375, "height": 800})
    choices = page.locator("main select")
    expect(choices.first).to_be_visible()
    for choice in choices.all():
        box = choice.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375
