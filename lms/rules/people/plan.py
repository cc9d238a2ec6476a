"""What a role list would do: who joins, leaves, moves or changes, and every write that follows from it.

Pure comparison of what the list says with what is stored on its date (policy.md, Role lists and Standing).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from lms.rules.dates import DAY
from lms.rules.job_roles import title_key
from lms.rules.people.units import in_unit, unit_of
from lms.rules.roster.facts import BadRow, Field, RowFact, Status, Told
from lms.rules.roster.names import name_key, text_key

MOST_LEAVERS = 10
MOST_JOINERS = 50
_TELL_EVERY = 500


class Kind(StrEnum):
    """What happens to a person in a list: exactly one of these."""

    JOINER = "joiner"
    LEAVER = "leaver"
    MOVER = "mover"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class StoredPost(NamedTuple):
    """A post as stored. ``away_id`` and ``away_from`` are an absence that a list opened and none has closed.

    A tuple rather than a dataclass, as an organisation has a hundred thousand; so is the person.
    """

    id: int
    reference: str | None
    title: str
    unit: str | None
    main: bool
    bank: bool
    manager: str | None
    starts_on: date
    listed_start: date | None
    ends_on: date | None
    away_id: int | None = None
    away_from: date | None = None

    def current(self, on: date) -> bool:
        """In post on the day, or to start later."""
        return self.ends_on is None or self.ends_on >= max(on, self.starts_on)


class StoredPerson(NamedTuple):
    """An employment as stored, with its posts."""

    id: int
    number: str
    given: str
    family: str
    known_as: str | None
    email: str | None
    posts: tuple[StoredPost, ...]


@dataclass(slots=True)
class NewPost:
    """A post to be made. ``away`` opens an absence on the list's date. ``number`` says whose."""

    number: str
    values: dict[str, Any]
    away: bool = False


@dataclass(slots=True)
class Plan:
    """Every write of a list, and what each person is.

    ``people`` are new employments by number; ``employments`` and ``posts`` are changes by id; ``open_absences`` are
    post ids, ``close_absences`` and ``drop_absences`` ids of absences. ``kinds`` has no entry for somebody who was
    gone before and still is.
    """

    as_at: date
    kinds: dict[str, Kind] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    employments: dict[int, dict[str, Any]] = field(default_factory=dict)
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    new_posts: list[NewPost] = field(default_factory=list)
    open_absences: list[int] = field(default_factory=list)
    close_absences: list[int] = field(default_factory=list)
    drop_absences: list[int] = field(default_factory=list)
    current_before: int = 0
    people_in_list: int = 0

    def count(self, kind: Kind) -> int:
        """How many people are of a kind."""
        return list(self.kinds.values()).count(kind)

    @property
    def writes(self) -> bool:
        """Whether applying the list would change anything."""
        return bool(
            self.people
            or self.employments
            or self.posts
            or self.new_posts
            or self.open_absences
            or self.close_absences
            or self.drop_absences
        )

    def too_many_leavers(self, percent: int = MOST_LEAVERS) -> bool:
        """The brake: half a file must not make the other half leavers."""
        return self.count(Kind.LEAVER) * 100 > self.current_before * percent

    def too_many_joiners(self, percent: int = MOST_JOINERS) -> bool:
        """The brake: another organisation's file is full of people nobody here knows."""
        return self.current_before > 0 and self.count(Kind.JOINER) * 100 > self.people_in_list * percent


def compare(
    rows: Iterable[RowFact],
    stored: Mapping[str, StoredPerson],
    *,
    as_at: date,
    covers: str | None,
    bad: Sequence[BadRow] = (),
    tell: Told | None = None,
    same: Set[str] = frozenset(),
) -> Plan:
    """The plan of a list. ``covers`` is None (nobody leaves), ``all``, or ``unit=NAME``; ``tell`` is told how far it is.

    ``same`` are numbers of whom it is known already that their one row repeats what is stored of their one current post.
    Whoever has a row with an error is left exactly as stored: what is wrong in a list makes nobody a leaver.
    """
    plan = Plan(as_at)
    by_number: dict[str, list[RowFact]] = defaultdict(list)
    untouched = {one.number for one in bad if one.number}
    for row in rows:
        if row.number not in same:
            by_number[row.number].append(row)
        elif row.number not in untouched:
            plan.kinds[row.number] = Kind.UNCHANGED
    nameless = {one.name_key for one in bad if not one.number and one.name_key}
    others = [number for number in stored if number not in same]
    plan.current_before = len(same) + sum(1 for number in others if _current(stored[number], as_at))
    plan.people_in_list = len(by_number.keys() | untouched | same)
    for count, (number, said) in enumerate(by_number.items()):
        if tell is not None and count % _TELL_EVERY == 0:
            tell("Comparing", count, len(by_number))
        if number in untouched:
            continue
        known = stored.get(number)
        if known is None:
            _joins(plan, number, said)
        else:
            _stays(plan, known, said, covers)
    for number in others:
        if number in by_number or number in untouched:
            continue
        known = stored[number]
        if not _current(known, as_at):
            continue
        if not nameless or name_key(known.given, known.family) not in nameless:
            _missing(plan, known, covers)
    return plan


