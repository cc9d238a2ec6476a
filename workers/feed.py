"""Role lists that arrived by themselves: taken in the order of their dates, and HR told of each once."""

from contextlib import suppress

from sqlmodel import Session

from lms import clock, db, settings
from lms.errors import Conflict, NotFound
from lms.queue import Job, enqueue, task
from lms.rules.access import EVERYTHING
from lms.services import feed, roster
from lms.services.feed import telling
from workers import delivery


@task(Job.TAKE_ROLE_LISTS)
def take_role_lists(role_list_id: int) -> None:
    """Take everything that has arrived for the organisation of a list, one at a time, and have HR told."""
    base_url = settings.current().base_url
    with db.transaction(read_only=True) as session:
        organisation_id = _organisation(session, role_list_id)
    taken: object = organisation_id
    while organisation_id and taken:
        with db.transaction() as session:
            taken = feed.take(session, organisation_id, base_url=base_url, now=clock.now())
    enqueue(Job.TELL_HR)


@task(Job.TELL_HR)
def tell_hr() -> None:
    """Hand over what waits to be told, unless another worker is at it."""
    with suppress(Conflict):
        tell()


def tell() -> int:
    """Hand over every message that waits, and give how many went.

    :raises Conflict: when another process is at it.
    """
    return len(delivery.deliver("feed-telling", telling, telling.claim).handed_over)


def _organisation(session: Session, role_list_id: int) -> int | None:
    with suppress(NotFound):
        return roster.one(session, EVERYTHING, role_list_id).organisation_id
    return None
