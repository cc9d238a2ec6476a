"""An organisation's people: owner's HR, another's HR, and those without the right."""

import re
from urllib.parse import quote

import pytest
from sqlmodel import select

from lms import db
from lms.tables.people import Post
from tests.web.village import Village

HERE = "/organisations/QUA/people?as_at=2026-06-30"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("hr", 200),
        ("administrator", 200),
        ("hr elsewhere", 404),
        ("public health", 403),
        ("trainer", 403),
        ("owner", 403),
    ],
)
def test_the_people_of_an_organisation_are_for_its_hr(village: Village, who, status):
    assert village.client(who).get(HERE).status_code == status


def test_what_does_not_exist_answers_as_what_lies_outside(village: Village):
    outside = village.client("hr").get("/organisations/FAR/people")
    nowhere = village.client("hr").get("/organisations/NONE/people")
    assert outside.status_code == nowhere.status_code == 404
    # The token of the form to sign out differs on every page.
    assert outside.text.partition("<main")[2] == nowhere.text.partition("<main")[2]


def test_hr_of_one_organisation_goes_straight_to_its_people(village: Village):
    assert village.client("hr").get("/people").location == "/organisations/QUA/people"
    assert "Farrowdyke Council" in village.client("administrator").get("/people").text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("khan", 1),
        ("KHAN amina", 1),
        ("100001", 1),
        ("10000", 5),
        ("łukasz", 1),
        ("o’neill", 1),
        ("%", 0),
        ("_", 0),
        ("zz", 0),
    ],
)
def test_people_are_found_by_part_of_a_name_or_the_start_of_a_number(village: Village, search, found):
    text = (
        village.client("hr")
        .get("/organisations/QUA/people", query_string={"as_at": "2026-06-30", "search": search})
        .text
    )
    assert text.count('scope="row"') == found
    assert ("No people found." in text) == (found == 0)


def test_people_without_a_post_on_the_day_are_not_listed(village: Village):
    assert "No people found." in village.client("hr").get("/organisations/QUA/people?as_at=2020-01-01").text


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "99999999999"])
def test_a_page_beyond_the_list_is_empty_and_no_error(village: Village, page):
    assert village.client("hr").get(f"{HERE}&page={page}").status_code == 200


def test_people_are_narrowed_to_a_unit_and_those_beneath_it(village: Village):
    with db.transaction() as session:
        posts = session.exec(select(Post).where(Post.organisation_id == village.organisations["QUA"])).all()
        for post, unit in zip(
            posts, ["Care", "Care › Ward 1", "care › Ward 1", "Stores › Ward 1", None], strict=True
        ):
            post.unit = unit
            session.add(post)
    client = village.client("hr")
    assert re.findall(r"<option[^>]*>([^<]*)</option>", client.get(HERE).text) == [
        "All units",
        "Care",
        "Care › Ward 1",
        "Stores",
        "Stores › Ward 1",
    ]
    for unit, people in (
        ("Care", 3),
        ("Care › Ward 1", 2),
        ("Ward 1", 3),
        ("Stores", 1),
        ("Elsewhere", 0),
        ("", 5),
    ):
        page = client.get(f"{HERE}&unit={quote(unit)}")
        assert page.text.count('<th scope="row">') == people, unit
