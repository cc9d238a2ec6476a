"""The log of statements: attendances that are not said in it yet, and statements that resolved to nobody."""

from lms import clock, db, settings
from lms.queue import Job, task
from lms.services.completions import attendance, reconciling


@task(Job.PROJECT_STATEMENTS)
def say_attendances() -> None:
    """Bring the log up to date with the registers, one session at a time."""
    with db.transaction(read_only=True) as session:
        sessions = attendance.outstanding(session, clock.now())
    for session_id in sessions:
        with db.transaction() as session:
            attendance.record(session, session_id, settings.current().base_url, clock.now())


@task(Job.RETRY_STATEMENTS)
def look_again() -> None:
    """Project what is on the reconciliation list, because people or modules may have come."""
    with db.transaction() as session:
        reconciling.retry(session, settings.current().base_url, clock.now())
