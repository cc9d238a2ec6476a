"""Kept role lists checked and applied by a worker; every step may run twice."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlmodel import Session

from lms.errors import Conflict
from lms.rules.people.plan import COUNTED
from lms.rules.roster import Told
from lms.services import roster
from lms.services.audit import Actor
from lms.services.people import applying, checking
from lms.services.people.applying import Applied
from lms.services.people.checking import Checked, Options
from lms.tables.roster import RoleList

TO_CHECK = (roster.UPLOADED, roster.CHECKED, roster.REFUSED)


@dataclass(frozen=True)
class Rehearsed:
    """The report of a list, and whether its errors stand in its way."""

    report: Mapping[str, Any]
    refused: bool


def check(
    session: Session, role_list_id: int, *, tell: Told | None = None
) -> tuple[RoleList, Checked] | None:
    """Check a kept list, reading only; None where its turn has passed. ``tell`` is told how far it is."""
    role_list = session.get(RoleList, role_list_id)
    if role_list is None or role_list.state not in TO_CHECK:
        return None
    reading, options = roster.unpacked(role_list), options_of(role_list)
    return role_list, checking.check(session, role_list.organisation_id, reading, options, tell=tell)


def keep(session: Session, role_list_id: int, rehearsed: Rehearsed) -> RoleList | None:
    """Keep the report of a list; None where its turn has passed meanwhile."""
    role_list = session.get(RoleList, role_list_id)
    if role_list is None or role_list.state not in TO_CHECK:
        return None
    role_list.report = dict(rehearsed.report)
    role_list.state = roster.REFUSED if rehearsed.refused else roster.CHECKED
    session.add(role_list)
    session.flush()
    return role_list


def ask(session: Session, role_list: RoleList, options: Options) -> None:
    """Ask for a checked list to be applied as it was shown.

    :raises Conflict: when it is not waiting for that.
    """
    if role_list.state != roster.CHECKED:
        raise Conflict("This list is not waiting to be applied. Look at the organisation's lists.")
    role_list.options = role_list.options | asdict(options)
    role_list.state = roster.APPLYING
    session.add(role_list)
    session.flush()


def leave_out_bad_rows(session: Session, role_list: RoleList) -> None:
    """Let the rows with errors of a refused list be left out; check it anew afterwards.

    :raises Conflict: when it is not waiting for that.
    """
    if role_list.state != roster.REFUSED:
        raise Conflict("This list is not waiting for that. Look at the organisation’s lists.")
    role_list.options = role_list.options | {"only_good_rows": True}
    session.add(role_list)
    session.flush()


def apply(
    session: Session, role_list_id: int, *, actor: Actor, now: datetime, tell: Told | None = None
) -> Applied | None:
    """Apply a list that was asked for, exactly as it was shown; None where its turn has passed.

    Where something changed since the preview, the list goes back to be looked at, with the new report.
    """
    role_list = session.get(RoleList, role_list_id)
    if role_list is None or role_list.state != roster.APPLYING:
        return None
    applying.lock(session, role_list.organisation_id)
    session.refresh(role_list)
    if role_list.state != roster.APPLYING:
        return None
    reading, options = roster.unpacked(role_list), options_of(role_list)
    checked = checking.check(session, role_list.organisation_id, reading, options, tell=tell)
    shown = role_list.report or {}
    if not checked.applicable or not _same(shown, checked.report()):
        role_list.report = checked.report() | {"changed_since": True}
        role_list.state = roster.REFUSED if checked.refused else roster.CHECKED
        session.add(role_list)
        session.flush()
        return None
    if tell is not None:
        tell("Writing", 0, None)
    return applying.apply(
        session, role_list.organisation_id, checked, actor=actor, now=now, role_list=role_list
    )


def options_of(role_list: RoleList) -> Options:
    """What was said about a list when it was uploaded or confirmed."""
    known = {field.name for field in fields(Options)}
    return Options(**{name: value for name, value in role_list.options.items() if name in known})


def _same(shown: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether what was looked at is what would be done."""
    return all(shown.get(key) == now.get(key) for key in (*COUNTED.values(), "rows", "people", "errors"))
