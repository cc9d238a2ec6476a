"""Which days are still to be published."""

from datetime import date, timedelta

from sqlmodel import Session, col, func, select

from lms.rules.dates import DAY
from lms.tables.coverage import CoverageSnapshot

# A month's release is made from its last day, so a day that was missed is published late rather than never.
CATCH_UP = timedelta(days=31)


def outstanding(session: Session, yesterday: date) -> list[date]:
    """Yesterday and the days before it back to the last one published; at the very first, yesterday alone."""
    last = session.exec(
        select(func.max(CoverageSnapshot.as_at)).where(col(CoverageSnapshot.as_at) <= yesterday)
    ).one()
    first = yesterday if last is None else max(last + DAY, yesterday - CATCH_UP)
    return [first + timedelta(days=number) for number in range((yesterday - first).days + 1)]
