"""Canonical job roles: found by code, loaded from ``job-roles.csv``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, select

from lms.errors import NotFound
from lms.rules.job_roles import ROLES_FILE, JobRoleRow
from lms.rules.reference_files import Loaded, suggestion
from lms.services.job_roles.titles import follow
from lms.tables.job_roles import JobRole, Level


def by_code(session: Session, code: str) -> JobRole:
    """The job role with this code.

    :raises NotFound: naming one that looks like it.
    """
    found = session.exec(select(JobRole).where(JobRole.code == code)).one_or_none()
    if found is None:
        raise NotFound(
            f"There is no job role with the code '{code[:64]}'.{suggestion(code, ids_by_code(session))}"
        )
    return found


def names(session: Session) -> dict[str, str]:
    """Every role's name by its code."""
    return dict(session.exec(select(JobRole.code, JobRole.name)).all())


def ids_by_code(session: Session) -> dict[str, int]:
    """Every role's id by its code."""
    return {code: id_ for code, id_ in session.exec(select(JobRole.code, JobRole.id)) if id_}


def load_roles(session: Session, rows: Sequence[JobRoleRow], *, now: datetime) -> Loaded:
    """Add the roles that are new and bring the others up to date, and the titles that are a role's name."""
    levels = dict(session.exec(select(Level.name, Level.id)).all())
    known = {one.code: one for one in session.exec(select(JobRole))}
    problems, new, changes = [], [], []
    for row in rows:
        if row.level and row.level not in levels:
            message = f"there is no level '{row.level}'.{suggestion(row.level, levels)} Add it to levels.csv."
            problems.append(row.line.problem("level", message))
        values: dict[str, Any] = {
            "code": row.code,
            "name": row.name,
            "family": row.family,
            "level_id": levels.get(row.level) if row.level else None,
            "manager": row.manager,
        }
        role = known.get(row.code)
        if role is None:
            new.append(values)
        elif any(getattr(role, name) != value for name, value in values.items()):
            changes.append({"id": role.id, **values})
    if new:
        session.execute(insert(JobRole), new)
    if changes:
        session.execute(update(JobRole), changes)
        session.expire_all()
    if new or changes:
        follow(session, now)
    unchanged = len(rows) - len(new) - len(changes)
    return Loaded(ROLES_FILE, len(new), len(changes), unchanged, tuple(problems))
