"""The door: CSRF on every POST, sessions that end, where one goes after signing in, headers on every answer."""

import pytest

from lms import db, settings
from lms.app import create_app
from lms.rules.access import EVERYTHING
from lms.services import accounts
from lms.services.audit import COMMAND_LINE
from lms.web import guard
from tests.web.village import NOW, Village


def test_every_post_without_its_token_is_refused_and_changes_nothing(app, village: Village):
    client = village.client("administrator")
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if "POST" not in rule.methods or blueprint in app.extensions["machines"]:
            continue
        with app.test_request_context():
            values = dict.fromkeys(rule.arguments, 1)
            address = app.url_for(rule.endpoint, **values)
        answer = client.post(address, data={"email": "x@example.org"})
        assert answer.status_code == 400, address
        assert "open for too long" in answer.text


def test_a_page_of_somebody_elses_session_cannot_be_sent(app, village: Village):
    token = village.client("owner").get("/password").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = village.client("mate").post("/password", data={"csrf_token": token})
    assert answer.status_code == 400


def test_a_session_ends_when_the_password_changes(village: Village):
    client = village.client("owner")
    assert client.get("/learning").status_code == 200
    with db.transaction() as session:
        accounts.renew_password(session, EVERYTHING, COMMAND_LINE, village.accounts["owner"][0], now=NOW)
    assert client.get("/learning").status_code == 302


def test_a_session_ends_when_the_account_is_stopped(village: Village):
    client = village.client("owner")
    with db.transaction() as session:
        accounts.set_active(
            session, EVERYTHING, COMMAND_LINE, village.accounts["owner"][0], active=False, now=NOW
        )
    assert client.get("/learning").status_code == 302


def test_a_forged_or_foreign_session_is_nobody(app, village: Village):
    for key in ("", "1", "x.y", "999999.abc", "1.wrong", "²." + "0" * 16):
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = key
        assert client.get("/learning").status_code == 302, key


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/coverage?by=module", "/coverage?by=module"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("coverage", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_after_signing_in_one_stays_here(app, target, goes_to):
    with app.test_request_context():
        assert guard.onward(target) == goes_to


def test_a_page_asked_for_before_signing_in_is_where_one_goes_afterwards(village: Village):
    answer = village.client(None).get("/coverage?as_at=2026-06-30")
    assert answer.location == "/sign-in?next=/coverage%3Fas_at%3D2026-06-30"


def test_a_character_that_no_database_can_hold_is_refused_in_words(village: Village):
    client = village.client("hr")
    for address in ("/organisations/QUA%00/people", "/organisations/QUA/people?search=a%00b"):
        answer = client.get(address)
        assert answer.status_code == 422
        assert "NUL" in answer.text


@pytest.mark.parametrize(
    "address", ["/sign-in", "/health/live", "/nowhere", "/assets/golden-thread.css", "/coverage"]
)
def test_every_answer_has_the_security_headers(village: Village, address):
    headers = village.client("hr").get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_pages_with_names_stay_in_no_cache(village: Village):
    assert village.client("hr").get("/organisations/QUA/people").headers["Cache-Control"] == "no-store"


def test_over_https_the_cookie_and_the_host_are_tied_to_it(sqlite_url, tmp_path):
    chosen = settings.load(
        {"LMS_BASE_URL": "https://learning.example", "LMS_VAR": str(tmp_path), "LMS_PROXIES": "1"}
    )
    answer = (
        create_app(chosen)
        .test_client()
        .get("/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "learning.example"})
    )
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-golden-thread=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_no_page_has_a_script_or_a_style_within_it(app, village: Village):
    client = village.client("administrator")
    for address in (
        "/",
        "/sign-in",
        "/coverage?as_at=2026-06-30",
        "/people/1?as_at=2026-06-30",
        "/accounts/1",
    ):
        text = client.get(address).text
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        assert text.count("<script") <= 1
