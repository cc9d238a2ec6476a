"""The training map by hand: read, changed in a draft, previewed, published, taken back."""

import io
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlmodel import select

from lms import clock, db
from lms.rules.reference_files import Line, Problem
from lms.rules.training_map.rows import FILE, read_row
from lms.services import reference
from lms.services.standing.asked import in_force
from lms.services.training_map import drafts, versions
from lms.tables.training_map import MapVersion
from lms.web.cells import CAPTIONS, said
from tests.web.village import BASE_URL, NOW, Village

MAP = (
    b"who,value,organisation,module,shape,every_months,days_allowed,from\n"
    b"everyone,,,ATR-F,refreshed,36,90,2023-01-01\n"
    b"role,RN,,SG-1,once,,90,2023-01-01\n"
)
CELL = "requirement?who=everyone&module=ATR-F"


@pytest.fixture
def mapped(village: Village) -> Village:
    """The village with its map as a version, as loading a file gives it."""
    with db.transaction() as session:
        reference.load(session, {"training-map.csv": MAP}, now=NOW, base_url=BASE_URL)
    return village


def post(client: FlaskClient, address: str, data: dict | None = None, **options):
    """Send a form as a browser does, with the token that every form carries."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password").text)[1]
    return client.post(address, data={"csrf_token": token, **(data or {})}, **options)


def begin(village: Village, who: str = "administrator") -> str:
    answer = post(village.client(who), "/training-map/drafts", data={"title": "Spring"})
    assert answer.status_code == 302
    return answer.location


def entry(page: str, **changed: str) -> dict[str, str]:
    """What a form on the page would send, with some fields changed."""
    found = {"seen": seen_on(page)}
    page = re.sub(r'<input[^>]*type="checkbox"[^>]*>', "", page)
    for name, value in re.findall(r'<input[^>]*name="([a-z_]+-\d+)"[^>]*value="([^"]*)"', page):
        found[name] = value
    for name, body in re.findall(r'<select[^>]*name="([a-z_]+-\d+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found | {name.replace("__", "-"): value for name, value in changed.items()}


def seen_on(page: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


def publish(village: Village, draft: str, who: str = "administrator", **given: str):
    client = village.client(who)
    revision = re.search(r'name="revision" value="(\d+)"', client.get(f"{draft}/preview").text)[1]
    data = {"from": clock.today().isoformat(), "reason": "Agreed", "revision": revision}
    return post(client, f"{draft}/publish", data=data | given)


def newest() -> MapVersion:
    with db.transaction(read_only=True) as session:
        return versions.newest(session)


def test_the_matrix_says_who_needs_what_and_by_which_rule(mapped: Village):
    page = mapped.client("trainer").get("/training-map").text
    assert "Version 2" in page
    assert '<th scope="row">Registered nurse' in page
    assert '<td class="w">36 m<i> everyone</i>' in page
    assert "<td>once" in page
    assert "Begin a draft" not in page


def test_it_can_be_narrowed_and_drawn_for_one_organisation(mapped: Village):
    client = mapped.client("administrator")
    assert "Managers" not in client.get("/training-map?search=nurse").text.partition("<tbody>")[2]
    assert (
        "SG-1" not in client.get("/training-map?asked_only=yes&search=everyone").text.partition("<thead>")[2]
    )
    drawn = client.get("/training-map?organisation=QUA").text
    assert "the partnership" in drawn
    assert client.get("/training-map?organisation=nowhere").status_code == 404


def test_a_cell_is_changed_previewed_and_published(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    page = client.get(f"{draft}/{CELL}").text
    assert "everyone, within 90 days of starting, again every 36 months" in page
    answer = post(client, f"{draft}/{CELL}", data=entry(page, every_months__0="12"))
    assert answer.status_code == 302
    assert (
        "Becomes: ATR Foundation: everyone, within 90 days of starting, again every 12 months"
        in client.get(draft).text
    )
    rehearsed = client.get(f"{draft}/preview?from={clock.today()}").text
    assert "out of date" in rehearsed
    assert newest().number == 2
    answer = publish(mapped, draft)
    assert answer.location == "/training-map/versions/3"
    told = client.get(answer.location).text
    assert "Agreed" in told
    assert "Administrator" in told
    assert [row["every_months"] for row in newest().rows] == ["36", "12", ""]


def test_a_row_that_means_nothing_is_told_at_its_field_and_nothing_is_lost(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    page = client.get(f"{draft}/{CELL}").text
    answer = post(client, f"{draft}/{CELL}", data=entry(page, every_months__0="1000", hours__0="6"))
    assert answer.status_code == 422
    assert 'href="#every_months-0"' in answer.text
    assert "is not a whole number from 1 to 999" in answer.text
    assert 'href="#hours-0"' in answer.text
    assert 'value="1000"' in answer.text


def test_periods_that_overlap_are_refused_and_can_be_added_and_left_out(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    page = client.get(f"{draft}/{CELL}").text
    page = post(client, f"{draft}/{CELL}", data=entry(page, act="add")).text
    assert "Period 2" in page
    both = entry(page, shape__1="once", from__1="2027-01-01")
    answer = post(client, f"{draft}/{CELL}", data=both)
    assert answer.status_code == 422
    assert "on the same days" in answer.text
    assert post(client, f"{draft}/{CELL}", data=both | {"to-0": "2026-12-31"}).status_code == 302
    page = client.get(f"{draft}/{CELL}").text
    assert post(client, f"{draft}/{CELL}", data=entry(page) | {"drop-0": "yes"}).status_code == 302
    assert "Period 2" not in client.get(f"{draft}/{CELL}").text


def test_showing_what_it_means_saves_nothing(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    page = client.get(f"{draft}/{CELL}").text
    page = post(client, f"{draft}/{CELL}", data=entry(page, act="check", every_months__0="24")).text
    assert "again every 24 months" in page
    assert "Nothing yet." in client.get(draft).text
    said = client.get("/training-map/sentence?who=everyone&module=ATR-F&shape=refreshed&every_months=12")
    assert said.text.startswith(
        "ATR Foundation: everyone, within 90 days of starting, again every 12 months."
    )
    assert client.get("/training-map/sentence?who=everyone&module=ATR-F&shape=refreshed").text == ""


def test_the_second_editor_of_a_cell_sees_what_changed_and_keeps_the_entries(mapped: Village):
    draft = begin(mapped)
    first, second = mapped.client("administrator"), mapped.client("administrator")
    page = second.get(f"{draft}/{CELL}").text
    post(first, f"{draft}/{CELL}", data=entry(page, every_months__0="24"))
    answer = post(second, f"{draft}/{CELL}", data=entry(page, every_months__0="12"))
    assert answer.status_code == 409
    assert "again every 24 months" in answer.text
    assert 'value="12"' in answer.text
    again = post(second, f"{draft}/{CELL}", data=entry(answer.text))
    assert again.status_code == 302
    assert "again every 12 months" in second.get(draft).text


def test_a_draft_that_is_behind_is_brought_up_to_date(mapped: Village):
    client, mine, theirs = mapped.client("administrator"), begin(mapped), begin(mapped)
    for draft, months in ((theirs, "24"), (mine, "12")):
        page = client.get(f"{draft}/{CELL}").text
        post(client, f"{draft}/{CELL}", data=entry(page, every_months__0=months))
    publish(mapped, theirs)
    page = client.get(mine).text
    assert "published again since this draft was begun" in page
    assert "changes the same in another way" in page
    assert "Publish it" not in client.get(f"{mine}/preview").text
    answer = post(client, f"{mine}/up-to-date", follow_redirects=True)
    assert "kept" in answer.text
    assert publish(mapped, mine).status_code == 302
    assert newest().number == 4


def test_publishing_needs_a_reason(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    post(client, f"{draft}/{CELL}", data=entry(client.get(f"{draft}/{CELL}").text, every_months__0="24"))
    answer = publish(mapped, draft, reason=" ")
    assert answer.status_code == 422
    assert "Say in a sentence why" in answer.text


def test_a_day_that_does_not_exist_is_refused_and_never_taken_for_none(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    post(client, f"{draft}/{CELL}", data=entry(client.get(f"{draft}/{CELL}").text, every_months__0="24"))
    answer = publish(mapped, draft, **{"from": "2027-02-29"})
    assert answer.status_code == 422
    assert "2027-02-29 is not a day" in answer.text
    assert "1.4.2027 is not a day" in client.get(f"{draft}/preview?from=1.4.2027").text
    fields = {"module": "OLD", "counts_for": "ATR-F", "to": "2027-06-31"}
    said = post(client, "/training-map/equivalences", data=fields)
    assert said.status_code == 422
    assert "2027-06-31 is not a day" in said.text
    assert newest().number == 2


def test_the_preview_says_what_is_asked_before_the_day_and_from_it(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    post(client, f"{draft}/{CELL}", data=entry(client.get(f"{draft}/{CELL}").text, every_months__0="24"))
    told = client.get(f"{draft}/preview?from=2099-04-01").text.partition("<ul>")[2].partition("</ul>")[0]
    assert "again every 36 months, from 1 January 2023" in told
    assert "31 March 2099." in told
    assert "Then: " in told
    assert "again every 24 months, from 1 April 2099." in told


SHAPE_OF_A_ROW = st.sampled_from(["", "once", "refreshed", "different_refresher", "hours", "weekly"])
NUMBER = st.sampled_from(["", "0", "12", "3", "1000", "many"])


@given(
    st.fixed_dictionaries(
        {
            "module": st.sampled_from(["", "A"]),
            "shape": SHAPE_OF_A_ROW,
            "every_months": NUMBER,
            "refresher_module": st.sampled_from(["", "A", "B"]),
            "hours": NUMBER,
            "days_allowed": NUMBER,
            "anchor": st.sampled_from(["", "completion", "keep_anniversary", "fixed", "easter"]),
            "fixed_day": st.sampled_from(["", "02-29", "03-31", "soon"]),
            "renewal_window_days": NUMBER,
            "from": st.sampled_from(["", "2026-05-01", "soon"]),
            "to": st.sampled_from(["", "2026-01-01"]),
        }
    )
)
def test_no_problem_on_a_page_speaks_of_cells_and_columns(row: dict[str, str]):
    problems: list[Problem] = []
    read_row(Line(FILE, 2, {"who": "everyone"} | row), problems)
    for one in problems:
        told = said(one.column or "", one.message)
        assert not re.search(r"[a-z]_[a-z]|\bcell\b|\bshape\b|\banchor\b|\bcode\b", told), told
        assert told.partition(":")[0] in CAPTIONS.values()


def test_a_map_that_was_wrong_all_along_is_corrected_since_always(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    post(client, f"{draft}/{CELL}", data=entry(client.get(f"{draft}/{CELL}").text, every_months__0="24"))
    page = client.get(f"{draft}/preview?when=always").text
    assert "Published since always, as at" in page
    assert "Figures as now known of days that are over change too" in page
    assert "Publish since always" in page
    assert publish(mapped, draft, when="always").status_code == 302
    assert (newest().from_day, [row["every_months"] for row in newest().rows]) == (None, ["24", ""])
    assert "since always" in client.get("/training-map/versions/3").text
    with db.transaction(read_only=True) as session:
        (term,) = [one for one in in_force(session, date(2024, 1, 1)) if one.who == "everyone"]
        assert term.every_months == 24


def test_a_blank_day_is_tomorrow_and_never_since_always(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    post(client, f"{draft}/{CELL}", data=entry(client.get(f"{draft}/{CELL}").text, every_months__0="24"))
    assert publish(mapped, draft, **{"from": ""}).status_code == 302
    assert newest().from_day == clock.today() + timedelta(days=1)


def test_the_newest_version_is_taken_back_with_a_reason(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    post(client, f"{draft}/{CELL}", data=entry(client.get(f"{draft}/{CELL}").text, every_months__0="24"))
    publish(mapped, draft)
    undo = "/training-map/versions/3/undo"
    assert f'href="{undo}"' in client.get("/training-map/versions/3").text
    foreseen = client.get(undo).text
    assert "What taking version 3 back would do" in foreseen
    assert "Becomes: ATR Foundation: everyone, within 90 days of starting, again every 36 months" in foreseen
    refused = post(client, undo, data={"reason": " "})
    assert (refused.status_code, 'href="#reason"' in refused.text) == (422, True)
    answer = post(client, undo, data={"reason": "Too soon"}, follow_redirects=True)
    assert "version 4 says what the one before it said" in answer.text
    assert [row["every_months"] for row in newest().rows] == ["36", ""]
    assert post(client, undo, data={"reason": "Again"}).status_code == 409
    assert client.get(undo).status_code == 409
    assert client.get("/training-map/versions/9/undo").status_code == 404
    page = client.get("/training-map/versions/3?with=1").text
    assert "Compared with version 1" in page


def test_the_file_of_the_map_goes_out_and_in_again_without_a_change(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    file = client.get("/training-map/training-map.csv")
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    with db.transaction() as session:
        (done,) = reference.load(session, {"training-map.csv": file.data}, now=NOW, base_url=BASE_URL)
    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)
    data = {"file": (io.BytesIO(file.data), "training-map.csv"), "revision": "0"}
    assert post(client, f"{draft}/file", data=data).status_code == 302
    assert "Nothing yet." in client.get(draft).text
    assert client.get(f"{draft}/training-map.csv").data == file.data


def test_a_file_that_cannot_be_used_is_told_row_by_row(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    data = {"file": (io.BytesIO(b"who,module,colour\neveryone,A,red\n"), "x.csv"), "revision": "0"}
    answer = post(client, f"{draft}/file", data=data)
    assert answer.status_code == 422
    assert "there is no column &#39;colour&#39;" in answer.text
    data = {"file": (io.BytesIO(b"who,module\neveryone,NOPE\n"), "x.csv"), "revision": "0"}
    assert "no module with the code" in post(client, f"{draft}/file", data=data).text
    assert "Choose a training-map.csv first" in post(client, f"{draft}/file", data={"revision": "0"}).text


def test_the_workbook_holds_the_matrix_and_every_row_in_words(mapped: Village):
    file = mapped.client("hr").get("/training-map/training-map.xlsx")
    book = load_workbook(io.BytesIO(file.data))
    matrix = list(book["Matrix"].values)
    assert matrix[0][2:] == ("ATR-F: ATR Foundation", "OLD: Something from before", "SG-1: Safeguarding")
    assert ("Registered nurse", None, "36 m", None, "once") in matrix
    assert list(book["Requirements"].values)[1][-1].startswith("ATR Foundation: everyone, within 90 days")


def test_hr_of_one_organisation_adds_its_own_and_nothing_else(mapped: Village):
    draft, client = begin(mapped, "hr"), mapped.client("hr")
    page = client.get(f"{draft}/{CELL}").text
    assert post(client, f"{draft}/{CELL}", data=entry(page, every_months__0="60")).status_code == 403
    own = f"{draft}/requirement?who=everyone&module=OLD&organisation=QUA"
    page = client.get(own).text
    assert post(client, own, data=entry(page, shape__0="once")).status_code == 302
    elsewhere = f"{draft}/requirement?who=everyone&module=OLD&organisation=FAR"
    assert post(client, elsewhere, data=entry(client.get(elsewhere).text)).status_code == 403
    assert publish(mapped, draft, "hr").status_code == 302
    assert [row["organisation"] for row in newest().rows] == ["QUA", "", ""] or [
        row["organisation"] for row in newest().rows
    ] == ["", "", "QUA"]


@pytest.mark.parametrize("who", ["trainer", "public health", "owner"])
def test_nobody_else_changes_it(mapped: Village, who: str):
    begin(mapped)
    client = mapped.client(who)
    for path in ("/training-map/drafts/3", "/training-map/drafts/3/preview", "/training-map/gaps"):
        assert client.get(path).status_code == 403
    assert post(client, "/training-map/drafts").status_code == 403
    assert post(client, "/training-map/versions/2/undo").status_code == 403
    assert client.get("/training-map/versions/2/undo").status_code == 403
    assert client.get("/training-map").status_code == (403 if who == "owner" else 200)


def test_addresses_that_name_nothing_are_told(mapped: Village):
    client, draft = mapped.client("administrator"), begin(mapped)
    assert client.get("/training-map/versions/9").status_code == 404
    assert client.get("/training-map/drafts/99").status_code == 404
    assert client.get(f"{draft}/requirement?who=nobody&module=ATR-F").status_code == 422
    assert client.get(f"{draft}/requirement?who=role&value=XX&module=ATR-F").status_code == 422
    assert client.get(f"{draft}/requirement?who=everyone&module=").status_code == 422
    post(client, f"{draft}/discard")
    assert client.get(draft).status_code == 404
    with db.transaction(read_only=True) as session:
        assert not drafts.listed(session)


def test_what_counts_for_what_is_said_followed_and_ended(mapped: Village):
    client = mapped.client("administrator")
    said = post(client, "/training-map/equivalences", data={"module": "OLD", "counts_for": "ATR-F"})
    assert said.status_code == 302
    post(
        client,
        "/training-map/equivalences",
        data={"module": "SG-1", "counts_for": "OLD", "from": "2026-01-01"},
    )
    page = client.get("/training-map/modules").text
    assert "SG-1 (from 1 January 2026)" in page
    answer = post(client, "/training-map/equivalences", data={"module": "ATR-F", "counts_for": "SG-1"})
    assert answer.status_code == 422
    assert "goes round in a circle: " in answer.text
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    post(client, "/training-map/equivalences/1/end", data={"last_day": yesterday})
    assert "until" in client.get("/training-map/modules").text
    assert post(client, "/training-map/equivalences/1/end", data={"last_day": yesterday}).status_code == 302
    assert post(mapped.client("hr"), "/training-map/equivalences/1/end").status_code == 403


def test_a_role_in_use_is_not_taken_away(mapped: Village):
    client = mapped.client("administrator")
    assert "Registered nurse" in client.get("/training-map/roles").text
    answer = post(client, "/training-map/roles/remove", {"code": "RN"})
    assert answer.status_code == 409
    assert "in use by" in answer.text
    assert "There is a problem" in answer.text
    assert "Take away Registered nurse" in answer.text
    with db.transaction() as session:
        file = {"job-roles.csv": b"code,name\nOLD,Old role\n"}
        reference.load(session, file, now=NOW, base_url=BASE_URL)
    assert post(client, "/training-map/roles/remove", {"code": "OLD"}).status_code == 302
    assert "Old role" not in client.get("/training-map/roles").text
    assert post(mapped.client("hr"), "/training-map/roles/remove", {"code": "RN"}).status_code == 403


def test_frameworks_and_gaps_are_pages_to_read(mapped: Village):
    files = {
        "levels.csv": b"framework,level,rank,cumulative,description\nF,skilled,1,yes,Meets people\n",
        "competencies.csv": b"level,competency\nskilled,Listens without asking for details\n",
        "job-roles.csv": b"code,name,family,level\nRN,Registered nurse,Nursing,skilled\nXX,Lone role,,\n",
    }
    with db.transaction() as session:
        reference.load(session, files, now=NOW, base_url=BASE_URL)
        assert session.exec(select(MapVersion)).all()
    page = mapped.client("public health").get("/training-map/frameworks").text
    assert "Listens without asking for details" in page
    assert "Roles: Registered nurse." in page
    page = mapped.client("hr").get("/training-map/gaps?as_at=2026-06-30").text
    assert "Lone role" in page
    assert "Band 6" in page
    assert "Something from before (OLD)" in page
