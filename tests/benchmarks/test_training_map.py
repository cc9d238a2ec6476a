"""What the preview of a change, and one person's standing, cost beside one standing query for everybody."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text
from sqlmodel import Session, select

from lms import db, settings
from lms.app import create_app
from lms.rules.access import EVERYTHING, Grant, Role
from lms.rules.training_map.rows import RequirementRow, cells
from lms.services import accounts, preview, standing
from lms.services.audit import COMMAND_LINE
from lms.services.standing import Scope
from lms.services.training_map import drafts
from lms.tables.training_map import MapVersion, Module, Requirement
from tests.benchmarks import population
from tests.benchmarks.test_coverage import PEOPLE, best

pytestmark = pytest.mark.benchmark

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def published(session: Session) -> list[RequirementRow]:
    """The population's map as the version it came with."""
    rows = [
        RequirementRow(who, value, None, f"M{module}", shape, every, anchor=anchor, fixed_day=fixed)
        for who, value, module, shape, every, anchor, fixed in population.TERMS
    ]
    session.add(
        MapVersion(
            number=1,
            state="published",
            rows=[cells(row) for row in rows],
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
    return rows


def test_a_preview_for_100_000_people_costs_at_most_two_standing_queries_for_them(database: str) -> None:
    with db.transaction() as session:
        population.fill(session, PEOPLE)
        rows = published(session)
    changed = [replace(rows[0], every_months=24), *rows[1:]]

    def everybody() -> None:
        with db.transaction(read_only=True) as session:
            standing.people(session, population.ON)

    def rehearsed() -> None:
        with db.transaction(read_only=True) as session:
            told = preview.of(session, changed, population.ON)
            assert told.total.fall_out_of_date

    def person() -> None:
        with db.transaction(read_only=True) as session:
            standing.people(session, population.ON, Scope(person_id=77))

    def nothing() -> None:
        with db.transaction(read_only=True) as session:
            session.execute(text("SELECT 1")).all()

    whole, told, one, bare = best(everybody, 2), best(rehearsed, 2), best(person, 60), best(nothing, 200)
    print(
        f"\n{PEOPLE} people: standing {whole:.2f} s, preview {told:.2f} s = {told / whole:.2f} x; "
        f"one person's standing {one * 1000:.1f} ms, SELECT 1 {bare * 1000:.2f} ms"
    )
    assert told <= 2 * whole
    assert one < 0.010
    with db.transaction() as session:
        rows = lay_out_many(session)
    one = best(person, 60)
    print(f"a map of {rows} rows: one person's standing {one * 1000:.1f} ms")
    assert one < 0.010


def lay_out_many(session: Session) -> int:
    """A map of a whole partnership, 300 roles and 40 modules, as terms; and how many those are."""
    session.execute(
        insert(Module),
        [{"id": 100 + n, "code": f"X{n:02}", "title": "X", "activity_iri": f"urn:x:{n}"} for n in range(35)],
    )
    asked = [(r, m) for r in range(1, 301) for m in range(35) if (r * 7 + m * 11) % 5 == 0]
    session.execute(
        insert(Requirement),
        [
            {
                "id": 1_000 + n,
                "identity": f"role|R{r}||X{m:02}",
                "who": "role",
                "value": f"R{r}",
                "module_id": 100 + m,
            }
            for n, (r, m) in enumerate(asked)
        ],
    )
    session.execute(
        text(
            "INSERT INTO requirement_term (requirement_id, shape, every_months, days_allowed, anchor)"
            " SELECT id, 'refreshed', 12, 90, 'completion' FROM requirement WHERE id >= 1000"
        )
    )
    session.execute(text("ANALYZE"))
    return len(asked)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_matrix_of_300_roles_and_40_modules_answers_in_a_tenth_of_a_second(database: str) -> None:
    app = create_app(settings.current())
    with db.transaction() as session:
        population.fill(session, 1_000)
        session.execute(
            insert(Module),
            [
                {"code": f"X{n:02}", "title": f"Module number {n}", "activity_iri": f"urn:x:{n}"}
                for n in range(35)
            ],
        )
        rows = published(session)
        rows += [
            RequirementRow("role", f"R{role}", None, f"X{module:02}", "refreshed", 12 + module)
            for role in range(1, 301)
            for module in range(35)
            if (role * 7 + module * 11) % 5 == 0
        ]
        version = session.exec(select(MapVersion)).one()
        version.rows = [cells(row) for row in rows]
        session.add(version)
        account, _ = accounts.create(
            session,
            EVERYTHING,
            COMMAND_LINE,
            email="a@example.org",
            name="A",
            grants=(Grant(Role.ADMINISTRATOR),),
            now=NOW,
            password="kettle ember walnut",
        )
        holder = accounts.holder(session, account)
        draft = drafts.begin(session, title="Draft", actor=COMMAND_LINE, now=NOW)
        address = f"/training-map/drafts/{draft.id}"
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{account}.{holder.stamp if holder else ''}"

    def page(at: str) -> int:
        answer = client.get(at)
        assert answer.status_code == 200
        return len(answer.data)

    def working(at: str) -> float:
        """What one answer takes of a processor; the database is in this process, so nothing is left out."""
        taken = []
        for _ in range(6):
            start = time.process_time()
            page(at)
            taken.append(time.process_time() - start)
        return min(taken)

    size, shown, edited = page(address), working("/training-map"), working(address)
    print(
        f"\n300 roles x 40 modules, {len(rows)} rows: the map {shown * 1000:.0f} ms, a draft of it "
        f"{edited * 1000:.0f} ms, {size // 1024} kB"
    )
    assert shown < 0.1
    assert edited < 0.1
