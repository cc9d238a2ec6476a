"""The blueprint of the sessions' pages, and what follows every change of a register."""

from datetime import datetime

from flask import Blueprint
from sqlmodel import Session

from lms import settings
from lms.services.completions import attendance

blueprint = Blueprint("sessions", __name__)


def recorded(session: Session, session_id: int, now: datetime) -> None:
    """Bring the record up to date with a register that has just changed, in the same transaction.

    Here and not in the service of sessions, which stands upstream of statements and knows nothing of them
    (house.md: pull, never push). The page composes the two calls so that the completion is there at once; where
    it gets no further than the first, a sweeper makes the second.
    """
    attendance.record(session, session_id, settings.current().base_url, now)
