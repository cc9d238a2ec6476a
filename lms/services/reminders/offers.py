"""What travels with a module that somebody is reminded of: its content note, dates to choose from, other formats."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlmodel import Session, col, func, or_, select

from lms.services.reminders.facts import Due
from lms.tables.organisations import Setting
from lms.tables.sessions import RegisterEntry, TrainingSession
from lms.tables.training_map import Equivalence, Module

SUPPORT_SETTING = "support_contact"
SUPPORT = "your line manager, your training team or the wellbeing service where you work"
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session that still has a place."""

    day: date
    starts: time
    venue: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One module of a reminder, with all that a person needs to choose."""

    due: Due
    title: str
    content_note: str
    meetings: tuple[Meeting, ...]
    formats: tuple[str, ...]
    support: str


def of(session: Session, items: Sequence[Due], today: date) -> list[Offer]:
    """What can be chosen for these modules."""
    ids = {one.module_id for one in items}
    modules = {one.id: one for one in session.exec(select(Module).where(col(Module.id).in_(ids)))}
    setting = session.get(Setting, SUPPORT_SETTING)
    support = str(setting.value) if setting else SUPPORT
    meetings = _meetings(session, ids, today)
    formats = _formats(session, ids, today)
    return [
        Offer(
            one,
            modules[one.module_id].title,
            modules[one.module_id].content_note,
            tuple(meetings[one.module_id][:SHOWN]),
            tuple(formats[one.module_id][:SHOWN]),
            support,
        )
        for one in items
    ]


def codes(session: Session, module_ids: Iterable[int]) -> dict[int, str]:
    """The codes of modules."""
    wanted = select(Module.id, Module.code).where(col(Module.id).in_(set(module_ids)))
    return {id_: code for id_, code in session.exec(wanted) if id_ is not None}


def _meetings(session: Session, module_ids: Iterable[int], today: date) -> Mapping[int, list[Meeting]]:
    taken = (
        select(RegisterEntry.session_id, func.count().label("names"))
        .group_by(col(RegisterEntry.session_id))
        .subquery()
    )
    rows = session.exec(
        select(TrainingSession)
        .join(taken, taken.c.session_id == TrainingSession.id, isouter=True)
        .where(
            col(TrainingSession.module_id).in_(set(module_ids)),
            TrainingSession.day > today,
            col(TrainingSession.cancelled_at).is_(None),
            or_(
                col(TrainingSession.capacity).is_(None),
                func.coalesce(taken.c.names, 0) < col(TrainingSession.capacity),
            ),
        )
        .order_by(col(TrainingSession.day), col(TrainingSession.starts), col(TrainingSession.id))
    )
    found: dict[int, list[Meeting]] = defaultdict(list)
    for one in rows:
        found[one.module_id].append(Meeting(one.day, one.starts, one.venue))
    return found


def _formats(session: Session, module_ids: Iterable[int], today: date) -> Mapping[int, list[str]]:
    """Modules that count for these, declared as such and in force."""
    rows = session.exec(
        select(Equivalence.counts_for_id, Module.title)
        .join(Module, col(Module.id) == Equivalence.module_id)
        .where(
            col(Equivalence.counts_for_id).in_(set(module_ids)),
            or_(col(Equivalence.from_day).is_(None), col(Equivalence.from_day) <= today),
            or_(col(Equivalence.to_day).is_(None), col(Equivalence.to_day) >= today),
        )
        .order_by(col(Module.title))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for module_id, title in rows:
        found[module_id].append(title)
    return found
