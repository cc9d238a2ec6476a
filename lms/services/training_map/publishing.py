"""Publishing a draft from a day, and taking a version back."""

from datetime import date, datetime

from sqlmodel import Session

from lms.errors import Conflict, Invalid, NotFound
from lms.rules.access import Scope
from lms.rules.training_map.rows import RequirementRow
from lms.rules.training_map.versions import differences
from lms.services import audit
from lms.services.audit import Actor
from lms.services.training_map.drafts import locked, outcome, within
from lms.services.training_map.versions import PUBLISHED, RELEASED, checked, newest, publish, rows_of
from lms.tables.training_map import MapVersion

MOVED_ON = "The map has been published again since this draft was begun. Bring the draft up to date first."
NOT_NEWEST = "Only the newest version can be taken back, and another one has been published since."
NO_REASON = "Say in a sentence why the map changes. Everybody of whom something is asked can read it."


def release(
    session: Session,
    draft_id: int,
    *,
    from_day: date | None,
    reason: str,
    revision: int,
    scope: Scope,
    actor: Actor,
    now: datetime,
) -> MapVersion:
    """Publish a draft from a day: before that day all stays as it was. The draft itself is then gone.

    :raises Conflict: when the map or the draft has moved on since it was looked at.
    :raises Invalid: when no reason is given, nothing changes, or a row cannot be used any more.
    """
    draft = locked(session, draft_id)
    current = newest(session)
    if draft.base_id != (current.id if current else None):
        raise Conflict(MOVED_ON)
    if draft.revision != revision:
        raise Conflict("Somebody else has changed this draft since you saw its preview. Look at it again.")
    if not reason.strip():
        raise Invalid(NO_REASON)
    rows = checked(session, outcome(session, draft, from_day))
    within(session, differences(rows_of(current), rows), scope)
    if not differences(rows_of(current), rows):
        raise Invalid("This draft changes nothing from that day on, so there is nothing to publish.")
    draft.state = RELEASED
    session.add(draft)
    version = publish(
        session,
        rows,
        after=current,
        title=draft.title,
        note=reason.strip()[:2000],
        from_day=from_day,
        account_id=actor.account_id,
        now=now,
    )
    _note(session, actor, "map.published", version, now)
    return version


def before(session: Session, version: MapVersion) -> list[RequirementRow]:
    """What the map said before a version."""
    return rows_of(session.get(MapVersion, version.base_id) if version.base_id else None)


def undo(
    session: Session,
    version_id: int,
    *,
    reason: str,
    scope: Scope,
    actor: Actor,
    now: datetime,
) -> MapVersion:
    """Take the newest version back: a new version that says what the one before it said.

    :raises Conflict: when it is not the newest any more.
    :raises Invalid: when no reason is given.
    """
    current = newest(session)
    version = session.get(MapVersion, version_id)
    if version is None or version.state != PUBLISHED:
        raise NotFound("There is no such version of the map.")
    if current is None or version.id != current.id:
        raise Conflict(NOT_NEWEST)
    if not reason.strip():
        raise Invalid(NO_REASON)
    rows = checked(session, before(session, version))
    within(session, differences(rows_of(version), rows), scope)
    taken_back = publish(
        session,
        rows,
        after=current,
        title=f"Takes back version {version.number}",
        note=reason.strip()[:2000],
        from_day=version.from_day,
        undoes_id=version.id,
        account_id=actor.account_id,
        now=now,
    )
    _note(session, actor, "map.taken_back", taken_back, now)
    return taken_back


def _note(session: Session, actor: Actor, action: str, version: MapVersion, now: datetime) -> None:
    day = version.from_day.isoformat() if version.from_day else None
    audit.record(session, actor, action, f"map version {version.number}", now=now, from_day=day)
