"""The heartbeat: proof that timetable, queue, worker and database work together."""

from lms import clock, db
from lms.queue import Job, task
from lms.services import doctor


@task(Job.HEARTBEAT)
def note_heartbeat() -> None:
    """Note that this was reached."""
    with db.transaction() as session:
        doctor.note_heartbeat(session, clock.now())
