"""A role list sent by another system: taken in once, applied by a worker, shown to nobody else."""

import io
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from lms import clock, db, queue, settings
from lms.api import role_lists
from lms.errors import Invalid
from lms.rules import keys as rules
from lms.services import keys, roster
from lms.services.audit import COMMAND_LINE
from tests import feeding
from tests.api.conftest import Client
from tests.feeding import Place, content, employed, letters
from workers import feed as worker

PATH = "organisations/QUA/role-lists"
SAID = "as_at=2024-06-30&covers=all&filename=staff.csv"


def send(client: Client, file: bytes, said: str = SAID, path: str = PATH, **more: Any) -> TestResponse:
    return client.ask("POST", f"{path}?{said}", data=file, **more)


def work() -> None:
    """What a worker does about everything that came."""
    for one in feeding.lists():
        worker.take_role_lists(one.id or 0)


def at(answer: TestResponse) -> str:
    """Where to ask for the result."""
    return urlsplit(answer.headers["Location"]).path.removeprefix("/api/v1/")


def test_a_list_is_taken_in_applied_by_a_worker_and_its_result_is_there_to_ask_for(client: Client) -> None:
    taken = send(client, content(5))
    assert (taken.status_code, taken.get_json()["state"], employed()) == (202, "arrived", 0)
    assert queue.waiting(settings.current()) == 1
    assert client.ask("GET", at(taken)).get_json() == taken.get_json()
    work()
    result = client.ask("GET", at(taken))
    said = result.get_json()
    assert (result.status_code, said["state"], said["report"]["joiners"], employed()) == (
        200,
        "applied",
        5,
        5,
    )
    assert said["result"] == taken.headers["Location"]
    assert said["report"]["titles"]["unmapped"][0]["count"] == 5
    assert [one.outcome for one in letters()] == ["applied"]
    assert feeding.lists()[0].fed_by == client.prefix


def test_the_file_may_be_a_part_of_a_form(client: Client) -> None:
    form = {"file": (io.BytesIO(content(5)), "lists/staff-2024-06-30.csv")}
    taken = client.ask("POST", f"{PATH}?covers=all", data=form)
    assert (taken.status_code, taken.get_json()["as_at"]) == (202, "2024-06-30")
    assert taken.get_json()["filename"] == "staff-2024-06-30.csv"


def test_without_a_date_the_list_is_of_today(client: Client) -> None:
    assert send(client, content(5), "").get_json()["as_at"] == clock.today().isoformat()


def test_sent_again_it_is_the_same_list_whatever_became_of_it(client: Client) -> None:
    first = send(client, content(5))
    assert at(send(client, content(5))) == at(first)
    work()
    again = send(client, content(5))
    assert (again.status_code, at(again), again.get_json()["state"]) == (202, at(first), "applied")
    work()
    assert (len(feeding.lists()), len(letters())) == (1, 1)


def test_a_list_with_errors_says_where_they_are(client: Client) -> None:
    taken = send(client, content(2, start="31/02/2024"))
    work()
    said = client.ask("GET", at(taken)).get_json()
    assert (said["state"], employed()) == ("refused", 0)
    assert said["reasons"][0] == "row 2, Start Date: This date does not exist. Correct it."


def test_what_hr_decided_about_the_columns_holds_and_a_list_that_came_too_early_is_looked_at_again(
    place: Place, client: Client
) -> None:
    file = content(5).replace(b"First Name,Last Name", b"One,Two")
    taken = send(client, file)
    work()
    assert client.ask("GET", at(taken)).get_json()["state"] == "refused"
    with db.transaction() as session:
        roster.remember_columns(
            session,
            place.organisations["QUA"],
            {"given": "One", "family": "Two"},
            account_id=place.hr,
            now=clock.now(),
        )
    assert at(send(client, file)) == at(taken)
    work()
    assert (client.ask("GET", at(taken)).get_json()["state"], employed()) == ("applied", 5)


