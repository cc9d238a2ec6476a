"""Which job title means which role: confirmed by the organisation, else everywhere, else a role's own name.

A title is never mapped silently (policy.md, Role lists): only exact and previously confirmed titles map by
themselves. What rests on the title's meaning everywhere, or on a role's name, follows when those change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, insert, or_, update
from sqlalchemy import select as columns_of
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from lms.rules.dates import DAY
from lms.rules.job_roles import TITLES_FILE, JobTitleRow, title_key
from lms.rules.reference_files import Loaded, Problem, suggestion
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole

CONFIRMED, EVERYWHERE, NAME = "confirmed", "everywhere", "name"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a title maps to; without a role, 'no role: everyone-requirements only'. ``basis`` says why.

    ``since`` is the day from which it has meant this; None: since always.
    """

    job_role_id: int | None
    basis: str
    since: date | None = None


def meanings(
    session: Session, organisation_id: int, keys: Iterable[str], on: date | None = None
) -> dict[str, Meaning]:
    """What titles of an organisation, by their keys, mean on a day, or at last; a key that is missing is unmapped."""
    own = _meant(session, organisation_id, confirmed=True, on=on)
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

    It is remembered for the organisation of each title and for nobody else. From a day on, a title that meant the
    same before goes on as it was, so that nobody comes into a role anew who was in it.
    """
    _confirm(session, job_title_ids, job_role_id, account_id, now, from_day)
    follow(session, now)


def _confirm(
    session: Session,
    job_title_ids: Iterable[int],
    job_role_id: int | None,
    account_id: int | None,
    now: datetime,
    from_day: date | None,
) -> None:
    wanted = set(job_title_ids)
    rows = col(JobTitleRole.job_title_id).in_(wanted)
    if from_day is None:
        session.execute(delete(JobTitleRole).where(rows))
    else:
        session.execute(delete(JobTitleRole).where(rows, col(JobTitleRole.from_day) >= from_day))
        # What ended the day before goes on too.
        reaches = col(JobTitleRole.to_day).is_(None) | (col(JobTitleRole.to_day) >= from_day - DAY)
        same = col(JobTitleRole.job_role_id).is_not_distinct_from(job_role_id)
        going_on = (rows, reaches, same, col(JobTitleRole.basis) == CONFIRMED)
        kept = set(session.exec(select(JobTitleRole.job_title_id).where(*going_on)))
        session.execute(update(JobTitleRole).where(*going_on).values(to_day=None))
        cut = (rows, reaches, col(JobTitleRole.job_title_id).not_in(kept))
        session.execute(update(JobTitleRole).where(*cut).values(to_day=from_day - DAY))
        wanted -= kept
    meaning = Meaning(job_role_id, CONFIRMED)
    _add(session, [(id_, meaning) for id_ in sorted(wanted)], now, account_id, from_day)


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
    stated: dict[tuple[int | None, str], dict[date | None, int | None]] = {}
    names: dict[tuple[int | None, str], str] = {}
    for row in rows:
        if (row.organisation or "") in {"", *organisations}:
            where = organisations[row.organisation] if row.organisation else None
            role_id = roles.get(row.job_role) if row.job_role else None
            stated.setdefault((where, title_key(row.title)), {})[row.start] = role_id
            names[where, title_key(row.title)] = row.title
    wanted = {place: (names[place], found[None]) for place, found in stated.items() if found.keys() == {None}}
    ids = _all_ids(session)
    new = [
        {"organisation_id": where, "key": key, "title": title}
        for (where, key), title in names.items()
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
    dated = {ids[place]: found for place, found in stated.items() if place not in wanted}
    newly, again = _state_dated(session, dated, now)
    follow(session, now)
    added = sum(map(len, by_role.values())) - changed + newly
    changed += again
    return Loaded(TITLES_FILE, added, changed, len(stated) - added - changed, tuple(problems))


def _state_dated(
    session: Session, stated: Mapping[int, Mapping[date | None, int | None]], now: datetime
) -> tuple[int, int]:
    """Say what titles mean from day to day, and give how many are new and how many have changed.

    Without a row for since always, what a title meant before its first day stays.
    """
    before = _timelines(session, stated)
    # One after the other in the order of time, each for all titles that it is said of.
    by_step: dict[tuple[date, int | None], list[int]] = {}
    for id_, found in stated.items():
        if any(step not in before.get(id_, []) for step in _steps(found)):
            for start, role_id in _steps(found):
                by_step.setdefault((start, role_id), []).append(id_)
    for (start, role_id), ids in sorted(by_step.items(), key=lambda one: one[0][0]):
        _confirm(session, ids, role_id, None, now, None if start == date.min else start)
    after = _timelines(session, stated)
    new = sum(1 for id_ in stated if id_ not in before)
    return new, sum(1 for id_ in stated if id_ in before and before[id_] != after[id_])


def _steps(found: Mapping[date | None, int | None]) -> list[tuple[date, int | None]]:
    """What a title means from day to day, in the order of time; what says nothing new is left out."""
    steps = sorted(((start or date.min, role_id) for start, role_id in found.items()), key=lambda one: one[0])
    return [one for n, one in enumerate(steps) if n == 0 or one[1] != steps[n - 1][1]]


def _timelines(session: Session, ids: Iterable[int]) -> dict[int, list[tuple[date, int | None]]]:
    """What titles were confirmed to mean, from day to day."""
    found: dict[int, list[tuple[date, int | None]]] = {}
    rows = session.exec(
        select(JobTitleRole)
        .where(col(JobTitleRole.job_title_id).in_(set(ids)), JobTitleRole.basis == CONFIRMED)
        .execution_options(populate_existing=True)
    )
    for row in sorted(rows, key=lambda row: row.from_day or date.min):
        found.setdefault(row.job_title_id, []).append((row.from_day or date.min, row.job_role_id))
    return found


def _state(session: Session, job_title_ids: Sequence[int], job_role_id: int | None, now: datetime) -> None:
    """A row without a day replaces what was confirmed without an end, and dated history stays."""
    starts: dict[int, date | None] = dict.fromkeys(job_title_ids)
    confirmed = select(JobTitleRole).where(
        col(JobTitleRole.job_title_id).in_(job_title_ids), JobTitleRole.basis == CONFIRMED
    )
    for row in sorted(session.exec(confirmed), key=lambda row: row.from_day or date.min):
        starts[row.job_title_id] = row.from_day if row.to_day is None else row.to_day + DAY
    by_start: dict[date | None, list[int]] = {}
    for id_, start in starts.items():
        by_start.setdefault(start, []).append(id_)
    for start, ids in by_start.items():
        _confirm(session, ids, job_role_id, None, now, start)


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


def _meant(
    session: Session, organisation_id: int | None, *, confirmed: bool, on: date | None = None
) -> dict[str, Meaning]:
    """What titles mean on a day, or without an end, by key."""
    query = (
        columns_of(col(JobTitle.key), col(JobTitleRole.job_role_id), col(JobTitleRole.from_day))
        .join(JobTitleRole, col(JobTitleRole.job_title_id) == JobTitle.id)
        .where(col(JobTitle.organisation_id) == organisation_id)
    )
    starts, ends = col(JobTitleRole.from_day), col(JobTitleRole.to_day)
    if on is None:
        query = query.where(ends.is_(None))
    else:
        query = query.where(or_(starts.is_(None), starts <= on), or_(ends.is_(None), ends >= on))
    if confirmed:
        query = query.where(col(JobTitleRole.basis) == CONFIRMED)
    return {key: Meaning(role_id, CONFIRMED, since) for key, role_id, since in session.execute(query)}


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
