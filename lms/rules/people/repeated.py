"""Whom a list repeats: compared as plain tuples, because nearly everybody in nearly every list is unchanged.

A list may hold 100,000, and making facts of what is stored takes several times as long as comparing it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lms.rules.people.plan import StoredPerson, StoredPost
from lms.rules.people.units import unit_of
from lms.rules.roster.facts import RowFact, Status

# The id of an employment; the id of one of its posts (None: it has none) and the post's start; then what a list
# can say: given and family name, known as, e-mail, reference, title, unit, main, bank, manager, listed start, end.
StoredRow = tuple[Any, ...]
SAID = 3
NO_ABSENCE = (None, None)


def numbers(
    rows: Sequence[RowFact],
    stored: Mapping[str, Sequence[StoredRow]],
    away: Mapping[int, object],
    *,
    as_at: date,
) -> frozenset[str]:
    """The employee numbers whose one row repeats, letter for letter or with blanks, what is stored of the one current post.

    ``away`` holds the ids of posts with an absence that a list opened.
    """
    times = Counter(row.number for row in rows)
    units: dict[tuple[str, ...], str | None] = {}
    same = []
    for row in rows:
        known = stored.get(row.number)
        if known is None or len(known) != 1 or times[row.number] != 1 or row.cleared:
            continue
        kept = known[0]
        _, post, starts_on, *_, ends_on = kept
        if post is None or (ends_on is not None and ends_on < max(as_at, starts_on)):
            continue
        if row.status is Status.LEFT or (row.status and (row.status is Status.AWAY) != (post in away)):
            continue
        if row.units not in units:
            units[row.units] = unit_of(row.units)
        said = (
            row.given,
            row.family,
            row.known_as,
            row.email,
            row.reference,
            row.title or None,
            units[row.units],
            row.main,
            row.bank,
            row.manager,
            row.start,
            row.end,
        )
        was = kept[SAID:]
        if said == was or all(one is None or one == other for one, other in zip(said, was, strict=True)):
            same.append(row.number)
    return frozenset(same)


def person(number: str, rows: Sequence[StoredRow], away: Mapping[int, tuple[int, date]]) -> StoredPerson:
    """The facts of a person from their rows, one for each post."""
    id_, _, _, given, family, known_as, email, *_ = rows[0]
    posts = [
        StoredPost(
            post,
            reference,
            title,
            unit,
            main,
            bank,
            manager,
            starts,
            listed,
            ends,
            *away.get(post, NO_ABSENCE),
        )
        for _, post, starts, _, _, _, _, reference, title, unit, main, bank, manager, listed, ends in rows
        if post is not None
    ]
    return StoredPerson(
        id_, number, given, family, known_as, email, tuple(sorted(posts, key=lambda one: one.id))
    )
