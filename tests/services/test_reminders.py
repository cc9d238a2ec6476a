"""What is planned, decided again and sent: once each, one message a day, and nothing that is no longer due."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from lms import clock, db, settings
from lms.rules.reminders import Step, Steps, latest
from lms.rules.standing import RANK
from lms.services import standing
from lms.services.audit import Actor
from lms.services.reminders import State, drafts, plan, sending, switch_off, switch_on, undelivered
from lms.services.reminders.due import due
from lms.services.standing.asked import in_force
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Exemption, Post
from lms.tables.reminders import Message, Reminder
from lms.tables.training_map import RequirementTerm
from tests import reminding, worlds
from tests.reminding import Town, be_away, book, complete, employ, hold, messages, outbox, require
from workers import reminders as worker

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 8, tzinfo=UTC)


@pytest.fixture
def var() -> Path:
    return settings.current().var


@pytest.fixture
def town(database: str) -> Town:
    with db.transaction() as session:
        return reminding.found(session)


def arrange(what: Callable[[Session], object]) -> object:
    with db.transaction() as session:
        return what(session)


def run(day: date = TODAY) -> worker.Delivery:
    """A day's planning and sending."""
    with db.transaction() as session:
        plan(session, day, clock.now())
    return worker.send(lambda: day)


def steps_sent(person: int) -> list[str]:
    with db.transaction(read_only=True) as session:
        return list(
            session.exec(
                select(Reminder.step)
                .join(Message)
                .where(Reminder.person_id == person, Message.state == State.HANDED_OVER)
                .order_by(Message.day)
            )
        )


def test_somebody_out_of_date_for_long_gets_one_message_and_no_second(town: Town, var: Path) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: complete(s, town, person, "ATR", date(2019, 5, 1)))
    assert len(run().handed_over) == 1
    assert run().handed_over == []
    assert run(TODAY + timedelta(days=200)).handed_over == []
    assert steps_sent(person) == ["+91"]
    assert len(outbox(var)) == 1


def test_day_after_day_each_step_goes_once_in_its_turn(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: complete(s, town, person, "ATR", date(2023, 9, 1)))
    last_day = date(2026, 8, 31)
    for step in (-90, -30, -7, 1, 31, 61, 91):
        for days in (step - 1, step, step + 1):
            run(last_day + timedelta(days=days))
        assert steps_sent(person)[-1] == f"{step:+d}"
        assert messages()[-1].day == last_day + timedelta(days=step)
    run(last_day + timedelta(days=121))
    assert steps_sent(person) == ["-90", "-30", "-7", "+1", "+31", "+61", "+91"]


def test_after_an_outage_only_the_latest_step_is_sent(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: complete(s, town, person, "ATR", date(2023, 9, 1)))
    run(date(2026, 6, 2))
    run(date(2026, 8, 26))
    assert steps_sent(person) == ["-90", "-7"]


def test_a_starter_hears_at_the_start_and_fourteen_days_before_due_by(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina", starts=date(2026, 6, 1)))
    for days in (0, 1, 30, 75, 76, 77, 89, 90, 91, 92):
        run(date(2026, 6, 1) + timedelta(days=days))
    assert steps_sent(person) == ["start", "-14", "+1"]


def test_one_message_a_day_over_all_modules_and_employers(town: Town, var: Path) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: employ(s, town, "FAR", "Amina", person=person))
    arrange(lambda s: require(s, town, "DES", 12))
    delivery = run()
    assert len(delivery.handed_over) == 1
    (text,) = outbox(var)
    assert text.count("ATR Foundation") == 1
    assert "De-escalation" in text
    assert len(steps_sent(person)) == 2


def test_two_rows_of_the_map_for_one_module_are_one_item(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: complete(s, town, person, "ATR", date(2023, 9, 1)))
    stricter = arrange(lambda s: require(s, town, "ATR", 12))
    run()
    with db.transaction() as session:
        (only,) = session.exec(select(Reminder)).all()
    assert (only.requirement_id, only.step) == (stricter, "+91")


