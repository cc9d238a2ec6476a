"""The coverage page: its figures are the service's, each leads to its people, and names stay within."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from lms import db
from lms.services import coverage, standing
from lms.services.coverage import history
from lms.tables.completions import Completion
from lms.tables.roster import RoleList
from lms.tables.training_map import MapVersion
from tests.web.village import AS_AT, Village

JUNE = "as_at=2026-06-30"
COUNTS = ("in_scope", "exempt", "in_date", "due_soon", "not_yet_due", "not_done", "out_of_date")


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))


def figures(by=coverage.By.MODULE, on: date = AS_AT):
    with db.transaction(read_only=True) as session:
        return coverage.figures(session, on, by=by)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("administrator", 200),
        ("public health", 200),
        ("hr", 200),
        ("trainer", 403),
        ("owner", 403),
        ("stranger", 403),
    ],
)
def test_coverage_is_for_administrators_hr_and_public_health(village: Village, who, status):
    client = village.client(who)
    for address in (f"/coverage?{JUNE}", f"/coverage/modules.csv?{JUNE}", f"/coverage/staff.csv?{JUNE}"):
        assert client.get(address).status_code == status


def test_hr_sees_its_own_organisation_and_no_other(village: Village):
    text = village.client("hr").get(f"/coverage?{JUNE}").text
    assert "Quarrelby Trust" in text
    assert "Farrowdyke" not in text
    assert "whole partnership" not in text
    assert village.client("hr").get(f"/coverage?{JUNE}&organisation=FAR").status_code == 404
    assert village.client("hr").get(f"/coverage/modules.csv?{JUNE}&organisation=FAR").status_code == 404
    assert {
        row["organisation"] for row in rows_of(village.client("hr").get(f"/coverage/modules.csv?{JUNE}"))
    } == {"QUA"}


def test_the_page_prints_what_belongs_to_every_figure(village: Village):
    text = re.sub(r"\s+", " ", village.client("administrator").get(f"/coverage?{JUNE}").text)
    assert "As at 30 June 2026, as now known." in text
    assert "Map version 1." in text
    assert "at most 90 days ahead" in text
    assert "role list of 30 June 2026, 1 of 5 people with an unmapped job title" in text
    assert "No data: it has not supplied a role list yet." in text
    assert "2 of 5" in text


@pytest.mark.parametrize("by", list(coverage.By))
def test_the_file_holds_the_services_figures(village: Village, by):
    found = rows_of(village.client("administrator").get(f"/coverage/modules.csv?{JUNE}&by={by}"))
    expected = figures(by)
    assert len(found) == len(expected.rows) + 1
    for row, one in zip(found, expected.rows, strict=False):
        assert (row["organisation"], row["by"], row["key"], row["module"]) == (
            one.organisation or "",
            by,
            one.key,
            one.module,
        )
        assert [int(row[name]) for name in COUNTS] == [getattr(one.counts, name) for name in COUNTS]
        assert row["coverage"] == ("" if one.counts.coverage is None else f"{one.counts.coverage:.1f}")
        assert (row["as_at"], row["map_version"], row["due_soon_days"]) == ("2026-06-30", "1", "90")
        assert (row["role_list_date"], row["published_or_recomputed"]) == ("2026-06-30", "recomputed")
    assert (found[-1]["organisation"], found[-1]["by"], found[-1]["in_scope"]) == ("MAR", "no data", "")


def test_the_partnerships_role_list_is_as_old_as_the_oldest(village: Village):
    with db.transaction() as session:
        session.exec(
            select(RoleList).where(RoleList.organisation_id == village.organisations["FAR"])
        ).one().as_at = date(2026, 5, 31)
    client = village.client("administrator")
    found = rows_of(client.get(f"/coverage/modules.csv?{JUNE}"))
    dates = {row["organisation"]: row["role_list_date"] for row in found}
    assert dates == {"": "2026-05-31", "QUA": "2026-06-30", "FAR": "2026-05-31", "MAR": ""}
    places = rows_of(client.get(f"/coverage/modules.csv?{JUNE}&by=place"))
    assert {row["role_list_date"] for row in places} == {"2026-05-31", "2026-06-30", ""}
    assert "role lists of 31 May 2026 to 30 June 2026" in client.get(f"/coverage?{JUNE}").text


def test_every_figure_names_the_map_version_in_force_on_its_day(village: Village):
    with db.transaction() as session:
        for number, day in ((2, date(2026, 9, 1)), (3, date(2026, 7, 15))):
            session.add(
                MapVersion(
                    number=number,
                    state="published",
                    rows=[],
                    from_day=day,
                    created_at=datetime(2026, 6, 1, tzinfo=UTC),
                )
            )
    client = village.client("administrator")
    for day, version in (("2026-06-30", "1"), ("2026-07-14", "1"), ("2026-07-15", "3"), ("2026-09-01", "3")):
        rows = rows_of(client.get(f"/coverage/modules.csv?as_at={day}"))
        assert {row["map_version"] for row in rows} == {version}
        assert f"Map version {version}." in client.get(f"/coverage?as_at={day}").text


# --- As published, beside as now known -------------------------------------------------------------------


@pytest.fixture
def published(village: Village) -> Village:
    """The figures of 30 June as they were published, and one late record since then."""
    with db.transaction() as session:
        history.snapshot(session, AS_AT, datetime(2026, 7, 1, 3, tzinfo=UTC))
    return village


def late_record(village: Village, day: date = date(2026, 6, 1)) -> None:
    """Somebody at Quarrelby who had nothing has, as is known only now, completed it."""
    with db.transaction() as session:
        row = next(
            one
            for one in standing.people(session, AS_AT)
            if one.organisation == "QUA" and one.standing == "not_done"
        )
        session.add(
            Completion(
                statement_id="late", person_id=row.person_id, module_id=row.module_id, completed_on=day
            )
        )


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text))


def test_figures_that_are_still_as_published_say_so(published: Village):
    text = plain(published.client("hr").get(f"/coverage?{JUNE}").text)
    assert "were published on 1 July 2026 at 4:00am, and they are the same today" in text


def test_a_late_record_shows_as_a_restatement_and_the_published_figure_stays(published: Village):
    client = published.client("administrator")
    before = rows_of(client.get(f"/coverage/modules.csv?{JUNE}"))
    late_record(published)
    text = plain(client.get(f"/coverage?{JUNE}").text)
    assert "2 are not the same any more" in text
    restated = text.partition("Restated since then")[2]
    assert "The whole partnership" in restated
    assert "Quarrelby Trust" in restated
    assert "Farrowdyke" not in restated
    kept = rows_of(client.get(f"/coverage/modules.csv?{JUNE}&history=published"))
    assert [{**row, "published_or_recomputed": "recomputed"} for row in kept] == before
    assert rows_of(client.get(f"/coverage/modules.csv?{JUNE}")) != before
    page = client.get(f"/coverage?{JUNE}&history=published").text
    assert "as published on 1 July 2026" in plain(page)
    # What was published counts the people known then, so its counts lead nowhere.
    assert "/coverage/trained" not in page


def test_restatements_stay_within_what_somebody_may_see(published: Village):
    late_record(published)
    assert "Restated since then" in published.client("hr elsewhere").get(f"/coverage?{JUNE}").text
    assert "Quarrelby" not in published.client("hr elsewhere").get(f"/coverage?{JUNE}").text
    text = plain(published.client("public health").get(f"/coverage?{JUNE}&history=published").text)
    assert "exempt" not in text.partition("Restated since then")[2]


def test_a_day_that_was_never_published_says_so(village: Village):
    client = village.client("administrator")
    assert "Nothing was published for this day" in client.get(f"/coverage?{JUNE}&history=published").text
    assert client.get(f"/coverage/modules.csv?{JUNE}&history=published").status_code == 404


def test_the_file_of_staff_trained_says_no_data_and_never_nought(village: Village):
    found = {
        row["organisation"]: row
        for row in rows_of(village.client("administrator").get(f"/coverage/staff.csv?{JUNE}"))
    }
    expected = {one.organisation: one for one in figures().organisations}
    assert found["QUA"]["counted"] == str(expected["QUA"].staff_counted)
    assert found["QUA"]["role_list_date"] == "2026-06-30"
    assert (found["MAR"]["no_data"], found["MAR"]["staff_trained"]) == ("yes", "")


@pytest.mark.parametrize("by", ["module", "role", "family"])
def test_each_figure_is_followed_to_exactly_the_people_it_counts(village: Village, by):
    client = village.client("administrator")
    rows = [row for row in figures(coverage.By(by)).rows if row.organisation]
    assert rows
    text = client.get(f"/coverage?{JUNE}&by={by}").text.replace("&amp;", "&")
    for row in rows:
        for name in COUNTS:
            number = getattr(row.counts, name)
            part = f"&by={by}&key={row.key}" if by != "module" else ""
            address = f"/organisations/{row.organisation}/coverage/{name}?module={row.module}{part}&{JUNE}"
            behind = client.get(address).text
            assert f": {number} people." in re.sub(r"\s+", " ", behind), address
            assert behind.count('scope="row"') == number
            if number:
                assert f"coverage/{name}?" in text


def test_staff_trained_is_followed_to_its_people_too(village: Village):
    client = village.client("hr")
    one = next(one for one in figures().organisations if one.organisation == "QUA")
    counted = client.get(f"/organisations/QUA/coverage/counted?{JUNE}").text
    trained = client.get(f"/organisations/QUA/coverage/trained?{JUNE}").text
    assert counted.count('scope="row"') == one.staff_counted
    assert trained.count('scope="row"') == one.staff_trained_count


def test_a_figure_leads_by_hand_to_the_statement(village: Village):
    client = village.client("hr")
    page = client.get(f"/coverage?{JUNE}").text.replace("&amp;", "&")
    people = re.search(r'href="(/organisations/QUA/coverage/due_soon\?[^"]+)"', page)[1]
    person = re.search(r'href="(/people/[^"]+)"', client.get(people).text.replace("&amp;", "&"))[1]
    record = re.search(r'href="(/people/\d+/statements/[^"]+)"', client.get(person.partition("#")[0]).text)[1]
    assert "The statement as it stands in the log" in client.get(record).text


@pytest.mark.parametrize(
    ("who", "status"),
    [("hr elsewhere", 404), ("public health", 403), ("trainer", 403), ("owner", 403), ("hr", 200)],
)
def test_the_people_behind_a_figure_are_for_hr_of_their_organisation(village: Village, who, status):
    assert (
        village.client(who).get(f"/organisations/QUA/coverage/trained?module=ATR-F&{JUNE}").status_code
        == status
    )


def test_public_health_sees_figures_without_names_without_the_six_counts_and_without_a_way_further(
    village: Village,
):
    client = village.client("public health")
    for address in (f"/coverage?{JUNE}", f"/coverage?{JUNE}&organisation=QUA", f"/coverage?{JUNE}&by=place"):
        text = client.get(address).text
        assert "Quarrelby Trust" in text
        for name in ("Khan", "O’Neill", "Łukasz", "Patel"):
            assert name not in text
        assert "/coverage/trained" not in text
        assert "Not done" not in text
        assert "Exempt</th>" not in text
        assert "Unmapped" not in text
    columns = list(rows_of(client.get(f"/coverage/modules.csv?{JUNE}"))[0])
    assert columns == [
        "organisation", "by", "key", "module", "in_scope", "trained", "coverage",
        "role_list_date", "as_at", "due_soon_days", "map_version", "published_or_recomputed",
    ]  # fmt: skip
    assert "unmapped_people" not in client.get(f"/coverage/staff.csv?{JUNE}").text
    for by in ("role", "family"):
        assert client.get(f"/coverage?{JUNE}&by={by}").status_code == 422


@pytest.mark.parametrize(
    "query",
    ["by=nonsense", "by=place&organisation=QUA", "organisation=NONE", "as_at=nonsense", "as_at[day]=99"],
)
def test_what_cannot_be_shown_says_so(village: Village, query):
    for address in ("/coverage", "/coverage/modules.csv"):
        assert village.client("administrator").get(f"{address}?{query}").status_code in (404, 422)


@pytest.mark.parametrize(
    "address",
    [
        "nonsense?module=ATR-F",
        "trained?module=NONE",
        "trained?module=ATR-F&by=role&key=NONE",
        "trained?module=ATR-F&by=x",
    ],
)
def test_a_figure_that_does_not_exist_leads_nowhere(village: Village, address):
    assert village.client("hr").get(f"/organisations/QUA/coverage/{address}").status_code in (404, 422)


def test_the_pages_are_the_same_on_each_engine(village_on_each: Village):
    client = village_on_each.client("administrator")
    assert [row["in_scope"] for row in rows_of(client.get(f"/coverage/modules.csv?{JUNE}"))] == [
        "7",
        "6",
        "5",
        "4",
        "2",
        "2",
        "",
    ]
    for address in (
        f"/coverage?{JUNE}&by=role",
        f"/organisations/QUA/coverage/due_soon?module=ATR-F&{JUNE}",
        f"/organisations/QUA/people?{JUNE}&search=khan",
        f"/people/{village_on_each.employments['owner']}?{JUNE}",
        f"/people/{village_on_each.employments['owner']}/statements/{village_on_each.statements['owner']}",
        "/accounts",
    ):
        assert client.get(address).status_code == 200
