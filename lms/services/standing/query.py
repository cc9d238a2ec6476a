"""The set-based twin of ``rules/standing``: one SELECT for a person, an organisation or everyone.

Month arithmetic stays in Python: for a date and an interval one cut-off day decides, so the query compares
``MAX(completed_on)`` with the few cut-offs it is given. The two shapes that are a fold over somebody's history
(keep anniversary, hours) are judged by the rule itself and enter as rows of their own.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlmodel import Session

from lms.rules.dates import SINCE_ALWAYS
from lms.rules.standing import RANK, Held, earliest, judge, of
from lms.services.standing.asked import UNMAPPED_ROLE, Asked
from lms.services.standing.scope import Scope

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Prepared:
    """The common table expressions ending in ``judged``, and the values they take.

    ``judged`` has a row for each post in scope and term that applies: post_id, employment_id, organisation_id,
    person_id, role_id, unmapped, starts_on (in the role: a title may have come to mean it since the post began),
    term_id, module_id, rank, day, until (of folded terms), source.
    """

    sql: str
    values: Mapping[str, Any]

    def then(self, select: str, **columns: Any) -> TextualSelect:
        """The whole statement, with the result columns typed."""
        return (
            text(self.sql + select)
            .bindparams(*(bindparam(name, value) for name, value in self.values.items()))
            .columns(**columns)
        )


# A plan kept for one person serves another, but not an organisation of another size or another day.
FOR_SOME = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)"
# Everybody's rows are hashed and grouped once; with the default 4 MB that goes over the disk.
FOR_EVERYONE = f"{FOR_SOME}, set_config('work_mem', '128MB', true), set_config('jit', 'off', true)"

STORED = """
scope AS {materialized} (
    SELECT p.id AS post_id, p.employment_id, p.organisation_id, e.person_id,
           CASE WHEN m.from_day > p.starts_on THEN m.from_day ELSE p.starts_on END AS starts_on,
           COALESCE(m.job_role_id, 0) AS role_id,
           CASE WHEN m.id IS NULL THEN 1 ELSE 0 END AS unmapped,
           CASE WHEN EXISTS (
               SELECT 1 FROM exemption x
               WHERE x.employment_id = p.employment_id AND (x.post_id IS NULL OR x.post_id = p.id)
                 AND x.from_day <= {on} AND (x.to_day IS NULL OR x.to_day >= {on})
           ) THEN 1 ELSE 0 END AS exempt
    FROM post p
    JOIN employment e ON e.id = p.employment_id
    LEFT JOIN job_title_role m ON m.job_title_id = p.job_title_id
         AND (m.from_day IS NULL OR m.from_day <= {on}) AND (m.to_day IS NULL OR m.to_day >= {on})
    WHERE p.starts_on <= {on} AND (p.ends_on IS NULL OR p.ends_on >= {on}) {where}
)"""

PLANNED = (
    "post_id int, employment_id int, organisation_id int, person_id int, starts_on date, "
    "role_id int, unmapped int, exempt int"
)

REQUIRED = """,
required AS (
    SELECT s.*, t.term_id, t.module_id, t.refresher_id, t.folded, t.valid_from, t.soon_from, t.start_cut, t.recent
    FROM scope s
    JOIN role_terms r ON r.role_id = s.role_id
    JOIN terms t ON t.term_id = r.term_id
    WHERE t.limited = 0
       OR EXISTS (SELECT 1 FROM place_terms o WHERE o.term_id = t.term_id AND o.organisation_id = s.organisation_id)
    {additions}
)"""

# What is asked of one person alone. Left out where nothing is, so that it costs those who have none nothing.
ADDITIONS = """
    UNION ALL
    SELECT s.*, t.term_id, t.module_id, t.refresher_id, t.folded, t.valid_from, t.soon_from, t.start_cut, t.recent
    FROM scope s
    JOIN person_terms a ON a.employment_id = s.employment_id
    JOIN terms t ON t.term_id = a.term_id
