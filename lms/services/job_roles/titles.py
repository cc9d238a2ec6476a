"""Which job title means which role: confirmed by the organisation, else everywhere, else a role's own name.

A title is never mapped silently (policy.md, Role lists): only exact and previously confirmed titles map by
themselves. What rests on the title's meaning everywhere, or on a role's name, follows when those change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from lms.rules.dates import DAY
from lms.rules.job_roles import TITLES_FILE, JobTitleRow, title_key
from lms.rules.reference_files import Loaded, Problem, suggestion
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole

CONFIRMED, EVERYWHERE, NAME = "confirmed", "everywhere", "name"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a title maps to; without a role, 'no role: everyone-requirements only'. ``basis`` says why."""

    job_role_id: int | None
    basis: str


def meanings(session: Session, organisation_id: int, keys: Iterable[str]) -> dict[str, Meaning]:
    """What titles of an organisation, by their keys, mean from now on; a key that is missing is unmapped."""
    own = _meant(session, organisation_id, confirmed=True)
    others = _elsewhere(session)
    return {key: found for key in set(keys) if (found := own.get(key) or others.get(key))}


def keep(session: Session, organisation_id: int, titles: Mapping[str, str], now: datetime) -> dict[str, int]:
    """The ids of titles of an organisation by key, made where missing, and mapped where that is certain."""
    known = _ids(session, organisation_id)
    new = [
        {"organisation_id": organisation_id, "key": key, "title": title[:300]}
        for key, title in titles.items()
        if key not in known
    ]
    if new:
        _make(session, new)
        follow(session, now)
        known = _ids(session, organisation_id)
    return {key: known[key] for key in titles}


def confirm(
    session: Session,
    job_title_ids: Iterable[int],
    job_role_id: int | None,
    *,
    account_id: int | None,
    now: datetime,
    from_day: date | None = None,
) -> None:
    """Say what titles mean, from a day or since always; without a role, everyone-requirements only.

    It is remembered for the organisation of each title and for nobody else.
    """
    wanted = sorted(set(job_title_ids))
    rows = col(JobTitleRole.job_title_id).in_(wanted)
    if from_day is None:
        session.execute(delete(JobTitleRole).where(rows))
    else:
        session.execute(delete(JobTitleRole).where(rows, col(JobTitleRole.from_day) >= from_day))
        still_open = col(JobTitleRole.to_day).is_(None) | (col(JobTitleRole.to_day) >= from_day)
        session.execute(update(JobTitleRole).where(rows, still_open).values(to_day=from_day - DAY))
    _add(session, [(id_, Meaning(job_role_id, CONFIRMED)) for id_ in wanted], now, account_id, from_day)
    follow(session, now)


def follow(session: Session, now: datetime) -> None:
    """Bring the titles of organisations up to date with what they mean everywhere and with the roles' names."""
    elsewhere = _elsewhere(session)
    current: dict[int, JobTitleRole] = {}
    dated: set[int] = set()
    for row in session.exec(select(JobTitleRole)):
        if row.basis == CONFIRMED:
            dated.add(row.job_title_id)
        else:
            current[row.job_title_id] = row
    titles = session.exec(
        select(JobTitle.id, JobTitle.key).where(col(JobTitle.organisation_id).is_not(None))
    ).all()
    stale: list[int | None] = []
    missing: list[tuple[int, Meaning]] = []
    for id_, key in titles:
        if id_ is None or id_ in dated:
            continue
        found, derived = elsewhere.get(key), current.get(id_)
        if derived is not None:
            if found == Meaning(derived.job_role_id, derived.basis):
                continue
            stale.append(derived.id)
        if found is not None:
            missing.append((id_, found))
    if stale:
        session.execute(delete(JobTitleRole).where(col(JobTitleRole.id).in_(stale)))
    _add(session, missing, now, None, None)


def load_titles(
    session: Session, rows: Sequence[JobTitleRow], organisations: Mapping[str, int], *, now: datetime
) -> Loaded:
    """Confirm what the file says titles mean. The same again changes nothing."""
    roles = {code: id_ for code, id_ in session.exec(select(JobRole.code, JobRole.id)) if id_}
    problems = list(_problems(rows, organisations, roles))
    wanted: dict[tuple[int | None, str], tuple[str, int | None]] = {}
    for row in rows:
        if (row.organisation or "") in {"", *organisations}:
            where = organisations[row.organisation] if row.organisation else None
            role_id = roles.get(row.job_role) if row.job_role else None
            wanted[where, title_key(row.title)] = (row.title, role_id)
    ids = _all_ids(session)
    new = [
        {"organisation_id": where, "key": key, "title": title}
        for (where, key), (title, _) in wanted.items()
        if (where, key) not in ids
    ]
    if new:
        _make(session, new)
        ids = _all_ids(session)
    meant = {
        row.job_title_id: row.job_role_id
        for row in session.exec(select(JobTitleRole))
        if row.to_day is None and row.basis == CONFIRMED
    }
    by_role: dict[int | None, list[int]] = {}
    for place, (_, role_id) in wanted.items():
        id_ = ids[place]
        if id_ not in meant or meant[id_] != role_id:
            by_role.setdefault(role_id, []).append(id_)
    changed = sum(1 for found in by_role.values() for id_ in found if id_ in meant)
    for role_id, found in by_role.items():
        _state(session, found, role_id, now)
    follow(session, now)
    added = sum(map(len, by_role.values())) - changed
    return Loaded(TITLES_FILE, added, changed, len(wanted) - added - changed, tuple(problems))


