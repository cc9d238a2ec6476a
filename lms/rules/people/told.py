"""What a role list would do to each person, in words for whoever has to agree to it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.rules.dates import in_words
from lms.rules.people.plan import Kind, NewPost, Plan, StoredPerson, StoredPost

FIELDS = {
    "given_name": "first name",
    "family_name": "last name",
    "known_as": "known as",
    "email": "e-mail address",
    "reference": "assignment number",
    "unit": "unit",
    "main": "main post",
    "bank": "bank post",
    "manager_number": "manager’s number",
    "starts_on": "start date",
    "ends_on": "end date",
}
_STORED_AS = {"given_name": "given", "family_name": "family", "manager_number": "manager"}


@dataclass(frozen=True, slots=True)
class Told:
    """One person and what would happen, a sentence each."""

    number: str
    name: str
    what: tuple[str, ...]


def told(plan: Plan, stored: Mapping[str, StoredPerson], kind: Kind) -> list[Told]:
    """Everybody of a kind by family name, and what the list does to them."""
    made: dict[str, list[NewPost]] = defaultdict(list)
    for post in plan.new_posts:
        made[post.number].append(post)
    people = [
        (_names(plan, stored, number), number, _what(plan, stored.get(number), made[number]))
        for number, one in plan.kinds.items()
        if one is kind
    ]
    people.sort(key=lambda one: (one[0][1].casefold(), one[0][0].casefold(), one[1]))
    return [Told(number, " ".join(filter(None, names)), what) for names, number, what in people]


def _names(plan: Plan, stored: Mapping[str, StoredPerson], number: str) -> tuple[str, str]:
    known = stored.get(number)
    values = plan.people.get(number) or (plan.employments.get(known.id, {}) if known else {})
    given = values.get("given_name") or (known.given if known else "")
    return given, values.get("family_name") or (known.family if known else "")


def _what(plan: Plan, known: StoredPerson | None, made: list[NewPost]) -> tuple[str, ...]:
    said: list[str] = []
    if known is not None:
        said += [
            _change(name, getattr(known, _STORED_AS.get(name, name)), value)
            for name, value in plan.employments.get(known.id, {}).items()
            if name in FIELDS and value != getattr(known, _STORED_AS.get(name, name))
        ]
        for post in known.posts:
            said += _of_post(plan, post)
    said += [
        f"New post: {post.values['title'] or 'no job title'}, from {in_words(post.values['starts_on'])}"
        + (f" to {in_words(post.values['ends_on'])}" if post.values["ends_on"] else "")
        + (", away at present" if post.away else "")
        for post in made
    ]
    return tuple(said)


def _of_post(plan: Plan, post: StoredPost) -> list[str]:
    changes = plan.posts.get(post.id, {})
    title = post.title or "no job title"
    said = [
        f"{title}: {_change(name, getattr(post, _STORED_AS.get(name, name)), value)}"
        for name, value in changes.items()
        if name in FIELDS and name != "ends_on"
    ]
    if "ends_on" in changes:
        ends = changes["ends_on"]
        never = ends is not None and ends < changes.get("starts_on", post.starts_on)
        said.append(
            f"{title}: does not take place"
            if never
            else f"{title}: {'ends on ' + in_words(ends) if ends else 'no longer ends'}"
        )
    if post.id in plan.open_absences:
        said.append(f"{title}: away from {in_words(plan.as_at)}")
    if post.away_id in {*plan.close_absences, *plan.drop_absences} and post.away_id is not None:
        said.append(f"{title}: back from {in_words(plan.as_at)}")
    return said


def _change(name: str, before: Any, after: Any) -> str:
    return f"{FIELDS[name]} {_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "blank"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return in_words(value) if isinstance(value, date) else str(value)