def test_what_is_no_list_is_taken_in_and_refused_so_that_hr_reads_of_it(client: Client) -> None:
    taken = send(client, b"%PDF-1.7\n", SAID.replace(".csv", ".pdf"))
    work()
    assert client.ask("GET", at(taken)).get_json()["reasons"][0].startswith("staff.pdf is a PDF document")
    assert [one.outcome for one in letters()] == ["refused"]


def test_what_a_person_has_to_confirm_waits_for_one(client: Client) -> None:
    send(client, content(20), SAID.replace("06-30", "06-29"))
    taken = send(client, content(10))
    work()
    said = client.ask("GET", at(taken)).get_json()
    assert (said["state"], employed()) == ("stopped", 20)
    assert said["reasons"] == [
        "10 of 20 people with a current post would leave, more than 10%. If the list is a part of the organisation, "
        "say which unit it covers; if they have all left, confirm it."
    ]
    assert said["page"].endswith(f"/role-lists/{said['id']}")


@pytest.mark.parametrize(
    "said", ["accept_leavers=1", "accept_joiners=true", "only_good_rows=1", "as-at=2024-06-30"]
)
def test_nothing_can_be_confirmed_by_a_machine(client: Client, said: str) -> None:
    answer = send(client, content(5), said)
    assert (answer.status_code, feeding.lists()) == (422, [])
    assert "There is no parameter" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("as_at=30.6.2024", "as 2026-06-30"),
        ("as_at=2099-01-01", "today or in the past, and after 1999. This one would be of 1 January 2099."),
        ("filename=staff-2099-01-01.csv", "today or in the past"),
        ("covers=half", "unit=NAME"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(client: Client, said: str, words: str) -> None:
    answer = send(client, content(5), said)
    assert (answer.status_code, feeding.lists()) == (422, [])
    assert answer.mimetype == "application/problem+json"
    assert words in answer.get_json()["detail"]


def test_an_empty_file_is_called_empty_and_not_missing(client: Client) -> None:
    answer = client.ask("POST", PATH, data={"file": (io.BytesIO(b""), "staff.csv")})
    assert answer.status_code == 422
    assert "The file is empty. Export the list again" in answer.get_json()["detail"]


def test_no_file_is_a_sentence(client: Client) -> None:
    assert "There is no file" in send(client, b"").get_json()["detail"]
    assert (
        "the part “file”"
        in client.ask("POST", PATH, data={"list": (io.BytesIO(b"x"), "x")}).get_json()["detail"]
    )


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer gt0123456789abcdef.secret",
        "Bearer {prefix}.wrong",
        "Bearer {prefix}",
        "Basic {token}",
        "Bearer \u0141.x",
        "Bearer " + "x" * 5000,
    ],
)
def test_a_wrong_key_opens_nothing(client: Client, authorization: str) -> None:
    made = authorization.format(prefix=client.prefix, token=client.token)
    for method, path in (("POST", PATH), ("GET", f"{PATH}/1"), ("GET", "organisations/NOPE/role-lists/1")):
        answer = client.ask(
            method, path, headers={"Authorization": made.encode().decode("latin-1")}, data=content(1)
        )
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
            401,
            'Bearer realm="Golden Thread"',
        )
        assert answer.mimetype == "application/problem+json"
    assert feeding.lists() == []


def test_a_revoked_key_opens_nothing_any_more(client: Client) -> None:
    with db.transaction() as session:
        keys.revoke(session, COMMAND_LINE, client.prefix, now=clock.now())
    assert send(client, content(5)).status_code == 401


def test_another_organisation_does_not_exist_for_a_key(client: Client, key: Callable[..., Client]) -> None:
    made = send(client, content(5))
    other = key(rules.ROSTER, organisation="FAR")
    for path in (PATH, "organisations/NOPE/role-lists"):
        assert send(other, content(5), path=path).status_code == 404
    numbers = (
        at(made),
        at(made).replace("QUA", "FAR"),
        *(f"organisations/FAR/role-lists/{n}" for n in (4711, 2**31, 10**30)),
    )
    for path in numbers:
        assert other.ask("GET", path).status_code == 404
    assert len(feeding.lists()) == 1


