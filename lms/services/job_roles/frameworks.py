"""Frameworks as people read them: their levels, what people at each can do, and which roles sit where."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from lms.rules.job_roles import RoleFacts
from lms.tables.job_roles import Competency, Framework, JobRole, Level


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """A practice level: its description, competencies, and the names of the roles that sit there."""

    name: str
    rank: int
    description: str
    competencies: Sequence[str]
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class FrameworkFacts:
    """A framework with its levels from the lowest up."""

    name: str
    cumulative: bool
    levels: Sequence[LevelFacts]


def roles(session: Session) -> list[RoleFacts]:
    """Every job role, by family and name."""
    rows = session.exec(
        select(JobRole, Level.name).join(Level, isouter=True).order_by(JobRole.family, JobRole.name)
    )
    return [RoleFacts(one.code, one.name, one.family, level, one.manager) for one, level in rows]


def every(session: Session) -> list[FrameworkFacts]:
    """Every framework, by name."""
    competencies: dict[int, list[str]] = defaultdict(list)
    for one in session.exec(select(Competency).order_by(col(Competency.position))):
        competencies[one.level_id].append(one.statement)
    roles: dict[int | None, list[str]] = defaultdict(list)
    for level_id, name in session.exec(select(JobRole.level_id, JobRole.name).order_by(JobRole.name)):
        roles[level_id].append(name)
    levels: dict[int, list[LevelFacts]] = defaultdict(list)
    for level in session.exec(select(Level).order_by(col(Level.rank), col(Level.name))):
        id_ = level.id or 0
        levels[level.framework_id].append(
            LevelFacts(level.name, level.rank, level.description, competencies[id_], roles[id_])
        )
    return [
        FrameworkFacts(one.name, one.cumulative, levels[one.id or 0])
        for one in session.exec(select(Framework).order_by(Framework.name))
    ]
