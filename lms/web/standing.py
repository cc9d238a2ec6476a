"""Where one person stands: my own learning, a person of HR's, and the records behind it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db, settings
from lms.errors import NotFound
from lms.rules.access import Action
from lms.rules.standing import RANK, Standing, worst
from lms.services import standing
from lms.services.completions import holding, records
from lms.services.completions.holding import Holding
from lms.services.people import finding
from lms.services.people.finding import PersonFacts
from lms.services.standing import Row, Scope
from lms.services.training_map import modules
from lms.tables.training_map import Module
from lms.web import guard
from lms.web.asked import as_at, day_of_form
from lms.web.guard import allow

blueprint = Blueprint("standing", __name__)


@dataclass(frozen=True)
class Need:
    """A module required of somebody at one organisation: how they stand, each reason, and the records that count."""

    module: Module
    standing: Standing
    rows: Sequence[Row]
    records: Sequence[Holding]

    @property
    def deciding(self) -> Row:
        """The row whose standing counts: the worst, exempt ones left aside."""
        return next(row for row in self.rows if row.standing is self.standing)


@dataclass(frozen=True)
class Learning:
    """One person's learning on a day: what each organisation needs of them, and everything they have completed."""

    day: date
    at: Sequence[tuple[PersonFacts, Sequence[Need]]]
    completed: Sequence[Holding]


@blueprint.get("/learning")
@allow(Action.SEE_OWN_LEARNING)
def mine() -> str:
    """What I need, what I hold, when it is due again, and why."""
    day, person_id = as_at(), guard.scope().person_id
    if person_id is None:
        return render_template("standing/unknown.html")
    with db.transaction(read_only=True) as session:
        people = finding.everywhere(session, person_id, day)
        learning = _learning(session, day, person_id, Scope(person_id=person_id), people)
    return render_template("standing/mine.html", learning=learning)


@blueprint.get("/people/<int:employment_id>")
@allow(Action.SEE_PEOPLE)
def of_person(employment_id: int) -> ResponseReturnValue:
    """What one of HR's people needs and holds. What another employer needs of them is that employer's."""
    day, problems = day_of_form()
    with db.transaction(read_only=True) as session:
        person = finding.one(session, guard.scope(), employment_id, day)
        learning = _learning(session, day, person.person_id, Scope(employment_id=employment_id), [person])
    page = render_template(
        "standing/of_person.html",
        learning=learning,
        person=person,
        problems=problems,
        exports=guard.can(Action.EXPORT_RECORDS),
    )
    return page, 422 if problems else 200


@blueprint.get("/learning/record.json")
@allow(Action.SEE_OWN_LEARNING)
def my_record() -> Response:
    """My whole record, to keep or to take along: the statements about me as they stand in the log."""
    person_id = guard.scope().person_id
    if person_id is None:
        raise NotFound("Your account is not connected to anybody in the role lists, so it has no record.")
    with db.transaction(read_only=True) as session:
        found = records.of_person(session, person_id, settings.current().base_url)
    return _as_file(found, "my-learning-record")


@blueprint.post("/people/<int:employment_id>/record.json")
@allow(Action.EXPORT_RECORDS)
def record(employment_id: int) -> Response:
    """Somebody's whole record, for those who ask for theirs; who took it out is written down."""
    with db.transaction() as session:
        person = finding.one(session, guard.scope(), employment_id, clock.today())
        found = records.give_out(
            session, guard.me().actor, person.person_id, settings.current().base_url, now=clock.now()
        )
    return _as_file(found, f"learning-record-{person.organisation}-{person.employee_number}")


@blueprint.get("/learning/statements/<uuid:statement_id>")
@allow(Action.SEE_OWN_LEARNING)
def my_statement(statement_id: UUID) -> str:
    """The record behind one of my completions."""
    person_id = guard.scope().person_id
    if person_id is None:
        raise NotFound(holding.MISSING)
    with db.transaction(read_only=True) as session:
        held, text = holding.statement(session, person_id, str(statement_id))
    return render_template("standing/statement.html", held=held, statement=json.loads(text), person=None)


@blueprint.get("/people/<int:employment_id>/statements/<uuid:statement_id>")
@allow(Action.SEE_PEOPLE)
def statement(employment_id: int, statement_id: UUID) -> str:
    """The record behind one of a person's completions: where a figure ends when it is followed by hand."""
    with db.transaction(read_only=True) as session:
        person = finding.one(session, guard.scope(), employment_id, as_at())
        held, text = holding.statement(session, person.person_id, str(statement_id))
    return render_template("standing/statement.html", held=held, statement=json.loads(text), person=person)


def _as_file(texts: Sequence[str], name: str) -> Response:
    """Statements as one JSON document, each to the letter as it is kept."""
    answer = Response("[\n" + ",\n".join(texts) + "\n]\n", mimetype="application/json")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"{name}-{clock.today().isoformat()}.json"
    )
    return answer


def _learning(
    session: Session, day: date, person_id: int, scope: Scope, people: Sequence[PersonFacts]
) -> Learning:
    rows = standing.people(session, day, scope)
    completed = holding.of_person(session, person_id, day)
    titles = modules.every(session)
    return Learning(day, [(one, _needs(one, rows, completed, titles)) for one in people], completed)


def _needs(
    person: PersonFacts, rows: Sequence[Row], completed: Sequence[Holding], titles: Mapping[str, Module]
) -> list[Need]:
    mine = sorted((row for row in rows if row.employment_id == person.employment_id), key=_module)
    needs = []
    for code, found in groupby(mine, _module):
        of_module = list(found)
        counted = {(row.completed_module_id, row.completed_on) for row in of_module}
        needs.append(
            Need(
                module=titles[code],
                standing=worst(row.standing for row in of_module) or Standing.EXEMPT,
                rows=of_module,
                records=[one for one in completed if (one.module_id, one.completed_on) in counted],
            )
        )
    return sorted(needs, key=lambda need: -RANK[need.standing])


def _module(row: Row) -> str:
    return row.module
