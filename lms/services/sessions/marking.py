"""A session's register: names from the role list, walk-ins, and marks. A save says all of it at once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from lms.errors import Conflict, Invalid, NotFound
from lms.rules import sessions as rules
from lms.rules.access import Scope
from lms.rules.accounts import Problem
from lms.rules.sessions import Change, Mark
from lms.services.audit import Actor
from lms.services.sessions import facts
from lms.tables.people import Employment
from lms.tables.sessions import RegisterEntry, TrainingSession

NOT_ON_IT = "This name is not on the register any more. Reload the page to see who is."
NOBODY = "There is no such person, or not within your organisations."
CANCELLED = "This session is cancelled. Reinstate it first if it took place after all."

_SAVED = sa.select(
    col(RegisterEntry.id), col(RegisterEntry.mark), col(RegisterEntry.employment_id), col(RegisterEntry.fact)
)


def add_people(
    session: Session,
    scope: Scope,
    actor: Actor,
    session_id: int,
    employment_ids: Collection[int],
    *,
    now: datetime,
) -> int:
    """Put people of the role lists on the register as booked, each once; how many are new on it.

    Neither an account nor an e-mail address is needed (policy.md, Role lists).

    :raises NotFound: when one of them is outside the scope.
    """
    training = _open_for_names(session, scope, session_id)
    wanted = set(employment_ids)
    found = dict(
        session.exec(
            select(col(Employment.id), Employment.organisation_id).where(col(Employment.id).in_(wanted))
        ).all()
    )
    if found.keys() != wanted or not all(scope.covers(organisation) for organisation in found.values()):
        raise NotFound(NOBODY)
    there = session.exec(
        select(RegisterEntry.employment_id).where(
            RegisterEntry.session_id == session_id, col(RegisterEntry.employment_id).in_(wanted)
        )
    ).all()
    new = sorted(wanted.difference(there))
    if new:
        rows = [
            {**_entry(session_id, Mark.BOOKED, actor, now), "employment_id": employment_id}
            for employment_id in new
        ]
        session.execute(insert(RegisterEntry), rows)
        facts.note(session, actor, "register.added", training, now, people=len(new))
    return len(new)


def add_walk_in(
    session: Session,
    scope: Scope,
    actor: Actor,
    session_id: int,
    name: str,
    organisation: str,
    *,
    now: datetime,
) -> bool:
    """Record at once, by name, that somebody came who is on no list; False where the name is there already.

    :raises Invalid: when it is no name, or the register is not open yet.
    """
    training = _open_for_names(session, scope, session_id)
    name, organisation = " ".join(name.split()), " ".join(organisation.split())[: rules.LONGEST_NAME]
    if problem := rules.name_problem(name):
        raise Invalid("The name cannot be used.", [Problem("name", problem)])
    _check_open(training, now, field="name")
    there = session.exec(
        select(RegisterEntry).where(
            RegisterEntry.session_id == session_id, col(RegisterEntry.walk_in_name).is_not(None)
        )
    ).all()
    if any(_same(entry, name, organisation) for entry in there):
        return False
    session.add(
        RegisterEntry(
            **_entry(session_id, Mark.ATTENDED, actor, now),
            walk_in_name=name,
            walk_in_organisation=organisation or None,
        )
    )
    session.flush()
    facts.note(session, actor, "register.walk_in", training, now)
    return True


def match(
    session: Session,
    scope: Scope,
    actor: Actor,
    session_id: int,
    entry_id: int,
    employment_id: int,
    *,
    now: datetime,
) -> None:
    """Say whom of the role lists a walk-in is; from then on the attendance is theirs.

    Where that person is on the register already, the two become one line with the walk-in's mark.

    :raises Conflict: when both say that somebody came; one of them is a mistake that only a person can see.
    """
    training = facts.held(session, scope, session_id)
    entry = _walk_in(session, session_id, entry_id)
    employment = session.get(Employment, employment_id)
    if employment is None or not scope.covers(employment.organisation_id):
        raise NotFound(NOBODY)
    if entry.employment_id == employment_id:
        return
    _forget(session, entry, actor, now)
    other = session.exec(
        select(RegisterEntry).where(
            RegisterEntry.session_id == session_id, RegisterEntry.employment_id == employment_id
        )
    ).one_or_none()
    if other is not None:
        if Mark(other.mark).came:
            raise Conflict(
                "This person is on the register already and marked as having come. Remove the walk-in if it is the "
                "same person, or choose somebody else."
            )
        session.delete(other)
        session.flush()
    entry.employment_id = employment_id
    session.flush()
    if Mark(entry.mark).came:
        facts.make(session, training, [(employment_id, Mark(entry.mark), entry.fact)], actor, now)
    facts.note(session, actor, "walk_in.matched", training, now, entry=entry_id)


def unmatch(
    session: Session, scope: Scope, actor: Actor, session_id: int, entry_id: int, *, now: datetime
) -> None:
    """Take a wrong match back: the attendance is nobody's of the role lists again."""
    training = facts.held(session, scope, session_id)
    entry = _walk_in(session, session_id, entry_id)
    if entry.employment_id is not None:
        _forget(session, entry, actor, now)
        entry.employment_id = None
        session.flush()
        facts.note(session, actor, "walk_in.unmatched", training, now, entry=entry_id)


