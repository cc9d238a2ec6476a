"""The names of the jobs, the tasks and the timetable are one list."""

import subprocess
import sys
from datetime import timedelta

import pytest
from celery.schedules import crontab

from lms import queue, settings
from lms.queue import Job
from workers import app as worker
from workers.schedule import TIMETABLE

# What an edge asks for when somebody does something, and the sweeper when it was lost.
ASKED_FOR = {Job.CHECK_ROLE_LIST, Job.APPLY_ROLE_LIST, Job.TAKE_ROLE_LISTS}


def test_every_job_has_a_task_and_every_task_is_a_job() -> None:
    ours = {name for name in worker.app.tasks if not name.startswith("celery.")}
    assert ours == {job.value for job in Job}


def test_every_job_is_on_the_timetable_or_asked_for() -> None:
    assert {entry["task"] for entry in TIMETABLE.values()} == {job.value for job in set(Job) - ASKED_FOR}


def test_no_job_stands_on_the_timetable_twice() -> None:
    tasks = [entry["task"] for entry in TIMETABLE.values()]
    assert len(tasks) == len(set(tasks))


def test_every_message_of_the_timetable_expires_before_the_next_but_one() -> None:
    for name, entry in TIMETABLE.items():
        every = entry["schedule"]
        longest = every.total_seconds() if isinstance(every, timedelta) else 3600
        assert 0 < entry["options"]["expires"] <= longest, name


@pytest.mark.parametrize(("hour", "expected"), [(3, False), (8, True), (17, True), (18, False)])
def test_reminders_are_planned_in_working_hours_of_london(hour: int, expected: bool) -> None:
    entry = TIMETABLE["plan the day's reminders"]["schedule"]
    assert isinstance(entry, crontab)
    assert (hour in entry.hour) is expected
    assert queue.configure(settings.current()).conf.timezone == "Europe/London"


def test_a_process_that_only_enqueues_loads_no_task() -> None:
    script = (
        "import sys; from lms import queue, settings; queue.configure(settings.current()); "
        "print([name for name in sys.modules if name.split('.')[0] in ('workers', 'flask', 'alembic')])"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
