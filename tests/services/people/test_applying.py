"""A role list is applied whole, once, and can be taken back whole."""

import json
import threading
import zlib
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from lms import db, spreadsheets
from lms.errors import Conflict, Invalid
from lms.rules import roster as rules
from lms.rules.people.plan import Kind
from lms.rules.roster import Reading
from lms.services import audit, organisations, reference, roster
from lms.services.coverage import effect
from lms.services.people import applying, checking, lists, stored
from lms.services.people.checking import Options
from lms.tables import metadata
from tests.rosters.lists import Cells

SAMPLE = Path(__file__).parents[2] / "rosters" / "sample"
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
ALL = Options(covers="all")
LISTS = {
    "QUA-NHS": "QUA-NHS-{}.xlsx",
    "FAR-BC": "FAR-BC-{}.csv",
    "ALD-HMP": "ALD-HMP-{}.txt",
    "FEL-CARE": "FEL-CARE-{}.csv",
    "NET-VCS": "NET-VCS-{}.xlsx",
}
PEOPLES = ("person", "employment", "post", "exemption", "person_link", "role_list_change")


@pytest.fixture
def place(database: str) -> dict[str, int]:
    """The example partnership without people: organisations' ids by code."""
    names = ["levels", "organisations", "job-roles", "job-titles", "modules", "equivalences", "training-map"]
    files = {f"{name}.csv": (SAMPLE / "reference" / f"{name}.csv").read_bytes() for name in names}
    with db.transaction() as session:
        reference.load(session, files, now=NOW, base_url="https://golden.example")
        return organisations.ids_by_code(session)


def read(session: Session, code: str, month: int, organisation_id: int) -> Reading:
    workbook = spreadsheets.read(SAMPLE / "rosters" / LISTS[code].format(month))
    known = stored.known(session, organisation_id)
    return rules.read(workbook.sheets, as_at=MAY if month == 1 else JUNE, known=known)


def apply(
    place: dict[str, int], code: str, month: int, options: Options = ALL, *, later: int = 0
) -> applying.Applied:
    with db.transaction() as session:
        id_ = place[code]
        applying.lock(session, id_)
        checked = checking.check(session, id_, read(session, code, month, id_), options)
        now = NOW + timedelta(days=month, minutes=later)
        return applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=now)


def apply_reading(organisation_id: int, reading: Reading, options: Options) -> None:
    with db.transaction() as session:
        checked = checking.check(session, organisation_id, reading, options)
        applying.apply(session, organisation_id, checked, actor=audit.COMMAND_LINE, now=NOW)


def everything() -> dict[str, list[Any]]:
    """Every row about people."""
    with db.transaction(read_only=True) as session:
        return {
            name: sorted(map(tuple, session.execute(select(metadata.tables[name])).all()), key=repr)
            for name in PEOPLES
        }


@pytest.mark.parametrize("code", LISTS)
def test_the_same_list_twice_changes_nothing(place: dict[str, int], code: str) -> None:
    apply(place, code, 1)
    before = everything()
    again = apply(place, code, 1)
    assert not again.checked.plan.writes
    assert everything() == before


@pytest.mark.parametrize("code", LISTS)
def test_an_undone_list_leaves_everything_as_it_was(place: dict[str, int], code: str) -> None:
    apply(place, code, 1)
    before = everything()
    applied = apply(place, code, 2)
    assert applied.checked.plan.writes
    with db.transaction() as session:
        applying.undo(session, place[code], actor=audit.COMMAND_LINE, now=NOW)
    assert everything() == before
    assert apply(place, code, 2).checked.plan.kinds == applied.checked.plan.kinds


def test_undoing_the_first_list_leaves_nobody(place: dict[str, int]) -> None:
    apply(place, "NET-VCS", 1)
    with db.transaction() as session:
        applying.undo(session, place["NET-VCS"], actor=audit.COMMAND_LINE, now=NOW)
    assert everything() == {name: [] for name in PEOPLES}


def test_a_link_that_a_list_brought_goes_with_it(place: dict[str, int]) -> None:
    apply(place, "FAR-BC", 1)
    before = everything()
    apply(place, "ALD-HMP", 1)
    assert len(everything()["person_link"]) == 4
    with db.transaction() as session:
        applying.undo(session, place["ALD-HMP"], actor=audit.COMMAND_LINE, now=NOW)
    assert everything() == before


