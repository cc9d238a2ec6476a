"""What is refused says so in plain words and the right number, and never shows a traceback."""

from dataclasses import replace

import pytest
from flask import abort

from lms import db
from lms.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from lms.web.guard import public
from tests.web.village import Village


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("It is not here."), 404),
        (Forbidden("Not for you."), 403),
        (Invalid("It is wrong.", ["Row 3 is wrong."]), 422),
        (Conflict("Somebody was quicker."), 409),
        (Unavailable("It is away."), 503),
    ],
)
def test_each_error_of_the_tree_becomes_a_page(own_app, error, status):
    @public
    def refuse():
        raise error

    own_app.add_url_rule("/refuse", "refuse", refuse)
    answer = own_app.test_client().get("/refuse")
    assert answer.status_code == status
    assert error.message in answer.text
    assert all(problem in answer.text for problem in getattr(error, "problems", ()))


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 429, 500, 501])
def test_each_error_of_http_becomes_a_page(own_app, status):
    own_app.add_url_rule("/fail", "fail", public(lambda: abort(status)))
    answer = own_app.test_client().get("/fail")
    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_what_nobody_foresaw_says_so_and_shows_nothing_of_the_inside(own_app):
    def break_down():
        raise RuntimeError("secret detail")

    own_app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    own_app.add_url_rule("/break", "break", public(break_down))
    answer = own_app.test_client().get("/break")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("address", ["/health/nothing", f"/api/v1/organisations/QUA/role-lists/{10**30}"])
def test_machines_are_answered_with_problem_details(app, address: str):
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["title"] == "Page not found"


def test_what_is_too_large_names_the_limit(own_app, village: Village):
    own_app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    answer = (
        replace(village, app=own_app)
        .client("owner")
        .post("/password", data={"chosen": "x" * 2 * 1024 * 1024})
    )
    assert answer.status_code == 413
    assert "at most 1 MB" in answer.text


def test_when_the_database_is_away_pages_say_so_and_life_goes_on(app, village: Village, tmp_path):
    client = village.client("owner")
    db.configure("postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    answer = client.get("/learning")
    assert answer.status_code == 503
    assert "The database is busy or away" in answer.text
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_a_database_without_our_tables_is_not_ready(app, sqlite_url, tmp_path):
    assert app.test_client().get("/health/ready").status_code == 200
    db.configure(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    answer = app.test_client().get("/health/ready")
    assert answer.status_code == 503
    assert "lms init" in answer.get_json()["detail"]
    db.configure("postgresql+psycopg://nobody:hidden@127.0.0.1:1/nothing?connect_timeout=2")
    answer = app.test_client().get("/health/ready")
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text