def remove(
    session: Session, scope: Scope, actor: Actor, session_id: int, entry_id: int, *, now: datetime
) -> None:
    """Take a name off the register that should not be on it. An attendance recorded with it is void."""
    training = facts.held(session, scope, session_id)
    entry = _on_it(session, session_id, entry_id)
    _forget(session, entry, actor, now)
    session.execute(delete(RegisterEntry).where(col(RegisterEntry.id) == entry_id))
    facts.note(session, actor, "register.removed", training, now, entry=entry_id)


def mark(
    session: Session,
    scope: Scope,
    actor: Actor,
    session_id: int,
    wanted: Mapping[int, Mark],
    *,
    now: datetime,
    seen: Mapping[int, Mark] | None = None,
) -> list[Change]:
    """Save the marks of a register by entry, all of them or none; what changed.

    ``seen`` are the marks the form was filled with (``rules.sessions.changes``). Correcting a mark supersedes
    what was recorded and records anew.

    :raises Conflict: when the session is cancelled.
    :raises Invalid: before the register opens.
    """
    training = _open_for_names(session, scope, session_id)
    entries = {
        entry_id: (Mark(current), employment_id, fact)
        for entry_id, current, employment_id, fact in session.execute(
            _SAVED.where(col(RegisterEntry.session_id) == session_id)
        )
    }
    changes = rules.changes({entry: current for entry, (current, _, _) in entries.items()}, wanted, seen)
    if not changes:
        return []
    _check_open(training, now, field="register")
    facts.supersede(session, [entries[one.entry_id][2] for one in changes if one.ends_fact], actor, now)
    # The next attendance of this person is another fact than the one that is void now.
    ids = {one.entry_id: facts.new_id() if one.ends_fact else entries[one.entry_id][2] for one in changes}
    session.execute(
        update(RegisterEntry),
        [
            {
                "id": one.entry_id,
                "mark": one.after,
                "fact": ids[one.entry_id],
                "marked_by_id": actor.account_id,
                "marked_at": now,
            }
            for one in changes
        ],
    )
    session.expire_all()
    made = [
        (employment_id, one.after, ids[one.entry_id])
        for one in changes
        if one.makes_fact and (employment_id := entries[one.entry_id][1]) is not None
    ]
    facts.make(session, training, made, actor, now)
    counts = {each.value: sum(1 for one in changes if one.after is each) for each in Mark}
    facts.note(session, actor, "register.marked", training, now, **counts)
    return changes


def _open_for_names(session: Session, scope: Scope, session_id: int) -> TrainingSession:
    training = facts.held(session, scope, session_id)
    if training.cancelled_at:
        raise Conflict(CANCELLED)
    return training


def _check_open(training: TrainingSession, now: datetime, *, field: str) -> None:
    begins = facts.begins(training)
    if not rules.may_be_marked(begins, now):
        local = (begins - rules.MARKED_BEFORE_START).astimezone(ZoneInfo(training.zone))
        said = (
            f"This register opens at {local:%H:%M} on {local.day} {local:%B %Y}, an hour before the session"
        )
        raise Invalid("The register is not open yet.", [Problem(field, said)])


def _entry(session_id: int, first: Mark, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "mark": first.value,
        "fact": facts.new_id(),
        "marked_by_id": actor.account_id,
        "marked_at": now,
    }


def _same(entry: RegisterEntry, name: str, organisation: str) -> bool:
    return (entry.walk_in_name or "").casefold() == name.casefold() and (
        entry.walk_in_organisation or ""
    ).casefold() == organisation.casefold()


def _on_it(session: Session, session_id: int, entry_id: int) -> RegisterEntry:
    entry = session.get(RegisterEntry, entry_id)
    if entry is None or entry.session_id != session_id:
        raise NotFound(NOT_ON_IT)
    return entry


def _walk_in(session: Session, session_id: int, entry_id: int) -> RegisterEntry:
    entry = _on_it(session, session_id, entry_id)
    if entry.walk_in_name is None:
        raise Conflict("This person is on the register from the role list, so there is nobody to match.")
    return entry


def _forget(session: Session, entry: RegisterEntry, actor: Actor, now: datetime) -> None:
    """What was recorded of this line is void; the line takes the id of the next fact."""
    facts.supersede(session, [entry.fact], actor, now)
    entry.fact = facts.new_id()
    session.flush()
