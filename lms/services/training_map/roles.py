"""Taking a job role away, which only works once nothing uses it any more."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from lms.errors import Conflict
from lms.rules.training_map.rows import RequirementRow
from lms.services import audit, job_roles
from lms.services.audit import Actor
from lms.services.training_map.drafts import listed
from lms.services.training_map.versions import newest, rows_of
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole


def remove(session: Session, code: str, *, actor: Actor, now: datetime) -> None:
    """Take a job role away.

    It stands here and not with the job roles, because the map knows of roles and they know nothing of it.

    :raises NotFound: when there is no such role.
    :raises Conflict: naming what still uses it.
    """
    role = job_roles.by_code(session, code)
    uses = [
        *_titles(session, role.id or 0),
        *(f"the published map for {row.module}" for row in _naming(rows_of(newest(session)), code)),
        *(
            f"the draft '{draft.title}' for {row.module}"
            for draft in listed(session)
            for row in _naming(rows_of(draft), code)
        ),
    ]
    if uses:
        more = f" and {len(uses) - 5} more" if len(uses) > 5 else ""
        raise Conflict(
            f"The role {role.name} is in use by {', '.join(uses[:5])}{more}. Map the titles to another role and "
            "take the role out of the map first."
        )
    session.execute(delete(JobTitleRole).where(col(JobTitleRole.job_role_id) == role.id))
    session.execute(delete(JobRole).where(col(JobRole.id) == role.id))
    session.expire_all()
    audit.record(session, actor, "job_role.removed", code, now=now)


def _naming(rows: list[RequirementRow], code: str) -> list[RequirementRow]:
    return [row for row in rows if row.who == "role" and row.value == code]


def _titles(session: Session, role_id: int) -> list[str]:
    """Titles that somebody confirmed; those that only have the role's name go with it."""
    found = session.exec(
        select(JobTitle.title)
        .join(JobTitleRole, col(JobTitleRole.job_title_id) == JobTitle.id)
        .where(JobTitleRole.job_role_id == role_id, JobTitleRole.basis != "name")
        .order_by(JobTitle.title)
    )
    return [f"the title '{title}'" for title in found]
