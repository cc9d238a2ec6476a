"""An organisation's list comes out in a form that changes nothing when it goes in again."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lms import db, spreadsheets
from lms.errors import NotFound
from lms.rules import roster as rules
from lms.rules.people.plan import Kind
from lms.services import audit, roster
from lms.services.people import applying, checking, exporting, stored
from lms.services.people.checking import Checked, Options
from lms.tables.organisations import Organisation
from tests.rosters.lists import Cells
from tests.services.people import test_applying
from tests.services.people.test_applying import ALL, JUNE, LISTS, MAY, apply, apply_reading, everything

place = test_applying.place
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
FORMATS = {"csv": exporting.as_csv, "xlsx": exporting.as_xlsx}
UNCHANGED = {Kind.JOINER: 0, Kind.LEAVER: 0, Kind.MOVER: 0, Kind.CHANGED: 0}


def export(organisation_id: int) -> list[list[Any]]:
    with db.transaction(read_only=True) as session:
        return exporting.rows(session, session.get_one(Organisation, organisation_id), JUNE)


def check_again(organisation_id: int, content: bytes, as_at: date) -> Checked:
    with db.transaction(read_only=True) as session:
        reading = rules.read(
            spreadsheets.read(content).sheets,
            as_at=as_at,
            columns=roster.columns_of(session, organisation_id),
            known=stored.known(session, organisation_id),
        )
        return checking.check(session, organisation_id, reading, Options(covers="all"))


def counts(checked: Checked) -> dict[Kind, int]:
    return {kind: checked.plan.count(kind) for kind in UNCHANGED}


@pytest.mark.parametrize("code", LISTS)
def test_the_export_of_a_sample_list_changes_nothing_when_it_is_applied(
    place: dict[str, int], code: str
) -> None:
    id_ = place[code]
    for month, as_at in ((1, MAY), (2, JUNE)):
        apply(place, code, month)
        before = everything()
        listed = export(id_)
        for write in FORMATS.values():
            checked = check_again(id_, write(listed), as_at)
            assert checked.errors == ()
            assert counts(checked) == UNCHANGED
            assert not checked.plan.writes
            assert checked.reading.not_read == ()
            with db.transaction() as session:
                applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=NOW)
            assert everything() == before


CAPTIONS = [
    "Staff No",
    "Surname",
    "Forename",
    "Role",
    "Grade",
    "Unit",
    "Work email",
    "Start",
    "End",
    "Status",
    "Main job",
]
AWKWARD = [
    ["0012", "O’Neill", "=cmd|' /C calc'!A0", "'-Nurse", "B6", "A › B", "a@x.example", "06/01/2020", "", "Maternity", "Yes"],
    ["0012", "O’Neill", "=cmd|' /C calc'!A0", "Porter, bank", "B2", "A › B", "", "2024-02-29", "31/12/2026", "", "No"],
    ["4412", 'Smith "Bob", MBE', "Ann\nMarie", "+44; @ 'night'", "", "B\tC", "", "", "", "Suspended", ""],
    ["W-7", "Lee Unknown", "", "4|Nurse|x", "", "", "", "31/12/1899", "", "", ""],
    ["-5", "Łukasz-de la Tour (née Ó)", "Chloë", "", "", "Surgery", "", "", "30/09/2026", "", ""],
    ["9999", "Gone", "Al", "Nurse", "", "", "", "", "01/05/2026", "Terminated", ""],
]  # fmt: skip


def test_awkward_people_come_back_as_they_are_also_where_columns_were_decided(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    with db.transaction() as session:
        decided = {"title": "Role", "number": "Staff No"}
        roster.remember_columns(session, id_, decided, account_id=None, now=NOW)
    reading = rules.read([Cells([CAPTIONS, *AWKWARD])], as_at=JUNE, columns=decided)
    assert reading.errors == ()
    apply_reading(id_, reading, ALL)
    before = everything()
    listed = export(id_)
    assert len(listed) == 1 + 5, "who has left is not in it"
    for write in FORMATS.values():
        checked = check_again(id_, write(listed), JUNE)
        assert (checked.errors, counts(checked), checked.plan.writes) == ((), UNCHANGED, False)
        apply_reading(id_, checked.reading, ALL)
        assert everything() == before


def test_a_cell_left_blank_changes_nothing_and_clear_empties_it(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    apply_reading(id_, rules.read([Cells([CAPTIONS, *AWKWARD])], as_at=JUNE), ALL)
    captions, *rows = export(id_)
    email, unit = captions.index("Email"), captions.index("Unit")
    rows = [[*row[:unit], "", *row[unit + 1 : email], "", *row[email + 1 :]] for row in rows]
    assert not check_again(id_, exporting.as_csv([captions, *rows]), JUNE).plan.writes
    rows = [[*row[:unit], "CLEAR", *row[unit + 1 :]] for row in rows]
    checked = check_again(id_, exporting.as_xlsx([captions, *rows]), JUNE)
    assert {tuple(changes.items()) for changes in checked.plan.posts.values()} == {(("unit", None),)}
    assert len(checked.plan.posts) == 4


def test_there_is_nothing_to_export_before_a_list_is_applied(place: dict[str, int]) -> None:
    with pytest.raises(NotFound, match="nothing to export"):
        export(place["NET-VCS"])
