"""A large made-up partnership, written straight into the tables by the database itself."""

from datetime import date

from sqlalchemy import text
from sqlmodel import Session

ON = date(2026, 6, 30)
STATEMENTS = (
    """INSERT INTO organisation (id, code, name, sector, place)
       SELECT n, 'ORG-' || n, 'Organisation ' || n, 'Sector ' || (n % 5), 'Place ' || (n % 5) FROM {orgs}""",
    """INSERT INTO framework (id, name, cumulative, description) VALUES (1, 'Levels', false, '')""",
    """INSERT INTO level (id, framework_id, name, rank, description)
       SELECT n, 1, 'level ' || n, n, '' FROM {levels}""",
    """INSERT INTO job_role (id, code, name, family, level_id, manager)
       SELECT n, 'R' || n, 'Role ' || n, 'Family ' || (n % 10), 1 + n % 4, n % 10 = 0 FROM {roles}""",
    """INSERT INTO job_title (id, organisation_id, key, title)
       SELECT n, NULL, 'title ' || n, 'Title ' || n FROM {roles}""",
    """INSERT INTO job_title_role (id, job_title_id, job_role_id, decided_at)
       SELECT n, n, n, '2025-01-01 00:00:00' FROM {roles}""",
    """INSERT INTO module (id, code, title, kind, minutes, activity_iri, content_note)
       SELECT n, 'M' || n, 'Module ' || n, '', 60, 'https://learning.example/' || n, '' FROM {modules}""",
    """INSERT INTO role_list (id, organisation_id, as_at, filename, state, options, uploaded_at)
       SELECT n, n, '2026-05-31', 'list.csv', 'applied', '{{}}', '2026-05-31 00:00:00' FROM {orgs}""",
    """INSERT INTO person (id, uuid) SELECT n, 'uuid-' || n FROM {people}""",
    """INSERT INTO employment (id, organisation_id, employee_number, person_id, home_person_id, given_name,
                               family_name, name_key)
       SELECT n, 1 + n % :organisations, 'E' || n, n, n, 'Given', 'Family ' || n, '' FROM {people}""",
    """INSERT INTO post (id, employment_id, organisation_id, title, job_title_id, main, bank, starts_on)
       SELECT n, n, 1 + n % :organisations, 'Title', 1 + n % 300, true, false, {start} FROM {people}""",
    """INSERT INTO completion (statement_id, person_id, module_id, completed_on, minutes)
       SELECT 's-' || p.n || '-' || m.n, p.n, m.n, {day}, 60
       FROM {people} p CROSS JOIN {modules} m WHERE (p.n * 7 + m.n * 13) % 10 < 8""",
)
TERMS = [
    ("everyone", "", 1, "refreshed", 36, "completion", None),
    ("level", "level 2", 2, "refreshed", 24, "completion", None),
    ("level", "level 3", 3, "refreshed", 24, "completion", None),
    ("managers", "", 4, "refreshed", 12, "fixed", "03-31"),
    ("family", "Family 3", 5, "once", None, "completion", None),
]


def fill(session: Session, people: int, organisations: int = 50) -> None:
    """Fill an empty, migrated database; four completions a person and five requirements."""
    postgres = session.get_bind().dialect.name == "postgresql"

    def series(count: int) -> str:
        if postgres:
            return f"generate_series(1, {count}) AS s(n)"
        return f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)"

    def aliased(count: int, name: str) -> str:
        return f"generate_series(1, {count}) AS {name}(n)" if postgres else f"{series(count)} {name}"

    days_ago = (
        "DATE '2026-06-30' - CAST({} AS int)" if postgres else "date('2026-06-30', '-' || ({}) || ' days')"
    )
    sizes = {"orgs": organisations, "levels": 4, "roles": 300, "modules": 5, "people": people}
    for statement in STATEMENTS:
        parts = {name: series(size) for name, size in sizes.items()}
        parts["start"] = days_ago.format("n * 31 % 4000")
        parts["day"] = days_ago.format("(p.n * 17 + m.n * 101) % 1500")
        sql = statement.replace("{people} p", "{p}").replace("{modules} m", "{m}")
        parts |= {"p": aliased(people, "p"), "m": aliased(5, "m")}
        bound = {"organisations": organisations} if ":organisations" in sql else {}
        session.execute(text(sql.format(**parts)), bound)
    for number, (who, value, module, shape, every, anchor, fixed) in enumerate(TERMS, 1):
        session.execute(
            text(
                "INSERT INTO requirement (id, identity, who, value, module_id) VALUES (:id, :identity, :who, :value, :module)"
            ),
            {
                "id": number,
                "identity": f"{who}|{value}||M{module}",
                "who": who,
                "value": value,
                "module": module,
            },
        )
        session.execute(
            text(
                "INSERT INTO requirement_term (requirement_id, shape, every_months, days_allowed, anchor, fixed_day)"
                " VALUES (:id, :shape, :every, 90, :anchor, :fixed)"
            ),
            {"id": number, "shape": shape, "every": every, "anchor": anchor, "fixed": fixed},
        )
    session.commit()
    session.execute(text("ANALYZE"))