def test_only_the_last_list_can_be_undone_and_only_once(place: dict[str, int]) -> None:
    apply(place, "NET-VCS", 1)
    apply(place, "NET-VCS", 2)
    with db.transaction() as session:
        applying.undo(session, place["NET-VCS"], actor=audit.COMMAND_LINE, now=NOW)
    with pytest.raises(Conflict), db.transaction() as session:
        applying.undo(session, place["NET-VCS"], actor=audit.COMMAND_LINE, now=NOW)


def test_a_list_older_than_the_last_one_is_refused(place: dict[str, int]) -> None:
    apply(place, "NET-VCS", 2)
    with pytest.raises(Invalid) as refused:
        apply(place, "NET-VCS", 1)
    assert [one.code for one in refused.value.problems] == ["list_too_old"]


def test_a_row_that_repeats_another_with_blanks_is_said_and_makes_no_post(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    captions = ["Employee number", "Last name", "First name", "Job title", "Unit", "Start date", "End date"]
    listed = [
        ["7", "Lee", "Ada", "Gardener", "Walled garden", "06/01/2020", ""],
        ["8", "Fox", "Kit", "Porter", "Yard", "06/01/2020", ""],
        ["7", "Lee", "Ada", "Gardener", "", "06/01/2020", "31/12/9999"],
        ["8", "Fox", "Kit", "Porter", "Lodge", "06/01/2020", ""],
    ]
    reading = rules.read([Cells([captions, *listed])], as_at=MAY)
    for again in (False, True):
        with db.transaction() as session:
            checked = checking.check(session, id_, reading, ALL)
            assert [(one.row, one.column, one.value, one.code) for one in checked.warnings] == [
                (4, "Employee number", "7", "row_joined")
            ]
            assert "row 2" in checked.warnings[0].message
            report = checked.report()
            assert (report["rows"], report["people"], report["posts"]) == (4, 2, 3)
            assert {one["title"]: one["count"] for one in report["titles"]["unmapped"]} == {
                "Gardener": 1,
                "Porter": 2,
            }
            assert checked.plan.writes is not again
            applied = applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=NOW)
            assert applied.checked.report(applied=True)["warnings"] == report["warnings"]
        assert len(everything()["post"]) == 3


def test_numbers_that_are_grouped_with_blanks_are_the_same_ones_in_the_next_list(
    place: dict[str, int],
) -> None:
    id_ = place["NET-VCS"]
    captions = ["Employee number", "Last name", "First name", "Job title", "Supervisor number"]

    def take(*numbers: str) -> applying.Applied:
        number, other, manager = numbers
        rows = [[number, "Lee", "Ada", "Porter", manager], [other, "Fox", "Kit", "Gardener", ""]]
        with db.transaction() as session:
            known = stored.known(session, id_)
            reading = rules.read([Cells([captions, *rows])], as_at=MAY, known=known)
            checked = checking.check(session, id_, reading, ALL)
            return applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=NOW)

    first = ("810 007", "810008", "810 008")
    assert take(*first).checked.plan.writes
    with db.transaction(read_only=True) as session:
        managers = session.execute(select(metadata.tables["post"].c.manager_number)).scalars().all()
    assert sorted(managers, key=repr) == ["810008", None]
    before = everything()
    for again in (first, ("810007", "810 008", "8100 08"), ("8100 07", "810008", "810008")):
        assert not take(*again).checked.plan.writes, again
        assert everything() == before


