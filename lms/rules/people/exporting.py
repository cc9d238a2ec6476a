"""An organisation's people as a role list in the house's own form, which changes nothing when it comes back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from itertools import pairwise

from lms.rules.people.plan import StoredPerson, StoredPost
from lms.rules.roster.dates import END_OF_TIME
from lms.rules.roster.facts import Field, Status
from lms.rules.roster.numbers import number_key, reference_of
from lms.rules.roster.upload_format import CAPTIONS, STATUSES, day_cell, name_cells, text_cell

Cells = list[date | str]


def rows(people: Iterable[StoredPerson], since: date) -> Iterator[Cells]:
    """The captions, and a row for every post somebody holds on a day or later, by name.

    What is not known is blank, and blank means unchanged. Posts that had ended before the day are left out: whoever
    has no other is no longer listed.
    """
    yield list(CAPTIONS.values())
    known = {person.number: person for person in people}
    keys = {number_key(number) for number in known}
    for person in sorted(known.values(), key=_by_name):
        last, first = name_cells(person.given, person.family, person.known_as)
        for post in listed(person.posts, since):
            cells: dict[Field, date | str] = {
                Field.NUMBER: person.number,
                Field.REFERENCE: text_cell(Field.REFERENCE, post.reference),
                Field.FAMILY: last,
                Field.GIVEN: first,
                Field.KNOWN_AS: text_cell(Field.KNOWN_AS, person.known_as),
                Field.TITLE: text_cell(Field.TITLE, post.title),
                Field.UNIT: text_cell(Field.UNIT, post.unit),
                Field.EMAIL: person.email or "",
                Field.START: day_cell(post.listed_start),
                Field.END: _end(post.ends_on),
                Field.STATUS: STATUSES[Status.IN_POST if post.away_id is None else Status.AWAY],
                Field.CATEGORY: _yes_or_no(post.bank),
                Field.MAIN: _yes_or_no(post.main),
                Field.MANAGER: _manager(post.manager, known, keys),
            }
            yield [cells[field] for field in CAPTIONS]


def listed(posts: Sequence[StoredPost], since: date) -> list[StoredPost]:
    """The posts that a list of a day speaks of, in the order in which it finds them again.

    Of several with one reference that a list could not tell apart by their days, the last alone: the others end
    because it follows them.
    """
    held = [post for post in posts if post.current(since)]
    alike: dict[str, list[StoredPost]] = defaultdict(list)
    for post in held:
        if post.reference:
            alike[post.reference].append(post)
    left_out: set[int] = set()
    for spells in alike.values():
        *earlier, last = sorted(spells, key=lambda one: (one.starts_on, one.id))
        if not _told_apart([*earlier, last]):
            left_out.update(post.id for post in earlier)
    kept = [post for post in held if post.id not in left_out]
    return sorted(kept, key=lambda post: (post.ends_on is not None, post.starts_on, post.id))


def _end(day: date | None) -> date | str:
    """A post's end; blank where reading would take it for the end of a calendar, as after a move that is never to come."""
    return day_cell(None if day and day.year >= END_OF_TIME else day)


def _told_apart(spells: Sequence[StoredPost]) -> bool:
    """Whether each begins, as listed, after the end of the one before."""
    return all(
        one.listed_start
        and one.ends_on
        and other.listed_start
        and one.ends_on < other.listed_start
        and one.ends_on.year < END_OF_TIME
        for one, other in pairwise(spells)
    )


def _manager(number: str | None, known: Mapping[str, StoredPerson], keys: Set[str]) -> str:
    """A manager's number, but one that lacks the zeros of somebody's here: reading would restore them."""
    if number and number not in known and number_key(reference_of(number)[0]) in keys:
        return ""
    return text_cell(Field.MANAGER, number)


def _by_name(person: StoredPerson) -> tuple[str, str, str]:
    return person.family.casefold(), person.given.casefold(), person.number


def _yes_or_no(value: bool) -> str:
    return "Yes" if value else "No"
