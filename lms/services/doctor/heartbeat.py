"""The heartbeat: a row written every minute by way of the timetable, the queue and a worker."""

from datetime import datetime, timedelta

from sqlmodel import Session

from lms.services.doctor.facts import Finding, Grade
from lms.tables.heartbeat import Heartbeat

NAME = "timetable"
CHECK = "worker"
LATE = timedelta(minutes=5)


def note_heartbeat(session: Session, now: datetime) -> None:
    """Timetable, queue, worker and database have just worked together."""
    session.merge(Heartbeat(name=NAME, at=now))
    session.flush()


def heartbeat(session: Session, now: datetime, *, embedded: bool) -> Finding:
    """Whether they still do. On one machine that nobody has started, that is no fault."""
    start = "Start them: lms serve" if embedded else "Start them: lms worker and lms beat"
    last = session.get(Heartbeat, NAME)
    if last is None:
        return Finding(CHECK, Grade.WARNING, "Worker and timetable have not run yet.", start)
    if now - last.at <= LATE:
        return Finding(CHECK, Grade.GOOD, "Worker and timetable are at work.")
    minutes = int((now - last.at).total_seconds() // 60)
    since = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
    return Finding(
        CHECK,
        Grade.WARNING if embedded else Grade.PROBLEM,
        f"Worker and timetable were last at work {since} ago.",
        start,
    )