def _current(person: StoredPerson, on: date) -> bool:
    return any(post.current(on) for post in person.posts)


def _joins(plan: Plan, number: str, said: Sequence[RowFact]) -> None:
    first = said[0]
    plan.people[number] = {
        "given_name": first.given,
        "family_name": first.family,
        "known_as": first.known_as,
        "email": next((row.email for row in said if row.email), None),
    }
    made = (_new_post(plan, row, row.start or plan.as_at) for row in said)
    posts = [post for post in made if _was_held(post.values)]
    plan.new_posts += posts
    if any(_is_current(post.values, plan.as_at) for post in posts):
        plan.kinds[number] = Kind.JOINER


def _stays(plan: Plan, known: StoredPerson, said: Sequence[RowFact], covers: str | None) -> None:
    as_at = plan.as_at
    if len(said) == len(known.posts) == 1 and _says_the_same(known, known.posts[0], said[0], as_at):
        # Nearly everybody in nearly every list, and a list may hold 100,000.
        plan.kinds[known.number] = Kind.UNCHANGED
        return
    first_new = len(plan.new_posts)
    changes = _personal_changes(known, said)
    if changes:
        plan.employments[known.id] = changes
    retitled = False
    matched = _matched(known.posts, said, as_at)
    listed = {post.id for _, post in matched if post is not None}
    for row, post in matched:
        if post is None:
            made = _new_post(plan, row, row.start or as_at)
            if _was_held(made.values):
                plan.new_posts.append(made)
        elif row.title and title_key(row.title) != title_key(post.title) and not _has_left(row, as_at):
            _retitle(plan, post, row, _before(post, known.posts, listed))
            retitled = True
        else:
            _keeps(plan, known, post, row, listed)
    for post in known.posts:
        missing = post.id not in listed and post.current(as_at) and _covered(post, covers)
        if missing and not _gives_way(post, known.posts, listed):
            plan.posts[post.id] = {"ends_on": as_at - DAY}
    held = {post.id for post in known.posts if post.current(as_at)}
    holds = {
        post.id for post in known.posts if _is_current(_as_values(post) | plan.posts.get(post.id, {}), as_at)
    }
    new = sum(1 for post in plan.new_posts[first_new:] if _is_current(post.values, as_at))
    written = (
        bool(changes) or len(plan.new_posts) > first_new or any(one.id in plan.posts for one in known.posts)
    )
    kind = _kind(
        bool(held), bool(holds) or new > 0, moved=retitled or held != holds or new > 0, changed=written
    )
    if kind:
        plan.kinds[known.number] = kind


def _says_the_same(known: StoredPerson, post: StoredPost, row: RowFact, as_at: date) -> bool:
    """Whether a person's one row repeats, letter for letter or with blanks, what is stored of the one current post."""
    return (
        (row.given, row.family) == (known.given, known.family)
        and (row.title in (post.title, ""))
        and row.reference in (post.reference, None)
        and row.known_as in (known.known_as, None)
        and row.email in (known.email, None)
        and row.start in (post.listed_start, None)
        and row.end in (post.ends_on, None)
        and (not row.units or unit_of(row.units) == post.unit)
        and row.main in (post.main, None)
        and row.bank in (post.bank, None)
        and row.manager in (post.manager, None)
        and not row.cleared
        and row.status is not Status.LEFT
        and (row.status is None or (row.status is Status.AWAY) == (post.away_id is not None))
        and post.current(as_at)
    )


def _keeps(plan: Plan, known: StoredPerson, post: StoredPost, row: RowFact, listed: set[int]) -> None:
    """A row about a post under the title it has."""
    values = _post_changes(post, row, plan.as_at)
    if "starts_on" in values and (before := _before(post, known.posts, listed)):
        if values["starts_on"] <= before.starts_on:
            # The start of the whole employment, as lists keep it after a change of title.
            values.pop("starts_on")
        elif before.ends_on == post.starts_on - DAY or before.ends_on is None:
            plan.posts[before.id] = {"ends_on": values["starts_on"] - DAY}
    if values:
        plan.posts[post.id] = values
    if _is_current(_as_values(post) | values, plan.as_at):
        _mind_absence(plan, post, row)


