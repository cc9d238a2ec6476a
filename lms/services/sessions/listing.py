"""Sessions and registers as pages show them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session, col

from lms.errors import NotFound
from lms.rules import sessions as rules
from lms.rules.access import Role, Scope
from lms.rules.sessions import Mark, Tally
from lms.services.sessions.facts import MISSING
from lms.tables.accounts import AccessGrant, Account
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Post
from lms.tables.sessions import RegisterEntry, TrainingSession
from lms.tables.training_map import Module

NOBODY_YET = rules.tally({})


@dataclass(frozen=True)
class SessionFacts:
    """A session, and how its register stands."""

    id: int
    uuid: str
    module_id: int
    module_code: str
    module: str
    content_note: str
    organisation_id: int
    organisation_code: str
    organisation: str
    day: date
    starts: time
    minutes: int
    zone: str
    venue: str
    capacity: int | None
    trainer_id: int | None
    trainer: str | None
    cancelled_at: datetime | None
    tally: Tally = NOBODY_YET

    @property
    def starts_at(self) -> datetime:
        return rules.starts_at(self.day, self.starts, self.zone)

    @property
    def ends(self) -> time:
        """When it ends by the clock of the venue."""
        return (
            rules.ends_at(self.day, self.starts, self.zone, self.minutes)
            .astimezone(ZoneInfo(self.zone))
            .time()
        )

    @property
    def places_left(self) -> int | None:
        """How many more names there is room for; below zero where there are too many."""
        return None if self.capacity is None else self.capacity - self.tally.names


@dataclass(frozen=True)
class Entry:
    """One line of a register. ``organisation`` of a walk-in without a match is what they said it was."""

    id: int
    name: str
    mark: Mark
    employment_id: int | None
    employee_number: str | None
    organisation: str | None
    title: str | None
    walked_in_as: str | None
    marked_at: datetime
    marked_by: str | None

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to say who this is."""
        return self.walked_in_as is not None and self.employment_id is None


@dataclass(frozen=True)
class Register:
    """A session with the names on its register, by family name."""

    session: SessionFacts
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Trainer:
    """An account that may keep registers."""

    account_id: int
    name: str


def listed(
    session: Session,
    scope: Scope,
    today: date,
    *,
    past: bool = False,
    trainer_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[SessionFacts], int]:
    """A page of the sessions from today on, soonest first, or of those before, latest first; and how many."""
    day, starts, number = col(TrainingSession.day), col(TrainingSession.starts), col(TrainingSession.id)
    wanted = [*_within(scope), day < today if past else day >= today]
    if trainer_id is not None:
        wanted.append(col(TrainingSession.trainer_id) == trainer_id)
    total = session.execute(select(func.count()).select_from(TrainingSession).where(*wanted)).scalar_one()
    order = (day.desc(), starts.desc(), number.desc()) if past else (day.asc(), starts.asc(), number.asc())
    return _read(session, _sessions(wanted).order_by(*order).limit(limit).offset(offset)), total


def one(session: Session, scope: Scope, session_id: int) -> SessionFacts:
    """One session.

    :raises NotFound: when there is none such within the scope.
    """
    found = _read(session, _sessions([*_within(scope), col(TrainingSession.id) == session_id]))
    if not found:
        raise NotFound(MISSING)
    return found[0]


def register(session: Session, scope: Scope, session_id: int) -> Register:
    """A session and the names on its register, with the post each had on the day.

    :raises NotFound: when there is none such within the scope.
    """
    facts = one(session, scope, session_id)
    rows = session.execute(
        select(RegisterEntry, Employment, Organisation, Account)
        .join(Employment, col(Employment.id) == col(RegisterEntry.employment_id), isouter=True)
        .join(Organisation, col(Organisation.id) == col(Employment.organisation_id), isouter=True)
        .join(Account, col(Account.id) == col(RegisterEntry.marked_by_id), isouter=True)
        .where(col(RegisterEntry.session_id) == session_id)
    ).all()
    titles = _titles(session, [employment.id for _, employment, _, _ in rows if employment], facts.day)
    lines = [
        (_family_first(entry, employment), _entry(entry, employment, organisation, account, titles))
        for entry, employment, organisation, account in rows
    ]
    return Register(facts, tuple(entry for _, entry in sorted(lines, key=lambda line: (line[0], line[1].id))))


def unmatched(session: Session, scope: Scope, *, limit: int = 100) -> list[tuple[SessionFacts, Entry]]:
    """Walk-ins nobody has found in the role lists yet, latest session first."""
    entries = (
        session.execute(
            select(RegisterEntry)
            .join(TrainingSession, col(TrainingSession.id) == col(RegisterEntry.session_id))
            .where(
                *_within(scope),
                col(RegisterEntry.walk_in_name).is_not(None),
                col(RegisterEntry.employment_id).is_(None),
                col(RegisterEntry.mark).in_([mark for mark in Mark if mark.came]),
            )
            .order_by(col(TrainingSession.day).desc(), col(RegisterEntry.id))
            .limit(limit)
        )
        .scalars()
        .all()
    )
    ids = {entry.session_id for entry in entries}
    found = (
        {one.id: one for one in _read(session, _sessions([col(TrainingSession.id).in_(ids)]))} if ids else {}
    )
    return [(found[entry.session_id], _entry(entry, None, None, None, {})) for entry in entries]


