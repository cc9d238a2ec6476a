"""The versions of the map that were published: when, from which day, by whom, and why."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from lms.services.training_map.versions import PUBLISHED
from lms.tables.accounts import Account
from lms.tables.training_map import MapVersion


@dataclass(frozen=True, slots=True)
class Published:
    """One version. ``from_day`` None is since always; ``undoes`` is the number of the one it takes back."""

    number: int
    title: str
    note: str
    from_day: date | None
    published_at: datetime | None
    published_by: str | None
    undoes: int | None
    rows: int


def every(session: Session) -> list[Published]:
    """Every published version, the newest first."""
    names = dict(session.exec(select(Account.id, Account.name)).all())
    found = session.exec(
        select(MapVersion).where(MapVersion.state == PUBLISHED).order_by(col(MapVersion.number).desc())
    ).all()
    numbers = {one.id: one.number for one in found}
    return [
        Published(
            number=one.number or 0,
            title=one.title,
            note=one.note,
            from_day=one.from_day,
            published_at=one.published_at,
            published_by=names.get(one.published_by_id),
            undoes=numbers.get(one.undoes_id),
            rows=len(one.rows),
        )
        for one in found
    ]