def test_half_a_file_does_not_make_the_other_half_leavers(place: dict[str, int]) -> None:
    apply(place, "FAR-BC", 1)
    before = everything()
    with db.transaction(read_only=True) as session:
        whole = read(session, "FAR-BC", 2, place["FAR-BC"])
    half = replace(whole, rows=whole.rows[: len(whole.rows) // 2])
    with pytest.raises(Invalid) as refused:
        apply_reading(place["FAR-BC"], half, ALL)
    assert [one.code for one in refused.value.problems] == ["many_leavers"]
    assert everything() == before


def test_nobody_leaves_unless_the_file_is_said_to_cover_them(place: dict[str, int]) -> None:
    apply(place, "NET-VCS", 1)
    applied = apply(place, "NET-VCS", 2, Options())
    assert applied.checked.plan.count(Kind.LEAVER) == 0


def test_another_organisations_file_is_stopped(place: dict[str, int]) -> None:
    apply(place, "NET-VCS", 1)
    with db.transaction(read_only=True) as session:
        other = read(session, "ALD-HMP", 2, place["NET-VCS"])
    with pytest.raises(Invalid) as refused:
        apply_reading(place["NET-VCS"], other, Options())
    assert "many_joiners" in [one.code for one in refused.value.problems]


def test_two_lists_at_once_are_taken_one_after_the_other(place: dict[str, int]) -> None:
    found: list[Any] = []

    def one() -> None:
        try:
            found.append(apply(place, "ALD-HMP", 1).checked.plan.count(Kind.JOINER))
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 103]


@pytest.mark.parametrize("code", LISTS)
def test_a_kept_list_says_what_the_file_said(place: dict[str, int], code: str) -> None:
    with db.transaction() as session:
        reading = read(session, code, 1, place[code])
        kept = roster.keep(
            session, place[code], reading, filename="x", options={"covers": "all"}, account_id=None, now=NOW
        )
        assert roster.unpacked(kept) == reading


def test_a_status_that_nobody_knows_is_said_by_its_place_and_kept_nowhere(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    captions = ["Employee number", "Last name", "First name", "Job title", "Status"]
    cells = [captions, ["7", "Lee", "Ada", "Gardener", "Shingles"], ["8", "Fox", "Kit", "Porter", "Active"]]
    with db.transaction() as session:
        reading = rules.read([Cells(cells)], as_at=MAY)
        kept = roster.keep(session, id_, reading, filename="x", options=asdict(ALL), account_id=None, now=NOW)
        assert effect.check(session, kept.id or 0) is not None
        assert kept.report is not None
        (said,) = kept.report["warnings"]
        assert (said["row"], said["column"], said["value"], said["code"]) == (
            2,
            "Status",
            "",
            "status_unknown",
        )
        assert "Shingles" not in json.dumps(kept.report)
        assert b"Shingles" not in zlib.decompress(kept.cells or b"")
        lists.ask(session, kept, ALL)
        assert lists.apply(session, kept.id or 0, actor=audit.COMMAND_LINE, now=NOW) is not None
        assert "Shingles" not in json.dumps(kept.report)


def test_a_kept_list_is_checked_shown_and_applied_as_shown(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    with db.transaction() as session:
        reading = read(session, "NET-VCS", 1, id_)
        kept = roster.keep(
            session, id_, reading, filename="x", options={"covers": "all"}, account_id=None, now=NOW
        )
        list_id = kept.id or 0
    with db.transaction() as session:
        assert effect.check(session, list_id) is not None
    with db.transaction() as session:
        lists.ask(session, session.get_one(type(kept), list_id), ALL)
    for expected in (True, False):
        with db.transaction() as session:
            applied = lists.apply(session, list_id, actor=audit.WORKER, now=NOW)
            assert (applied is not None) is expected
    assert len(everything()["employment"]) == 12


def test_a_list_that_no_longer_does_what_was_shown_goes_back_to_be_looked_at(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    with db.transaction() as session:
        reading = read(session, "NET-VCS", 1, id_)
        kept = roster.keep(
            session, id_, reading, filename="x", options={"covers": "all"}, account_id=None, now=NOW
        )
        list_id = kept.id or 0
        effect.check(session, list_id)
        lists.ask(session, kept, ALL)
    apply(place, "NET-VCS", 1)
    with db.transaction() as session:
        assert lists.apply(session, list_id, actor=audit.WORKER, now=NOW) is None
        again = session.get_one(type(kept), list_id)
        assert again.state == roster.CHECKED
        assert again.report is not None
        assert again.report["unchanged"] == 12


def test_the_database_plans_for_the_people_of_a_large_list_and_not_for_those_before_it(
    postgres_url: str,
) -> None:
    rows = [
        ["Staff No", "Surname", "Forename", "Role"],
        *([f"{n}", "Ash", "Ann", "Nurse"] for n in range(1, 2501)),
    ]
    with db.transaction() as session:
        files = {"organisations.csv": b"code,name\nBIG,Big\n"}
        reference.load(session, files, now=NOW, base_url="https://golden.example")
        big = organisations.ids_by_code(session)["BIG"]
    apply_reading(big, rules.read([Cells(rows)], as_at=JUNE), ALL)
    with db.reading() as connection:
        known = connection.exec_driver_sql(
            "SELECT relname, reltuples FROM pg_class WHERE relname IN ('person', 'employment', 'post')"
        )
        assert dict(map(tuple, known)) == {"person": 2500, "employment": 2500, "post": 2500}
