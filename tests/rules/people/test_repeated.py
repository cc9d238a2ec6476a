"""Whom a list repeats is found without making facts, and means the same to the plan."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lms.rules.people import repeated
from lms.rules.people.plan import Kind, StoredPerson, compare
from lms.rules.people.repeated import StoredRow
from lms.rules.roster.facts import NO_END, BadRow, Field, Status
from tests.rules.people.test_plan import JUNE, MAY, a_list, month, row


def kept(stored: dict[str, StoredPerson]) -> tuple[dict[str, tuple[StoredRow, ...]], dict]:
    """The people as the database gives them: rows by number, and absences by post."""
    rows, away = {}, {}
    for number, one in stored.items():
        names = (one.given, one.family, one.known_as, one.email)
        rows[number] = tuple(
            (one.id, post.id, post.starts_on, *names, *post[1:7], post.listed_start, post.ends_on)
            for post in one.posts
        ) or ((one.id, None, None, *names, *[None] * 8),)
        away |= {post.id: (post.away_id, post.away_from) for post in one.posts if post.away_id is not None}
    return rows, away


@given(st.integers(0, 2**32))
def test_a_plan_is_the_same_whether_repeated_rows_were_found_before_or_not(seed: int) -> None:
    random = Random(seed)
    stored: dict[str, StoredPerson] = {}
    for as_at in (MAY, JUNE):
        listed = a_list(random)
        _, stored = month(stored, listed, as_at)
    rows, away = kept(stored)
    again = random.sample(listed, random.randint(1, len(listed))) + random.choice([[], a_list(random)])
    bad = [BadRow(9, random.choice(again).number, "")] if random.random() < 0.3 else []
    same = repeated.numbers(again, rows, away, as_at=JUNE)
    plans = [
        compare(again, stored, as_at=JUNE, covers="all", bad=bad, same=known) for known in (same, frozenset())
    ]
    assert plans[0] == plans[1]
    assert {number: repeated.person(number, rows[number], away) for number in rows} == stored


def test_a_row_with_blanks_repeats_and_one_that_says_anything_else_does_not() -> None:
    full = row("1", email="a@example.org", reference="1-0", units=("Ward 1",), status=Status.IN_POST)
    _, stored = month({}, [full], MAY)
    rows, away = kept(stored)

    def same(*said: object) -> frozenset[str]:
        return repeated.numbers(said, rows, away, as_at=JUNE)  # type: ignore[arg-type]

    blank = full._replace(email=None, reference=None, units=(), status=None, start=None, title="")
    assert same(full) == same(blank) == {"1"}
    assert compare([blank], stored, as_at=JUNE, covers="all", same=same(blank)).kinds == {"1": Kind.UNCHANGED}
    for other in (
        full._replace(email="b@example.org"),
        full._replace(title="Midwife"),
        full._replace(status=Status.AWAY),
        full._replace(status=Status.LEFT),
        full._replace(end=JUNE),
        full._replace(units=("Ward 2",)),
        full._replace(main=False),
    ):
        assert not same(other)
    never = full._replace(cleared=NO_END)
    assert same(never) == same(blank._replace(cleared=NO_END)) == {"1"}
    assert not same(never._replace(cleared=frozenset({Field.END, Field.UNIT})))
    assert not same(full, full)
    assert not same(row("2"))
