"""Handing reminders over: refused, put back, in doubt, killed in the middle; never twice and never lost."""

import socket
from contextlib import closing
from datetime import date, timedelta

import pytest

from lms import clock, db, mail, settings
from lms.errors import Conflict
from lms.services.reminders import State, plan, sending
from tests import killed, reminding
from tests.killed import Killed
from tests.reminding import Town, employ, messages, outbox
from tests.servers import Mailbox
from workers import reminders as worker

TODAY = date(2026, 6, 30)


@pytest.fixture
def town(database: str) -> Town:
    with db.transaction() as session:
        town = reminding.found(session)
        for name in ("Amina", "Bram", "Chidi"):
            employ(session, town, "QUA", name)
    return town


def run(day: date = TODAY) -> worker.Delivery:
    with db.transaction() as session:
        plan(session, day, clock.now())
    return worker.send(lambda: day)


def states() -> list[str]:
    return [one.state for one in messages()]


def test_messages_reach_the_mail_server(town: Town, by_smtp: Mailbox) -> None:
    assert len(run().handed_over) == 3
    assert sorted(to for (to,) in by_smtp.recipients) == [
        "amina@qua.example",
        "bram@qua.example",
        "chidi@qua.example",
    ]
    assert len({message["Message-ID"] for message in by_smtp.messages}) == 3


def test_a_refused_address_is_for_hr_to_see_and_keeps_nobody_else_waiting(
    town: Town, by_smtp: Mailbox
) -> None:
    by_smtp.refused["bram@qua.example"] = "550 5.1.1 No such mailbox"
    delivery = run()
    assert (len(delivery.handed_over), delivery.not_arrived) == (2, 1)
    assert states() == [State.HANDED_OVER, State.FAILED, State.HANDED_OVER]
    assert messages()[1].error == "The mail server refused the recipient: 550 5.1.1 No such mailbox"
    assert run(TODAY + timedelta(days=1)).handed_over == []


def test_a_full_mailbox_is_tried_again_and_after_three_days_shown(
    town: Town, by_smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_smtp.refused["bram@qua.example"] = "452 4.2.2 Mailbox full"
    assert run().put_back == 1
    assert states()[1] == State.QUEUED
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    run(TODAY + timedelta(days=4))
    assert states()[1] == State.FAILED
    del by_smtp.refused["bram@qua.example"]


def test_while_the_mail_server_is_away_everything_waits(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("LMS_MAIL_URL", f"smtp://127.0.0.1:{taken.getsockname()[1]}")
        settings.current.cache_clear()
        delivery = run()
    assert "does not answer" in (delivery.away or "")
    assert states() == [State.QUEUED] * 3
    assert "does not answer" in (messages()[0].error or "")


def test_after_the_mail_server_was_away_each_gets_one_message(
    town: Town, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_MAIL_URL", "smtp://127.0.0.1:1")
    settings.current.cache_clear()
    for day in (0, 1, 2, 20, 40):
        assert run(TODAY + timedelta(days=day)).handed_over == []
    monkeypatch.setenv("LMS_MAIL_URL", smtp.url)
    settings.current.cache_clear()
    assert len(run(TODAY + timedelta(days=41)).handed_over) == 3
    assert len(smtp.messages) == 3


@pytest.mark.parametrize("moment", ["before the door", "at the door", "after the door"])
def test_killed_while_writing_files_everybody_gets_exactly_one(
    town: Town, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        plan(session, TODAY, clock.now())
    with monkeypatch.context() as patched:
        killed.while_sending(patched, sending, moment)
        with pytest.raises(Killed):
            worker.send(lambda: TODAY)
    worker.send(lambda: TODAY)
    texts = outbox(settings.current().var)
    assert states() == [State.HANDED_OVER] * 3
    assert len(texts) == 3


@pytest.mark.parametrize(
    ("moment", "got", "state"),
    [
        ("before the door", 3, State.HANDED_OVER),
        ("at the door", 2, State.IN_DOUBT),
        ("after the door", 3, State.IN_DOUBT),
    ],
)
def test_killed_while_talking_to_a_server_nobody_gets_two(
    town: Town, by_smtp: Mailbox, monkeypatch: pytest.MonkeyPatch, moment: str, got: int, state: str
) -> None:
    with db.transaction() as session:
        plan(session, TODAY, clock.now())
    with monkeypatch.context() as patched:
        killed.while_sending(patched, sending, moment)
        with pytest.raises(Killed):
            worker.send(lambda: TODAY)
    worker.send(lambda: TODAY)
    assert len(by_smtp.messages) == got
    assert len({one["To"] for one in by_smtp.messages}) == got
    assert states() == [state, State.HANDED_OVER, State.HANDED_OVER]


def test_a_sender_that_lost_its_claim_sends_nothing(town: Town) -> None:
    with db.transaction() as session:
        plan(session, TODAY, clock.now())
    with db.transaction() as session:
        letter = sending.claim(
            session, after=0, token="first", today=TODAY, now=clock.now(), base_url="http://x"
        )
    assert letter is not None
    with db.transaction() as session:
        sending.recover(session, lambda _uuid: False, clock.now(), mail.UNANSWERED)
    with pytest.raises(Conflict), db.transaction() as session:
        sending.at_the_door(session, letter, clock.now())


def test_a_second_sender_leaves_the_first_alone(town: Town) -> None:
    with db.alone("sending"), pytest.raises(Conflict):
        worker.send(lambda: TODAY)
