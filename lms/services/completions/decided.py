"""What was decided about statements that did not resolve, so that it can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from lms.errors import NotFound
from lms.services.audit import Actor
from lms.services.completions import reconciling
from lms.services.completions.projecting import Projected
from lms.services.completions.resolving import ACCEPTED, MATCHED, REOPENED, SET_ASIDE
from lms.tables.accounts import Account
from lms.tables.organisations import Organisation
from lms.tables.people import Employment
from lms.tables.statements import ActorMatch, StatementDecision

COMMAND_LINE = "the command line"
MISSING = "There is nothing to take back. It may just have been done."


@dataclass(frozen=True, slots=True)
class Match:
    """An actor of other systems who is a person of ours."""

    term: int
    identity: str
    person: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """Statements accepted or set aside together, and not taken back since. ``act_id`` is that of the first."""

    act_id: int
    decision: str
    statements: int
    decided_by: str
    decided_at: datetime


def matches(session: Session, *, limit: int = 50, offset: int = 0) -> tuple[list[Match], int]:
    """Actors matched to people, the latest first; and how many there are."""
    total = session.execute(select(func.count()).select_from(ActorMatch)).scalar_one()
    found = session.execute(
        select(ActorMatch, col(Account.email))
        .outerjoin(Account, col(Account.id) == col(ActorMatch.decided_by_id))
        .order_by(col(ActorMatch.decided_at).desc(), col(ActorMatch.term))
        .limit(limit)
        .offset(offset)
    ).all()
    names = _names(session, {match.person_id for match, _ in found})
    made = [
        Match(
            match.term,
            match.identity,
            names.get(match.person_id, "somebody without a post"),
            email or COMMAND_LINE,
            match.decided_at,
        )
        for match, email in found
    ]
    return made, total


def acts(session: Session, *, limit: int = 50, offset: int = 0) -> tuple[list[Act], int]:
    """Statements accepted or set aside, by the act that decided on them, the latest first; and how many acts."""
    grouped = _in_force().subquery()
    total = session.execute(select(func.count()).select_from(grouped)).scalar_one()
    found = session.execute(
        select(grouped, col(Account.email))
        .outerjoin(Account, col(Account.id) == grouped.c.decided_by_id)
        .order_by(grouped.c.act_id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    made = [
        Act(row.act_id, row.decision, row.statements, row.email or COMMAND_LINE, row.decided_at)
        for row in found
    ]
    return made, total


def one(session: Session, act_id: int) -> tuple[Act, list[int]]:
    """An act, and the places in the log of the statements that it decided on and that are not taken back since.

    :raises NotFound: when there is no such act, or it is taken back.
    """
    first = session.get(StatementDecision, act_id)
    if first is None or first.decision not in (ACCEPTED, SET_ASIDE):
        raise NotFound(MISSING)
    by = col(StatementDecision.decided_by_id)
    together = session.execute(
        select(col(StatementDecision.seq))
        .where(
            col(StatementDecision.id).in_(_latest()),
            col(StatementDecision.decision) == first.decision,
            col(StatementDecision.decided_at) == first.decided_at,
            by.is_(None) if first.decided_by_id is None else by == first.decided_by_id,
        )
        .order_by(col(StatementDecision.seq))
    )
    places = list(together.scalars())
    if not places:
        raise NotFound(MISSING)
    account = session.get(Account, first.decided_by_id) if first.decided_by_id else None
    who = account.email if account else COMMAND_LINE
    return Act(act_id, first.decision, len(places), who, first.decided_at), places


def take_back(session: Session, actor: Actor, act_id: int, base_url: str, *, now: datetime) -> Projected:
    """Let the statements of an act wait again, or count, as if nothing had been decided.

    :raises NotFound: when there is no such act, or it is taken back already.
    """
    _, places = one(session, act_id)
    return reconciling.decide(session, actor, places, REOPENED, base_url, now=now)


def _latest() -> Any:
    """The decision in force on each statement; a remembered match stands beside it."""
    return (
        select(func.max(col(StatementDecision.id)))
        .where(col(StatementDecision.decision) != MATCHED)
        .group_by(col(StatementDecision.seq))
    )


def _in_force() -> Any:
    return (
        select(
            func.min(col(StatementDecision.id)).label("act_id"),
            col(StatementDecision.decision).label("decision"),
            func.count().label("statements"),
            col(StatementDecision.decided_by_id).label("decided_by_id"),
            col(StatementDecision.decided_at).label("decided_at"),
        )
        .where(
            col(StatementDecision.id).in_(_latest()),
            col(StatementDecision.decision).in_((ACCEPTED, SET_ASIDE)),
        )
        .group_by(
            col(StatementDecision.decision),
            col(StatementDecision.decided_by_id),
            col(StatementDecision.decided_at),
        )
    )


def _names(session: Session, person_ids: set[int]) -> dict[int, str]:
    """People as a list shows them: with the employer and the number, of the first employment where there are more."""
    found = session.execute(
        select(Employment, col(Organisation.code))
        .join(Organisation, col(Organisation.id) == col(Employment.organisation_id))
        .where(col(Employment.home_person_id).in_(person_ids))
        .order_by(col(Employment.id).desc())
    )
    return {
        employment.home_person_id: f"{name or 'No name'}, {code} {employment.employee_number}"
        for employment, code in found
        if (name := " ".join(filter(None, (employment.given_name, employment.family_name)))) is not None
    }
