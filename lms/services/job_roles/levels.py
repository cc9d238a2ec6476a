"""Knowledge and skills frameworks: their practice levels and what people at each can do."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from lms.rules.job_roles import COMPETENCIES_FILE, LEVELS_FILE, CompetencyRow, LevelRow
from lms.rules.reference_files import Loaded, suggestion
from lms.tables.job_roles import Competency, Framework, Level


def load_levels(session: Session, rows: Sequence[LevelRow]) -> Loaded:
    """Add frameworks and levels that are new and bring the others up to date."""
    frameworks = {one.name: one for one in session.exec(select(Framework))}
    for name, cumulative in {row.framework: row.cumulative for row in rows}.items():
        framework = frameworks.setdefault(name, Framework(name=name))
        framework.cumulative = cumulative
        session.add(framework)
    session.flush()
    named = {one.id: name for name, one in frameworks.items()}
    known = {one.name: one for one in session.exec(select(Level))}
    problems, new, changes = [], [], []
    for row in rows:
        values: dict[str, Any] = {
            "framework_id": frameworks[row.framework].id,
            "name": row.level,
            "rank": row.rank,
            "description": row.description,
        }
        level = known.get(row.level)
        if level is None:
            new.append(values)
        elif level.framework_id != values["framework_id"]:
            problems.append(
                row.line.problem(
                    "level",
                    f"there is a level {row.level} in {named[level.framework_id]} already. Level names are unique "
                    "over all frameworks: choose another name.",
                )
            )
        elif any(getattr(level, name) != value for name, value in values.items()):
            changes.append({"id": level.id, **values})
    if new:
        session.execute(insert(Level), new)
    if changes:
        session.execute(update(Level), changes)
        session.expire_all()
    unchanged = len(rows) - len(new) - len(changes)
    return Loaded(LEVELS_FILE, len(new), len(changes), unchanged, tuple(problems))


def load_competencies(session: Session, rows: Sequence[CompetencyRow]) -> Loaded:
    """What the file says of a level replaces what was said of it; levels it does not name stay as they are."""
    levels = dict(session.exec(select(Level.name, Level.id)).all())
    problems = [
        row.line.problem(
            "level", f"there is no level '{row.level}'.{suggestion(row.level, levels)} Add it to levels.csv."
        )
        for row in rows
        if row.level not in levels
    ]
    stated: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if level_id := levels.get(row.level):
            stated[level_id].append(row.competency)
    kept: dict[int, list[str]] = defaultdict(list)
    query = select(Competency).where(col(Competency.level_id).in_(stated)).order_by(col(Competency.position))
    for one in session.exec(query):
        kept[one.level_id].append(one.statement)
    different = [level_id for level_id in stated if stated[level_id] != kept[level_id]]
    session.execute(delete(Competency).where(col(Competency.level_id).in_(different)))
    new = [
        {"level_id": level_id, "position": position, "statement": statement}
        for level_id in different
        for position, statement in enumerate(stated[level_id], start=1)
    ]
    if new:
        session.execute(insert(Competency), new)
    before = sum(len(kept[level_id]) for level_id in different)
    added = max(0, len(new) - before)
    unchanged = len(rows) - len(problems) - len(new)
    return Loaded(COMPETENCIES_FILE, added, len(new) - added, unchanged, tuple(problems))
