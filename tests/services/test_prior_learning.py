"""Prior learning: evidence, a decision by somebody else, and then a completion like any other."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.rules.prior_learning import Claim, State
from lms.services import completions, prior_learning
from lms.services.audit import COMMAND_LINE
from lms.tables.completions import Completion
from lms.tables.people import Employment
from tests.services.test_reference import NOW

HERE = "https://golden.example"
TODAY = date(2026, 6, 30)
CLAIM = Claim("A", date(2025, 5, 1), "Another council", "Certificate 17, in the personnel file")


def submit(session: Session, employment_id: int, claim: Claim = CLAIM) -> int:
    return prior_learning.claim(session, employment_id, claim, actor=COMMAND_LINE, today=TODAY, now=NOW)


def decide(session: Session, claim_id: int, **given: Any) -> prior_learning.Claimed:
    chosen = {
        "accept": True,
        "reason": "The same content",
        "organisation_ids": None,
        "actor": COMMAND_LINE,
        "person_id": None,
        "base_url": HERE,
        "now": NOW,
    }
    return prior_learning.decide(session, claim_id, **(chosen | given))


def held(session: Session) -> list[date]:
    return list(session.exec(select(Completion.completed_on)))


def test_a_claim_counts_once_it_is_accepted_and_not_before(session: Session, drivers: list[int]) -> None:
    id_ = submit(session, drivers[0])
    assert not held(session)
    decided = decide(session, id_)
    assert (decided.state, decided.decision) == (State.ACCEPTED, "The same content")
    assert held(session) == [date(2025, 5, 1)]
    completions.rebuild(session, HERE, NOW)
    assert held(session) == [date(2025, 5, 1)]


def test_what_is_declined_never_counts_and_says_why(session: Session, drivers: list[int]) -> None:
    id_ = submit(session, drivers[0])
    decided = decide(session, id_, accept=False, reason="It covers something else")
    assert (decided.state, decided.decision) == (State.DECLINED, "It covers something else")
    assert not held(session)
    with pytest.raises(Conflict, match="declined already"):
        decide(session, id_)


def test_an_acceptance_taken_back_is_voided(session: Session, drivers: list[int]) -> None:
    id_ = submit(session, drivers[0])
    decide(session, id_)
    prior_learning.take_back(
        session,
        id_,
        reason="The certificate was somebody else's",
        organisation_ids=None,
        actor=COMMAND_LINE,
        by="administrator",
        base_url=HERE,
        now=NOW,
    )
    assert not held(session)
    assert submit(session, drivers[0])


def test_nobody_decides_on_a_claim_of_their_own(session: Session, drivers: list[int]) -> None:
    person = session.exec(select(Employment.person_id).where(Employment.id == drivers[0])).one()
    id_ = submit(session, drivers[0])
    with pytest.raises(Forbidden):
        decide(session, id_, person_id=person)
    with pytest.raises(NotFound):
        decide(session, id_, organisation_ids=frozenset({2}))
    with pytest.raises(Invalid, match="Say in a sentence"):
        decide(session, id_, reason=" ")


def test_a_claim_says_all_that_is_needed_and_once(session: Session, drivers: list[int]) -> None:
    with pytest.raises(Invalid) as refusal:
        submit(session, drivers[0], Claim("", date(2027, 1, 1), " ", "", minutes=0))
    assert [problem.field for problem in refusal.value.problems] == [
        "module",
        "completed_on",
        "provider",
        "evidence",
        "minutes",
    ]
    submit(session, drivers[0])
    with pytest.raises(Conflict):
        submit(session, drivers[0])
    submit(session, drivers[1])
    assert [one.employee_number for one in prior_learning.listed(session)] == ["2", "1"]
    assert len(prior_learning.listed(session, organisation_ids=frozenset({2}))) == 0