def _gives_way(post: StoredPost, posts: Sequence[StoredPost], listed: set[int]) -> bool:
    """Whether a listed post follows this one, which therefore need not be listed until it ends."""
    return post.ends_on is not None and any(
        other.id in listed and other.starts_on == post.ends_on + DAY for other in posts
    )


def _before(post: StoredPost, posts: Sequence[StoredPost], listed: set[int]) -> StoredPost | None:
    """The post that was held in this one's place before: the one it followed, or with its reference.

    A post that the list speaks of in a row of its own was held in no other's place.
    """
    earlier = (
        one
        for one in posts
        if one.id < post.id
        and one.id not in listed
        and (one.ends_on == post.starts_on - DAY or (one.reference and one.reference == post.reference))
    )
    return max(earlier, key=lambda one: one.id, default=None)


def _missing(plan: Plan, known: StoredPerson, covers: str | None) -> None:
    current = [post for post in known.posts if post.current(plan.as_at)]
    gone = [post for post in current if _covered(post, covers)]
    for post in gone:
        plan.posts[post.id] = {"ends_on": plan.as_at - DAY}
    if gone:
        plan.kinds[known.number] = Kind.LEAVER if len(gone) == len(current) else Kind.MOVER


def _kind(before: bool, after: bool, *, moved: bool, changed: bool) -> Kind | None:
    if not before:
        return Kind.JOINER if after else None
    if not after:
        return Kind.LEAVER
    if moved:
        return Kind.MOVER
    return Kind.CHANGED if changed else Kind.UNCHANGED


def _covered(post: StoredPost, covers: str | None) -> bool:
    if covers is None:
        return False
    return covers == "all" or in_unit(post.unit, covers.removeprefix("unit="))


def _matched(
    posts: Sequence[StoredPost], said: Sequence[RowFact], as_at: date
) -> list[tuple[RowFact, StoredPost | None]]:
    """Each row with the post it speaks of: by reference, then by title and start, by title, and last in order."""
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
    for exact in (True, False):
        for place, row in rows.items():
            if place not in found and not (row.reference and referenced):
                alike = [one for one in left if title_key(one.title) == title_key(row.title)]
                alike = [one for one in alike if not exact or one.listed_start == row.start]
                alike.sort(key=lambda one: _far_from(one, row, as_at))
                held = any(one.current(as_at) for one in left)
                ended_too = exact and (_has_left(row, as_at) or not held)
                take(place, next((one for one in alike if one.current(as_at) or ended_too), None))
    for place, row in rows.items():
        if place not in found and not _has_left(row, as_at):
            current = (one for one in left if one.current(as_at) and not (row.reference and one.reference))
            take(place, next(current, None))
    return [(row, found.get(place)) for place, row in rows.items()]


def _spells(rows: Mapping[int, RowFact]) -> dict[int, RowFact]:
    """Rows that share their reference, each a spell known by its start: ESR lists past assignments too."""
    times = Counter(row.reference for row in rows.values() if row.reference)
    return {place: row for place, row in rows.items() if row.reference and times[row.reference] > 1}


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


def _has_left(row: RowFact, as_at: date) -> bool:
    return row.status is Status.LEFT or (row.end is not None and row.end < as_at)


def _new_post(plan: Plan, row: RowFact, starts_on: date) -> NewPost:
    end = row.end
    if row.status is Status.LEFT and (end is None or end >= plan.as_at):
        end = plan.as_at - DAY
    values = {
        "reference": row.reference,
        "title": row.title,
        "unit": unit_of(row.units),
        "main": True if row.main is None else row.main,
        "bank": bool(row.bank),
        "manager_number": row.manager,
        "starts_on": starts_on,
        "listed_start": row.start,
        "ends_on": end,
    }
    return NewPost(row.number, values, away=row.status is Status.AWAY and _is_current(values, plan.as_at))


