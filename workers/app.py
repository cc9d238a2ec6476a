"""What a worker and the timetable load: the Celery object with every task."""

from typing import Any

from celery.signals import worker_process_init, worker_ready

from lms import db, queue, settings
from lms.queue import Job
from workers import coverage, feed, heartbeat, reminders, roster, schedule, statements

__all__ = ["app", "coverage", "feed", "heartbeat", "reminders", "roster", "statements"]

app = queue.configure(settings.current())
app.conf.beat_schedule = schedule.TIMETABLE

# What a lost message, a crash or an absent worker may have left behind.
HEALERS = (Job.SWEEP_ROLE_LISTS, Job.TELL_HR, Job.PROJECT_STATEMENTS, Job.SEND_REMINDERS)


@worker_process_init.connect
def _own_connections(**_: Any) -> None:
    """A process that was forked must not speak on the connections of the one it came from."""
    db.forget_connections()


@worker_ready.connect
def _heal(**_: Any) -> None:
    """Look for what was left behind as soon as somebody is there to do it."""
    for job in HEALERS:
        queue.enqueue(job)
