"""Other record stores: which there are, and how it goes with each."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, func, select
from sqlmodel import Session, col

from lms.errors import Invalid, NotFound
from lms.services import audit
from lms.services.audit import Actor
from lms.tables.statements import Forward, RecordStore, Unkept

MISSING = "There is no such store."


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A store as a list shows it.

    ``waiting`` statements are still to be sent, the oldest since ``first_waiting``; it refused ``failing`` of them.
    It sent ``unkept`` that cannot be kept here.
    """

    store_id: int
    name: str
    address: str
    username: str
    forwards: bool
    pulls: bool
    trusted: bool
    waiting: int
    failing: int
    unkept: int
    first_waiting: int | None
    error: str | None
    failed_at: datetime | None
    pulled_at: datetime | None


def add(
    session: Session,
    actor: Actor,
    *,
    name: str,
    address: str,
    username: str,
    sealed: str,
    forwards: bool,
    pulls: bool,
    trusted: bool,
    now: datetime,
) -> int:
    """Note another store. ``sealed`` is its password, encrypted.

    :raises Invalid: when the name is taken, or the address is none.
    """
    name = name.strip()
    if not name or len(name) > 100:
        raise Invalid("A store needs a name of at most 100 characters.")
    if not _is_address(address):
        raise Invalid(f"{address!r} is not the address of a store, such as https://lrs.example.org/xapi")
    _check(username, forwards=forwards, pulls=pulls)
    if session.execute(select(col(RecordStore.id)).where(col(RecordStore.name) == name)).first():
        raise Invalid(f"There is a store called {name!r} already. Choose another name.")
    made = RecordStore(
        name=name,
        address=address.rstrip("/"),
        username=username,
        secret=sealed,
        forwards=forwards,
        pulls=pulls,
        trusted=trusted,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session, actor, "store.added", name, now=now, forwards=forwards, pulls=pulls, trusted=trusted
    )
    assert made.id is not None
    return made.id


def _check(username: str, *, forwards: bool, pulls: bool) -> None:
    if not username or len(username) > 200:
        raise Invalid("Our user name at a store has at most 200 characters, and is not blank.")
    if not (forwards or pulls):
        raise Invalid("Say whether statements are sent to this store, fetched from it, or both.")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(text) <= 500


def stop(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """Neither send to a store nor fetch from it any more. What waits for it is dropped; what came from it stays.

    :raises NotFound: when there is no such store.
    """
    store = by_name(session, name)
    store.forwards = store.pulls = False
    _drop(session, store)
    session.flush()
    audit.record(session, actor, "store.stopped", name, now=now)


def change(
    session: Session,
    actor: Actor,
    store_id: int,
    *,
    forwards: bool,
    pulls: bool,
    username: str | None = None,
    sealed: str | None = None,
    now: datetime,
) -> None:
    """Do something else with a store from now on, one that was stopped too; or sign in there in another way.

    ``sealed`` is a new password, encrypted; None leaves it, as it does the user name. What was stored here while
    nothing was sent there is not sent later; fetching goes on where it ended.

    :raises NotFound: when there is no such store.
    :raises Invalid: when nothing would be done with it.
    """
    store = one(session, store_id)
    username = store.username if username is None else username
    _check(username, forwards=forwards, pulls=pulls)
    if not forwards:
        _drop(session, store)
    store.forwards, store.pulls, store.username = forwards, pulls, username
    if sealed is not None:
        store.secret = sealed
    session.flush()
    audit.record(
        session,
        actor,
        "store.changed",
        store.name,
        now=now,
        forwards=forwards,
        pulls=pulls,
        user=username,
        new_password=sealed is not None,
    )


def _drop(session: Session, store: RecordStore) -> None:
    """Forget what waits to be sent to a store."""
    session.execute(delete(Forward).where(col(Forward.store_id) == store.id))


def trust(session: Session, actor: Actor, store_id: int, *, trusted: bool, now: datetime) -> None:
    """Let what comes from a store count as completions, or no longer; project its statements anew afterwards.

    :raises NotFound: when there is no such store.
    """
    store = one(session, store_id)
    if store.trusted is not trusted:
        store.trusted = trusted
        session.flush()
        audit.record(session, actor, "store.trusted" if trusted else "store.distrusted", store.name, now=now)


def by_name(session: Session, name: str) -> RecordStore:
    """The store with this name.

    :raises NotFound: when there is none.
    """
    found: RecordStore | None = session.execute(
        select(RecordStore).where(col(RecordStore.name) == name)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no store called {name!r}. List them with: lms stores list")
    return found


def one(session: Session, store_id: int) -> RecordStore:
    """The store with this id.

    :raises NotFound: when there is none.
    """
    found = session.get(RecordStore, store_id)
    if found is None:
        raise NotFound(MISSING)
    return found


def listed(session: Session) -> list[StoreFacts]:
    """All stores, with what waits for each."""
    return _facts(session)


def facts(session: Session, store_id: int) -> StoreFacts:
    """One store, with what waits for it.

    :raises NotFound: when there is none.
    """
    found = _facts(session, col(RecordStore.id) == store_id)
    if not found:
        raise NotFound(MISSING)
    return found[0]


def _facts(session: Session, *wanted: ColumnElement[bool]) -> list[StoreFacts]:
    waiting = (
        select(
            col(Forward.store_id).label("store_id"),
            func.count().label("waiting"),
            func.count(col(Forward.error)).label("failing"),
            func.min(col(Forward.seq)).label("first"),
        )
        .group_by(col(Forward.store_id))
        .subquery()
    )
    unkept = (
        select(func.count())
        .where(col(Unkept.store_id) == col(RecordStore.id))
        .correlate(RecordStore)
        .scalar_subquery()
    )
    found = session.execute(
        select(RecordStore, waiting.c.waiting, waiting.c.failing, waiting.c.first, unkept)
        .outerjoin(waiting, waiting.c.store_id == col(RecordStore.id))
        .where(*wanted)
        .order_by(col(RecordStore.name))
    )
    return [
        StoreFacts(
            store.id,
            store.name,
            store.address,
            store.username,
            store.forwards,
            store.pulls,
            store.trusted,
            count or 0,
            failing or 0,
            in_vain,
            first,
            store.error,
            store.failed_at,
            store.pulled_at,
        )
        for store, count, failing, first, in_vain in found
    ]


def failed(session: Session, store_id: int, error: str, now: datetime) -> None:
    """Note that a store did not answer, or not as it has to."""
    store = one(session, store_id)
    store.error, store.failed_at = error[:500], now
    session.flush()


def recovered(session: Session, store_id: int) -> None:
    """Note that a store answers."""
    store = one(session, store_id)
    if store.error is not None:
        store.error = store.failed_at = None
        session.flush()
