"""Whom a list repeats: compared as texts and plain tuples, because nearly everybody in nearly every list is unchanged.

A list may hold 100,000, and making facts of what is stored takes several times as long as comparing it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from lms.rules.people.plan import StoredPerson, StoredPost
from lms.rules.people.units import unit_of
from lms.rules.roster.cells import Cache
from lms.rules.roster.facts import NO_END, Field, RowFact, Status

# The id of an employment; the id of one of its posts (None: it has none) and the post's start; then what a list
# can say: given and family name, known as, e-mail, reference, title, unit, main, bank, manager, listed start, end.
StoredRow = tuple[Any, ...]
SAID = 3
NO_ABSENCE = (None, None)

# What is stored of a post and its person as one text: these in order, dates as ISO, yes and no as 1 and 0, blanks as
# nothing, each with BETWEEN after it; at the end nothing for a post that is current and in which somebody is there.
WRITTEN = (
    Field.NUMBER,
    Field.GIVEN,
    Field.FAMILY,
    Field.KNOWN_AS,
    Field.EMAIL,
    Field.REFERENCE,
    Field.TITLE,
    Field.UNIT,
    Field.MAIN,
    Field.CATEGORY,
    Field.MANAGER,
    Field.START,
    Field.END,
)
BETWEEN = "\x1f"
GONE, ABSENT = "gone", "absent"
_FLAGS = {None: "", False: "0", True: "1"}
_VALUES = {
    Field.KNOWN_AS: attrgetter("known_as"),
    Field.EMAIL: attrgetter("email"),
    Field.REFERENCE: attrgetter("reference"),
    Field.TITLE: attrgetter("title"),
    Field.UNIT: attrgetter("units"),
    Field.MAIN: attrgetter("main"),
    Field.CATEGORY: attrgetter("bank"),
    Field.MANAGER: attrgetter("manager"),
    Field.START: attrgetter("start"),
    Field.END: attrgetter("end"),
}
_BLANK = (None, "", ())


@dataclass(frozen=True, slots=True)
class Repeats:
    """Employee numbers: whom a list repeats letter for letter, and whoever else is in post or in the list."""

    same: frozenset[str]
    others: frozenset[str]


def said(rows: Sequence[RowFact]) -> frozenset[Field]:
    """What at least one row of a list says, so that it has to be compared; blank says nothing."""
    found = {Field.NUMBER, Field.GIVEN, Field.FAMILY}
    for field, value in _VALUES.items():
        if any(value(row) not in _BLANK for row in rows):
            found.add(field)
    if any(Field.END in row.cleared for row in rows if row.cleared):
        found.add(Field.END)
    return frozenset(found)


def letter_for_letter(rows: Sequence[RowFact], texts: Sequence[str]) -> Repeats:
    """Whom the rows repeat by what is stored as texts, one for each post, with only what the list says at all."""
    if not texts:
        # Nobody is stored yet, and 100,000 rows need not be written down to be compared with nothing.
        return Repeats(frozenset(), frozenset())
    left = set(texts)
    twice = {text for text, times in Counter(texts).items() if times > 1} if len(left) < len(texts) else set()
    same = _taken(rows, left)
    numbers = {text.partition(BETWEEN)[0] for text in left | twice}
    listed = {row.number for row in rows}
    in_post = {text.partition(BETWEEN)[0] for text in left | twice if not text.endswith(GONE)}
    return Repeats(same - numbers, frozenset(in_post | (numbers & listed)))


def _taken(rows: Sequence[RowFact], texts: set[str]) -> frozenset[str]:
    """The employee numbers whose one row is one of the texts, which is taken out of them."""
    times = Counter(row.number for row in rows)
    units, days = Cache(lambda path: unit_of(path) or ""), Cache(lambda day: day.isoformat() if day else "")
    left, away = Status.LEFT, Status.AWAY
    found = []
    for row in rows:
        (
            _,
            number,
            reference,
            given,
            family,
            known_as,
            title,
            path,
            email,
            start,
            end,
            status,
            main,
            bank,
            manager,
            cleared,
        ) = row
        # Who is said to have no end is repeated where none is stored: the text has none either.
        if (cleared and cleared != NO_END) or status is left or status is away or times[number] != 1:
            continue
        # A row of 100,000, so the character is written out rather than looked up.
        text = (
            f"{number}\x1f{given}\x1f{family}\x1f{known_as or ''}\x1f{email or ''}\x1f{reference or ''}\x1f{title}\x1f"
            f"{units[path]}\x1f{_FLAGS[main]}\x1f{_FLAGS[bank]}\x1f{manager or ''}\x1f{days[start]}\x1f{days[end]}\x1f"
        )
        # With the character inside a value it could be the text of other values.
        if text in texts and text.count(BETWEEN) == len(WRITTEN):
            texts.discard(text)
            found.append(number)
    return frozenset(found)


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
        if known is None or len(known) != 1 or times[row.number] != 1:
            continue
        kept = known[0]
        _, post, starts_on, *_, ends_on = kept
        if row.cleared and (row.cleared != NO_END or ends_on is not None):
            continue
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
