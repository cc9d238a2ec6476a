"""What a list would do to somebody is said in words they would use themselves."""

from datetime import date
from typing import Any

from lms.rules.people.plan import Kind, StoredPerson, StoredPost, compare
from lms.rules.people.told import told
from lms.rules.roster import RowFact, Status

JUNE = date(2026, 6, 30)
START = date(2020, 1, 6)


def row(number: str, **said: Any) -> RowFact:
    facts: dict[str, Any] = {
        "row": 2,
        "number": number,
        "reference": None,
        "given": "Ada",
        "family": "Sample",
        "known_as": None,
        "title": "Nurse",
        "units": (),
        "email": None,
        "start": START,
        "end": None,
        "status": None,
        "main": None,
        "bank": None,
        "manager": None,
        "cleared": frozenset(),
    }
    return RowFact(**(facts | said))


def held(number: str = "1", **said: Any) -> dict[str, StoredPerson]:
    post: dict[str, Any] = {
        "id": 7,
        "reference": None,
        "title": "Nurse",
        "unit": None,
        "main": True,
        "bank": False,
        "manager": None,
        "starts_on": START,
        "listed_start": START,
        "ends_on": None,
    }
    person = StoredPerson(5, number, "Ada", "Sample", None, None, (StoredPost(**(post | said)),))
    return {number: person}


def what(
    kind: Kind, rows: list[RowFact], stored: dict[str, StoredPerson]
) -> list[tuple[str, tuple[str, ...]]]:
    plan = compare(rows, stored, as_at=JUNE, covers="all")
    return [(one.name, one.what) for one in told(plan, stored, kind)]


def test_a_joiner_has_a_new_post() -> None:
    assert what(Kind.JOINER, [row("2", given="Bo", start=JUNE)], {}) == [
        ("Bo Sample", ("New post: Nurse, from 30 June 2026",))
    ]


def test_a_leaver_has_a_post_that_ends_the_day_before_the_list() -> None:
    assert what(Kind.LEAVER, [row("2")], held()) == [("Ada Sample", ("Nurse: ends on 29 June 2026",))]


def test_a_mover_has_one_post_that_ends_and_one_that_begins() -> None:
    assert what(Kind.MOVER, [row("1", title="Ward Manager")], held()) == [
        ("Ada Sample", ("Nurse: ends on 29 June 2026", "New post: Ward Manager, from 30 June 2026"))
    ]


def test_what_changes_is_said_with_what_it_was() -> None:
    ((name, said),) = what(
        Kind.CHANGED, [row("1", family="Simple", email="a@example.org", units=("Ward 1",))], held()
    )
    assert name == "Ada Simple"
    assert set(said) == {
        "last name Sample → Simple",
        "e-mail address blank → a@example.org",
        "Nurse: unit blank → Ward 1",
    }


def test_somebody_away_is_said_to_be_away_and_no_reason_is_given() -> None:
    plan = compare([row("1", status=Status.AWAY)], held(), as_at=JUNE, covers="all")
    said = told(plan, held(), Kind.UNCHANGED)
    assert said[0].what == ("Nurse: away from 30 June 2026",)


def test_people_stand_by_family_name() -> None:
    rows = [row("1", given="Cy", family="Young"), row("2", given="Bo", family="abel")]
    assert [name for name, _ in what(Kind.JOINER, rows, {})] == ["Bo abel", "Cy Young"]
