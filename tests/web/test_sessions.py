"""The pages of sessions: planned, marked, corrected, by whoever may and by nobody else."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from lms import clock, db
from lms.rules.access import EVERYTHING
from lms.services import sessions
from lms.tables.completions import Completion
from lms.tables.sessions import RegisterEntry, TrainingSession
from lms.tables.statements import Statement, StatementVoid
from tests.web.village import Village

THE_VILLAGES_OWN = 5


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send(client: FlaskClient, address: str, see: str | None = None, **fields: object) -> TestResponse:
    """Post a form, with the token of the page it stands on, and follow to where it leads."""
    data = {name.replace("__", "-"): value for name, value in fields.items()}
    data["csrf_token"] = token(client.get(see or address))
    return client.post(address, data=data, follow_redirects=True)


def plan(client: FlaskClient, day: date | None = None, **fields: object) -> TestResponse:
    day = day or clock.today()
    usual: dict[str, object] = {
        "module": "ATR-F",
        "organisation": "QUA",
        "day[day]": str(day.day),
        "day[month]": f"{day:%B}",
        "day[year]": str(day.year),
        "starts": "0:00",
        "venue": "Room <4>",
        "capacity": "12",
        "trainer": "",
    }
    return send(client, "/sessions/new", **{**usual, **fields})


@pytest.fixture
def trainer(village: Village) -> FlaskClient:
    return village.client("trainer")


@pytest.fixture
def session_id(trainer: FlaskClient) -> int:
    """A session that began at midnight today."""
    page = plan(trainer)
    assert page.status_code == 200, page.text
    found = re.search(r"/sessions/(\d+)/register", page.request.path)
    assert found
    return int(found[1])


def book(client: FlaskClient, session_id: int, *employments: int) -> list[int]:
    """Put people on the register; the ids of all its lines by name."""
    send(
        client,
        f"/sessions/{session_id}/people",
        f"/sessions/{session_id}/register",
        employment=list(employments),
    )
    return lines(session_id)


def lines(session_id: int) -> list[int]:
    with db.transaction(read_only=True) as session:
        return [entry.id for entry in sessions.register(session, EVERYTHING, session_id).entries]


def counted() -> tuple[int, int, int]:
    """How many statements, voided ones and completions there are beyond those of the village."""
    with db.transaction(read_only=True) as session:
        return (
            len(session.exec(select(Statement.seq)).all()) - THE_VILLAGES_OWN,
            len(session.exec(select(StatementVoid)).all()),
            len(session.exec(select(Completion.id)).all()) - THE_VILLAGES_OWN,
        )


# --- Planning -------------------------------------------------------------------------------------------


def test_a_planned_session_stands_in_the_list_and_leads_to_its_register(
    trainer: FlaskClient, session_id: int
) -> None:
    page = trainer.get("/sessions?whose=all")
    assert f"/sessions/{session_id}/register" in page.text
    assert "ATR Foundation" in page.text
    assert "Room &lt;4&gt;" in page.text
    assert "0 of 12" in page.text


def test_a_session_without_a_length_has_that_of_its_module(session_id: int) -> None:
    with db.transaction(read_only=True) as session:
        assert session.get_one(TrainingSession, session_id).minutes == 180


def test_what_is_wrong_is_said_at_the_top_and_at_the_field_and_nothing_that_was_typed_is_lost(
    village: Village, trainer: FlaskClient
) -> None:
    page = plan(trainer, **{"module": "", "day[day]": "31", "day[month]": "6", "starts": "25:00"})
    assert page.status_code == 422
    for sentence in (
        "There is a problem",
        "Select a module",
        "Enter the date of the session, for example 27 3 2027",
        "Enter the time it starts",
    ):
        assert sentence in page.text
    assert 'href="#day-day"' in page.text
    assert 'value="25:00"' in page.text
    assert 'value="Room &lt;4&gt;"' in page.text
    assert "<title>Error: Plan a session" in page.text


def test_a_session_is_changed_cancelled_and_reinstated(trainer: FlaskClient, session_id: int) -> None:
    page = trainer.get(f"/sessions/{session_id}/change")
    assert 'value="00:00"' in page.text
    address = f"/sessions/{session_id}/change"
    day = clock.today()
    page = send(
        trainer,
        address,
        **{
            "module": "SG-1",
            "organisation": "QUA",
            "day[day]": str(day.day),
            "day[month]": str(day.month),
            "day[year]": str(day.year),
            "starts": "9.30",
            "minutes": "60",
        },
    )
    assert "Safeguarding" in page.text
    assert "9:30am to 10:30am" in page.text
    page = send(trainer, f"/sessions/{session_id}/cancel", f"/sessions/{session_id}")
    assert "Cancelled" in page.text
    assert "takes no marks" in trainer.get(f"/sessions/{session_id}/register").text
    page = send(trainer, f"/sessions/{session_id}/reinstate", f"/sessions/{session_id}")
    assert "takes place after all" in page.text


def test_a_session_that_people_came_to_is_not_cancelled_and_the_page_says_why(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    (line,) = book(trainer, session_id, village.employments["owner"])
    save(trainer, session_id, {line: "attended"})
    assert "cannot be cancelled" in trainer.get(f"/sessions/{session_id}").text
    page = send(trainer, f"/sessions/{session_id}/cancel", f"/sessions/{session_id}/register")
    assert page.status_code == 409
    assert "correct the register" in page.text


# --- The register ---------------------------------------------------------------------------------------


def save(
    client: FlaskClient,
    session_id: int,
    marks: dict[int, str],
    seen: dict[int, str] | None = None,
    **more: str,
) -> TestResponse:
    fields: dict[str, object] = {f"mark-{line}": mark for line, mark in marks.items()}
    fields |= {f"seen-{line}": mark for line, mark in (seen or {}).items()}
    return send(client, f"/sessions/{session_id}/register", **fields, **more)


def test_people_are_found_and_added_once(village: Village, trainer: FlaskClient, session_id: int) -> None:
    page = trainer.get(f"/sessions/{session_id}/people?search=khan")
    assert "Amina Khan" in page.text
    assert "On the register already" not in page.text
    owner = village.employments["owner"]
    assert book(trainer, session_id, owner) == book(trainer, session_id, owner)
    page = trainer.get(f"/sessions/{session_id}/people?search=100000")
    assert "On the register already" in page.text
    assert "Nobody was found" in trainer.get(f"/sessions/{session_id}/people?search=zzz").text


def test_nobody_of_another_organisation_is_found_or_added(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    assert "Farrowdyke" not in trainer.get(f"/sessions/{session_id}/people?search=khan").text
    page = send(
        trainer,
        f"/sessions/{session_id}/people",
        f"/sessions/{session_id}/register",
        employment=[village.employments["stranger"]],
    )
    assert page.status_code == 404
    assert lines(session_id) == []


def test_the_register_is_saved_shows_what_is_saved_and_the_completion_is_there_at_once(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    owner, mate = village.employments["owner"], village.employments["mate"]
    first, second = book(trainer, session_id, owner, mate)
    page = save(trainer, session_id, {first: "attended", second: "left_early"})
    assert "The register is saved. 2 marks changed." in page.text
    assert f'name="mark-{first}" value="attended" checked' in page.text
    assert f'name="mark-{second}" value="left_early" checked' in page.text
    assert "2 names: 1 attended, 1 left early, 0 absent, 0 booked and not marked" in page.text
    assert "Last marked by Trainer" in page.text
    assert counted() == (2, 0, 1)


def test_saving_it_again_doubles_nothing(village: Village, trainer: FlaskClient, session_id: int) -> None:
    (line,) = book(trainer, session_id, village.employments["owner"])
    for said in ("1 mark changed.", "Nothing had changed."):
        assert said in save(trainer, session_id, {line: "attended"}).text
    assert counted() == (1, 0, 1)


def test_a_mistake_is_corrected_by_voiding(village: Village, trainer: FlaskClient, session_id: int) -> None:
    (line,) = book(trainer, session_id, village.employments["owner"])
    for mark in ("attended", "absent"):
        save(trainer, session_id, {line: mark})
    assert counted() == (2, 1, 0)


def test_everybody_else_attended_leaves_those_who_are_marked_as_they_are(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    first, second = book(trainer, session_id, village.employments["owner"], village.employments["mate"])
    page = save(trainer, session_id, {first: "absent", second: "booked"}, rest="attended")
    assert f'name="mark-{first}" value="absent" checked' in page.text
    assert f'name="mark-{second}" value="attended" checked' in page.text


def test_a_line_that_was_left_alone_keeps_what_somebody_else_marked_meanwhile(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    first, second = book(trainer, session_id, village.employments["owner"], village.employments["mate"])
    seen = {first: "booked", second: "booked"}
    save(trainer, session_id, {first: "attended", second: "booked"}, seen)
    page = save(trainer, session_id, {first: "booked", second: "attended"}, seen)
    assert f'name="mark-{first}" value="attended" checked' in page.text


def test_before_the_register_opens_names_are_added_and_no_marks_offered(
    village: Village, trainer: FlaskClient
) -> None:
    page = plan(trainer, clock.today() + timedelta(days=7), starts="9:30")
    session_id = int(page.request.path.split("/")[2])
    (line,) = book(trainer, session_id, village.employments["owner"])
    page = trainer.get(f"/sessions/{session_id}/register")
    assert "The register opens on" in page.text
    assert 'type="radio"' not in page.text
    page = save(trainer, session_id, {line: "attended"})
    assert page.status_code == 422
    assert "This register opens at 08:30" in page.text
    assert counted() == (0, 0, 0)


def test_a_register_is_read_and_saved_with_as_many_queries_for_many_names_as_for_few(
    village: Village,
    trainer: FlaskClient,
    session_id: int,
    queries_of: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    asked = []
    for names in (10, 300):
        with db.transaction() as session:
            for number in range(names):
                session.add(
                    RegisterEntry(
                        session_id=session_id,
                        walk_in_name=f"Person {number}",
                        mark="booked",
                        fact=f"{names:08}-0000-4000-8000-{number:012}",
                        marked_at=clock.now(),
                    )
                )
        with queries_of() as sent:
            trainer.get(f"/sessions/{session_id}/register")
            save(trainer, session_id, dict.fromkeys(lines(session_id), "attended"))
        asked.append(len(sent))
    assert asked[0] == asked[1]


# --- Walk-ins -------------------------------------------------------------------------------------------


def walk_in(client: FlaskClient, session_id: int, name: str) -> TestResponse:
    return send(
        client,
        f"/sessions/{session_id}/walk-ins",
        f"/sessions/{session_id}/register",
        name=name,
        organisation="QT",
    )


def test_a_walk_in_is_on_the_register_at_once_and_matched_later(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    page = walk_in(trainer, session_id, "Amina <i>Khan</i>")
    assert "Amina &lt;i&gt;Khan&lt;/i&gt; is on the register as attended." in page.text
    assert counted() == (0, 0, 0)
    assert "1 walk-in waits" in trainer.get("/sessions").text
    (line,) = lines(session_id)
    assert f"/sessions/{session_id}/register/{line}" in trainer.get("/sessions/walk-ins").text
    address = f"/sessions/{session_id}/register/{line}"
    assert "Amina Khan" in trainer.get(f"{address}?search=khan").text
    page = send(trainer, f"{address}/match", address, employment=village.employments["owner"])
    assert "The walk-in is matched." in page.text
    assert counted() == (1, 0, 1)
    page = send(trainer, f"{address}/match", address)
    assert "The match is taken back." in page.text
    assert counted() == (2, 1, 0)


def test_a_walk_in_without_a_name_is_asked_for_one(trainer: FlaskClient, session_id: int) -> None:
    page = walk_in(trainer, session_id, "  ")
    assert page.status_code == 422
    assert "Enter the name of the person who came" in page.text
    assert lines(session_id) == []


def test_a_walk_in_who_is_marked_already_is_not_matched_to_the_same_person_again(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    owner = village.employments["owner"]
    (first,) = book(trainer, session_id, owner)
    save(trainer, session_id, {first: "attended"})
    walk_in(trainer, session_id, "Amina")
    (line,) = [one for one in lines(session_id) if one != first]
    address = f"/sessions/{session_id}/register/{line}"
    page = send(trainer, f"{address}/match", address, employment=owner)
    assert "on the register already and marked as having come" in page.text
    assert counted() == (1, 0, 1)


def test_a_name_is_taken_off_again_with_its_attendance(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    (line,) = book(trainer, session_id, village.employments["owner"])
    save(trainer, session_id, {line: "attended"})
    address = f"/sessions/{session_id}/register/{line}"
    page = send(trainer, f"{address}/remove", address)
    assert "The name is off the register." in page.text
    assert counted() == (2, 1, 0)
    assert trainer.get(address).status_code == 404


# --- Who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["owner", "public health", None])
def test_whoever_has_no_part_in_sessions_sees_none(
    village: Village, session_id: int, who: str | None
) -> None:
    client = village.client(who)
    for address in (
        "/sessions",
        f"/sessions/{session_id}",
        f"/sessions/{session_id}/register",
        "/sessions/new",
    ):
        assert client.get(address).status_code == (403 if who else 302)


def test_hr_plans_sessions_and_sees_counts_but_opens_no_register(village: Village, session_id: int) -> None:
    client = village.client("hr")
    page = client.get(f"/sessions/{session_id}")
    assert page.status_code == 200
    assert "Open the register" not in page.text
    assert client.get("/sessions").status_code == 200
    assert client.get(f"/sessions/{session_id}/register").status_code == 403
    assert client.get(f"/sessions/{session_id}/people?search=khan").status_code == 403
    assert plan(client).status_code == 200


def test_a_session_of_another_organisation_does_not_exist(village: Village, session_id: int) -> None:
    client = village.client("hr elsewhere")
    for address in (f"/sessions/{session_id}", f"/sessions/{session_id}/change"):
        assert client.get(address).status_code == 404
    assert f"/sessions/{session_id}" not in client.get("/sessions").text
    assert plan(client, organisation="QUA").status_code == 404


def test_a_form_without_its_token_changes_nothing(
    village: Village, trainer: FlaskClient, session_id: int
) -> None:
    (line,) = book(trainer, session_id, village.employments["owner"])
    page = trainer.post(f"/sessions/{session_id}/register", data={f"mark-{line}": "attended"})
    assert page.status_code == 400
    assert counted() == (0, 0, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"mark-x": "attended"},
        {"mark-99999999999999999999": "attended"},
        {"mark-1": "vanished"},
        {"mark-": ""},
        {"seen-1": "attended"},
    ],
)
def test_a_form_that_nobody_could_have_filled_in_changes_nothing(
    village: Village, trainer: FlaskClient, session_id: int, fields: dict[str, object]
) -> None:
    book(trainer, session_id, village.employments["owner"])
    page = send(trainer, f"/sessions/{session_id}/register", **fields)
    assert page.status_code == 200
    assert counted() == (0, 0, 0)


def test_the_thread_from_the_register_to_the_record_holds_on_each_engine(village_on_each: Village) -> None:
    client = village_on_each.client("trainer")
    session_id = int(plan(client).request.path.split("/")[2])
    (line,) = book(client, session_id, village_on_each.employments["owner"])
    save(client, session_id, {line: "attended"})
    assert counted() == (1, 0, 1)
    mine = village_on_each.client("owner").get("/learning")
    assert f"{clock.today().day} {clock.today():%B %Y}" in mine.text
