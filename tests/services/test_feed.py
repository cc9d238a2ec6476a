"""Lists that arrive by themselves: taken once, in the order of their dates, with the brakes of the page; HR is told."""

import threading
from datetime import date

import pytest
from sqlmodel import Session, col, select

from lms import db
from lms.errors import NotFound
from lms.rules.access import EVERYTHING, Role, Scope
from lms.services import audit, feed, roster
from lms.services.feed import telling
from lms.services.people import applying, lists
from lms.services.people.checking import Options
from lms.tables.audit import AuditEvent
from lms.tables.roster import RoleList
from tests import feeding
from tests.feeding import BASE, JUNE, MAY, NOW, Place, arrive, content, employed, letters, take_all


@pytest.fixture
def place(database: str) -> Place:
    with db.transaction() as session:
        return feeding.found(session)


def take(place: Place, file: bytes, as_at: date = JUNE, **said: str | None) -> RoleList:
    """One list, come and taken."""
    with db.transaction() as session:
        made = arrive(session, place.organisations["QUA"], file, as_at, **said)
        take_all(session, place.organisations["QUA"])
        return made


def test_a_list_is_applied_as_a_whole_and_nothing_of_the_file_is_kept(place: Place) -> None:
    made = take(place, content(5))
    assert (made.state, made.cells, employed()) == (roster.APPLIED, None, 5)
    assert made.report is not None
    assert (made.report["joiners"], made.report["not_read"]) == (5, ["NI Number"])
    assert "QQ123456C" not in str(made.report)


def test_whoever_brought_it_stands_in_the_trail(place: Place) -> None:
    take(place, content(5))
    with db.transaction(read_only=True) as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "role_list.applied")).one()
    assert event.actor == "feed: folder"


def test_the_same_list_of_the_same_day_is_taken_once(place: Place) -> None:
    first = take(place, content(5))
    for _ in range(3):
        assert take(place, content(5)).id == first.id
    assert len(feeding.lists()) == len(letters()) == 1


def test_the_same_content_on_another_day_is_a_list_that_changes_nothing(place: Place) -> None:
    take(place, content(5), MAY)
    second = take(place, content(5), JUNE)
    assert second.report is not None
    assert (second.state, second.report["unchanged"], second.report["joiners"]) == (roster.APPLIED, 5, 0)


def test_lists_are_taken_by_their_dates_whichever_came_first(place: Place) -> None:
    with db.transaction() as session:
        id_ = place.organisations["QUA"]
        late = arrive(session, id_, content(6), JUNE)
        early = arrive(session, id_, content(5), MAY)
        assert [one.id for one in take_all(session, id_)] == [early.id, late.id]
    assert [one.state for one in feeding.lists()] == [roster.APPLIED] * 2


def test_a_list_older_than_the_last_one_is_refused(place: Place) -> None:
    take(place, content(5), JUNE)
    old = take(place, content(4), MAY)
    assert (old.state, [one["code"] for one in (old.report or {})["errors"]]) == (
        roster.REFUSED,
        ["list_too_old"],
    )
    assert "is before that of the last one applied" in letters()[-1].body


def test_another_organisation_is_left_alone(place: Place) -> None:
    take(place, content(5))
    with db.transaction() as session:
        arrive(session, place.organisations["FAR"], content(3))
        assert take_all(session, place.organisations["QUA"]) == []
    assert employed() == 5


def test_many_leavers_stop_it_and_somebody_may_confirm_them(place: Place) -> None:
    take(place, content(20), MAY)
    stopped = take(place, content(10), JUNE)
    assert (stopped.state, employed()) == (roster.CHECKED, 20)
    with db.transaction() as session:
        found = roster.one(session, EVERYTHING, stopped.id or 0)
        lists.ask(session, found, Options(covers="all", accept_leavers=True))
        applied = lists.apply(session, stopped.id or 0, actor=audit.WORKER, now=NOW)
        assert applied is not None
        assert applied.checked.plan.current_before == 20
    assert feeding.lists()[-1].state == roster.APPLIED


def test_a_stopped_list_that_comes_again_waits_as_before(place: Place) -> None:
    take(place, content(20), MAY)
    first = take(place, content(10), JUNE)
    again = take(place, content(10), JUNE)
    assert (again.id, again.state, len(letters())) == (first.id, roster.CHECKED, 2)


def test_another_organisations_file_is_stopped(place: Place) -> None:
    take(place, content(20), MAY)
    stopped = take(place, content(20, first=500000), JUNE, covers=None)
    assert stopped.state == roster.CHECKED
    assert "Check that it is this organisation's file" in letters()[-1].body


def test_nobody_leaves_where_the_list_is_not_said_to_cover_them(place: Place) -> None:
    take(place, content(20), MAY)
    made = take(place, content(2), JUNE, covers=None)
    assert (made.state, (made.report or {})["leavers"]) == (roster.APPLIED, 0)
    assert "nobody who is missing from it is taken to have left" in letters()[-1].body


def test_a_list_with_one_error_changes_nothing(place: Place) -> None:
    made = take(place, content(5) + content(1, first=7, start="31/02/2024").partition(b"\n")[2])
    assert (made.state, employed()) == (roster.REFUSED, 0)


