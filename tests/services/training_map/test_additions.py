"""What is asked of one person alone."""

from datetime import date

import pytest
from sqlmodel import Session, select

from lms.errors import Conflict, Invalid, NotFound
from lms.rules.access import EVERYTHING
from lms.rules.training_map.rows import of_cells
from lms.rules.training_map.versions import stamp
from lms.services import reference, standing
from lms.services.audit import COMMAND_LINE, Actor
from lms.services.standing import Scope
from lms.services.training_map import additions, drafts, publishing
from lms.tables.accounts import Account
from lms.tables.training_map import MapVersion, RequirementTerm
from tests.services.test_reference import NOW

SAFE = of_cells({"who": "everyone", "module": "B", "from": "2026-01-01", "days_allowed": "30"})


def end(session: Session, id_: int, day: date, organisation_ids: frozenset[int] | None = None) -> None:
    additions.end(session, id_, day, organisation_ids=organisation_ids, actor=COMMAND_LINE, now=NOW)


def asked(session: Session, employment_id: int, on: date) -> list[tuple[str, str]]:
    rows = standing.people(session, on, Scope(employment_id=employment_id))
    return [(row.module, row.standing.value) for row in rows]


def test_an_addition_is_asked_of_one_person_from_its_first_day_to_its_last(
    session: Session, drivers: list[int]
) -> None:
    one, other = drivers
    id_ = additions.add(session, one, SAFE, reason="Carries children", actor=COMMAND_LINE, now=NOW)
    assert asked(session, one, date(2025, 12, 31)) == [("A", "not_done")]
    assert asked(session, one, date(2026, 1, 31)) == [("A", "not_done"), ("B", "not_yet_due")]
    assert asked(session, one, date(2026, 2, 1)) == [("A", "not_done"), ("B", "not_done")]
    assert asked(session, other, date(2026, 2, 1)) == [("A", "not_done")]
    (found,) = standing.people(session, date(2026, 2, 1), Scope(employment_id=one))[1:]
    assert found.because.startswith("This person needs B (an addition of their own, since 1 January 2026).")
    end(session, id_, date(2026, 2, 28), organisation_ids=frozenset({1}))
    assert asked(session, one, date(2026, 3, 1)) == [("A", "not_done")]
    (listed,) = additions.listed(session, organisation_ids=frozenset({1}))
    assert (listed.person, listed.module, listed.reason) == ("Driver 1", "B", "Carries children")
    assert listed.to_day == date(2026, 2, 28)


def test_who_decided_and_which_version_stand_in_the_reason(session: Session, drivers: list[int]) -> None:
    account = Account(email="jo@example.org", name="Jo Bell", created_at=NOW)
    session.add(account)
    session.flush()
    actor = Actor("jo@example.org", account.id)
    additions.add(session, drivers[0], SAFE, reason="Carries children", actor=actor, now=NOW)
    draft = drafts.begin(session, title="Spring", actor=actor, now=NOW)
    row = of_cells({"who": "everyone", "module": "C", "from": "2026-01-01"})
    drafts.state(session, draft.id or 0, row.identity, [row], seen=stamp([]), scope=EVERYTHING)
    given = {"reason": "Agreed", "revision": draft.revision, "scope": EVERYTHING, "actor": actor, "now": NOW}
    publishing.release(session, draft.id or 0, from_day=date(2026, 1, 1), **given)
    told = {
        row.module: row.because
        for row in standing.people(session, date(2026, 6, 30), Scope(employment_id=drivers[0]))
    }
    assert "(an addition of their own, decided by Jo Bell, since 1 January 2026)" in told["B"]
    assert "(map version 2, decided by Jo Bell, since 1 January 2026)" in told["C"]
    assert "(map version 1, since 1 January 2023)" in told["A"]


def test_publishing_a_map_leaves_additions_alone(session: Session, drivers: list[int]) -> None:
    additions.add(session, drivers[0], SAFE, reason="Carries children", actor=COMMAND_LINE, now=NOW)
    reference.load(
        session, {"training-map.csv": b"who,module\nmanagers,B\n"}, now=NOW, base_url="https://golden.example"
    )
    assert ("B", "not_done") in asked(session, drivers[0], date(2026, 3, 1))
    assert session.exec(select(MapVersion.number)).all() == [1, 2]
    assert len(session.exec(select(RequirementTerm)).all()) == 6


def test_an_addition_needs_a_reason_a_first_day_and_no_second_of_the_same(
    session: Session, drivers: list[int]
) -> None:
    def add(row=SAFE, reason: str = "Carries children") -> int:
        return additions.add(session, drivers[0], row, reason=reason, actor=COMMAND_LINE, now=NOW)

    with pytest.raises(Invalid, match="Say why"):
        add(reason=" ")
    with pytest.raises(Invalid, match="from which day"):
        add(of_cells({"who": "everyone", "module": "B"}))
    with pytest.raises(Invalid, match="no module with the code 'Z'"):
        add(of_cells({"who": "everyone", "module": "Z", "from": "2026-01-01"}))
    first = add()
    with pytest.raises(Conflict):
        add()
    with pytest.raises(Invalid, match="It began on 2026-01-01"):
        end(session, first, date(2025, 12, 31))
    with pytest.raises(NotFound):
        end(session, first, date(2026, 12, 31), organisation_ids=frozenset({2}))
    end(session, first, date(2026, 3, 31))
    add(of_cells({"who": "everyone", "module": "B", "from": "2026-04-01"}))
