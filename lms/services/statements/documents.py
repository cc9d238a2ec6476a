"""Documents of state, of activities and of agents (1.0.3 Communication 2.2-2.7 and 3.1; 9274.1.1 4.1.4)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from uuid import UUID

from sqlalchemy import Connection, delete, select
from sqlmodel import Session, col

from lms.rules.statements.documents import Address, Precondition, merged, slot_of
from lms.services.statements import rows
from lms.tables.statements import Document


@dataclass(frozen=True, slots=True)
class Held:
    """A document as it is kept."""

    content: bytes
    content_type: str
    etag: str
    updated_at: datetime


def one(session: Session | Connection, address: Address) -> Held | None:
    """The document at an address."""
    found = session.execute(
        select(
            col(Document.content), col(Document.content_type), col(Document.etag), col(Document.updated_at)
        ).where(col(Document.slot) == slot_of(address))
    ).first()
    return Held(bytes(found[0]), found[1], found[2], found[3]) if found else None


def names(
    session: Session | Connection, address: Address, since: datetime | None
) -> tuple[list[str], datetime | None]:
    """The names of the documents of an activity or agent, changed after ``since``, and when the last one was."""
    wanted = select(col(Document.name), col(Document.updated_at)).where(col(Document.scope) == address.scope)
    if address.registration:
        wanted = wanted.where(col(Document.registration) == address.registration)
    if since is not None:
        wanted = wanted.where(col(Document.updated_at) > since)
    found = session.execute(wanted.order_by(col(Document.id))).all()
    return list(dict.fromkeys(name for name, _ in found)), max((at for _, at in found), default=None)


def put(
    session: Session, address: Address, content: bytes, content_type: str, asked: Precondition, now: datetime
) -> None:
    """Put a document in place of the one at an address.

    :raises PreconditionFailed: when it is not the one the sender thinks.
    :raises Conflict: when there is one and the sender did not say which it replaces.
    """
    held = _locked(session, address)
    asked.check(held.etag if held else None, put=True)
    _write(session, address, content, content_type, now)


def post(
    session: Session, address: Address, content: bytes, content_type: str, asked: Precondition, now: datetime
) -> None:
    """Merge a JSON object into the document at an address, or make it the document where there is none.

    :raises PreconditionFailed: when it is not the one the sender thinks.
    :raises Refused: when one of the two is not a JSON object.
    """
    held = _locked(session, address)
    asked.check(held.etag if held else None, put=False)
    if held:
        content, content_type = (
            merged(held.content, held.content_type, content, content_type),
            held.content_type,
        )
    _write(session, address, content, content_type, now)


def remove(session: Session, address: Address, asked: Precondition) -> None:
    """Remove the document at an address, if there is one.

    :raises PreconditionFailed: when it is not the one the sender thinks.
    """
    held = _locked(session, address)
    asked.check(held.etag if held else None, put=False)
    session.execute(delete(Document).where(col(Document.slot) == slot_of(address)))


def remove_all(session: Session, address: Address) -> None:
    """Remove all documents of an activity and agent, or those of one registration."""
    wanted = delete(Document).where(col(Document.scope) == address.scope)
    if address.registration:
        wanted = wanted.where(col(Document.registration) == address.registration)
    session.execute(wanted)


def _locked(session: Session, address: Address) -> Held | None:
    """The document at an address, which nobody else changes until the transaction is over."""
    cursor = rows.cursor(session)
    if cursor.postgres:
        # A lock on the address, because there may be no row to lock yet.
        cursor.run("SELECT pg_advisory_xact_lock(?::bigint)", (_number(slot_of(address)),))
    return one(session, address)


def _number(uuid: UUID) -> int:
    return int.from_bytes(uuid.bytes[:8], "big", signed=True)


def _write(session: Session, address: Address, content: bytes, content_type: str, now: datetime) -> None:
    session.execute(delete(Document).where(col(Document.slot) == slot_of(address)))
    session.add(
        Document(
            scope=address.scope,
            slot=slot_of(address),
            kind=address.kind,
            activity=address.activity,
            agent=address.agent,
            registration=address.registration,
            name=address.name,
            content_type=content_type,
            content=content,
            etag=sha1(content, usedforsecurity=False).hexdigest(),
            updated_at=now,
        )
    )
    session.flush()
