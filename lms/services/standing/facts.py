"""The map's rows as they are stored, all that one standing needs in one journey to the database.

Each part comes as one JSON text, so that parts of different shapes fit into one row. For one person only the
roles they have and the terms that could ask something of them are read: a map has thousands.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session

from lms.services.standing.scope import EVERYONE, Scope

Facts = Mapping[str, list[dict[str, Any]]]

ROLES = """
WITH roles AS (
    SELECT r.id, r.code, r.name, r.family, l.name AS level, r.manager
    FROM job_role r LEFT JOIN level l ON l.id = r.level_id {whose}
)"""

THEIR_ROLES = """
    WHERE r.id IN (SELECT m.job_role_id FROM employment e
                   JOIN post p ON p.employment_id = e.id
                   JOIN job_title_role m ON m.job_title_id = p.job_title_id
                   WHERE {theirs})"""

THEIR_TERMS = """
    AND (q.who = 'everyone' OR q.employment_id IN (SELECT e.id FROM employment e WHERE {theirs})
         OR EXISTS (SELECT 1 FROM roles r WHERE CASE q.who WHEN 'role' THEN r.code = q.value
                    WHEN 'family' THEN r.family = q.value WHEN 'level' THEN r.level = q.value
                    WHEN 'managers' THEN r.manager ELSE false END))"""

PARTS = {
    "terms": (
        """'term_id', t.id, 'requirement_id', q.id, 'who', q.who, 'value', q.value,
           'organisation_id', q.organisation_id, 'module_id', q.module_id, 'employment_id', q.employment_id,
           'shape', t.shape, 'every_months', t.every_months, 'refresher_module_id', t.refresher_module_id,
           'minutes', t.minutes, 'days_allowed', t.days_allowed, 'anchor', t.anchor, 'fixed_day', t.fixed_day,
           'renewal_window_days', t.renewal_window_days, 'from_day', t.from_day,
           'first_applied', (SELECT CASE WHEN COUNT(*) = COUNT(f.from_day) THEN MIN(f.from_day) END
                             FROM requirement_term f WHERE f.requirement_id = q.id),
           'version', v.number, 'decided_by', a.name""",
        """requirement_term t JOIN requirement q ON q.id = t.requirement_id
           LEFT JOIN map_version v ON v.id = t.map_version_id
           LEFT JOIN addition d ON d.requirement_term_id = t.id
           LEFT JOIN account a ON a.id = COALESCE(v.published_by_id, d.decided_by_id)
           WHERE (t.from_day IS NULL OR t.from_day <= {day}) AND (t.to_day IS NULL OR t.to_day >= {day}) {their_terms}""",
    ),
    "roles": (
        "'id', r.id, 'code', r.code, 'name', r.name, 'family', r.family, 'level', r.level, 'manager', r.manager",
        "roles r",
    ),
    "modules": (
        "'id', m.id, 'code', m.code, 'framework', l.framework_id, 'rank', l.rank, 'cumulative', f.cumulative",
        """module m LEFT JOIN level l ON l.id = m.level_id
           LEFT JOIN framework f ON f.id = l.framework_id""",
    ),
    "equivalences": (
        "'module', e.module_id, 'counts_for', e.counts_for_id, 'start', e.from_day, 'end', e.to_day",
        "equivalence e",
    ),
    "organisations": ("'id', o.id, 'code', o.code, 'parent', o.parent_id", "organisation o"),
    "settings": ("'name', s.name, 'json', CAST(s.value AS text)", "setting s"),
}
MAP = ("roles", "modules", "equivalences", "organisations", "settings")


def read(session: Session, day: date, parts: Iterable[str], scope: Scope = EVERYONE) -> Facts:
    """These parts of the map on a day, each as rows with named values; days are ISO texts."""
    names = tuple(parts)
    whose = {"person_id": scope.person_id, "employment_id": scope.employment_id}
    theirs = {name: value for name, value in whose.items() if value is not None} if scope.of_one else {}
    values = theirs | ({"day": day.isoformat()} if "terms" in names else {})
    statement = _statement(session.get_bind().dialect.name, names, tuple(theirs))
    return {
        name: json.loads(found or "[]")
        for name, found in zip(names, session.execute(statement, values).one(), strict=True)
    }


@cache
def _statement(dialect: str, names: tuple[str, ...], theirs: tuple[str, ...]) -> TextClause:
    postgres = dialect == "postgresql"
    many = (
        "CAST(json_agg(json_build_object({})) AS text)" if postgres else "json_group_array(json_object({}))"
    )
    is_them = {"person_id": "e.person_id = :person_id", "employment_id": "e.id = :employment_id"}
    condition = " AND ".join(is_them[one] for one in theirs)
    inserted = {
        "day": "CAST(:day AS date)" if postgres else ":day",
        "their_terms": THEIR_TERMS.format(theirs=condition) if theirs else "",
    }
    roles = ROLES.format(whose=THEIR_ROLES.format(theirs=condition) if theirs else "")
    columns = (
        f"(SELECT {many.format(columns)} FROM {tables.format(**inserted)})"
        for columns, tables in (PARTS[name] for name in names)
    )
    return text(f"{roles} SELECT {', '.join(columns)}")
