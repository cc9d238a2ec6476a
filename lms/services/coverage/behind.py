"""The people behind a figure: the very rows that it counts, by name."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from lms.errors import NotFound
from lms.rules.standing import BY_RANK, RANK, Standing
from lms.services.coverage import By, each_by
from lms.services.standing import asked as reading
from lms.services.standing.asked import UNMAPPED_ROLE, Asked
from lms.services.standing.query import prepare
from lms.services.standing.scope import Scope

BEHIND = """,
one AS ({one}),
behind AS (
    SELECT one.person_id, one.rank, MIN(j.employment_id) AS employment_id
    FROM one JOIN judged j ON j.person_id = one.person_id {required}
    GROUP BY one.person_id, one.rank
)
SELECT b.rank, e.id AS employment_id, e.employee_number, e.given_name, e.family_name, COUNT(*) OVER () AS total
FROM behind b JOIN employment e ON e.id = b.employment_id
WHERE b.rank IN ({ranks})
ORDER BY LOWER(e.family_name), LOWER(e.given_name), e.id
LIMIT :limit OFFSET :offset
"""
OF_MODULE = (
    "SELECT person_id, MAX(rank) AS rank FROM each_one WHERE module_id = :module_id {part} GROUP BY person_id"
)
OF_ALL = "SELECT person_id, MAX(rank) AS rank FROM each_one GROUP BY person_id"


@dataclass(frozen=True, slots=True)
class Counted:
    """Somebody whom a figure counts, and where they stand: on the module, or at worst on everything required."""

    employment_id: int
    employee_number: str
    name: str
    standing: Standing


def people(
    session: Session,
    on: date,
    organisation_id: int,
    standings: Collection[Standing],
    *,
    module: str | None = None,
    by: By = By.MODULE,
    key: str = "",
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Counted], int]:
    """A page of the people of one organisation whom a figure counts, and how many they are.

    Without a module these are the people of *staff trained*, by the worst of their standings. ``key`` narrows a
    breakdown by role, family or unit to one of its rows.

    :raises NotFound: when there is no such module or role.
    """
    asked = reading.on(session, on)
    scope = Scope(organisation_ids=frozenset({organisation_id}))
    prepared = prepare(session, asked, on, scope, asked.due_soon_days)
    values = dict(prepared.values) | {"limit": limit, "offset": offset}
    part = ""
    if module is not None:
        values["module_id"] = _module(asked, module)
        if by in (By.ROLE, By.FAMILY, By.UNIT):
            part, values["part"] = "AND part = :part", _part(asked, by, key)
    each, more = each_by(session, by, scope.organisation_ids)
    sql = each + BEHIND.format(
        one=OF_ALL if module is None else OF_MODULE.format(part=part),
        required="" if module is None else "AND j.module_id = :module_id",
        ranks=", ".join(str(RANK[one]) for one in standings) or "-1",
    )
    rows = session.execute(replace(prepared, values=values | more).then(sql)).mappings().all()
    found = [
        Counted(
            employment_id=row["employment_id"],
            employee_number=row["employee_number"],
            name=f"{row['given_name']} {row['family_name']}".strip(),
            standing=BY_RANK[row["rank"]],
        )
        for row in rows
    ]
    return found, rows[0]["total"] if rows else 0


def _module(asked: Asked, code: str) -> int:
    for number, known in asked.modules.items():
        if known == code:
            return number
    raise NotFound("There is no such module.")


def _part(asked: Asked, by: By, key: str) -> str:
    if by in (By.FAMILY, By.UNIT):
        return key
    if not key:
        return str(UNMAPPED_ROLE)
    for role in asked.roles.values():
        if role.code == key:
            return str(role.id)
    raise NotFound("There is no such job role.")
