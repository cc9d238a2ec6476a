"""The posts of whom a list concerns, as it would leave them, for its effect on figures before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from lms.rules.dates import covers
from lms.rules.job_roles import title_key
from lms.rules.people.plan import StoredPost
from lms.services import job_roles
from lms.services.people import linking, stored
from lms.services.people.checking import Checked
from lms.tables import metadata

EMPLOYMENT, EXEMPTION = (metadata.tables[name] for name in ("employment", "exemption"))


class PostToBe(NamedTuple):
    """A post in scope on the date of the list. Numbers below zero stand for whoever is not stored yet."""

    number: int
    employment_id: int
    person_id: int
    job_role_id: int | None
    unmapped: bool
    starts_on: date
    exempt: bool


@dataclass(frozen=True)
class ToBe:
    """Whom a list concerns and their posts, were it applied; everybody else stands where they stand now.

    ``concerned`` are persons already stored. Who is not has a number below zero.
    """

    concerned: frozenset[int] = frozenset()
    posts: Sequence[PostToBe] = ()


def to_be(session: Session, organisation_id: int, checked: Checked) -> ToBe:
    """Every post in scope on the date of the list of those whose posts or absences it changes, were it applied."""
    plan, on = checked.plan, checked.plan.as_at
    changed = _changed(checked)
    if not changed:
        return ToBe()
    persons = _persons(session, organisation_id, checked)
    concerned = frozenset(persons[number] for number in changed if persons[number] > 0)
    # One person may be employed there twice, and counts once. The list may repeat the one and change the other.
    numbers = {number for number, person_id in persons.items() if person_id in concerned}
    theirs = [checked.stored[number] for number in checked.stored if number in numbers]
    if unread := {number for number in numbers if number not in checked.stored}:
        theirs += stored.people(session, organisation_id, unread).values()
    away = _exempt(session, organisation_id, on)
    titles = {post.title for one in theirs for post in one.posts}
    keys = {title: title_key(title) for title in titles | {post.values["title"] for post in plan.new_posts}}
    meant = job_roles.meanings(session, organisation_id, keys.values(), on)
    roles = {title: meant.get(key) for title, key in keys.items()}
    opened, back = set(plan.open_absences), set(plan.close_absences) | set(plan.drop_absences)
    employments = {one.number: one.id for one in theirs}
    employments |= {number: -n for n, number in enumerate(plan.people, 1)}
    found: list[PostToBe] = []

    def add(number: str, title: str, starts_on: date, ends_on: date | None, *, exempt: bool) -> None:
        if covers(starts_on, ends_on, on):
            meaning = roles[title]
            # Into the role, which the title may have come to mean since the post began.
            came = max(starts_on, meaning.since) if meaning and meaning.since else starts_on
            role = (meaning.job_role_id, False) if meaning else (None, True)
            found.append(PostToBe(len(found), employments[number], persons[number], *role, came, exempt))

    for one in theirs:
        for post in one.posts:
            now = {"starts_on": post.starts_on, "ends_on": post.ends_on} | plan.posts.get(post.id, {})
            exempt = (one.id, None) in away or (one.id, post.id) in away or post.id in opened
            if exempt and _only_by_list(post, one.id, away, back):
                exempt = False
            add(one.number, post.title, now["starts_on"], now["ends_on"], exempt=exempt)
    for made in plan.new_posts:
        known = checked.stored.get(made.number)
        exempt = made.away or (known is not None and (known.id, None) in away)
        add(
            made.number, made.values["title"], made.values["starts_on"], made.values["ends_on"], exempt=exempt
        )
    return ToBe(concerned, found)


def _changed(checked: Checked) -> set[str]:
    """The numbers of everybody whose posts or absences the list changes."""
    plan = checked.plan
    posts = {*plan.posts, *plan.open_absences}
    ended = {*plan.close_absences, *plan.drop_absences}
    changed = {made.number for made in plan.new_posts}
    if posts or ended:
        changed |= {
            one.number
            for one in checked.stored.values()
            if any(post.id in posts or post.away_id in ended for post in one.posts)
        }
    return changed


def _only_by_list(
    post: StoredPost, employment_id: int, away: dict[tuple[int, int | None], set[int]], back: set[int]
) -> bool:
    """Whether what covers the post today is only the absence that this list ends."""
    return (
        away.get((employment_id, None)) is None
        and away.get((employment_id, post.id), set()) <= back
        and bool(away.get((employment_id, post.id)))
    )


def _persons(session: Session, organisation_id: int, checked: Checked) -> Mapping[str, int]:
    rows = session.execute(
        select(EMPLOYMENT.c.employee_number, EMPLOYMENT.c.person_id).where(
            EMPLOYMENT.c.organisation_id == organisation_id
        )
    )
    persons: dict[str, int] = {row[0]: row[1] for row in rows}
    linked = linking.foreseen(session, organisation_id, checked.plan.people)
    # Nobody has the number below zero, so nothing is held under it.
    strangers = {number: -n for n, number in enumerate(checked.plan.people, 1)}
    return persons | strangers | linked


def _exempt(session: Session, organisation_id: int, on: date) -> dict[tuple[int, int | None], set[int]]:
    """The exemptions that cover the day, by employment and post (None: all its posts)."""
    rows = session.execute(
        select(EXEMPTION.c.employment_id, EXEMPTION.c.post_id, EXEMPTION.c.id)
        .join(EMPLOYMENT, EMPLOYMENT.c.id == EXEMPTION.c.employment_id)
        .where(EMPLOYMENT.c.organisation_id == organisation_id)
        .where(EXEMPTION.c.from_day <= on)
        .where((EXEMPTION.c.to_day.is_(None)) | (EXEMPTION.c.to_day >= on))
    )
    found: dict[tuple[int, int | None], set[int]] = {}
    for employment, post, exemption in rows:
        found.setdefault((employment, post), set()).add(exemption)
    return found
