"""Lists taken by a worker and HR told: lost jobs, refused addresses, killed in the middle; never twice, never lost."""

from datetime import timedelta

import pytest

from lms import clock, db, queue, settings
from lms.errors import Conflict
from lms.rules.access import Role
from lms.services import feed, roster
from lms.services.feed import telling
from lms.services.feed.telling import State
from tests import feeding, killed
from tests.feeding import JUNE, MAY, Place, arrive, content, employed, letters, outbox, take_all
from tests.killed import Killed
from tests.servers import Mailbox
from workers import feed as worker
from workers.roster import LOST_AFTER, sweep_role_lists


@pytest.fixture
def place(database: str) -> Place:
    with db.transaction() as session:
        made = feeding.found(session)
        feeding.account(session, "hugo@qua.example", "Hugo Bell", Role.HR, made.organisations["QUA"])
    return made


@pytest.fixture
def told(place: Place) -> Place:
    """A list is applied, and two messages wait."""
    with db.transaction() as session:
        arrive(session, place.organisations["QUA"], content(5))
        take_all(session, place.organisations["QUA"])
    return place


def states() -> list[str]:
    return [one.state for one in letters()]


def test_a_worker_takes_all_that_came_by_date_and_has_hr_told(place: Place) -> None:
    with db.transaction() as session:
        late = arrive(session, place.organisations["QUA"], content(6), JUNE)
        arrive(session, place.organisations["QUA"], content(5), MAY)
    worker.take_role_lists(late.id or 0)
    assert [one.state for one in feeding.lists()] == [roster.APPLIED] * 2
    assert employed() == 6
    assert queue.waiting(settings.current()) == 1
    worker.tell_hr()
    assert len(outbox(settings.current().var)) == 4


def test_a_job_for_a_list_that_is_not_there_does_nothing(place: Place) -> None:
    worker.take_role_lists(4711)
    assert letters() == []


def test_a_lost_job_is_asked_for_again_by_the_sweeper(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction() as session:
        arrive(session, place.organisations["QUA"], content(5))
    later = feeding.NOW + LOST_AFTER + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    sweep_role_lists()
    assert queue.waiting(settings.current()) == 1


def test_a_worker_killed_while_applying_leaves_nothing_half_done(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        made = arrive(session, place.organisations["QUA"], content(5))

    with monkeypatch.context() as patched:
        # The last thing of the transaction: everything else is written already.
        patched.setattr(telling, "queue", killed.die)
        with pytest.raises(Killed):
            worker.take_role_lists(made.id or 0)
    assert (employed(), [one.state for one in feeding.lists()], letters()) == (0, [roster.ARRIVED], [])
    worker.take_role_lists(made.id or 0)
    assert (employed(), len(letters())) == (5, 2)


def test_everybody_in_hr_gets_a_message_from_the_mail_server(told: Place, by_smtp: Mailbox) -> None:
    assert worker.tell() == 2
    assert sorted(to for (to,) in by_smtp.recipients) == ["hugo@qua.example", "ruth@qua.example"]
    (ruth,) = [one for one in by_smtp.messages if one["To"] == "ruth@qua.example"]
    assert ruth["Subject"] == "Role list of 30 June 2026: applied"
    assert "the role list of Quarrelby Trust of 30 June 2026 has arrived" in ruth.get_content()
    assert states() == [State.HANDED_OVER] * 2
    assert worker.tell() == 0
    assert len(by_smtp.messages) == 2


def test_an_address_that_is_refused_keeps_nobody_else_waiting(told: Place, by_smtp: Mailbox) -> None:
    by_smtp.refused["ruth@qua.example"] = "550 5.1.1 No such mailbox"
    assert worker.tell() == 1
    assert states() == [State.FAILED, State.HANDED_OVER]
    assert letters()[0].error == "The mail server refused the recipient: 550 5.1.1 No such mailbox"


def test_a_full_mailbox_is_tried_again_for_three_days(
    told: Place, by_smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_smtp.refused["ruth@qua.example"] = "452 4.2.2 Mailbox full"
    monkeypatch.setattr(clock, "now", lambda: feeding.NOW)
    assert (worker.tell(), states()) == (1, [State.QUEUED, State.HANDED_OVER])
    monkeypatch.setattr(clock, "now", lambda: feeding.NOW + timedelta(days=3))
    assert (worker.tell(), states()) == (0, [State.FAILED, State.HANDED_OVER])


def test_while_the_mail_server_is_away_everything_waits_however_long(
    told: Place, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_MAIL_URL", "smtp://127.0.0.1:1")
    settings.current.cache_clear()
    assert (worker.tell(), states()) == (0, [State.QUEUED] * 2)
    assert "does not answer" in (letters()[0].error or "")
    monkeypatch.setattr(clock, "now", lambda: feeding.NOW + timedelta(days=9))
    assert (worker.tell(), states()) == (0, [State.QUEUED] * 2)
    monkeypatch.setenv("LMS_MAIL_URL", smtp.url)
    settings.current.cache_clear()
    assert (worker.tell(), len(smtp.messages)) == (2, 2)


@pytest.mark.parametrize("moment", ["before the door", "at the door", "after the door"])
def test_killed_while_writing_files_everybody_gets_exactly_one(
    told: Place, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        killed.while_sending(patched, telling, moment)
        with pytest.raises(Killed):
            worker.tell()
    worker.tell()
    assert states() == [State.HANDED_OVER] * 2
    assert len(outbox(settings.current().var)) == 2


@pytest.mark.parametrize(
    ("moment", "got", "state"),
    [
        ("before the door", 2, State.HANDED_OVER),
        ("at the door", 1, State.IN_DOUBT),
        ("after the door", 2, State.IN_DOUBT),
    ],
)
def test_killed_while_talking_to_a_server_nobody_gets_two(
    told: Place, by_smtp: Mailbox, monkeypatch: pytest.MonkeyPatch, moment: str, got: int, state: str
) -> None:
    with monkeypatch.context() as patched:
        killed.while_sending(patched, telling, moment)
        with pytest.raises(Killed):
            worker.tell()
    worker.tell()
    assert len({one["To"] for one in by_smtp.messages}) == len(by_smtp.messages) == got
    assert states() == [state, State.HANDED_OVER]


def test_a_second_sender_leaves_the_first_alone(told: Place) -> None:
    with db.alone("feed-telling"), pytest.raises(Conflict):
        worker.tell()
    assert states() == [State.QUEUED] * 2


def test_a_message_that_somebody_else_has_in_hand_is_not_sent(told: Place) -> None:
    with db.transaction() as session:
        letter = telling.claim(session, 0)
        assert letter is not None
        telling.at_the_door(session, letter, feeding.NOW)
    with pytest.raises(Conflict), db.transaction() as session:
        telling.at_the_door(session, letter, feeding.NOW)


def test_nothing_is_told_of_a_list_that_waits(place: Place) -> None:
    with db.transaction() as session:
        arrive(session, place.organisations["QUA"], content(5))
        assert feed.waiting(session, place.organisations["QUA"]) == 1
    assert (worker.tell(), letters()) == (0, [])
