"""The audit trail: who did what, when. It is only ever added to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from lms.tables.audit import AuditEvent


@dataclass(frozen=True)
class Actor:
    """Who acts: somebody signed in, or a part of the house."""

    label: str
    account_id: int | None = None


COMMAND_LINE = Actor("command line")
WORKER = Actor("worker")


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    now: datetime,
    organisation_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one act down: ``audit.record(session, actor, "role_list.applied", "FAR-BC", now=now, joiners=5)``.

    ``subject`` and ``detail`` hold codes, ids and counts, never a person's name or a reason of health.
    """
    session.add(
        AuditEvent(
            at=now,
            account_id=actor.account_id,
            actor=actor.label[:200],
            action=action,
            subject=subject[:200],
            organisation_id=organisation_id,
            detail=detail,
        )
    )
    session.flush()
