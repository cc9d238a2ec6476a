"""The blueprint of the sessions' pages, and what follows every change of a register."""

from datetime import date, datetime, time

from flask import Blueprint
from sqlmodel import Session

from lms import settings
from lms.services.completions import attendance

blueprint = Blueprint("sessions", __name__)


def recorded(session: Session, session_id: int, now: datetime) -> None:
    """Bring the record up to date with a register that has just changed, in the same transaction.

    Here and not in the service of sessions, which stands upstream of statements and knows nothing of them
    (house.md: pull, never push). The page composes the two calls so that the completion is there at once; where
    it gets no further than the first, a sweeper makes the second.
    """
    attendance.record(session, session_id, settings.current().base_url, now)


@blueprint.app_template_filter("weekday")
def weekday(day: date) -> str:
    """Wednesday."""
    return f"{day:%A}"


@blueprint.app_template_filter("clock_time")
def clock_time(one: time) -> str:
    """9:30am, midday, midnight: as the clock of the venue shows it."""
    if one.minute == 0 and one.hour in (0, 12):
        return "midday" if one.hour else "midnight"
    return f"{one.hour % 12 or 12}:{one.minute:02}{'am' if one.hour < 12 else 'pm'}"
