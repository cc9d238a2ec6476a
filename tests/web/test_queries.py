"""Every page asks the database as often for 1,000 people as for 10."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from lms import db
from tests.conftest import migrate
from tests.web import village as building
from tests.web.village import Village

PAGES = {
    "administrator": [
        "/",
        "/accounts",
        "/accounts/new",
        "/accounts/5",
        "/password",
        "/people",
        "/coverage?as_at=2026-06-30",
        "/coverage?as_at=2026-06-30&by=role",
        "/coverage?as_at=2026-06-30&by=place",
        "/coverage/modules.csv?as_at=2026-06-30",
        "/coverage/staff.csv?as_at=2026-06-30",
        "/training-map",
        "/training-map/training-map.csv",
        "/training-map/versions",
        "/training-map/versions/1",
        "/training-map/versions/1/undo",
        "/training-map/modules",
        "/training-map/frameworks",
        "/training-map/roles",
        "/training-map/gaps?as_at=2026-06-30",
        "/prior-learning",
        "/record",
        "/record/decided",
        "/record/decided?of=activities",
        "/record/decided?of=statements",
        "/record/keys",
        "/record/keys/new",
        "/record/stores",
        "/record/stores/new",
    ],
    "hr": [
        "/organisations/QUA/people?as_at=2026-06-30",
        "/organisations/QUA/people?as_at=2026-06-30&search=a",
        "/organisations/QUA/coverage/in_scope?module=ATR-F&as_at=2026-06-30",
        "/organisations/QUA/coverage/counted?as_at=2026-06-30",
        "/people/1?as_at=2026-06-30",
        "/people/1/statements/00000000-0000-4000-8000-000000100000",
        "/people/1/decisions",
    ],
    "owner": [
        "/learning?as_at=2026-06-30",
        "/learning/prior",
        "/learning/record.json",
        "/learning/statements/00000000-0000-4000-8000-000000100000",
    ],
}
# A page that asks more often than this has a loop in it, whatever the number of people.
AT_MOST = 25
# What a page asks that reads everything under two maps, to count and to name.
UNDER_TWO_MAPS = {"/training-map/versions/1/undo": 40}


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """A database with few people and one with many, by how many."""
    folder = tmp_path_factory.mktemp("queries")
    return {people: f"sqlite:///{folder / f'{people}.sqlite3'}" for people in (10, 1_000)}


@pytest.fixture
def villages(databases: dict[int, str], app: Flask) -> Iterator[dict[int, tuple[str, Village]]]:
    """The village built once in each."""
    yield {people: (url, _village(app, people, url)) for people, url in databases.items()}
    db.configure(None)


_built: dict[str, Village] = {}


def _village(app: Flask, people: int, url: str) -> Village:
    db.configure(url)
    if url not in _built:
        if not Path(url.removeprefix("sqlite:///")).exists():
            migrate(url)
        _built[url] = building.build(app, people)
    return _built[url]


@pytest.mark.parametrize(("who", "page"), [(who, page) for who, pages in PAGES.items() for page in pages])
def test_a_page_asks_as_often_for_many_as_for_few(villages, queries_of, who, page):
    counts = {}
    for people, (url, village) in villages.items():
        db.configure(url)
        client = village.client(who)
        client.get(page)
        with queries_of() as sent:
            assert client.get(page).status_code == 200
        counts[people] = len(sent)
    assert counts[10] == counts[1_000] <= UNDER_TWO_MAPS.get(page, AT_MOST)


def test_every_page_is_among_them(app):
    """Whoever adds a page adds it here, or to the test of its own noun."""
    nouns = {"home", "people", "coverage", "standing", "accounts"}
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
    tried = {adapter.match(page.partition("?")[0])[0] for pages in PAGES.values() for page in pages}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.partition(".")[0] in nouns
    }
    assert pages - tried == {"accounts.sign_in"}
