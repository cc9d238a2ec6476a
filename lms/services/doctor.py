"""The house's own health."""

from datetime import datetime
from sqlmodel import Session
from lms.tables.heartbeat import Heartbeat

HEARTBEAT = "timetable"


def note_heartbeat(session: Session, now: datetime) -> None:
    """Timetable, queue, worker and database have just worked together."""
    session.merge(Heartbeat(name=HEARTBEAT, at=now))
    session.flush()