"""

JUDGED = """,
held AS (
    SELECT c.person_id, k.module_id, MAX(c.completed_on) AS day, {source}
    FROM completion c
    JOIN counting k ON k.source_id = c.module_id AND c.completed_on >= k.from_day AND c.completed_on <= k.to_day
    WHERE c.completed_on <= {on} {narrowed}
    GROUP BY c.person_id, k.module_id
),
judged AS (
    SELECT q.post_id, q.employment_id, q.organisation_id, q.person_id, q.role_id, q.unmapped, q.starts_on, q.term_id,
           q.module_id, q.best AS day, q.folded_until AS until, q.source,
           CASE WHEN q.exempt = 1 THEN 0
                WHEN q.folded_rank IS NOT NULL THEN q.folded_rank
                WHEN q.best >= q.soon_from THEN 1
                WHEN q.best >= q.valid_from THEN 2
                WHEN q.best IS NOT NULL THEN 4
                WHEN q.recent = 1 OR q.starts_on >= q.start_cut THEN 3
                ELSE 5 END AS rank
    FROM (
        SELECT q.*, f.rank AS folded_rank, f.until AS folded_until,
               CASE WHEN q.folded = 1 THEN f.day WHEN h.day IS NULL THEN NULL
                    WHEN g.day > h.day THEN g.day ELSE h.day END AS best,
               CASE WHEN q.folded = 1 THEN f.source WHEN g.day > h.day THEN g.source ELSE h.source END AS source
        FROM required q
        LEFT JOIN held h ON h.person_id = q.person_id AND h.module_id = q.module_id
        LEFT JOIN held g ON g.person_id = q.person_id AND g.module_id = q.refresher_id
        LEFT JOIN folded f ON f.term_id = q.term_id AND f.person_id = q.person_id
    ) q
)
"""

FOLDED_COMPLETIONS = """
SELECT f.term_id, f.person_id, c.module_id, c.completed_on, MAX(COALESCE(c.minutes, m.minutes, 0)) AS minutes,
       MIN(CASE WHEN k.module_id = f.module_id THEN 0 ELSE 1 END) AS refresher
FROM (SELECT DISTINCT term_id, person_id, module_id, refresher_id FROM required WHERE folded = 1) f
JOIN counting k ON k.module_id = f.module_id OR k.module_id = f.refresher_id
JOIN completion c ON c.person_id = f.person_id AND c.module_id = k.source_id
     AND c.completed_on >= k.from_day AND c.completed_on <= k.to_day AND c.completed_on <= {on}
JOIN module m ON m.id = c.module_id
GROUP BY f.term_id, f.person_id, c.module_id, c.completed_on
"""


def prepare(
    session: Session, asked: Asked, day: date, scope: Scope, due_soon_days: int, *, with_source: bool = False
) -> Prepared:
    """Build the statement for a day and scope. ``with_source`` adds which module was actually completed."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql" and not scope.of_one:
        session.execute(text(FOR_SOME if scope.narrow else FOR_EVERYONE))
    ctes, values = _map_rows(dialect, asked, day, due_soon_days)
    where, narrowed = _where(scope, values)
    parts = {
        "on": "CAST(:as_at AS date)" if dialect == "postgresql" else ":as_at",
        "where": where,
        "narrowed": narrowed,
        "materialized": "MATERIALIZED" if scope.narrow else "",
        "source": _source(dialect) if with_source else "NULL AS source",
        "additions": ADDITIONS if any(term.employment_id for term in asked.terms.values()) else "",
    }
    values["as_at"] = day.isoformat()
    base = ctes + _scope(dialect, scope, parts, values) + REQUIRED.format(**parts)
    folded = _fold(session, asked, day, due_soon_days, base, parts, values)
    columns = "term_id int, person_id int, rank int, day date, until date, source text"
    values["folded"] = json.dumps(folded)
    folded_cte = f",\nfolded AS MATERIALIZED ({recordset(dialect, 'folded', columns)})"
    return Prepared(base + folded_cte + JUDGED.format(**parts), values)


def _scope(dialect: str, scope: Scope, parts: Mapping[str, str], values: dict[str, Any]) -> str:
    """The posts asked about: those stored, or those planned."""
    if scope.planned is None:
        return STORED.format(**parts)
    values["planned"] = json.dumps(
        [
            [
                *one[:4],
                one.starts_on.isoformat(),
                one.job_role_id or UNMAPPED_ROLE,
                int(one.unmapped),
                int(one.exempt),
            ]
            for one in scope.planned
        ]
    )
    return f"\nscope AS MATERIALIZED ({recordset(dialect, 'planned', PLANNED)})"


def _fold(
    session: Session,
    asked: Asked,
    day: date,
    due_soon_days: int,
    base: str,
    parts: Mapping[str, str],
    values: Mapping[str, Any],
) -> Rows:
    """Judge by the rule the shapes that depend on the order of somebody's completions."""
    if not any(term.folded for term in asked.terms.values()):
        return []
    statement = Prepared(base, values).then(FOLDED_COMPLETIONS.format(**parts), completed_on=Date())
    held: dict[tuple[int, int], list[Held]] = defaultdict(list)
    for term_id, person_id, module_id, completed_on, minutes, refresher in session.execute(statement):
        held[term_id, person_id].append(Held(completed_on, module_id, minutes, bool(refresher)))
    rows = []
    for (term_id, person_id), completions in held.items():
        validity = of(asked.terms[term_id], completions, day)
        if validity.completed_on is not None:
            rank = RANK[judge(validity, day, day, due_soon_days)]
            until = validity.until.isoformat() if validity.until else None
            rows.append(
                [term_id, person_id, rank, validity.completed_on.isoformat(), until, validity.module_id]
            )
    return rows


