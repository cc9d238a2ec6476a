"""The log of statements: what is not said in it yet, what resolved to nobody, and the ways to other stores."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from lms import clock, db, lrs, settings
from lms.errors import Conflict, GoldenThreadError
from lms.queue import Job, task
from lms.services.completions import attendance, pulling, reconciling
from lms.services.statements import forwarding, stores
from lms.services.statements.forwarding import Parcel


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


@dataclass(frozen=True)
class Moved:
    """How many statements went, or came, and why the rest did not."""

    statements: int = 0
    refused: int = 0
    error: str | None = None


@task(Job.FORWARD_STATEMENTS)
def forward_all() -> None:
    """Send every store what waits for it, unless another worker is at it."""
    for store_id in _stores(forwards=True):
        with suppress(Conflict):
            forward(store_id)


@task(Job.PULL_STATEMENTS)
def pull_all() -> None:
    """Fetch from every store what is new there, unless another worker is at it."""
    for store_id in _stores(forwards=False):
        with suppress(Conflict):
            pull(store_id)


def forward(store_id: int) -> Moved:
    """Send one store what waits for it.

    :raises Conflict: when another process is at it.
    """
    sent = refused = 0
    with db.alone(f"forward-{store_id}"):
        try:
            store = _store(store_id)
            while True:
                with db.transaction(read_only=True) as session:
                    parcel = forwarding.due(session, store_id, clock.now())
                if parcel is None:
                    break
                went, stayed = _send(store, store_id, parcel)
                sent, refused = sent + went, refused + stayed
        except GoldenThreadError as error:
            with db.transaction() as session:
                stores.failed(session, store_id, error.message, clock.now())
            return Moved(sent, refused, error.message)
        with db.transaction() as session:
            stores.recovered(session, store_id)
    return Moved(sent, refused)


def _send(store: lrs.Store, store_id: int, parcel: Parcel) -> tuple[int, int]:
    """Send statements together, or where the store refuses one of them, each by itself: how many went, how many not."""
    answer = lrs.send(store, parcel.payloads, parcel.attachments)
    if not answer.taken and len(parcel.seqs) > 1:
        return _one_by_one(store, store_id, len(parcel.seqs))
    if answer.taken or (answer.conflict and lrs.has(store, parcel.payloads[0])):
        with db.transaction() as session:
            forwarding.sent(session, store_id, parcel.seqs)
        return len(parcel.seqs), 0
    with db.transaction() as session:
        forwarding.refused(session, store_id, parcel.seqs[0], answer.message, clock.now())
    return 0, 1


def _one_by_one(store: lrs.Store, store_id: int, count: int) -> tuple[int, int]:
    went = stayed = 0
    for _ in range(count):
        # A person's later ones wait as soon as an earlier one is refused, so what is due is asked each time.
        with db.transaction(read_only=True) as session:
            parcel = forwarding.due(session, store_id, clock.now(), at_once=1)
        if parcel is None:
            break
        more, less = _send(store, store_id, parcel)
        went, stayed = went + more, stayed + less
    return went, stayed


def pull(store_id: int) -> Moved:
    """Fetch from one store what is new there, page by page; after a crash it goes on at the page it was at.

    :raises Conflict: when another process is at it.
    """
    came = refused = 0
    with db.alone(f"pull-{store_id}"):
        try:
            for made in _pages(store_id):
                came, refused = came + made.stored, refused + made.refused
        except GoldenThreadError as error:
            with db.transaction() as session:
                stores.failed(session, store_id, error.message, clock.now())
            return Moved(came, refused, error.message)
    return Moved(came, refused)


def _pages(store_id: int) -> Iterator[pulling.Taken]:
    store = _store(store_id)
    while True:
        with db.transaction(read_only=True) as session:
            place = pulling.place(session, store_id)
        page = lrs.fetch(store, since=place.since, more=place.more)
        with db.transaction() as session:
            made = pulling.take(
                session,
                store_id,
                page.texts,
                page.attachments,
                place.after(page.more, page.through),
                base_url=settings.current().base_url,
                now=clock.now(),
            )
        yield made
        if not page.more:
            return


def _stores(*, forwards: bool) -> list[int]:
    with db.transaction(read_only=True) as session:
        found = stores.listed(session)
    return [one.store_id for one in found if (one.forwards if forwards else one.pulls)]


def _store(store_id: int) -> lrs.Store:
    with db.transaction(read_only=True) as session:
        known = stores.one(session, store_id)
        password = lrs.unseal(known.secret, settings.current().secret_key)
        return lrs.Store(known.address, known.username, password)
