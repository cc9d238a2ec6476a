"""A list that arrived is checked and applied, or waits for a person; everything of it in the caller's transaction."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from lms.services import roster
from lms.services.audit import Actor
from lms.services.completions import reconciling
from lms.services.coverage import effect
from lms.services.feed import telling
from lms.services.feed.arriving import OUTCOMES
from lms.services.people import applying, checking, lists
from lms.services.people.checking import Checked
from lms.tables.roster import RoleList


def take(session: Session, organisation_id: int, *, base_url: str, now: datetime) -> RoleList | None:
    """Take the list with the earliest date that has arrived for an organisation; None where none has.

    It is applied as a whole, with the same brakes as one that somebody uploads; what a person has to confirm waits
    for a person. Whoever is to know of it is told, once.
    """
    applying.lock(session, organisation_id)
    role_list = session.exec(
        select(RoleList)
        .where(RoleList.organisation_id == organisation_id, RoleList.state == roster.ARRIVED)
        .order_by(col(RoleList.as_at), col(RoleList.id))
        .limit(1)
    ).first()
    if role_list is None:
        return None
    checked = checking.check(
        session, organisation_id, roster.unpacked(role_list), lists.options_of(role_list)
    )
    if checked.applicable:
        _apply(session, role_list, checked, base_url, now)
    else:
        role_list.state = roster.UPLOADED
        session.flush()
        effect.check(session, role_list.id or 0)
    telling.queue(session, role_list, OUTCOMES[role_list.state], base_url, now)
    return role_list


def _apply(session: Session, role_list: RoleList, checked: Checked, base_url: str, now: datetime) -> None:
    organisation_id, on = role_list.organisation_id, role_list.as_at
    before = effect.now(session, organisation_id, on)
    actor = Actor(f"feed: {role_list.fed_by}")
    applied = applying.apply(session, organisation_id, checked, actor=actor, now=now, role_list=role_list)
    reconciling.people_changed(session, sorted(applied.touched), base_url, now)
    change = effect.applied(session, organisation_id, checked, before)
    role_list.report = {**(role_list.report or {}), "coverage": [asdict(one) for one in change]}
    session.flush()
