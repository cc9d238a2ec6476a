"""Job roles as somebody chooses among them."""

from sqlmodel import Session, select

from lms.tables.job_roles import JobRole


def by_family(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Code and name of every role by family, all in order of their names."""
    roles = session.exec(select(JobRole.family, JobRole.name, JobRole.code)).all()
    families: dict[str, list[tuple[str, str]]] = {}
    for family, name, code in sorted(roles, key=lambda row: (row[0].casefold(), row[1].casefold())):
        families.setdefault(family, []).append((code, name))
    return families
