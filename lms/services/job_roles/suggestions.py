"""Roles that titles may mean: suggested from the roles' names and from what other organisations have confirmed."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from lms.rules.job_roles.suggest import Candidate, Suggestion, suggest
from lms.services.job_roles.titles import CONFIRMED
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole


def suggestions(session: Session, titles: Sequence[str], *, limit: int = 3) -> list[list[Suggestion]]:
    """For each title the roles it may mean, best first. A title that two roles share elsewhere is no help."""
    if not titles:
        return []
    roles = session.exec(select(JobRole.code, JobRole.name).order_by(JobRole.code)).all()
    confirmed = session.exec(
        select(JobTitle.key, JobRole.code)
        .join(JobTitleRole, col(JobTitleRole.job_title_id) == JobTitle.id)
        .join(JobRole, col(JobRole.id) == JobTitleRole.job_role_id)
        .where(JobTitleRole.basis == CONFIRMED, col(JobTitleRole.to_day).is_(None))
        .distinct()
    ).all()
    meant: dict[str, set[str]] = {}
    for key, code in confirmed:
        meant.setdefault(key, set()).add(code)
    candidates = [Candidate(code, name) for code, name in roles]
    candidates += [Candidate(min(codes), key, title=True) for key, codes in meant.items() if len(codes) == 1]
    return suggest(titles, candidates, limit=limit)