def _retitle(plan: Plan, post: StoredPost, row: RowFact, before: StoredPost | None) -> None:
    """Another job title: the old post ends the day before the new one starts (policy.md, Standing).

    ``before`` is the post that one had followed.
    """
    starts_on = row.start if row.start and row.start > post.starts_on else plan.as_at
    if post.current(plan.as_at):
        if post.starts_on >= starts_on:
            # It had not begun, so nothing of it remains.
            corrected = row.start is not None and row.start != post.listed_start
            starts_on = row.start if corrected and row.start else post.starts_on
            if before is not None and before.ends_on == post.starts_on - DAY:
                # It gave way to a move that is now another one, on another day.
                plan.posts[before.id] = {"ends_on": starts_on - DAY}
        plan.posts[post.id] = {"ends_on": starts_on - DAY}
    elif post.ends_on is not None and post.ends_on >= starts_on:
        starts_on = plan.as_at
    made = _new_post(plan, row, starts_on)
    made.values["reference"] = row.reference or post.reference
    made.values["unit"] = made.values["unit"] or post.unit
    made.values["manager_number"] = made.values["manager_number"] or post.manager
    made.values["main"] = post.main if row.main is None else row.main
    made.values["bank"] = post.bank if row.bank is None else row.bank
    if row.status is None and post.away_id is not None:
        made.away = True
    plan.new_posts.append(made)
    if post.away_id is not None:
        _close(plan, post)


def _personal_changes(known: StoredPerson, said: Sequence[RowFact]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    first = said[0]
    if _differs(f"{first.given} {first.family}", f"{known.given} {known.family}"):
        changes |= {"given_name": first.given, "family_name": first.family}
    for row in said:
        if row.known_as and _differs(row.known_as, known.known_as):
            changes["known_as"] = row.known_as
        if row.email and row.email != known.email:
            changes.setdefault("email", row.email)
    # The same person's rows may carry two addresses; the one stored is kept while any row still has it.
    if known.email and any(row.email == known.email for row in said):
        changes.pop("email", None)
    cleared = {one for row in said for one in row.cleared}
    if Field.EMAIL in cleared and known.email is not None:
        changes["email"] = None
    if Field.KNOWN_AS in cleared and known.known_as is not None:
        changes["known_as"] = None
    return changes


def _post_changes(post: StoredPost, row: RowFact, as_at: date) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if row.start and row.start != post.listed_start:
        changes["listed_start"] = row.start
        if row.start != post.starts_on:
            changes["starts_on"] = row.start
    end = _end(post, row, as_at)
    if end != post.ends_on:
        changes["ends_on"] = end
    unit = unit_of(row.units)
    if unit and _differs(unit, post.unit):
        changes["unit"] = unit
    if row.main is not None and row.main != post.main:
        changes["main"] = row.main
    if row.bank is not None and row.bank != post.bank:
        changes["bank"] = row.bank
    if row.manager and _differs(row.manager, post.manager):
        changes["manager_number"] = row.manager
    if row.reference and row.reference != post.reference:
        changes["reference"] = row.reference
    if Field.UNIT in row.cleared and post.unit is not None:
        changes["unit"] = None
    if Field.MANAGER in row.cleared and post.manager is not None:
        changes["manager_number"] = None
    return changes


def _end(post: StoredPost, row: RowFact, as_at: date) -> date | None:
    """The post's end after this list. Blank means unchanged, but nobody listed as in post has left already."""
    if row.status is Status.LEFT and (row.end is None or row.end >= as_at):
        return as_at - DAY if post.current(as_at) else post.ends_on
    if row.end is not None:
        return row.end
    if Field.END in row.cleared:
        return None
    return post.ends_on if post.current(as_at) else None


def _mind_absence(plan: Plan, post: StoredPost, row: RowFact) -> None:
    if row.status is Status.AWAY and post.away_id is None:
        plan.open_absences.append(post.id)
    elif row.status is Status.IN_POST and post.away_id is not None:
        _close(plan, post)


def _close(plan: Plan, post: StoredPost) -> None:
    if post.away_id is None:
        return
    if post.away_from is not None and post.away_from >= plan.as_at:
        plan.drop_absences.append(post.away_id)
    else:
        plan.close_absences.append(post.away_id)


def _as_values(post: StoredPost) -> dict[str, Any]:
    return {"starts_on": post.starts_on, "ends_on": post.ends_on}


def _is_current(values: Mapping[str, Any], on: date) -> bool:
    return values["ends_on"] is None or values["ends_on"] >= max(on, values["starts_on"])


def _was_held(values: Mapping[str, Any]) -> bool:
    """Whether there is a day on which somebody had the post; an end before the list with no start says none."""
    return values["ends_on"] is None or values["ends_on"] >= values["starts_on"]


def _differs(said: str | None, stored: str | None) -> bool:
    """Letter case, white space and apostrophe style alone are not a change."""
    return said != stored and text_key(said or "") != text_key(stored or "")
