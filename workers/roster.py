"""Role lists: checked after the upload, applied when asked, and taken up again when their job was lost."""

from datetime import timedelta

from lms import clock, db, settings
from lms.queue import Job, enqueue, task
from lms.services import audit, roster
from lms.services.completions import reconciling
from lms.services.coverage import effect
from lms.services.people import lists
from workers import progress

LOST_AFTER = timedelta(minutes=2)
JOB_OF = {
    roster.ARRIVED: Job.TAKE_ROLE_LISTS,
    roster.UPLOADED: Job.CHECK_ROLE_LIST,
    roster.APPLYING: Job.APPLY_ROLE_LIST,
}


@task(Job.CHECK_ROLE_LIST)
def check_role_list(role_list_id: int) -> None:
    """Check a kept list and keep the report, with what applying it would do to coverage."""
    with progress.noted(role_list_id) as tell, db.transaction(read_only=True) as session:
        rehearsed = effect.rehearse(session, role_list_id, tell=tell)
    if rehearsed is not None:
        with db.transaction() as session:
            lists.keep(session, role_list_id, rehearsed)


@task(Job.APPLY_ROLE_LIST)
def apply_role_list(role_list_id: int) -> None:
    """Apply a list as it was shown, and let completions follow the people it brings together."""
    base_url, now = settings.current().base_url, clock.now()
    with progress.noted(role_list_id) as tell, db.transaction() as session:
        tell = progress.while_writing(tell)
        applied = lists.apply(session, role_list_id, actor=audit.WORKER, now=now, tell=tell)
        if applied is not None:
            reconciling.people_changed(session, sorted(applied.touched), base_url, now)


@task(Job.SWEEP_ROLE_LISTS)
def sweep_role_lists() -> None:
    """Ask again for what came or was asked for and has not happened."""
    with db.transaction(read_only=True) as session:
        waiting = roster.waiting(session, clock.now() - LOST_AFTER)
    for role_list_id, state in waiting:
        enqueue(JOB_OF[state], role_list_id)
