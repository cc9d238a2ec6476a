"""An organisation's job titles with the people who have them: those that wait for a role, and those that are settled."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from lms.errors import NotFound
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole
from lms.tables.people import Post

MISSING = "There is no such job title in this organisation. Reload the page to see which there are."


@dataclass(frozen=True)
class TitleFacts:
    """A title, how many people have it or are to start with it, and what it means; ``basis`` None: it waits.

    A settled title without a role asks only for what everyone needs. ``since`` is the day from which it means
    this; ``then`` what it means later, and from when.
    """

    id: int
    title: str
    people: int
    basis: str | None = None
    role_code: str | None = None
    role: str | None = None
    since: date | None = None
    then: tuple[date, str | None] | None = None


def waiting(session: Session, organisation_id: int, today: date) -> list[TitleFacts]:
    """Titles that map to nothing yet and somebody has; most people first."""
    return [one for one in _titles(session, organisation_id, today) if one.basis is None and one.people]


def counts(session: Session, today: date) -> dict[int, int]:
    """How many titles wait in each organisation that has any waiting."""
    meant = (
        select(col(JobTitleRole.id))
        .where(
            col(JobTitleRole.job_title_id) == col(Post.job_title_id),
            or_(col(JobTitleRole.from_day).is_(None), col(JobTitleRole.from_day) <= today),
            or_(col(JobTitleRole.to_day).is_(None), col(JobTitleRole.to_day) >= today),
        )
        .exists()
    )
    rows = session.execute(
        select(col(Post.organisation_id), func.count(func.distinct(col(Post.job_title_id))))
        .where(or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= today), ~meant)
        .group_by(col(Post.organisation_id))
    ).all()
    return {organisation: number for organisation, number in rows if number}


def settled(session: Session, organisation_id: int, today: date) -> list[TitleFacts]:
    """Titles that map to a role, or to none on purpose; most people first."""
    return [one for one in _titles(session, organisation_id, today) if one.basis is not None]


def check_own(session: Session, organisation_id: int, job_title_ids: set[int]) -> None:
    """Let pass titles of this organisation.

    :raises NotFound: for any other.
    """
    found = session.execute(
        select(func.count())
        .select_from(JobTitle)
        .where(col(JobTitle.organisation_id) == organisation_id, col(JobTitle.id).in_(job_title_ids))
    ).scalar_one()
    if found != len(job_title_ids):
        raise NotFound(MISSING)


def _later(session: Session, organisation_id: int, today: date) -> dict[int, tuple[date, str | None]]:
    """What titles will mean next, and from when."""
    rows = session.execute(
        select(col(JobTitleRole.job_title_id), col(JobTitleRole.from_day), col(JobRole.name))
        .join(JobTitle, col(JobTitle.id) == col(JobTitleRole.job_title_id))
        .join(JobRole, col(JobRole.id) == col(JobTitleRole.job_role_id), isouter=True)
        .where(col(JobTitle.organisation_id) == organisation_id, col(JobTitleRole.from_day) > today)
        .order_by(col(JobTitleRole.from_day).desc())
    ).all()
    return {title: (day, role) for title, day, role in rows}


def _titles(session: Session, organisation_id: int, today: date) -> list[TitleFacts]:
    held = (
        select(col(Post.job_title_id), func.count(func.distinct(col(Post.employment_id))).label("people"))
        .where(
            col(Post.organisation_id) == organisation_id,
            or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= today),
        )
        .group_by(col(Post.job_title_id))
        .subquery()
    )
    means = JobTitleRole
    rows = session.execute(
        select(
            col(JobTitle.id),
            col(JobTitle.title),
            func.coalesce(held.c.people, 0),
            col(means.basis),
            col(JobRole.code),
            col(JobRole.name),
            col(means.from_day),
        )
        .join(held, held.c.job_title_id == col(JobTitle.id), isouter=True)
        .join(
            means,
            (col(means.job_title_id) == col(JobTitle.id))
            & or_(col(means.from_day).is_(None), col(means.from_day) <= today)
            & or_(col(means.to_day).is_(None), col(means.to_day) >= today),
            isouter=True,
        )
        .join(JobRole, col(JobRole.id) == col(means.job_role_id), isouter=True)
        .where(col(JobTitle.organisation_id) == organisation_id)
    ).all()
    later = _later(session, organisation_id, today)
    titles = [replace(TitleFacts(*row), then=later.get(row[0])) for row in rows]
    return sorted(titles, key=lambda one: (-one.people, one.title.casefold(), one.id))