def test_a_key_of_the_record_may_not_send_lists(client: Client, key: Callable[..., Client]) -> None:
    made = send(client, content(5))
    for organisation in (None, "QUA"):
        record = key(rules.ALL, organisation=organisation)
        assert send(record, content(5)).status_code == 403
        assert record.ask("GET", at(made)).status_code == 403


def test_a_key_for_lists_opens_nothing_of_the_record(client: Client) -> None:
    answer = client.http.get(
        "/xapi/statements",
        headers={"X-Experience-API-Version": "1.0.3"},
        auth=tuple(client.token.split(".")),
    )
    assert answer.status_code == 403


def test_a_key_for_lists_is_of_one_organisation(key: Callable[..., Client]) -> None:
    with pytest.raises(Invalid, match="of one organisation"):
        key(rules.ROSTER)


def test_a_cookie_opens_nothing(client: Client) -> None:
    with client.http.session_transaction() as cookie:
        cookie["_user_id"] = "1.x"
    assert client.http.post(f"/api/v1/{PATH}", data=content(5)).status_code == 401


def test_the_answer_is_sent_once_to_whoever_has_it(client: Client) -> None:
    made = send(client, content(5))
    first = client.ask("GET", at(made))
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.ask("GET", at(made), headers=etag).status_code == 304
    work()
    assert client.ask("GET", at(made), headers=etag).status_code == 200


def test_what_is_not_there_is_a_problem_too(client: Client) -> None:
    for path in ("", "nothing", "organisations", PATH + "/x"):
        answer = client.ask("GET", path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path


def test_more_than_can_be_looked_at_is_asked_to_come_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(role_lists, "WAITING", 2)
    answers = [send(client, content(count)) for count in (1, 2, 3)]
    assert [one.status_code for one in answers] == [202, 202, 429]
    assert answers[2].headers["Retry-After"] == "60"
    work()
    assert send(client, content(3)).status_code == 202


def test_a_file_that_is_too_large_is_refused(client: Client) -> None:
    client.http.application.config["MAX_CONTENT_LENGTH"] = 1000
    answer = send(client, content(100))
    assert (answer.status_code, feeding.lists()) == (413, [])
    assert answer.mimetype == "application/problem+json"


def test_while_the_queue_is_away_the_list_is_kept_for_the_sweeper(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.current.cache_clear()
    assert send(client, content(5)).status_code == 202
    assert [one.state for one in feeding.lists()] == ["arrived"]


@pytest.mark.parametrize("how", ["body", "chunks", "form"])
def test_of_an_upload_that_is_cut_short_nothing_is_kept(
    place: Place, live_app: str, client: Client, how: str
) -> None:
    file = content(50)
    head, data = {
        "body": (f"Content-Length: {len(file)}", file[:700]),
        "chunks": ("Transfer-Encoding: chunked", b"%x\r\n" % len(file) + file[:700]),
        "form": (
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(file) + 90}",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + file[:700],
        ),
    }[how]
    parts = urlsplit(live_app)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        connection.sendall(
            f"POST /api/v1/{PATH}?{SAID} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {client.token}\r\n{head}\r\n\r\n".encode()
            + data
        )
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b" 202 " not in answer
    assert feeding.lists() == []


def test_a_list_travels_over_a_real_connection(place: Place, live_app: str, client: Client) -> None:
    file = content(50)
    parts = urlsplit(live_app)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        connection.sendall(
            f"POST /api/v1/{PATH}?{SAID} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            # What curl --data-binary says of any file.
            f"Content-Type: application/x-www-form-urlencoded\r\n"
            f"Authorization: Bearer {client.token}\r\nContent-Length: {len(file)}\r\n\r\n".encode()
            + file
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b" 202 " in answer
    work()
    assert employed() == 50
