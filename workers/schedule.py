"""The whole timetable, in Europe/London. Every job on it may run late, twice or not at all: the next run heals."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab

from lms.queue import Job

MINUTE = timedelta(minutes=1)
WORKING_HOURS = "8-17"


def _every(job: Job, often: timedelta) -> dict[str, Any]:
    # A message nobody took in time is let go, so that an absent worker comes back to one and not to thousands.
    return {"task": job.value, "schedule": often, "options": {"expires": often.total_seconds()}}


def _at(job: Job, when: crontab) -> dict[str, Any]:
    return {"task": job.value, "schedule": when, "options": {"expires": 3000}}


TIMETABLE: dict[str, dict[str, Any]] = {
    "note that everything works": _every(Job.HEARTBEAT, timedelta(seconds=20)),
    "take up role lists that were left lying": _every(Job.SWEEP_ROLE_LISTS, MINUTE),
    "tell HR of the lists that arrived": _every(Job.TELL_HR, 5 * MINUTE),
    "say attendances that are not in the log": _every(Job.PROJECT_STATEMENTS, 5 * MINUTE),
    "look again at statements that resolve to nobody": _at(Job.RETRY_STATEMENTS, crontab(minute="40")),
    "send statements to other stores": _every(Job.FORWARD_STATEMENTS, MINUTE),
    "fetch statements from other stores": _every(Job.PULL_STATEMENTS, 5 * MINUTE),
    "publish the coverage of the days gone by": _at(Job.SNAPSHOT_COVERAGE, crontab(minute="20")),
    "plan the day's reminders": _at(Job.PLAN_REMINDERS, crontab(minute="0", hour=WORKING_HOURS)),
    "send what waits": _at(Job.SEND_REMINDERS, crontab(minute="*/10", hour=WORKING_HOURS)),
}
