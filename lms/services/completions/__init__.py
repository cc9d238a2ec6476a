"""What people have completed, derived from the statements in the same transaction.

    resolving    who and which module a statement is about      projecting    completions from statements
    waiting      what does not resolve, as a list               reconciling   deciding on it
    settling     all that waits for one thing, together         decided       taking decisions back
    records      a person's whole record                        rebuilding    all of it anew, and the proof
    importing    completions.csv, as statements

An edge stores statements through here, so that no statement is stored without its completion.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from lms.rules.statements.batches import Incoming
from lms.rules.statements.own import Fact
from lms.services import statements
from lms.services.completions.projecting import follow, last_known
from lms.services.completions.rebuilding import rebuild
from lms.services.statements import rows
from lms.services.statements.writing import Source, Stored

__all__ = ["rebuild", "record", "store", "store_alone", "void"]


def store(
    session: Session,
    batch: Sequence[Incoming],
    source: Source,
    base_url: str,
    now: datetime,
    attachments: Mapping[str, bytes] | None = None,
) -> list[Stored]:
    """Store validated statements, all or none, and what they say about completions.

    :raises Conflict: when a statement with the same id says something else.
    :raises Invalid: when one would void a statement that voids.
    """
    stored = statements.store(session, batch, source, now, attachments)
    follow(session, stored, base_url, now)
    return stored


def store_alone(
    asking: rows.Asking, batch: Sequence[Incoming], source: Source, now: datetime
) -> list[Stored] | None:
    """Store a validated batch that says nothing about completions and concerns nothing else, in one journey.

    None, and nothing is stored, where ``store`` is needed. PostgreSQL decides, which knows what is so by now.
    """
    counting = last_known(rows.cursor(asking).database)
    if counting is None or any(one.value["verb"]["id"] in counting.verbs for one in batch):
        return None
    return statements.store_alone(asking, batch, source, counting.setting, now)


def record(session: Session, facts: Sequence[Fact], base_url: str, now: datetime) -> list[Stored]:
    """Say facts of our own in the log, and what they say about completions. Saying one again changes nothing.

    :raises Conflict: when a statement with the id of a fact says something else.
    """
    stored = statements.record(session, facts, base_url, now)
    follow(session, stored, base_url, now)
    return stored


def void(
    session: Session, statement_ids: Sequence[str], by: str, base_url: str, now: datetime
) -> list[Stored]:
    """Take statements back, and their completions. ``by``: the UUID of the person, or the name of the account.

    :raises Invalid: when one of them is itself a statement that voids.
    """
    stored = statements.void(session, statement_ids, by, base_url, now)
    follow(session, stored, base_url, now)
    return stored
