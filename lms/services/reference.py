"""Loading the reference files of a folder: every problem at once, everything or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from lms.errors import Invalid
from lms.rules import job_roles as role_rules
from lms.rules import organisations as organisation_rules
from lms.rules.completions import file as completion_rules
from lms.rules.dates import day_in_london
from lms.rules.people import exemptions as exemption_rules
from lms.rules.reference_files import Line, Loaded, Problem, lines
from lms.rules.training_map import modules as module_rules
from lms.rules.training_map import rows as map_rules
from lms.services import audit, job_roles, organisations
from lms.services.completions import importing, reconciling
from lms.services.people import exemptions
from lms.services.training_map import modules, versions

Read = Callable[[list[Line]], tuple[list[Any], list[Problem]]]
Load = Callable[[Session, list[Any], datetime, str], Loaded]


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """One file of the contract: its columns, how its rows are read, and what loads them."""

    columns: Sequence[str]
    required: Sequence[str]
    read: Read
    load: Load


def _load_modules(
    session: Session, rows: list[module_rules.ModuleRow], now: datetime, base_url: str
) -> Loaded:
    """Load modules, and project the statements about activities that mean something else now, or as long."""
    before = modules.meanings(session)
    loaded = modules.load_modules(session, rows)
    changed = {name for name, _ in before.items() ^ modules.meanings(session).items()}
    reconciling.about_activities(session, sorted(changed), base_url, now)
    return loaded


# In the order in which one needs another.
FILES: dict[str, ReferenceFile] = {
    role_rules.LEVELS_FILE: ReferenceFile(
        role_rules.LEVELS_COLUMNS,
        role_rules.LEVELS_REQUIRED,
        role_rules.read_levels,
        lambda session, rows, now, base_url: job_roles.load_levels(session, rows),
    ),
    role_rules.COMPETENCIES_FILE: ReferenceFile(
        role_rules.COMPETENCIES_COLUMNS,
        role_rules.COMPETENCIES_COLUMNS,
        role_rules.read_competencies,
        lambda session, rows, now, base_url: job_roles.load_competencies(session, rows),
    ),
    organisation_rules.FILE: ReferenceFile(
        organisation_rules.COLUMNS,
        organisation_rules.REQUIRED,
        organisation_rules.read,
        lambda session, rows, now, base_url: organisations.load(session, rows),
    ),
    role_rules.ROLES_FILE: ReferenceFile(
        role_rules.ROLES_COLUMNS,
        role_rules.ROLES_REQUIRED,
        role_rules.read_roles,
        lambda session, rows, now, base_url: job_roles.load_roles(session, rows, now=now),
    ),
    role_rules.TITLES_FILE: ReferenceFile(
        role_rules.TITLES_COLUMNS,
        role_rules.TITLES_REQUIRED,
        role_rules.read_titles,
        lambda session, rows, now, base_url: job_roles.load_titles(
            session, rows, organisations.ids_by_code(session), now=now
        ),
    ),
    module_rules.MODULES_FILE: ReferenceFile(
        module_rules.MODULES_COLUMNS,
        module_rules.MODULES_REQUIRED,
        module_rules.read_modules,
        _load_modules,
    ),
    module_rules.EQUIVALENCES_FILE: ReferenceFile(
        module_rules.EQUIVALENCES_COLUMNS,
        module_rules.EQUIVALENCES_REQUIRED,
        module_rules.read_equivalences,
        lambda session, rows, now, base_url: modules.load_equivalences(session, rows),
    ),
    map_rules.FILE: ReferenceFile(
        map_rules.COLUMNS,
        map_rules.REQUIRED,
        map_rules.read,
        lambda session, rows, now, base_url: versions.load(session, rows, now=now),
    ),
    exemption_rules.FILE: ReferenceFile(
        exemption_rules.COLUMNS,
        exemption_rules.REQUIRED,
        exemption_rules.read,
        lambda session, rows, now, base_url: exemptions.load(
            session, rows, organisations.ids_by_code(session), now=now
        ),
    ),
}
# Not in the table: whether a completion lies in the future depends on the day.
NAMES = (*FILES, completion_rules.FILE)


def _files(today: date) -> dict[str, ReferenceFile]:
    completions = ReferenceFile(
        completion_rules.COLUMNS,
        completion_rules.REQUIRED,
        lambda found: completion_rules.read(found, today),
        lambda session, rows, now, base_url: importing.load_rows(session, rows, base_url, now=now),
    )
    return FILES | {completion_rules.FILE: completions}


def load(
    session: Session,
    contents: Mapping[str, bytes],
    *,
    now: datetime,
    base_url: str,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> list[Loaded]:
    """Load any of the reference files, given by name. Completions become statements of the system at ``base_url``.

    :raises Invalid: with every problem of every file at once; the caller's transaction then ends without trace.
    """
    problems: list[Problem] = []
    read: dict[str, list[Any]] = {}
    files = _files(day_in_london(now))
    for name, file in files.items():
        if name in contents:
            found, wrong = lines(name, contents[name], file.columns, file.required)
            rows, more = file.read(found)
            read[name] = rows
            problems += [*wrong, *more]
    if not problems:
        done = []
        for name, rows in read.items():
            loaded = files[name].load(session, rows, now, base_url)
            done.append(loaded)
            problems += loaded.problems
    if problems:
        what = "problem" if len(problems) == 1 else "problems"
        raise Invalid(f"Nothing was loaded: {len(problems)} {what}.", problems)
    for loaded in done:
        if loaded.added or loaded.changed:
            audit.record(
                session,
                actor,
                "reference_file.loaded",
                loaded.file,
                now=now,
                added=loaded.added,
                changed=loaded.changed,
            )
    return done
