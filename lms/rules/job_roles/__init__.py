"""Practice levels, job roles and job titles: how titles are compared, and what the reference files state."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.rules.reference_files import Line, Problem, day, whole, words, yes

LEVELS_FILE = "levels.csv"
LEVELS_COLUMNS = ("framework", "level", "rank", "cumulative", "description")
LEVELS_REQUIRED = ("framework", "level", "rank")
COMPETENCIES_FILE = "competencies.csv"
COMPETENCIES_COLUMNS = ("level", "competency")
ROLES_FILE = "job-roles.csv"
ROLES_COLUMNS = ("code", "name", "family", "level", "manager")
ROLES_REQUIRED = ("code", "name")
TITLES_FILE = "job-titles.csv"
TITLES_COLUMNS = ("organisation", "title", "job_role", "from")
TITLES_REQUIRED = ("title", "job_role")

APOSTROPHES = dict.fromkeys(map(ord, "‘’‚‛ʹʻʼʽˈ′‵´`＇"), "'")


def title_key(title: str) -> str:
    """The form in which titles are compared: letter case, white space and apostrophe style do not matter.

    Two titles mean the same exactly if their keys are equal (policy.md, Role lists).
    """
    if title.isascii():
        return " ".join(title.replace("`", "'").lower().split())
    # Before NFKC, which would turn an acute accent into a blank and an accent.
    plain = unicodedata.normalize("NFKC", title.translate(APOSTROPHES))
    return " ".join(unicodedata.normalize("NFKC", plain.casefold()).translate(APOSTROPHES).split())


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One practice level of a framework; ``cumulative`` is the framework's switch."""

    line: Line
    framework: str
    level: str
    rank: int
    cumulative: bool
    description: str


@dataclass(frozen=True, slots=True)
class CompetencyRow:
    """Something that people at a level can do."""

    line: Line
    level: str
    competency: str


@dataclass(frozen=True, slots=True)
class JobRoleRow:
    """One canonical role. ``level`` is the name of a practice level."""

    line: Line
    code: str
    name: str
    family: str
    level: str | None
    manager: bool


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A job role with the name of its level."""

    code: str
    name: str
    family: str
    level: str | None
    manager: bool


@dataclass(frozen=True, slots=True)
class JobTitleRow:
    """What a title means at an organisation, or everywhere; without a role, everyone-requirements only.

    ``start`` is the day from which it means that, for a title that meant something else before.
    """

    line: Line
    organisation: str | None
    title: str
    job_role: str | None
    start: date | None = None


def read_levels(lines: Iterable[Line]) -> tuple[list[LevelRow], list[Problem]]:
    """The levels of a file: each name once over all frameworks, each framework cumulative or not."""
    rows: dict[str, LevelRow] = {}
    switches: dict[str, LevelRow] = {}
    problems: list[Problem] = []
    for line in lines:
        rank = whole(line, "rank", problems, least=0, most=1000)
        if not line["rank"]:
            problems.append(line.problem("rank", "this cell may not be blank. Write 1 for the lowest level."))
        row = LevelRow(
            line,
            framework=words(line, "framework", problems, required=True),
            level=words(line, "level", problems, required=True, longest=100),
            rank=rank or 0,
            cumulative=yes(line, "cumulative", problems) or False,
            description=words(line, "description", problems, longest=2000),
        )
        if row.level in rows:
            problems.append(
                line.problem(
                    "level",
                    f"the level {row.level} stands in row {rows[row.level].line.row} too. Level names are unique "
                    "over all frameworks: rename one of them.",
                )
            )
        first = switches.setdefault(row.framework, row)
        if first.cumulative != row.cumulative:
            problems.append(
                line.problem(
                    "cumulative",
                    f"row {first.line.row} says otherwise for {row.framework}. A framework is cumulative as a "
                    "whole or not: write the same in all its rows.",
                )
            )
        rows.setdefault(row.level, row)
    return list(rows.values()), problems


def read_competencies(lines: Iterable[Line]) -> tuple[list[CompetencyRow], list[Problem]]:
    """The competencies of a file, in its order."""
    problems: list[Problem] = []
    rows = {
        (line["level"], line["competency"]): CompetencyRow(
            line,
            level=words(line, "level", problems, required=True, longest=100),
            competency=words(line, "competency", problems, required=True, longest=1000),
        )
        for line in lines
    }
    return list(rows.values()), problems


def read_roles(lines: Iterable[Line]) -> tuple[list[JobRoleRow], list[Problem]]:
    """The job roles of a file; each code once."""
    rows: dict[str, JobRoleRow] = {}
    problems: list[Problem] = []
    for line in lines:
        row = JobRoleRow(
            line,
            code=words(line, "code", problems, required=True, longest=64),
            name=words(line, "name", problems, required=True),
            family=words(line, "family", problems, longest=100),
            level=words(line, "level", problems, longest=100) or None,
            manager=yes(line, "manager", problems) or False,
        )
        if row.code in rows:
            twice = f"{row.code} stands in row {rows[row.code].line.row} too. Keep one of the two rows."
            problems.append(line.problem("code", twice))
        rows.setdefault(row.code, row)
    return list(rows.values()), problems


def read_titles(lines: Iterable[Line]) -> tuple[list[JobTitleRow], list[Problem]]:
    """The job titles of a file; the same title of one organisation means one role from any day."""
    rows: dict[tuple[str | None, str, date | None], JobTitleRow] = {}
    problems: list[Problem] = []
    for line in lines:
        row = JobTitleRow(
            line,
            organisation=words(line, "organisation", problems, longest=64) or None,
            title=words(line, "title", problems, required=True, longest=300),
            job_role=words(line, "job_role", problems, longest=64) or None,
            start=day(line, "from", problems),
        )
        if row.start and not row.organisation:
            problems.append(
                line.problem(
                    "from",
                    "what a title means everywhere has no day. Name the organisation where it changes, or leave "
                    "this cell blank.",
                )
            )
        first = rows.setdefault((row.organisation, title_key(row.title), row.start), row)
        if first.job_role != row.job_role:
            problems.append(
                line.problem(
                    "job_role",
                    f"row {first.line.row} gives {first.job_role or 'no role'} for the same title. Capitals, "
                    "blanks and apostrophes do not tell titles apart: keep one of the two rows.",
                )
            )
    return list(rows.values()), problems
