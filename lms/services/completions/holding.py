"""What a person holds: the completions counted for them, each with the statement that says so."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from lms.errors import NotFound
from lms.services.statements import reading
from lms.tables.completions import Completion
from lms.tables.training_map import Module

MISSING = "There is no such record of this person."


@dataclass(frozen=True, slots=True)
class Holding:
    """One completion: the module, the day it counts on, and its statement."""

    module_id: int
    module: str
    title: str
    completed_on: date
    minutes: int | None
    statement_id: str


def of_person(session: Session, person_id: int, until: date) -> list[Holding]:
    """Everything a person has completed up to a day, required of them or not; the latest first."""
    rows = session.exec(
        select(Completion, Module)
        .join(Module)
        .where(Completion.person_id == person_id, col(Completion.completed_on) <= until)
        .order_by(col(Completion.completed_on).desc(), col(Module.code), col(Completion.id))
    ).all()
    return [_holding(*row) for row in rows]


def statement(session: Session, person_id: int, statement_id: str) -> tuple[Holding, str]:
    """One completion of a person and the text of its statement.

    :raises NotFound: when it is not this person's.
    """
    row = session.exec(
        select(Completion, Module)
        .join(Module)
        .where(Completion.statement_id == statement_id, Completion.person_id == person_id)
    ).first()
    if row is None or (text := reading.one(session, statement_id, voided=False)) is None:
        raise NotFound(MISSING)
    return _holding(*row), text


def _holding(completion: Completion, module: Module) -> Holding:
    return Holding(
        module_id=completion.module_id,
        module=module.code,
        title=module.title,
        completed_on=completion.completed_on,
        minutes=completion.minutes,
        statement_id=completion.statement_id,
    )