def test_an_organisation_that_has_not_switched_reminders_on_sends_none(database: str) -> None:
    town = arrange(lambda s: reminding.found(s, on=("FAR",)))
    arrange(lambda s: employ(s, town, "QUA", "Amina"))
    far = arrange(lambda s: employ(s, town, "FAR", "Bram"))
    assert [letter.draft.addressee.person_id for letter in run().handed_over] == [far]


def test_before_switching_on_the_first_day_can_be_seen(database: str) -> None:
    town = arrange(lambda s: reminding.found(s, on=()))
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    with db.transaction(read_only=True) as session:
        seen = drafts(session, TODAY, frozenset(town.organisations.values()))
    assert [(one.addressee.person_id, [item.step.name for item in one.items]) for one in seen] == [
        (person, ["+91"])
    ]
    assert run().handed_over == []
    with db.transaction() as session:
        for one in session.exec(select(Organisation)).all():
            switch_on(session, one, Actor("test"), from_day=TODAY, now=NOW)
    assert len(run().handed_over) == 1
    assert messages()[0].state == State.HANDED_OVER


def test_switching_off_takes_back_what_waits(town: Town) -> None:
    arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: plan(s, TODAY, NOW))
    with db.transaction() as session:
        for one in session.exec(select(Organisation)).all():
            switch_off(session, one, Actor("test"), now=NOW)
    assert worker.send(lambda: TODAY).handed_over == []
    assert messages() == []


@pytest.mark.parametrize("reason", ["completing", "leaving", "an exemption", "a booking"])
def test_what_happens_between_planning_and_sending_stops_it(town: Town, reason: str, var: Path) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    assert arrange(lambda s: plan(s, TODAY, NOW)) == 1
    with db.transaction() as session:
        if reason == "completing":
            complete(session, town, person, "ATR", TODAY)
        elif reason == "leaving":
            session.exec(select(Post)).one().ends_on = TODAY - timedelta(days=1)
        elif reason == "an exemption":
            be_away(session, person, TODAY, None)
        else:
            book(session, person, hold(session, town, "ATR", TODAY + timedelta(days=20)))
    assert worker.send(lambda: TODAY).handed_over == []
    assert outbox(var) == []
    assert messages() == []


def test_a_booking_holds_back_only_until_the_session_is_over(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: book(s, person, hold(s, town, "ATR", TODAY)))
    assert run().handed_over == []
    assert len(run(TODAY + timedelta(days=1)).handed_over) == 1


def test_a_cancelled_session_holds_nobody_back(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))

    def cancelled(session: Session) -> None:
        held = hold(session, town, "ATR", TODAY + timedelta(days=5))
        book(session, person, held)
        session.get(reminding.TrainingSession, held).cancelled_at = NOW

    arrange(cancelled)
    assert len(run().handed_over) == 1


def test_for_28_days_after_an_absence_nothing_is_sent_and_then_the_latest_step(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: be_away(s, person, date(2026, 1, 1), TODAY))
    tried = [0, 1, 14, 27, 28, 29, 30, 31]
    assert [day for day in tried if run(TODAY + timedelta(days=day)).handed_over] == [29]


def test_the_end_of_an_exemption_that_is_no_absence_asks_for_no_quiet(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: be_away(s, person, date(2026, 1, 1), TODAY, kind="not_applicable"))
    assert [day for day in range(4) if run(TODAY + timedelta(days=day)).handed_over] == [1]


