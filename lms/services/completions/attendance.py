"""Attendances said in the log: what registers hold, read and recorded; what was corrected, voided.

Registers know nothing of statements. An edge that saves a register calls ``record`` in the same transaction, so
that the completion is there at once; ``outstanding`` is how a sweeper finds what such a call never reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlmodel
from sqlalchemy import ColumnElement, String, Uuid, cast, exists, func, select, type_coerce
from sqlmodel import Session, col

from lms.rules import sessions as rules
from lms.rules.sessions import Mark
from lms.rules.statements.own import Fact
from lms.services import accounts, completions
from lms.services.people import finding
from lms.services.statements.facts import SYSTEM
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person
from lms.tables.sessions import RegisterFact, TrainingSession
from lms.tables.statements import Statement, StatementVoid
from lms.tables.training_map import Module


@dataclass(frozen=True)
class Recorded:
    """How many attendances were said, and how many were taken back."""

    said: int = 0
    voided: int = 0


def record(session: Session, session_id: int, base_url: str, now: datetime) -> Recorded:
    """Bring the log up to date with a session's register. Doing it again changes nothing.

    What has not begun yet waits. An attendance that was corrected before it was said is never said.
    """
    training = session.execute(
        select(TrainingSession).where(col(TrainingSession.id) == session_id).with_for_update()
    ).scalar_one_or_none()
    if training is None:
        return Recorded()
    facts = (
        session.execute(select(RegisterFact).where(col(RegisterFact.session_id) == session_id))
        .scalars()
        .all()
    )
    said, void = _in_the_log(session, [UUID(fact.fact) for fact in facts])
    wrong = [fact for fact in facts if fact.superseded_at and UUID(fact.fact) in said - void]
    new = [
        fact
        for fact in facts
        if not fact.superseded_at and UUID(fact.fact) not in said and rules.may_be_recorded(fact.at, now)
    ]
    names = _names(
        session, {fact.superseded_by_id for fact in wrong} | ({training.trainer_id} if new else set())
    )
    for by in {fact.superseded_by_id for fact in wrong}:
        ids = [fact.fact for fact in wrong if fact.superseded_by_id == by]
        completions.void(session, ids, names.get(by or 0, SYSTEM), base_url, now)
    if new:
        made = _statements(session, training, new, names.get(training.trainer_id or 0))
        completions.record(session, made, base_url, now)
    return Recorded(len(new), len(wrong))


def outstanding(session: Session, now: datetime, *, limit: int = 100) -> list[int]:
    """Sessions whose registers say what the log does not say yet, or no longer say what it says."""
    here = _has_row(session, Statement)
    taken_back = _has_row(session, StatementVoid)
    unsaid = col(RegisterFact.superseded_at).is_(None) & (col(RegisterFact.at) <= now) & ~here
    wrong = col(RegisterFact.superseded_at).is_not(None) & here & ~taken_back
    query = select(col(RegisterFact.session_id)).where(unsaid | wrong).distinct().limit(limit)
    return list(session.execute(query).scalars())


def _statements(
    session: Session, training: TrainingSession, facts: Sequence[RegisterFact], trainer: str | None
) -> list[Fact]:
    # The person that an employment came with: a link between persons can be taken apart again, and the log
    # cannot change.
    people = dict(
        session.exec(
            sqlmodel.select(col(Employment.id), Person.uuid)
            .join(Person, col(Person.id) == Employment.home_person_id)
            .where(col(Employment.id).in_({fact.employment_id for fact in facts}))
        ).all()
    )
    modules = {
        module.id: module
        for module in session.execute(
            select(Module).where(col(Module.id).in_({fact.module_id for fact in facts}))
        ).scalars()
    }
    organisation = session.get(Organisation, training.organisation_id)
    made = []
    for fact in facts:
        module, outcome = modules[fact.module_id], rules.outcome(Mark(fact.mark), fact.minutes)
        if outcome is not None:
            made.append(
                Fact(
                    statement_id=fact.fact,
                    verb=outcome.verb,
                    person=people[fact.employment_id],
                    module_iri=module.activity_iri,
                    module_title=module.title,
                    at=fact.at,
                    minutes=outcome.minutes,
                    completion=True if outcome.completion else None,
                    trainer=trainer,
                    session=training.uuid,
                    session_title=f"{module.title}, {training.day.isoformat()}",
                    organisation=organisation.code if organisation else None,
                )
            )
    return made


def _in_the_log(session: Session, ids: Sequence[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Which of these statements are there, and which of them are void."""
    said = session.execute(select(col(Statement.statement_id)).where(col(Statement.statement_id).in_(ids)))
    void = session.execute(
        select(col(StatementVoid.statement_id)).where(col(StatementVoid.statement_id).in_(ids))
    )
    return set(said.scalars()), set(void.scalars())


def _has_row(session: Session, table: type[Statement] | type[StatementVoid]) -> ColumnElement[bool]:
    """Whether the table has a fact's statement. SQLite keeps a UUID as its 32 digits."""
    fact, there = col(RegisterFact.fact), col(table.statement_id)
    if session.get_bind().dialect.name == "postgresql":
        return exists().where(there == cast(fact, Uuid))
    return exists().where(type_coerce(there, String) == func.replace(fact, "-", ""))


def _names(session: Session, account_ids: set[int | None]) -> dict[int, str]:
    """How the log names those who decide: by their person's UUID, else by the number of the account.

    An account reaches a person by address only where it has rights: the log cannot take back that it named
    somebody of another organisation.
    """
    wanted = [one for one in account_ids if one is not None]
    named = {}
    for account_id, (email, places) in accounts.reach(session, wanted).items():
        person_id = finding.of_account(session, account_id, email, places)
        person = session.get(Person, person_id) if person_id else None
        named[account_id] = person.uuid if person else f"account-{account_id}"
    return named
