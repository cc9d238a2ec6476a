"""Which post of a person each of their rows speaks of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from lms.rules.dates import DAY
from lms.rules.job_roles import title_key
from lms.rules.people.plan.facts import StoredPost
from lms.rules.people.units import unit_of
from lms.rules.roster.alike import has_left
from lms.rules.roster.facts import RowFact, Status
from lms.rules.roster.names import text_key


def matched(
    posts: Sequence[StoredPost], said: Sequence[RowFact], as_at: date
) -> list[tuple[RowFact, StoredPost | None]]:
    """Each row with the post it speaks of: by reference, then by title and start, by title, and last in order.

    Of posts with one title a row speaks of the one in its unit, wherever it stands in the list.
    """
    left = _latest(posts, as_at)
    found: dict[int, StoredPost] = {}

    def take(place: int, post: StoredPost | None) -> None:
        if post is not None:
            found[place] = post
            if post in left:
                left.remove(post)

    # Where references are in use, another reference means another post.
    referenced = any(one.reference for one in posts)
    rows = dict(enumerate(said))
    for place, row in _spells(rows).items():
        ours = (one for one in posts if one.reference == row.reference and one not in found.values())
        alike = [one for one in ours if one.listed_start == row.start]
        take(place, max(alike, key=lambda one: (_was_ever_held(one), one.id), default=None))
    for place, row in sorted(rows.items(), key=lambda one: one[1].start or date.max, reverse=True):
        if row.reference and place not in found:
            take(place, next((one for one in left if one.reference == row.reference), None))
    for exact, of_unit in ((True, True), (True, False), (False, True), (False, False)):
        for place, row in rows.items():
            told = not of_unit or (len(rows) > 1 and row.units)
            if told and place not in found and not (row.reference and referenced):
                alike = [one for one in left if title_key(one.title) == title_key(row.title)]
                alike = [one for one in alike if not exact or one.listed_start == row.start]
                alike = [one for one in alike if not of_unit or _is_unit(row, one)]
                alike.sort(key=lambda one: _far_from(one, row, as_at))
                held = any(one.current(as_at) for one in left)
                ended_too = exact and (has_left(row, as_at) or not held)
                take(place, next((one for one in alike if one.current(as_at) or ended_too), None))
    for place, row in rows.items():
        if place not in found and not has_left(row, as_at):
            current = (one for one in left if one.current(as_at) and not (row.reference and one.reference))
            take(place, next(current, None))
    return [(row, found.get(place)) for place, row in rows.items()]


def _spells(rows: Mapping[int, RowFact]) -> dict[int, RowFact]:
    """Rows that share their reference, each a spell known by its start: ESR lists past assignments too."""
    times = Counter(row.reference for row in rows.values() if row.reference)
    return {place: row for place, row in rows.items() if row.reference and times[row.reference] > 1}


def _is_unit(row: RowFact, post: StoredPost) -> bool:
    return text_key(unit_of(row.units) or "") == text_key(post.unit or "")


def _far_from(post: StoredPost, row: RowFact, as_at: date) -> tuple[bool, int]:
    """Of posts with one title a row speaks of the one with its end; of several that have ended, of the last."""
    end = row.end
    if row.status is Status.LEFT and (end is None or end >= as_at):
        end = as_at - DAY
    ended = post.ends_on if post.ends_on and not post.current(as_at) else None
    return post.ends_on != end, -ended.toordinal() if ended else -date.max.toordinal()


def _latest(posts: Sequence[StoredPost], as_at: date) -> list[StoredPost]:
    """The posts a list can speak of: of those with one reference, the last that was ever held."""
    latest: dict[str, StoredPost] = {}
    # A move that was planned and given up comes last of all.
    for post in sorted(posts, key=lambda one: (_was_ever_held(one) or one.starts_on <= as_at, one.id)):
        if post.reference and not _was_before(post, latest.get(post.reference)):
            latest[post.reference] = post
    kept = [post for post in posts if not post.reference or latest[post.reference] is post]
    # Posts in force before posts that have ended, so that a listed title finds the one somebody holds.
    return sorted(
        kept, key=lambda post: (not _was_ever_held(post), post.ends_on is not None, post.starts_on, post.id)
    )


def _was_before(post: StoredPost, known: StoredPost | None) -> bool:
    """Whether a post, though stored later, is a past spell of one that is known."""
    if known is None or post.ends_on is None or not _was_ever_held(known):
        return False
    return post.starts_on <= post.ends_on < known.starts_on


def _was_ever_held(post: StoredPost) -> bool:
    return post.ends_on is None or post.ends_on >= post.starts_on