def test_nobody_without_an_address_is_marked_as_sent_and_hr_sees_it(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina", email=None))
    assert run().handed_over == []
    with db.transaction(read_only=True) as session:
        (seen,) = undelivered(session, TODAY, [town.organisations["QUA"]])
        assert undelivered(session, TODAY, [town.organisations["FAR"]]) == []
    assert (seen.person_id, seen.state, seen.modules) == (person, State.FAILED, ("ATR",))
    assert "no e-mail address" in seen.reason


def test_an_address_that_comes_later_gets_what_was_waiting(town: Town) -> None:
    arrange(lambda s: employ(s, town, "QUA", "Amina", email=None))
    run()
    with db.transaction() as session:
        session.exec(select(Employment)).one().email = "amina@qua.example"
    (letter,) = run(TODAY + timedelta(days=3)).handed_over
    assert letter.recipient == "amina@qua.example"
    assert [one.state for one in messages()] == [State.HANDED_OVER]


def test_an_item_for_hr_goes_away_when_nothing_is_due_any_more(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina", email=None))
    run()
    arrange(lambda s: complete(s, town, person, "ATR", TODAY))
    run(TODAY + timedelta(days=1))
    assert messages() == []


def test_an_address_that_is_none_is_for_hr_to_see(town: Town) -> None:
    arrange(lambda s: employ(s, town, "QUA", "Amina", email="not an address"))
    assert run().handed_over == []
    assert "is not an e-mail address" in (messages()[0].error or "")
    assert messages()[0].state == State.FAILED


def test_changing_the_interval_does_not_send_the_same_step_again(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina", starts=date(2026, 6, 1)))
    run(date(2026, 6, 1))
    with db.transaction() as session:
        term = session.exec(select(RequirementTerm)).one()
        term.to_day = date(2026, 6, 10)
        session.add(
            RequirementTerm(
                requirement_id=term.requirement_id,
                shape="refreshed",
                every_months=24,
                from_day=date(2026, 6, 11),
                map_version_id=1,
            )
        )
    for day in (10, 11, 12, 27):
        run(date(2026, 6, day))
    assert steps_sent(person) == ["start"]


def ask_again(town: Town, months: int, day: date, *, until: date | None = None) -> None:
    """From a day on the requirement asks for another interval; ``until`` is its last day before that."""
    with db.transaction() as session:
        wanted = RequirementTerm.requirement_id == town.requirements["ATR"]
        term = session.exec(select(RequirementTerm).where(wanted, RequirementTerm.to_day.is_(None))).one()
        term.to_day = until or day - timedelta(days=1)
        session.add(
            RequirementTerm(
                requirement_id=term.requirement_id,
                shape="refreshed",
                every_months=months,
                from_day=day,
                map_version_id=1,
            )
        )


def somebody(town: Town, completed: date) -> int:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina"))
    arrange(lambda s: complete(s, town, person, "ATR", completed))
    return person


def run_through(first: date, last: date) -> None:
    for number in range((last - first).days + 1):
        run(first + timedelta(days=number))


def test_a_shorter_interval_says_what_is_new_and_nothing_twice(town: Town) -> None:
    person = somebody(town, date(2023, 7, 10))
    run_through(date(2026, 6, 9), date(2026, 6, 11))
    ask_again(town, 35, date(2026, 6, 12))
    run_through(date(2026, 6, 12), date(2026, 7, 14))
    assert steps_sent(person) == ["-30", "+1", "+31"]


def test_who_has_heard_the_last_word_does_not_hear_it_again_when_the_interval_shrinks(town: Town) -> None:
    person = somebody(town, date(2022, 1, 10))
    for day in (date(2025, 1, 10), date(2025, 2, 9), date(2025, 3, 11), date(2025, 4, 10)):
        run(day)
    ask_again(town, 24, date(2025, 5, 1))
    run_through(date(2025, 5, 1), date(2025, 5, 4))
    run(date(2026, 5, 1))
    assert steps_sent(person) == ["+1", "+31", "+61", "+91"]


def test_a_longer_interval_repeats_no_step_whose_day_was_past_and_keeps_those_to_come(town: Town) -> None:
    person = somebody(town, date(2023, 7, 10))
    run_through(date(2026, 6, 9), date(2026, 6, 11))
    ask_again(town, 37, date(2026, 6, 12))
    run_through(date(2026, 6, 12), date(2026, 7, 9))
    assert steps_sent(person) == ["-30"]
    run_through(date(2026, 7, 10), date(2026, 8, 10))
    assert steps_sent(person) == ["-30", "-30", "-7", "+1"]
    assert [one.day for one in messages()][1:] == [date(2026, 7, 10), date(2026, 8, 2), date(2026, 8, 10)]


def test_an_interval_made_much_longer_brings_every_step_of_the_later_day(town: Town) -> None:
    person = somebody(town, date(2023, 7, 10))
    run(date(2026, 7, 10))
    ask_again(town, 60, date(2026, 8, 1))
    run(date(2026, 8, 2))
    assert steps_sent(person) == ["+1"]
    for day in (date(2028, 4, 10), date(2028, 6, 9), date(2028, 7, 2), date(2028, 7, 10)):
        run(day)
    assert steps_sent(person) == ["+1", "-90", "-30", "-7", "+1"]


def test_a_new_version_of_the_same_sends_nothing_again(town: Town) -> None:
    person = somebody(town, date(2023, 7, 10))
    run(date(2026, 6, 9))
    ask_again(town, 36, date(2026, 6, 10))
    run_through(date(2026, 6, 10), date(2026, 6, 20))
    assert steps_sent(person) == ["-30"]


def test_a_requirement_withdrawn_and_back_sends_nothing_again(town: Town) -> None:
    person = somebody(town, date(2023, 7, 10))
    never = arrange(lambda s: employ(s, town, "QUA", "Bram", starts=date(2026, 6, 1)))
    run(date(2026, 6, 9))
    ask_again(town, 36, date(2026, 6, 20), until=date(2026, 6, 9))
    run_through(date(2026, 6, 10), date(2026, 7, 1))
    assert (steps_sent(person), steps_sent(never)) == (["-30"], ["start"])
    run_through(date(2026, 7, 2), date(2026, 7, 4))
    assert steps_sent(person) == ["-30", "-7"]


def test_fewer_days_allowed_move_what_is_to_come_and_repeat_nothing(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina", starts=date(2026, 6, 1)))
    run(date(2026, 6, 1))
    with db.transaction() as session:
        session.exec(select(RequirementTerm)).one().days_allowed = 60
    run_through(date(2026, 6, 2), date(2026, 7, 18))
    assert steps_sent(person) == ["start", "-14"]


def test_what_waits_over_midnight_is_joined_by_what_comes_and_still_one_message(town: Town) -> None:
    person = arrange(lambda s: employ(s, town, "QUA", "Amina", starts=date(2026, 6, 1)))
    arrange(lambda s: plan(s, date(2026, 8, 15), NOW))
    arrange(lambda s: require(s, town, "DES", 12))
    delivery = run(date(2026, 8, 16))
    assert len(delivery.handed_over) == 1
    assert steps_sent(person) == ["-14", "-14"]
    assert [one.day for one in messages()] == [date(2026, 8, 16)]


def test_a_second_message_on_one_day_waits_for_the_next(town: Town) -> None:
    arrange(lambda s: employ(s, town, "QUA", "Amina"))
    run()
    arrange(lambda s: require(s, town, "DES", 12))
    assert run().handed_over == []
    assert len(run(TODAY + timedelta(days=1)).handed_over) == 1


def test_a_line_manager_hears_once_a_month_in_counts_alone(town: Town, var: Path) -> None:
    manager = arrange(lambda s: employ(s, town, "QUA", "Maria", number="M1"))
    arrange(lambda s: complete(s, town, manager, "ATR", date(2026, 1, 1)))
    for name in ("Amina", "Bram", "Chidi"):
        arrange(lambda s, name=name: employ(s, town, "QUA", name, manager="M1"))
    kinds = [letter.draft.kind for letter in run().handed_over]
    assert kinds.count("team") == 1
    (team,) = [text for text in outbox(var) if "your team" in text]
    assert "3 people" in team
    assert "ATR Foundation: 3 not done yet" in team
    assert not any(name in team for name in ("Amina", "Bram", "Chidi"))
    assert run(TODAY).handed_over == []
    assert [letter.draft.kind for letter in run(TODAY + timedelta(days=1)).handed_over] == ["team"]


def test_a_line_manager_who_gets_a_reminder_hears_of_the_team_another_day(town: Town) -> None:
    arrange(lambda s: employ(s, town, "QUA", "Maria", number="M1"))
    arrange(lambda s: employ(s, town, "QUA", "Amina", manager="M1"))
    first, second, third = (run(date(2026, 6, day)) for day in (1, 2, 3))
    assert [letter.draft.kind for letter in first.handed_over] == ["reminder", "reminder"]
    assert [letter.draft.kind for letter in second.handed_over] == ["team"]
    assert third.handed_over == []


def test_a_team_with_nothing_to_plan_is_not_written_about(town: Town) -> None:
    manager = arrange(lambda s: employ(s, town, "QUA", "Maria", number="M1"))
    member = arrange(lambda s: employ(s, town, "QUA", "Amina", manager="M1"))
    for person in (manager, member):
        arrange(lambda s, person=person: complete(s, town, person, "ATR", date(2026, 1, 1)))
    assert run().handed_over == []


def test_two_planners_at_once_queue_each_step_once(town: Town) -> None:
    for name in ("Amina", "Bram", "Chidi"):
        arrange(lambda s, name=name: employ(s, town, "QUA", name))
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        with db.transaction() as session:
            plan(session, TODAY, NOW)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(messages()) == 3
    assert len(worker.send(lambda: TODAY).handed_over) == 3


def test_two_senders_at_once_never_take_the_same_message(town: Town) -> None:
    for number in range(6):
        arrange(lambda s, number=number: employ(s, town, "QUA", f"P{number}"))
    arrange(lambda s: plan(s, TODAY, NOW))
    taken: list[int] = []
    for token in ("one", "two"):
        after = 0
        for _ in range(3):
            with db.transaction() as session:
                letter = sending.claim(
                    session, after=after, token=token, today=TODAY, now=NOW, base_url="http://x"
                )
            assert letter is not None
            after = letter.letter_id
            taken.append(after)
    assert len(set(taken)) == 6


# --- Set-based, and equal to the rule -------------------------------------------------------------------


def statements(work: Callable[[], object]) -> int:
    """How many statements reach the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)
    return len(seen)


def test_planning_for_a_hundred_takes_as_many_statements_as_for_five(town: Town) -> None:
    def plan_once(day: date) -> None:
        with db.transaction() as session:
            plan(session, day, NOW)

    with db.transaction() as session:
        for number in range(5):
            employ(session, town, "QUA", f"P{number}", manager="M1")
    few = statements(lambda: plan_once(TODAY))
    with db.transaction() as session:
        for number in range(100):
            employ(session, town, "QUA", f"Q{number}", manager="M1")
    many = statements(lambda: plan_once(TODAY + timedelta(days=1)))
    assert len(messages()) == 105
    assert many == few < 40


@pytest.mark.parametrize("seed", range(12))
def test_what_is_due_is_what_the_rule_says_of_everybodys_standing(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        worlds.plant(session, world)
    for _ in range(6):
        day = worlds.a_day(random)
        with db.transaction(read_only=True) as session:
            everybody = frozenset(session.exec(select(Organisation.id)))
            found = {(one.person_id, one.module_id): one for one in due(session, day, everybody)}
            assert {key: (one.requirement_id, one.step) for key, one in found.items()} == _by_the_rule(
                session, day
            )


def _by_the_rule(session: Session, day: date) -> dict[tuple[int, int], tuple[int, Step]]:
    """The same, person by person, from the rows that ``lms standing`` prints."""
    allowed = {term.term_id: term.days_allowed for term in in_force(session, day)}
    away = session.exec(select(Exemption).where(Exemption.kind == "away")).all()
    pressing: dict[tuple[int, int], tuple[tuple[int, int, int], int, Step]] = {}
    for row in standing.people(session, day, due_soon_days=90):
        back = [
            one.to_day
            for one in away
            if one.employment_id == row.employment_id
            and one.post_id in (None, row.post_id)
            and one.to_day is not None
            and 0 < (day - one.to_day).days <= 28
        ]
        step = latest(
            row.standing,
            day,
            Steps(),
            start=row.due_by - timedelta(days=allowed[row.term_id]),
            due_by=row.due_by,
            completed_on=row.completed_on,
            valid_until=row.valid_until,
        )
        if back or step is None:
            continue
        key = row.person_id, row.module_id
        rank = RANK[row.standing], -step.last_day.toordinal(), -row.requirement_id
        if key not in pressing or rank > pressing[key][0]:
            pressing[key] = rank, row.requirement_id, step
    return {key: (requirement, step) for key, (_, requirement, step) in pressing.items()}
