"""Versions of the map: published whole, kept for ever, and laid out as the terms that standing reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from lms.errors import Conflict, Invalid
from lms.rules.job_roles import title_key
from lms.rules.reference_files import Line, Loaded, Problem, suggestion
from lms.rules.training_map.rows import (
    DAYS_ALLOWED,
    FILE,
    RequirementRow,
    cells,
    of_cells,
    overlaps,
)
from lms.rules.training_map.versions import differences, taken_over
from lms.services.training_map.modules import ids_by_code
from lms.tables.job_roles import JobRole, Level
from lms.tables.organisations import Organisation
from lms.tables.training_map import MapVersion, Requirement, RequirementTerm

DRAFT, PUBLISHED, RELEASED, DISCARDED = "draft", "published", "released", "discarded"
PERSON = "person"


def newest(session: Session) -> MapVersion | None:
    """The published version that holds now; None before the first."""
    query = select(MapVersion).where(MapVersion.state == PUBLISHED).order_by(col(MapVersion.number).desc())
    return session.exec(query.limit(1)).first()


def numbered(session: Session, number: int) -> MapVersion | None:
    """The published version with this number."""
    return session.exec(
        select(MapVersion).where(MapVersion.number == number, MapVersion.state == PUBLISHED)
    ).one_or_none()


def number_on(session: Session, day: date) -> int | None:
    """The number of the version in force on a day: the newest that holds from that day or an earlier one."""
    held = or_(col(MapVersion.from_day).is_(None), col(MapVersion.from_day) <= day)
    return session.exec(select(func.max(MapVersion.number)).where(MapVersion.state == PUBLISHED, held)).one()


def rows_of(version: MapVersion | None) -> list[RequirementRow]:
    """The rows of a version; none before the first."""
    return [] if version is None else [of_cells(row) for row in version.rows]


def publish(
    session: Session,
    rows: Sequence[RequirementRow],
    *,
    after: MapVersion | None,
    now: datetime,
    title: str = "",
    note: str = "",
    account_id: int | None = None,
    from_day: date | None = None,
    undoes_id: int | None = None,
) -> MapVersion:
    """Make these rows, whole and checked, the version that follows ``after``, and lay them out as terms.

    :raises Conflict: when another version has followed it meanwhile.
    """
    version = MapVersion(
        number=(after.number or 0) + 1 if after else 1,
        state=PUBLISHED,
        title=title,
        note=note,
        rows=[cells(row) for row in rows],
        base_id=after.id if after else None,
        undoes_id=undoes_id,
        from_day=from_day,
        created_by_id=account_id,
        created_at=now,
        published_by_id=account_id,
        published_at=now,
    )
    session.add(version)
    try:
        session.flush()
    except IntegrityError as error:
        # Two that were made from the same version take the same number; the constraint lets one through.
        raise Conflict(
            "Somebody else has just published the map. Look at what changed, then publish again."
        ) from error
    _lay_out(session, rows, version.id or 0)
    return version


def load(session: Session, rows: Sequence[RequirementRow], *, now: datetime) -> Loaded:
    """Publish what a file says, since always. What it says of a requirement replaces all that was said of it.

    Requirements that the file does not name stay. A file that says nothing new publishes nothing.
    """
    resolved, problems = resolve(session, rows)
    problems += overlap_problems(resolved)
    if problems:
        return Loaded(FILE, problems=tuple(problems))
    current = newest(session)
    published = rows_of(current)
    whole = taken_over(published, resolved)
    different = differences(published, whole)
    version = publish(session, whole, after=current, now=now, title=FILE) if different else None
    changed = {one.identity for one in different if one.kind == "changed"}
    added = {one.identity for one in different if one.kind == "added"}
    return Loaded(
        FILE,
        added=sum(row.identity in added for row in resolved),
        changed=sum(row.identity in changed for row in resolved),
        unchanged=sum(row.identity not in added | changed for row in resolved),
        notes=(
            *((f"published as version {version.number} of the map",) if version else ()),
            *_families_nobody_is_in(session, resolved),
        ),
    )


def _families_nobody_is_in(session: Session, rows: Iterable[RequirementRow]) -> Iterable[str]:
    """A family is a word and not a code: a map may name one before its first role does, and a slip is said."""
    families = {family for family in session.exec(select(JobRole.family)) if family}
    for value in sorted({row.value for row in rows if row.who == "family"} - families):
        yield f"no job role is in the family '{value}' yet"


def resolve(session: Session, rows: Iterable[RequirementRow]) -> tuple[list[RequirementRow], list[Problem]]:
    """Find everything the rows name. A role may be named by its name; its code is what is kept."""
    modules = ids_by_code(session)
    organisations = set(session.exec(select(Organisation.code)))
    roles = dict(session.exec(select(JobRole.code, JobRole.name)).all())
    known: Mapping[str, Iterable[str]] = {
        "role": roles,
        "family": {family for family in session.exec(select(JobRole.family)) if family},
        "level": set(session.exec(select(Level.name))),
    }
    codes_by_name: dict[str, list[str]] = {}
    for code, name in roles.items():
        codes_by_name.setdefault(name, []).append(code)
    found, problems = [], []
    for row in rows:
        line = row.line or Line(FILE, None, cells(row))
        named = codes_by_name.get(row.value, [])
        if row.who == "role" and row.value not in roles and len(named) == 1:
            row = replace(row, value=named[0])
        found.append(row)
        problems += [line.problem(*one) for one in _unknown(row, modules, organisations, known)]
    return found, problems


def _unknown(
    row: RequirementRow,
    modules: Iterable[str],
    organisations: Iterable[str],
    known: Mapping[str, Iterable[str]],
) -> Iterable[tuple[str, str]]:
    modules, organisations = set(modules), set(organisations)
    if row.value and row.who in ("role", "level") and row.value not in (values := set(known[row.who])):
        what = {"role": "job role with the code", "level": "practice level"}[row.who]
        yield "value", f"there is no {what} '{row.value}'.{suggestion(row.value, values)}"
    if row.who == "family" and row.value not in (families := set(known["family"])):
        alike = sorted(one for one in families if title_key(one) == title_key(row.value))
        if alike:
            yield "value", f"there is no role family '{row.value}'. Did you mean '{alike[0]}'?"
    if row.organisation and row.organisation not in organisations:
        guess = suggestion(row.organisation, organisations)
        yield "organisation", f"there is no organisation with the code '{row.organisation}'.{guess}"
    for column, code in (("module", row.module), ("refresher_module", row.refresher_module)):
        if code and code not in modules:
            yield column, f"there is no module with the code '{code}'.{suggestion(code, modules)}"


def overlap_problems(rows: Iterable[RequirementRow]) -> list[Problem]:
    """Rows of one requirement that hold on the same day, each pair named once, at the later row."""
    problems = []
    for first, second in overlaps(rows):
        place = f"row {first.line.row}" if first.line and first.line.row else "another row"
        line = second.line or Line(FILE, None, cells(second))
        said = "asks for something else" if first.meaning != second.meaning else "says the same"
        problems.append(
            line.problem(
                "from",
                f"{place} is for the same people and module on the same days and {said}. Keep one of them, or end "
                "one before the other starts.",
            )
        )
    return problems


def checked(session: Session, rows: Iterable[RequirementRow]) -> list[RequirementRow]:
    """The rows with everything they name found.

    :raises Invalid: with every problem at once.
    """
    resolved, problems = resolve(session, rows)
    problems += overlap_problems(resolved)
    if problems:
        raise Invalid("The map cannot be used like this.", problems)
    return resolved


def _lay_out(session: Session, rows: Sequence[RequirementRow], version_id: int) -> None:
    """Write the rows as requirements and their terms, touching only what is not so already.

    A term that means the same from the same day on keeps its row and so the version that brought it.
    """
    ids = _requirement_ids(session, rows)
    modules = ids_by_code(session)
    kept: dict[tuple[Any, ...], RequirementTerm] = {}
    stale: set[int | None] = set()
    for term in session.exec(
        select(RequirementTerm)
        .join(Requirement, col(Requirement.id) == RequirementTerm.requirement_id)
        .where(Requirement.who != PERSON)
    ):
        kept[_key(term)] = term
        stale.add(term.id)
    new: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for row in rows:
        values = {
            "requirement_id": ids[row.identity],
            "shape": row.shape,
            "every_months": row.every_months,
            "refresher_module_id": modules[row.refresher_module] if row.refresher_module else None,
            "minutes": row.minutes,
            "days_allowed": DAYS_ALLOWED if row.days_allowed is None else row.days_allowed,
            "anchor": row.anchor,
            "fixed_day": row.fixed_day,
            "renewal_window_days": row.renewal_window_days,
            "from_day": row.start,
        }
        term_kept = kept.get(tuple(values.values()))
        if term_kept is None:
            new.append({**values, "to_day": row.end, "map_version_id": version_id})
            continue
        stale.remove(term_kept.id)
        if term_kept.to_day != row.end:
            ends.append({"id": term_kept.id, "to_day": row.end})
    if stale:
        session.execute(delete(RequirementTerm).where(col(RequirementTerm.id).in_(stale)))
    if ends:
        session.execute(update(RequirementTerm), ends)
    if new:
        session.execute(insert(RequirementTerm), new)
    session.expire_all()


def _key(term: RequirementTerm) -> tuple[Any, ...]:
    return (
        term.requirement_id,
        term.shape,
        term.every_months,
        term.refresher_module_id,
        term.minutes,
        term.days_allowed,
        term.anchor,
        term.fixed_day,
        term.renewal_window_days,
        term.from_day,
    )


def _requirement_ids(session: Session, rows: Iterable[RequirementRow]) -> dict[str, int]:
    """The id of each identity, made where it is new; one that had ended is the same again."""
    ids = {one: id_ for one, id_ in session.exec(select(Requirement.identity, Requirement.id)) if id_}
    missing = {row.identity: row for row in rows if row.identity not in ids}
    if not missing:
        return ids
    modules = ids_by_code(session)
    organisations = dict(session.exec(select(Organisation.code, Organisation.id)).all())
    values: list[dict[str, Any]] = [
        {
            "identity": identity,
            "who": row.who,
            "value": row.value,
            "organisation_id": organisations[row.organisation] if row.organisation else None,
            "module_id": modules[row.module],
        }
        for identity, row in missing.items()
    ]
    session.execute(insert(Requirement), values)
    return {one: id_ for one, id_ in session.exec(select(Requirement.identity, Requirement.id)) if id_}
