"""The statements that this system makes itself (policy.md, Statements)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session

from lms.rules.statements import own, whole
from lms.rules.statements.batches import Incoming
from lms.rules.statements.own import Fact
from lms.rules.statements.versions import Version
from lms.services.statements.writing import Source, Stored, store

SYSTEM = "golden-thread"


def record(session: Session, facts: Sequence[Fact], base_url: str, now: datetime) -> list[Stored]:
    """Say facts in the log. A fact that was said before is not said again.

    :raises Conflict: when a statement with the id of a fact says something else.
    :raises Refused: when a module's IRI or another part cannot stand in a statement.
    """
    return store(
        session, [_incoming(own.statement(fact, base_url)) for fact in facts], _source(base_url), now
    )


def void(
    session: Session, statement_ids: Sequence[str], by: str, base_url: str, now: datetime
) -> list[Stored]:
    """Take statements back; ``by`` is the UUID of the person, or the name of the account, who decided it.

    :raises Invalid: when one of them is itself a statement that voids.
    """
    made = [own.voiding(voiding_id(one, base_url), one, by, base_url) for one in statement_ids]
    return store(session, [_incoming(value) for value in made], _source(base_url), now)


def voiding_id(statement_id: str, base_url: str) -> str:
    """The id of our statement that voids another; one statement needs voiding only once."""
    return str(uuid5(NAMESPACE_URL, f"{base_url}/voided/{statement_id.lower()}"))


def _source(base_url: str) -> Source:
    return Source(own.authority(base_url, SYSTEM))


def _incoming(value: dict[str, object]) -> Incoming:
    whole.statement(value, Version.ONE)
    return Incoming(value, own.text(value), Version.ONE)
