"""Reminders: planning what goes today, and handing it over."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from uuid import uuid4

from sqlmodel import Session

from lms import clock, db, settings
from lms.errors import Conflict
from lms.queue import Job, enqueue, task
from lms.services.reminders import Letter, plan, sending
from workers.delivery import Delivery, deliver


@task(Job.PLAN_REMINDERS)
def plan_reminders() -> None:
    """Queue what is due today, and have it sent."""
    with db.transaction() as session:
        waiting = plan(session, clock.today(), clock.now())
    if waiting:
        enqueue(Job.SEND_REMINDERS)


@task(Job.SEND_REMINDERS)
def send_reminders() -> None:
    """Send what waits, unless another worker is at it."""
    with suppress(Conflict):
        send(clock.today)


def send(today: Callable[[], date], *, patience: float = 0) -> Delivery:
    """Hand over everything in the queue, one message at a time, each decided again just before.

    :raises Conflict: when another process is still sending after so many seconds.
    """
    base_url, token = settings.current().base_url, str(uuid4())

    def claim(session: Session, after: int) -> Letter | None:
        return sending.claim(
            session, after=after, token=token, today=today(), now=clock.now(), base_url=base_url
        )

    return deliver("sending", sending, claim, patience=patience)
