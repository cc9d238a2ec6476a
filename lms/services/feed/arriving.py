"""A list arrives: kept once, however often it is sent."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from lms.errors import NotFound
from lms.rules import feed as rules
from lms.rules.access import Scope
from lms.rules.feed import Outcome
from lms.rules.roster import Reading
from lms.services import roster
from lms.services.feed.facts import Fed
from lms.tables.organisations import Organisation
from lms.tables.roster import RoleList

FOLDER = "folder"
OUTCOMES = {
    roster.APPLIED: Outcome.APPLIED,
    roster.CHECKED: Outcome.STOPPED,
    roster.REFUSED: Outcome.REFUSED,
}


def arrive(
    session: Session,
    organisation_id: int,
    reading: Reading,
    *,
    digest: str,
    filename: str,
    covers: str | None,
    fed_by: str,
    now: datetime,
) -> RoleList:
    """Keep what was read of a list, to be taken; or give the same list of the same day, which is there already.

    One that was refused is looked at again: what stood against it may have been put right here, such as its columns.
    """
    fingerprint = rules.fingerprint(digest, covers)
    found = _same(session, organisation_id, reading, fingerprint)
    if found is None:
        try:
            with session.begin_nested():
                return _new(session, organisation_id, reading, fingerprint, filename, covers, fed_by, now)
        except IntegrityError:
            # Somebody else sent it at the same moment.
            found = _same(session, organisation_id, reading, fingerprint)
            assert found is not None
    if found.state == roster.REFUSED:
        found.cells, found.state, found.uploaded_at = roster.packed(reading), roster.ARRIVED, now
        found.options, found.report = {"covers": covers}, None
        session.add(found)
        session.flush()
    return found


def one(session: Session, scope: Scope, organisation_id: int, role_list_id: int) -> Fed:
    """A list of an organisation that a feed brought, and what came of it.

    :raises NotFound: when there is none, or none that a feed brought.
    """
    found = roster.one(session, scope, role_list_id)
    if found.organisation_id != organisation_id or found.fed_by is None:
        raise NotFound(roster.MISSING)
    code = session.get_one(Organisation, organisation_id).code
    return Fed(
        role_list_id, code, found.as_at, found.filename, found.state, OUTCOMES.get(found.state), found.report
    )


def waiting(session: Session, organisation_id: int) -> int:
    """How many lists of an organisation have arrived and are not taken."""
    return session.exec(
        select(func.count())
        .select_from(RoleList)
        .where(RoleList.organisation_id == organisation_id, RoleList.state == roster.ARRIVED)
    ).one()


def _new(
    session: Session,
    organisation_id: int,
    reading: Reading,
    fingerprint: str,
    filename: str,
    covers: str | None,
    fed_by: str,
    now: datetime,
) -> RoleList:
    made = roster.keep(
        session,
        organisation_id,
        reading,
        filename=filename,
        options={"covers": covers},
        account_id=None,
        now=now,
    )
    made.state, made.fed_by, made.fingerprint = roster.ARRIVED, fed_by[:64], fingerprint
    session.flush()
    return made


def _same(session: Session, organisation_id: int, reading: Reading, fingerprint: str) -> RoleList | None:
    return session.exec(
        select(RoleList)
        .where(
            RoleList.organisation_id == organisation_id,
            RoleList.as_at == reading.as_at,
            col(RoleList.fingerprint) == fingerprint,
        )
        .with_for_update()
    ).first()
