"""A person's rows with the posts they speak of, where one row says with blanks what another says in full."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations

from lms.rules.job_roles import title_key
from lms.rules.people.plan import matching
from lms.rules.people.plan.facts import StoredPost
from lms.rules.roster.alike import agree, both, has_left
from lms.rules.roster.facts import RowFact

# Nobody holds so many posts: a number with more rows stands for something else, and comparing each with each is slow.
_MOST = 20

Matched = list[tuple[RowFact, StoredPost | None]]
# The number of a row, and of the row it was joined to.
Joined = tuple[int, int]


def matched(
    posts: Sequence[StoredPost], said: Sequence[RowFact], as_at: date
) -> tuple[Matched, list[Joined]]:
    """Each row with the post it speaks of, and the rows that were joined to others.

    Where nothing is left for a row to speak of, it would make a post of its own; then rows of its title that agree
    are one. As long as there is a post for each, a row with blanks leaves its own unchanged.
    """
    rows, joined = list(said), []
    found = matching.matched(posts, rows, as_at)
    while 1 < len(rows) <= _MOST and (pair := _pair(found, as_at)):
        first, second = pair
        joined.append((rows[second].row, rows[first].row))
        rows[first] = both(rows[first], rows.pop(second))
        found = matching.matched(posts, rows, as_at)
    return found, joined


def _pair(found: Matched, as_at: date) -> tuple[int, int] | None:
    """The places of the first two rows that agree, of those with the title of a row that speaks of no post.

    In the order of the list, whichever of them it is, so that the next list joins the same ones.
    """
    new = {title_key(row.title) for row, post in found if post is None and not has_left(row, as_at)}
    places = [place for place, (row, _) in enumerate(found) if title_key(row.title) in new]
    pairs = combinations(places, 2)
    return next((pair for pair in pairs if _are_one(found[pair[0]][0], found[pair[1]][0], as_at)), None)


def _are_one(one: RowFact, other: RowFact, as_at: date) -> bool:
    return title_key(one.title) == title_key(other.title) and agree(one, other, as_at)
