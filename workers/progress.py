"""How far a long job is, noted where a page can read it while the job's own transaction is open."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from lms import clock, db
from lms.rules.roster import Told
from lms.services import roster

# At most one note a second, whatever the job tells.
EVERY = 1.0


@contextmanager
def noted(role_list_id: int) -> Iterator[Told]:
    """Something to tell how far a list is. What was noted is forgotten when the block ends."""
    last: tuple[str, float] = ("", 0.0)

    def tell(phase: str, done: int, total: int | None) -> None:
        nonlocal last
        if phase == last[0] and time.monotonic() - last[1] < EVERY:
            return
        last = (phase, time.monotonic())
        with db.transaction() as session:
            roster.note_progress(session, role_list_id, phase, done, total, clock.now())

    try:
        yield tell
    finally:
        with db.transaction() as session:
            roster.forget_progress(session, role_list_id)


def while_writing(tell: Told) -> Told | None:
    """The same for a job that writes; None on SQLite, where one transaction writes at a time and we would wait for
    ourselves."""
    return None if db.engine().dialect.name == "sqlite" else tell
