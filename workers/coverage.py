"""Coverage as published: a snapshot for every day that is over."""

from contextlib import suppress
from datetime import timedelta

from lms import clock, db
from lms.errors import Conflict
from lms.queue import Job, task
from lms.services.coverage import history, nightly


@task(Job.SNAPSHOT_COVERAGE)
def publish() -> None:
    """Keep the figures of yesterday, and of days that were missed, unless another worker is at it."""
    with suppress(Conflict), db.alone("snapshot"):
        with db.transaction(read_only=True) as session:
            days = nightly.outstanding(session, clock.today() - timedelta(days=1))
        for day in days:
            with db.transaction() as session:
                history.snapshot(session, day, clock.now())
