"""Keys for machines: made, found good, trusted, revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex, token_urlsafe
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import Session, col

from lms.errors import Invalid, NotFound
from lms.rules import keys
from lms.rules.keys import Holder
from lms.services import audit
from lms.services.audit import Actor
from lms.tables.accounts import Key
from lms.tables.organisations import Organisation

MISSING = "There is no such key."


@dataclass(frozen=True, slots=True)
class Made:
    """A new key. The secret is shown now and never again."""

    key_id: int
    prefix: str
    secret: str


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key as a list shows it."""

    key_id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    trusted: bool
    organisation: str | None
    created_at: datetime
    revoked_at: datetime | None


def create(
    session: Session,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    *,
    now: datetime,
    trusted: bool = False,
    organisation: str | None = None,
    known: Iterable[str] = keys.SCOPES,
) -> Made:
    """Make a key. ``trusted``: what it writes may count as a completion.

    :raises Invalid: when the name is blank or long, a scope does not exist, or one needs an organisation.
    :raises NotFound: when there is no organisation with this code.
    """
    name = name.strip()
    if not name or len(name) > 100:
        raise Invalid("A key needs a name of at most 100 characters, such as the system that will use it.")
    wanted = keys.chosen(scopes, known)
    keys.bound(wanted, organisation)
    organisation_id = _organisation(session, organisation) if organisation else None
    made = Key(
        name=name,
        prefix=f"gt{token_hex(8)}",
        secret_hash="",
        scopes=" ".join(wanted),
        trusted=trusted,
        organisation_id=organisation_id,
        created_by_id=actor.account_id,
        created_at=now,
    )
    secret = token_urlsafe(32)
    made.secret_hash = keys.digest(secret)
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor,
        "key.created",
        made.prefix,
        now=now,
        organisation_id=organisation_id,
        scopes=made.scopes,
        trusted=trusted,
    )
    assert made.id is not None
    return Made(made.id, made.prefix, secret)


def good(session: Session | Connection, prefix: str, secret: str) -> Holder | None:
    """The holder of a key, if the secret fits and the key is not revoked."""
    found = session.execute(
        select(
            col(Key.id),
            col(Key.name),
            col(Key.secret_hash),
            col(Key.scopes),
            col(Key.trusted),
            col(Key.organisation_id),
        ).where(col(Key.prefix) == prefix, col(Key.revoked_at).is_(None))
    ).first()
    fits = keys.fits(secret, found.secret_hash if found else "")
    if found is None or not fits:
        return None
    scopes = keys.granted(found.scopes.split())
    return Holder(found.id, found.name, prefix, scopes, found.trusted, found.organisation_id)


def listed(session: Session) -> list[KeyFacts]:
    """All keys, newest first."""
    return _facts(session, _with_organisation().order_by(col(Key.id).desc()))


def one(session: Session, prefix: str) -> KeyFacts:
    """One key.

    :raises NotFound: when there is no such key.
    """
    found = _facts(session, _with_organisation().where(col(Key.prefix) == prefix))
    if not found:
        raise NotFound(MISSING)
    return found[0]


def prefix_of(session: Session, key_id: int) -> str:
    """What a key is called in a request.

    :raises NotFound: when there is no such key.
    """
    found = session.get(Key, key_id)
    if found is None:
        raise NotFound(MISSING)
    return found.prefix


def revoke(session: Session, actor: Actor, prefix: str, *, now: datetime) -> None:
    """Let a key open nothing any more. What it wrote stays.

    :raises NotFound: when there is no such key.
    """
    key = _one(session, prefix)
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
        audit.record(session, actor, "key.revoked", prefix, now=now, organisation_id=key.organisation_id)


def trust(session: Session, actor: Actor, prefix: str, *, trusted: bool, now: datetime) -> int:
    """Let what a key writes count as completions, or no longer. Gives the key's id; project its statements anew.

    :raises NotFound: when there is no such key.
    """
    key = _one(session, prefix)
    if key.trusted is not trusted:
        key.trusted = trusted
        session.flush()
        action = "key.trusted" if trusted else "key.distrusted"
        audit.record(session, actor, action, prefix, now=now, organisation_id=key.organisation_id)
    assert key.id is not None
    return key.id


def _one(session: Session, prefix: str) -> Key:
    key: Key | None = session.execute(select(Key).where(col(Key.prefix) == prefix)).scalar_one_or_none()
    if key is None:
        raise NotFound(f"There is no key {prefix!r}. List them with: lms keys list")
    return key


def _with_organisation() -> Any:
    return select(Key, col(Organisation.code)).outerjoin(
        Organisation, col(Organisation.id) == col(Key.organisation_id)
    )


def _facts(session: Session, wanted: Any) -> list[KeyFacts]:
    return [
        KeyFacts(
            key.id,
            key.name,
            key.prefix,
            tuple(key.scopes.split()),
            key.trusted,
            code,
            key.created_at,
            key.revoked_at,
        )
        for key, code in session.execute(wanted)
    ]


def _organisation(session: Session, code: str) -> int:
    found = session.execute(select(col(Organisation.id)).where(col(Organisation.code) == code)).scalar()
    if found is None:
        raise NotFound(f"There is no organisation with the code {code!r}.")
    return int(found)
