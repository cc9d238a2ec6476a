"""What a role list would do: who joins, leaves, moves or changes, and every write that follows from it.

Pure comparison of what the list says with what is stored on its date (policy.md, Role lists and Standing).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Any

from lms.rules.dates import DAY
from lms.rules.job_roles import title_key
from lms.rules.people.plan import changes, joining
from lms.rules.people.plan.facts import COUNTED, Kind, NewPost, Plan, StoredPerson, StoredPost
from lms.rules.people.units import in_unit, unit_of
from lms.rules.roster.alike import has_left
from lms.rules.roster.facts import BadRow, RowFact, Status, Told
from lms.rules.roster.names import name_key

_TELL_EVERY = 500


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
    others = [number for number in stored if number not in same]
    plan.current_before = len(same) + sum(1 for number in others if _current(stored[number], as_at))
    plan.people_in_list = len(by_number.keys() | untouched | same)
    for count, (number, said) in enumerate(by_number.items()):
        if tell is not None and count % _TELL_EVERY == 0:
            tell("Comparing", count, len(by_number))
        if number in untouched:
            continue
        if number in stored:
            _stays(plan, stored[number], said, covers)
        else:
            _joins(plan, number, said)
    named = _named_in_doubt(bad, by_number, stored)
    for number in others:
        if number in by_number or number in untouched:
            continue
        known = stored[number]
        if not _current(known, as_at):
            continue
        if not named or name_key(known.given, known.family) not in named:
            _missing(plan, known, covers)
    return plan


def _named_in_doubt(
    bad: Sequence[BadRow], by_number: Mapping[str, Sequence[RowFact]], stored: Mapping[str, StoredPerson]
) -> Set[str]:
    """The names in rows with an error that have no number, or somebody else's: they may be anybody's of that name.

    Where two names share a number, nobody knows which of the two rows it was meant for.
    """
    said = {(one.number, one.name_key) for one in bad}
    said |= {
        (one.number, name_key(row.given, row.family))
        for one in bad
        for row in by_number.get(one.number or "", ())
    }
    return {name for number, name in said if name and name != _name_of(stored.get(number or ""))}


def _name_of(person: StoredPerson | None) -> str:
    return name_key(person.given, person.family) if person else ""


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
    # Hardly anybody has two rows, and most of a first list's time is spent here.
    rows = said if len(said) == 1 else [row for row, _ in _matched(plan, number, (), said)]
    made = [_new_post(plan, row, row.start or plan.as_at) for row in rows]
    posts = [post for post in made if _was_held(post.values)]
    plan.new_posts += posts
    if any(_is_current(post.values, plan.as_at) for post in posts):
        plan.kinds[number] = Kind.JOINER


def _matched(
    plan: Plan, number: str, posts: Sequence[StoredPost], said: Sequence[RowFact]
) -> joining.Matched:
    """A person's rows with the posts they speak of; which of them were joined is noted."""
    found, joined = joining.matched(posts, said, plan.as_at)
    plan.joined += [(number, row, other) for row, other in joined]
    return found


def _stays(plan: Plan, known: StoredPerson, said: Sequence[RowFact], covers: str | None) -> None:
    as_at = plan.as_at
    first_new = len(plan.new_posts)
    personal = changes.of_person(known, said)
    if personal:
        plan.employments[known.id] = personal
    retitled = False
    matched = _matched(plan, known.number, known.posts, said)
    listed = {post.id for _, post in matched if post is not None}
    for row, post in matched:
        if post is None:
            made = _new_post(plan, row, row.start or as_at)
            if _was_held(made.values):
                plan.new_posts.append(made)
        elif row.title and title_key(row.title) != title_key(post.title) and not has_left(row, as_at):
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
        bool(personal) or len(plan.new_posts) > first_new or any(one.id in plan.posts for one in known.posts)
    )
    kind = _kind(
        bool(held), bool(holds) or new > 0, moved=retitled or held != holds or new > 0, changed=written
    )
    if kind:
        plan.kinds[known.number] = kind


def _keeps(plan: Plan, known: StoredPerson, post: StoredPost, row: RowFact, listed: set[int]) -> None:
    """A row about a post under the title it has."""
    values = changes.of_post(post, row, plan.as_at)
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


__all__ = ["COUNTED", "Kind", "NewPost", "Plan", "StoredPerson", "StoredPost", "compare"]
