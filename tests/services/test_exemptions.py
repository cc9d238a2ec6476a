"""Exemptions: recorded with their days and who decided, and over by themselves."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from lms.errors import Conflict, Invalid, NotFound
from lms.services import reference, standing
from lms.services.audit import COMMAND_LINE
from lms.services.people import exemptions
from lms.services.standing import Scope
from lms.tables.people import Exemption
from tests.services.test_reference import NOW

HEADER = b"organisation,employee_number,class,from,to\n"


def decide(session: Session, employment_id: int, **given: Any) -> int:
    chosen = {"kind": "away", "start": date(2026, 1, 1), "end": None, "actor": COMMAND_LINE, "now": NOW}
    return exemptions.decide(session, employment_id, **(chosen | given))


def end(session: Session, id_: int, day: date, organisation_ids: frozenset[int] | None = None) -> None:
    exemptions.end(session, id_, day, organisation_ids=organisation_ids, actor=COMMAND_LINE, now=NOW)


def standings(session: Session, employment_id: int, on: date) -> list[str]:
    return [row.standing.value for row in standing.people(session, on, Scope(employment_id=employment_id))]


def load(session: Session, rows: bytes) -> tuple[int, int, int]:
    files = {"exemptions.csv": HEADER + rows}
    (done,) = reference.load(session, files, now=NOW, base_url="https://golden.example")
    return done.added, done.changed, done.unchanged


def test_an_exemption_takes_somebody_out_and_ends_by_itself(session: Session, drivers: list[int]) -> None:
    decide(session, drivers[0], end=date(2026, 3, 31))
    assert standings(session, drivers[0], date(2025, 12, 31)) == ["not_done"]
    assert standings(session, drivers[0], date(2026, 3, 31)) == ["exempt"]
    assert standings(session, drivers[0], date(2026, 4, 1)) == ["not_done"]
    assert standings(session, drivers[1], date(2026, 3, 31)) == ["not_done"]


def test_one_without_an_end_can_be_given_its_last_day(session: Session, drivers: list[int]) -> None:
    id_ = decide(session, drivers[0])
    assert standings(session, drivers[0], date(2030, 1, 1)) == ["exempt"]
    end(session, id_, date(2026, 2, 28))
    assert standings(session, drivers[0], date(2026, 3, 1)) == ["not_done"]
    (listed,) = exemptions.listed(session, organisation_ids=frozenset({1}))
    assert (listed.person, listed.kind, listed.to_day) == ("Driver 1", "away", date(2026, 2, 28))
    assert not exemptions.listed(session, on=date(2026, 3, 1))
    assert not exemptions.listed(session, organisation_ids=frozenset({2}))


def test_what_makes_no_sense_is_refused(session: Session, drivers: list[int]) -> None:
    with pytest.raises(Invalid, match="away, not applicable"):
        decide(session, drivers[0], kind="ill")
    with pytest.raises(Invalid, match="before the first"):
        decide(session, drivers[0], end=date(2025, 12, 31))
    id_ = decide(session, drivers[0])
    with pytest.raises(Conflict):
        decide(session, drivers[0], start=date(2026, 6, 1))
    with pytest.raises(NotFound):
        end(session, id_, date(2026, 6, 1), organisation_ids=frozenset({2}))
    with pytest.raises(Invalid, match="It began on"):
        end(session, id_, date(2025, 6, 1))


def test_an_absence_that_a_role_list_gave_is_ended_by_a_role_list(
    session: Session, drivers: list[int]
) -> None:
    absence = Exemption(
        employment_id=drivers[0],
        post_id=1,
        kind="away",
        from_day=date(2026, 1, 1),
        source="role_list",
        decided_at=NOW,
    )
    session.add(absence)
    session.flush()
    with pytest.raises(Invalid, match="comes from the role list"):
        end(session, absence.id or 0, date(2026, 6, 1))


def test_a_file_records_what_is_new_and_brings_ends_up_to_date(session: Session, drivers: list[int]) -> None:
    assert load(session, b"T,1,away,2026-01-01,\nT,2,not applicable,2026-01-01,2026-01-31\n") == (2, 0, 0)
    assert load(session, b"T,1,away,2026-01-01,2026-02-28\n") == (0, 1, 0)
    assert load(session, b"T,1,away,2026-01-01,2026-02-28\n") == (0, 0, 1)
    assert standings(session, drivers[0], date(2026, 3, 1)) == ["not_done"]
    with pytest.raises(Invalid):
        load(session, b"T,9,away,2026-01-01,\n")