def test_a_refused_list_that_comes_again_is_looked_at_again_and_told_when_it_went_well(place: Place) -> None:
    take(place, content(5), JUNE)
    old = take(place, content(4), MAY, covers=None)
    take(place, content(4), MAY, covers=None)
    assert [one.outcome for one in letters()] == ["applied", "refused"], "told once"
    with db.transaction() as session:
        applying.undo(session, place.organisations["QUA"], actor=audit.COMMAND_LINE, now=NOW)
    again = take(place, content(4), MAY, covers=None)
    assert (again.id, again.state) == (old.id, roster.APPLIED)
    assert [one.outcome for one in letters()] == ["applied", "refused", "applied"]


def test_what_somebody_took_back_is_not_put_back_by_the_same_file(place: Place) -> None:
    take(place, content(5))
    with db.transaction() as session:
        applying.undo(session, place.organisations["QUA"], actor=audit.COMMAND_LINE, now=NOW)
    assert (take(place, content(5)).state, employed()) == (roster.UNDONE, 0)


def test_a_list_sent_twice_at_the_same_moment_is_one(place: Place) -> None:
    together = threading.Barrier(4)
    made: list[int | None] = []

    def send() -> None:
        together.wait()
        with db.transaction() as session:
            made.append(arrive(session, place.organisations["QUA"], content(50)).id)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 4
    assert len(set(made)) == len(feeding.lists()) == 1


def test_lists_taken_by_two_workers_at_once_are_applied_one_after_the_other(place: Place) -> None:
    id_ = place.organisations["QUA"]
    with db.transaction() as session:
        for count, day in ((20, date(2026, 6, 1)), (21, date(2026, 6, 2)), (22, date(2026, 6, 3))):
            arrive(session, id_, content(count), day)
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        taken: object = True
        while taken:
            with db.transaction() as session:
                taken = feed.take(session, id_, base_url=BASE, now=NOW)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [(one.state, (one.report or {})["joiners"]) for one in feeding.lists()] == [
        (roster.APPLIED, 20),
        (roster.APPLIED, 1),
        (roster.APPLIED, 1),
    ]
    assert (employed(), len(letters())) == (22, 3)


def test_what_came_of_a_list_is_shown_within_the_scope_alone(place: Place) -> None:
    made = take(place, content(5))
    own, other = (Scope(organisation_ids=frozenset({place.organisations[code]})) for code in ("QUA", "FAR"))
    with db.transaction(read_only=True) as session:
        assert feed.one(session, own, place.organisations["QUA"], made.id or 0).applied
        for scope, code in ((other, "QUA"), (other, "FAR"), (own, "FAR")):
            with pytest.raises(NotFound):
                feed.one(session, scope, place.organisations[code], made.id or 0)


def test_a_list_that_somebody_uploaded_is_none_of_the_feeds(place: Place) -> None:
    with db.transaction() as session:
        made = RoleList(
            organisation_id=place.organisations["QUA"],
            as_at=JUNE,
            filename="x.csv",
            state="refused",
            options={},
            uploaded_at=NOW,
        )
        session.add(made)
        session.flush()
        with pytest.raises(NotFound):
            feed.one(session, EVERYTHING, place.organisations["QUA"], made.id or 0)


def told(session: Session, place: Place, code: str) -> list[str]:
    return [one.email for one in telling.addressees(session, place.organisations[code])]


def test_hr_of_the_organisation_is_told_and_nobody_else(place: Place) -> None:
    with db.transaction() as session:
        feeding.account(session, "hugo@qua.example", "Hugo", Role.HR, place.organisations["QUA"])
        feeding.account(
            session, "gone@qua.example", "Gone", Role.HR, place.organisations["QUA"], active=False
        )
        feeding.account(session, "tara@qua.example", "Tara", Role.TRAINER, place.organisations["QUA"])
        feeding.account(session, "all@partnership.example", "All", Role.HR, None)
        assert told(session, place, "QUA") == ["ruth@qua.example", "hugo@qua.example"]


def test_where_an_organisation_has_no_hr_somebody_is_told_all_the_same(place: Place) -> None:
    with db.transaction() as session:
        assert told(session, place, "FAR") == ["admin@partnership.example"]
        feeding.account(session, "local@far.example", "Local", Role.ADMINISTRATOR, place.organisations["FAR"])
        assert told(session, place, "FAR") == ["local@far.example"]
        feeding.account(session, "all@partnership.example", "All", Role.HR, None)
        assert told(session, place, "FAR") == ["all@partnership.example"]


def test_what_is_told_names_no_person_and_no_job_title(place: Place) -> None:
    take(place, content(20), MAY)
    take(place, content(10), JUNE)
    take(place, content(5) + content(1, first=7, start="31/02/2024").partition(b"\n")[2], JUNE)
    said = "\n".join(f"{one.subject}\n{one.body}" for one in letters())
    assert [one.outcome for one in letters()] == ["applied", "stopped", "refused"]
    for secret in ("Given", "Family", "100000", "@qua.example", "Nurse", "31/02", "QQ123456C", "--accept"):
        assert secret not in said
    with db.transaction(read_only=True) as session:
        assert session.exec(select(col(RoleList.cells)).where(RoleList.state == "applied")).all() == [None]