def _state(session: Session, job_title_ids: Sequence[int], job_role_id: int | None, now: datetime) -> None:
    """A file has no dates: what it says replaces what was confirmed without an end, and dated history stays."""
    rows = col(JobTitleRole.job_title_id).in_(job_title_ids)
    session.execute(delete(JobTitleRole).where(rows, col(JobTitleRole.basis) != CONFIRMED))
    ended: dict[int, date] = {}
    opened: set[int] = set()
    for row in session.exec(select(JobTitleRole).where(rows)):
        if row.to_day is None:
            opened.add(row.job_title_id)
        else:
            ended[row.job_title_id] = max(row.to_day, ended.get(row.job_title_id, row.to_day))
    session.execute(
        update(JobTitleRole)
        .where(rows, col(JobTitleRole.to_day).is_(None))
        .values(job_role_id=job_role_id, decided_at=now, decided_by_id=None)
    )
    fresh = [id_ for id_ in job_title_ids if id_ not in opened]
    meaning = Meaning(job_role_id, CONFIRMED)
    _add(session, [(id_, meaning) for id_ in fresh if id_ not in ended], now, None, None)
    for id_ in (one for one in fresh if one in ended):
        _add(session, [(id_, meaning)], now, None, ended[id_] + DAY)


def _make(session: Session, titles: Sequence[dict[str, Any]]) -> None:
    """Add titles; one that somebody else has added at the same moment is left as it is."""
    table: Table = JobTitle.__table__  # type: ignore[attr-defined]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(table).on_conflict_do_nothing(), titles)
    else:
        session.execute(sqlite.insert(table).on_conflict_do_nothing(), titles)


def _problems(
    rows: Iterable[JobTitleRow], organisations: Mapping[str, int], roles: Mapping[str, int]
) -> Iterable[Problem]:
    for row in rows:
        if row.organisation and row.organisation not in organisations:
            yield row.line.problem(
                "organisation",
                f"there is no organisation with the code '{row.organisation}'."
                f"{suggestion(row.organisation, organisations)} Add it to organisations.csv.",
            )
        if row.job_role and row.job_role not in roles:
            yield row.line.problem(
                "job_role",
                f"there is no job role with the code '{row.job_role}'.{suggestion(row.job_role, roles)} Add it to "
                "job-roles.csv.",
            )


def _ids(session: Session, organisation_id: int) -> dict[str, int]:
    found = session.exec(
        select(JobTitle.key, JobTitle.id).where(JobTitle.organisation_id == organisation_id)
    ).all()
    return {key: id_ for key, id_ in found if id_}


def _all_ids(session: Session) -> dict[tuple[int | None, str], int]:
    found = session.exec(select(JobTitle.organisation_id, JobTitle.key, JobTitle.id)).all()
    return {(where, key): id_ for where, key, id_ in found if id_}


def _meant(session: Session, organisation_id: int | None, *, confirmed: bool) -> dict[str, Meaning]:
    """What titles mean without an end, by key."""
    query = (
        select(JobTitle.key, JobTitleRole.job_role_id)
        .join(JobTitleRole, col(JobTitleRole.job_title_id) == JobTitle.id)
        .where(col(JobTitle.organisation_id) == organisation_id)
        .where(col(JobTitleRole.to_day).is_(None))
    )
    if confirmed:
        query = query.where(JobTitleRole.basis == CONFIRMED)
    return {key: Meaning(role_id, CONFIRMED) for key, role_id in session.exec(query)}


def _elsewhere(session: Session) -> dict[str, Meaning]:
    """What titles mean by a role's own name, where only one role has it, or else everywhere, which goes first."""
    names: dict[str, set[int]] = {}
    for role_id, name in session.exec(select(JobRole.id, JobRole.name)):
        if role_id is not None:
            names.setdefault(title_key(name), set()).add(role_id)
    found = {key: Meaning(min(ids), NAME) for key, ids in names.items() if len(ids) == 1}
    for key, meaning in _meant(session, None, confirmed=False).items():
        found[key] = Meaning(meaning.job_role_id, EVERYWHERE)
    return found


def _add(
    session: Session,
    meant: Iterable[tuple[int, Meaning]],
    now: datetime,
    account_id: int | None,
    from_day: date | None,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "job_title_id": id_,
            "job_role_id": meaning.job_role_id,
            "basis": meaning.basis,
            "from_day": from_day,
            "decided_by_id": account_id,
            "decided_at": now,
        }
        for id_, meaning in meant
    ]
    if rows:
        session.execute(insert(JobTitleRole), rows)
