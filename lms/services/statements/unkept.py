"""Statements that another store sent and the log cannot hold: nothing that was fetched is dropped.

Fetching goes on behind them, so nobody would see them again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlmodel import Session, col

from lms.tables.statements import Unkept


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement as it came, and why it cannot be kept. ``statement_id`` is blank where it cannot be read."""

    statement_id: str
    came_at: datetime
    reason: str
    text: str


def note(session: Session, store_id: int, found: Sequence[tuple[str, str]], now: datetime) -> None:
    """Keep statements as (text, reason), each text once however often it is fetched."""
    # PostgreSQL holds no NUL, and JSON none either.
    texts = {sha256(text.encode()).hexdigest(): (text.replace("\0", "\ufffd"), why) for text, why in found}
    held = session.execute(
        select(col(Unkept.fingerprint)).where(
            col(Unkept.store_id) == store_id, col(Unkept.fingerprint).in_(texts)
        )
    ).scalars()
    for fingerprint in held:
        del texts[fingerprint]
    for fingerprint, (text, reason) in texts.items():
        session.add(
            Unkept(store_id=store_id, fingerprint=fingerprint, payload=text, reason=reason, came_at=now)
        )
    session.flush()


def listed(session: Session, store_id: int, *, limit: int = 20) -> list[Refused]:
    """What a store sent that cannot be kept, the newest first."""
    found = session.execute(
        select(Unkept).where(col(Unkept.store_id) == store_id).order_by(col(Unkept.id).desc()).limit(limit)
    ).scalars()
    return [Refused(_statement_id(one.payload), one.came_at, one.reason, one.payload) for one in found]


def _statement_id(text: str) -> str:
    """The id that a text gives itself, blank where none can be read."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    named = found.get("id") if isinstance(found, dict) else None
    return named[:64] if isinstance(named, str) else ""
