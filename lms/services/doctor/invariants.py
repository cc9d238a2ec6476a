"""What must be true of the records, whatever happened: each as the sentence and the query that counts what breaks it."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import text
from sqlmodel import Session

from lms.services import coverage, organisations
from lms.services.doctor.facts import Finding, Grade
from lms.services.standing import asked as reading
from lms.services.standing.query import prepare
from lms.services.standing.scope import Scope

DO = "Keep a copy of the database as it is, and tell whoever looks after this system."
REBUILD = "Derive completions anew: lms rebuild"

BROKEN: tuple[tuple[str, str, str], ...] = (
    ("A post ends no earlier than it starts.", DO, "SELECT COUNT(*) FROM post WHERE ends_on < starts_on"),
    (
        "Nobody is counted as a person who is linked to another.",
        DO,
        "SELECT COUNT(*) FROM employment e JOIN person p ON p.id = e.person_id WHERE p.linked_to_id IS NOT NULL",
    ),
    (
        "A post belongs to the organisation of its employment.",
        DO,
        "SELECT COUNT(*) FROM post p JOIN employment e ON e.id = p.employment_id "
        "WHERE e.organisation_id <> p.organisation_id",
    ),
    (
        "Two terms of one requirement never hold on the same day.",
        DO,
        "SELECT COUNT(*) FROM requirement_term a JOIN requirement_term b "
        "ON b.requirement_id = a.requirement_id AND b.id > a.id "
        "WHERE (a.to_day IS NULL OR b.from_day IS NULL OR b.from_day <= a.to_day) "
        "AND (b.to_day IS NULL OR a.from_day IS NULL OR a.from_day <= b.to_day)",
    ),
    (
        "A title means one thing on one day.",
        DO,
        "SELECT COUNT(*) FROM job_title_role a JOIN job_title_role b "
        "ON b.job_title_id = a.job_title_id AND b.id > a.id "
        "WHERE (a.to_day IS NULL OR b.from_day IS NULL OR b.from_day <= a.to_day) "
        "AND (b.to_day IS NULL OR a.from_day IS NULL OR a.from_day <= b.to_day)",
    ),
    (
        "Nobody completes anything as a person who is linked to another.",
        REBUILD,
        "SELECT COUNT(*) FROM completion c JOIN person p ON p.id = c.person_id WHERE p.linked_to_id IS NOT NULL",
    ),
    (
        "A reminder that was sent has something in it.",
        DO,
        "SELECT COUNT(*) FROM message m WHERE m.kind = 'reminder' AND m.state = 'handed_over' "
        "AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.message_id = m.id)",
    ),
    (
        "A role list that is applied says when.",
        DO,
        "SELECT COUNT(*) FROM role_list WHERE state = 'applied' AND applied_at IS NULL",
    ),
)
COMPLETIONS = {
    "postgresql": "SELECT COUNT(*) FROM completion c WHERE NOT EXISTS "
    "(SELECT 1 FROM statement s WHERE s.statement_id = CAST(c.statement_id AS uuid))",
    "sqlite": "SELECT COUNT(*) FROM completion c WHERE NOT EXISTS "
    "(SELECT 1 FROM statement s WHERE s.statement_id = REPLACE(c.statement_id, '-', ''))",
}
VOIDED = {
    "postgresql": "SELECT COUNT(*) FROM completion c JOIN statement_void v "
    "ON v.statement_id = CAST(c.statement_id AS uuid)",
    "sqlite": "SELECT COUNT(*) FROM completion c JOIN statement_void v "
    "ON v.statement_id = REPLACE(c.statement_id, '-', '')",
}


SIX = ("exempt", "in_date", "due_soon", "not_yet_due", "not_done", "out_of_date")
REQUIRED = """
SELECT j.organisation_id, j.module_id, COUNT(DISTINCT j.person_id) FROM judged j
GROUP BY j.organisation_id, j.module_id
"""


def invariants(session: Session, today: date) -> Iterator[Finding]:
    """Every one that is broken, or one finding that says that all hold."""
    dialect = session.get_bind().dialect.name
    queries = [
        *BROKEN,
        ("Every completion has its statement.", REBUILD, COMPLETIONS[dialect]),
        ("No completion comes from a statement that was voided.", REBUILD, VOIDED[dialect]),
    ]
    broken = [
        Finding("invariants", Grade.PROBLEM, f"Broken {count} times: {sentence}", do)
        for sentence, do, query in queries
        if (count := session.execute(text(query)).scalar_one())
    ]
    broken += [Finding("invariants", Grade.PROBLEM, says, DO) for says in _sums(session, today)]
    yield from broken or [Finding("invariants", Grade.GOOD, f"All {len(queries) + 1} hold.")]


def _sums(session: Session, today: date) -> Iterator[str]:
    """The six standings of every module add up to the people of whom it is required (policy.md, Standing)."""
    asked = reading.on(session, today)
    prepared = prepare(session, asked, today, Scope(), due_soon_days=0)
    required = {
        (organisation, asked.modules[module]): people
        for organisation, module, people in session.execute(prepared.then(REQUIRED))
    }
    codes = {id_: code for code, id_ in organisations.ids_by_code(session).items()}
    counted = {(row.organisation, row.module): row.counts for row in coverage.figures(session, today).rows}
    for (organisation, module), people in required.items():
        one = counted.get((codes[organisation], module))
        six = sum(getattr(one, name) for name in SIX) if one else 0
        if six != people:
            yield f"The six standings of {module} in {codes[organisation]} add up to {six}, not {people}."