def trainers(session: Session, scope: Scope) -> list[Trainer]:
    """Who may be a trainer within the scope: active accounts with that right in one of its organisations."""
    wanted = [col(Account.active), col(AccessGrant.role).in_([Role.TRAINER, Role.ADMINISTRATOR])]
    if not scope.everywhere:
        granted = col(AccessGrant.organisation_id)
        wanted.append(or_(granted.is_(None), granted.in_(scope.organisation_ids)))
    rows = session.execute(
        select(col(Account.id), col(Account.name))
        .join(AccessGrant, col(AccessGrant.account_id) == col(Account.id))
        .where(*wanted)
        .distinct()
    ).all()
    return [Trainer(id_, name) for id_, name in sorted(rows, key=lambda row: row[1].casefold())]


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    if scope.everywhere:
        return []
    return [col(TrainingSession.organisation_id).in_(scope.organisation_ids)]


def _sessions(
    wanted: Sequence[ColumnElement[bool]],
) -> Select[TrainingSession, Module, Organisation, Account]:
    return (
        select(TrainingSession, Module, Organisation, Account)
        .join(Module, col(Module.id) == col(TrainingSession.module_id))
        .join(Organisation, col(Organisation.id) == col(TrainingSession.organisation_id))
        .join(Account, col(Account.id) == col(TrainingSession.trainer_id), isouter=True)
        .where(*wanted)
    )


def _read(
    session: Session, query: Select[TrainingSession, Module, Organisation, Account]
) -> list[SessionFacts]:
    rows = session.execute(query).all()
    tallies = _tallies(session, [training.id for training, *_ in rows if training.id])
    return [
        _facts(training, module, organisation, trainer, tallies)
        for training, module, organisation, trainer in rows
    ]


def _tallies(session: Session, session_ids: Collection[int]) -> dict[int, Tally]:
    walked_in, matched = (
        col(RegisterEntry.walk_in_name).is_not(None),
        col(RegisterEntry.employment_id).is_not(None),
    )
    rows = session.execute(
        select(col(RegisterEntry.session_id), col(RegisterEntry.mark), walked_in, matched, func.count())
        .where(col(RegisterEntry.session_id).in_(session_ids))
        .group_by(col(RegisterEntry.session_id), col(RegisterEntry.mark), walked_in, matched)
    ).all()
    counts: dict[int, Counter[tuple[Mark, bool, bool]]] = defaultdict(Counter)
    for session_id, mark, walks, known, number in rows:
        counts[session_id][Mark(mark), bool(walks), bool(known)] += number
    return {session_id: rules.tally(found) for session_id, found in counts.items()}


def _titles(session: Session, employment_ids: Collection[int], day: date) -> dict[int, str]:
    """Job titles on a day, the main post's first."""
    rows = session.execute(
        select(col(Post.employment_id), col(Post.title))
        .where(
            col(Post.employment_id).in_(employment_ids),
            col(Post.starts_on) <= day,
            or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= day),
        )
        .order_by(col(Post.main).desc(), col(Post.id))
    ).all()
    titles: dict[int, str] = {}
    for employment_id, title in rows:
        titles.setdefault(employment_id, title)
    return titles


def _facts(
    training: TrainingSession,
    module: Module,
    organisation: Organisation,
    trainer: Account | None,
    tallies: Mapping[int, Tally],
) -> SessionFacts:
    facts = SessionFacts(
        id=training.id or 0,
        uuid=training.uuid,
        module_id=training.module_id,
        module_code=module.code,
        module=module.title,
        content_note=module.content_note,
        organisation_id=training.organisation_id,
        organisation_code=organisation.code,
        organisation=organisation.name,
        day=training.day,
        starts=training.starts,
        minutes=training.minutes,
        zone=training.zone,
        venue=training.venue,
        capacity=training.capacity,
        trainer_id=training.trainer_id,
        trainer=trainer.name if trainer else None,
        cancelled_at=training.cancelled_at,
    )
    return replace(facts, tally=tallies.get(facts.id, NOBODY_YET))


def _entry(
    entry: RegisterEntry,
    employment: Employment | None,
    organisation: Organisation | None,
    marked_by: Account | None,
    titles: Mapping[int, str],
) -> Entry:
    name = entry.walk_in_name or ""
    if employment is not None:
        given = employment.known_as or employment.given_name
        name = " ".join(part for part in (given, employment.family_name) if part)
    return Entry(
        id=entry.id or 0,
        name=name,
        mark=Mark(entry.mark),
        employment_id=entry.employment_id,
        employee_number=employment.employee_number if employment else None,
        organisation=organisation.name if organisation else entry.walk_in_organisation,
        title=titles.get(entry.employment_id or 0),
        walked_in_as=entry.walk_in_name,
        marked_at=entry.marked_at,
        marked_by=marked_by.name if marked_by else None,
    )


def _family_first(entry: RegisterEntry, employment: Employment | None) -> tuple[str, str]:
    if employment is not None:
        return employment.family_name.casefold(), employment.given_name.casefold()
    given, _, family = (entry.walk_in_name or "").rpartition(" ")
    return family.casefold(), given.casefold()