def _map_rows(dialect: str, asked: Asked, day: date, due_soon_days: int) -> tuple[str, dict[str, Any]]:
    """The map as rows: terms with their cut-offs, whom they are asked of, and what counts for each module."""
    terms: list[list[Any]] = []
    role_terms: list[list[int]] = []
    place_terms: list[list[int]] = []
    person_terms = [
        [term.employment_id, term.term_id] for term in asked.terms.values() if term.employment_id is not None
    ]
    for term in asked.terms.values():
        folded = term.folded
        valid_from = SINCE_ALWAYS if folded else earliest(term, day)
        soon_from = SINCE_ALWAYS if folded else earliest(term, day + timedelta(days=due_soon_days + 1))
        start_cut = day - timedelta(days=term.days_allowed)
        recent = term.first_applied is not None and term.first_applied >= start_cut
        limited = term.organisation_id is not None
        cuts = [valid_from.isoformat(), soon_from.isoformat(), start_cut.isoformat(), int(recent)]
        terms.append(
            [term.term_id, term.module_id, term.refresher_module_id, int(limited), int(term.folded), *cuts]
        )
        role_terms.extend([role, term.term_id] for role in asked.of_roles(term))
        if term.organisation_id is not None:
            place_terms.extend([below, term.term_id] for below in asked.below.get(term.organisation_id, ()))
    links = [
        [target, link.source, link.start.isoformat(), link.end.isoformat()]
        for target, found in asked.links.items()
        for link in found
    ]
    tables: dict[str, tuple[Rows, str]] = {
        "terms": (
            terms,
            "term_id int, module_id int, refresher_id int, limited int, folded int, "
            "valid_from date, soon_from date, start_cut date, recent int",
        ),
        "role_terms": (role_terms, "role_id int, term_id int"),
        "place_terms": (place_terms, "organisation_id int, term_id int"),
        "person_terms": (person_terms, "employment_id int, term_id int"),
        "counting": (links, "module_id int, source_id int, from_day date, to_day date"),
    }
    ctes = ",\n".join(
        f"{name} AS MATERIALIZED ({recordset(dialect, name, columns)})"
        for name, (_, columns) in tables.items()
    )
    return f"WITH {ctes},", {name: json.dumps(rows) for name, (rows, _) in tables.items()}


def recordset(dialect: str, name: str, columns: str) -> str:
    """A JSON array of arrays as rows. One value to bind, however many rows: SQLite allows 32,766 of them."""
    typed = [column.split() for column in columns.split(", ")]
    if dialect == "postgresql":
        picked = ", ".join(f"CAST(v->>{n} AS {kind}) AS {column}" for n, (column, kind) in enumerate(typed))
        return f"SELECT {picked} FROM json_array_elements(CAST(:{name} AS json)) v"
    # Of a column without a type SQLite makes no index for a join, and reads every row again for each.
    picked = ", ".join(
        f"CAST(json_extract(value, '$[{n}]') AS INTEGER) AS {column}"
        if kind == "int"
        else f"json_extract(value, '$[{n}]') AS {column}"
        for n, (column, kind) in enumerate(typed)
    )
    return f"SELECT {picked} FROM json_each(:{name})"


def _where(scope: Scope, values: dict[str, Any]) -> tuple[str, str]:
    where = ""
    if scope.organisation_ids is not None:
        where += f"AND p.organisation_id IN ({', '.join(str(int(one)) for one in sorted(scope.organisation_ids)) or '0'}) "
    if scope.person_id is not None:
        where += "AND e.person_id = :person_id "
        values["person_id"] = scope.person_id
    if scope.employment_id is not None:
        where += "AND p.employment_id = :employment_id "
        values["employment_id"] = scope.employment_id
    return where, "AND c.person_id IN (SELECT person_id FROM scope)" if scope.narrow else ""


def _source(dialect: str) -> str:
    """The module completed on the latest day, the required one before those that count for it.

    A day, a flag and an id in one text, because the greatest text then carries its id along.
    """
    day = "to_char(c.completed_on, 'YYYY-MM-DD')" if dialect == "postgresql" else "c.completed_on"
    own = "CASE WHEN c.module_id = k.module_id THEN '1' ELSE '0' END"
    return f"SUBSTR(MAX({day} || {own} || CAST(c.module_id AS text)), 12) AS source"
