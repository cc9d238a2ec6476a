"""Historic completions of a file, recorded as statements: all of them or none, and once however often it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from lms.errors import Invalid
from lms.rules.completions.file import COLUMNS, FILE, REQUIRED, CompletionRow, noon, read
from lms.rules.reference_files import Loaded, Problem, lines, suggestion
from lms.rules.statements.own import Fact
from lms.services import statements
from lms.services.completions.projecting import follow
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person
from lms.tables.training_map import Module, ModuleAlias

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file came to. ``counted``: statements that now stand as completions; ``failed``: not passed."""

    rows: int
    recorded: int
    already: int
    counted: int
    failed: int


@dataclass(frozen=True, slots=True)
class _ModuleFacts:
    code: str
    iri: str
    title: str


def load(
    session: Session, content: bytes, base_url: str, *, now: datetime, today: date, file: str = FILE
) -> Imported:
    """Record the completions of a CSV file.

    :raises Invalid: with every problem of the file at once; the caller's transaction then ends without trace.
    """
    found, problems = lines(file, content, COLUMNS, REQUIRED)
    rows, more = read(found, today)
    return _load(session, rows, [*problems, *more], base_url, now)


def load_rows(session: Session, rows: Sequence[CompletionRow], base_url: str, *, now: datetime) -> Loaded:
    """The same for rows that were read already, as one of the reference files of a folder."""
    facts, problems = _facts(session, rows)
    if problems:
        return Loaded(FILE, problems=tuple(problems))
    made = _record(session, facts, base_url, now)
    return Loaded(FILE, added=made.recorded, unchanged=made.already)


def _load(
    session: Session, rows: Sequence[CompletionRow], problems: list[Problem], base_url: str, now: datetime
) -> Imported:
    facts, unknown = _facts(session, rows)
    problems = sorted([*problems, *unknown], key=lambda one: one.row or 0)
    if problems:
        what = "problem" if len(problems) == 1 else "problems"
        raise Invalid(f"Nothing was recorded: {len(problems)} {what}.", problems)
    return _record(session, facts, base_url, now)


def _record(session: Session, facts: Sequence[Fact], base_url: str, now: datetime) -> Imported:
    recorded = counted = 0
    for start in range(0, len(facts), _AT_ONCE):
        stored = statements.record(session, facts[start : start + _AT_ONCE], base_url, now)
        recorded += sum(one.new for one in stored)
        counted += follow(session, stored, base_url, now).counted
    failed = sum(fact.success is False for fact in facts)
    return Imported(len(facts), recorded, len(facts) - recorded, counted, failed)


def _facts(session: Session, rows: Sequence[CompletionRow]) -> tuple[list[Fact], list[Problem]]:
    organisations: dict[str, int] = dict(
        map(tuple, session.execute(select(col(Organisation.code), col(Organisation.id))))
    )
    modules = _modules(session)
    people = _people(
        session, {organisations[row.organisation] for row in rows if row.organisation in organisations}
    )
    facts: dict[str, Fact] = {}
    problems: list[Problem] = []
    for row in rows:
        organisation = organisations.get(row.organisation)
        module = modules.get(row.module)
        person = people.get((organisation, row.employee_number))
        wrong = _unknown(row, organisation, person, module, organisations, modules)
        problems += wrong
        if not wrong and module and person:
            fact = _fact(row, module, person)
            facts[fact.statement_id] = fact
    return list(facts.values()), problems


def _unknown(
    row: CompletionRow,
    organisation: int | None,
    person: str | None,
    module: _ModuleFacts | None,
    organisations: Mapping[str, int],
    modules: Mapping[str, _ModuleFacts],
) -> list[Problem]:
    found = []
    if row.organisation and organisation is None:
        message = f"there is no organisation with the code '{row.organisation[:60]}'."
        found.append(row.line.problem("organisation", message + suggestion(row.organisation, organisations)))
    if row.employee_number and organisation is not None and person is None:
        message = (
            f"{row.organisation} has nobody with the number '{row.employee_number}'. Apply the role list first, "
            "or correct the number."
        )
        found.append(row.line.problem("employee_number", message))
    if row.module and module is None:
        message = f"there is no module with the code or alias '{row.module[:60]}'."
        found.append(row.line.problem("module", message + suggestion(row.module, modules)))
    return found


def _fact(row: CompletionRow, module: _ModuleFacts, person: str) -> Fact:
    return Fact(
        statement_id=row.statement_id(module.code),
        verb="completed",
        person=person,
        module_iri=module.iri,
        module_title=module.title,
        at=noon(row.completed_on),
        minutes=row.minutes,
        completion=True,
        success=row.success,
        organisation=row.organisation,
        evidence=row.evidence or None,
    )


def _modules(session: Session) -> dict[str, _ModuleFacts]:
    """Modules by code, IRI and alias."""
    found: dict[str, _ModuleFacts] = {}
    by_id: dict[int, _ModuleFacts] = {}
    for module in session.execute(select(Module)).scalars():
        facts = _ModuleFacts(module.code, module.activity_iri, module.title)
        by_id[module.id or 0] = found[module.code] = facts
        found.setdefault(module.activity_iri, facts)
    for alias, module_id in session.execute(select(col(ModuleAlias.alias), col(ModuleAlias.module_id))):
        found.setdefault(alias, by_id[module_id])
    return found


def _people(session: Session, organisation_ids: set[int]) -> dict[tuple[int | None, str], str]:
    """The UUID of everybody who was ever in the role lists of these organisations, by employee number.

    It is that of the person the employment came with, so that a link to another person can be taken apart.
    """
    if not organisation_ids:
        return {}
    rows: Any = session.execute(
        select(col(Employment.organisation_id), col(Employment.employee_number), col(Person.uuid))
        .join(Person, col(Person.id) == col(Employment.home_person_id))
        .where(col(Employment.organisation_id).in_(organisation_ids))
    )
    return {(organisation, number): uuid for organisation, number, uuid in rows}
