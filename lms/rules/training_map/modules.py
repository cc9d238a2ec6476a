"""Modules and equivalences, as ``modules.csv`` and ``equivalences.csv`` state them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.rules.reference_files import Line, Problem, parts, period, whole, words

MODULES_FILE = "modules.csv"
MODULES_COLUMNS = ("code", "title", "kind", "minutes", "level", "activity_iri", "aliases", "content_note")
MODULES_REQUIRED = ("code", "title", "activity_iri")
EQUIVALENCES_FILE = "equivalences.csv"
EQUIVALENCES_COLUMNS = ("module", "counts_for", "from", "to")
EQUIVALENCES_REQUIRED = ("module", "counts_for")

LONGEST_MINUTES = 60 * 24 * 366
# RFC 3987: a scheme and no blanks; the rest is for the statement store to judge.
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """One module. ``level`` is the name of a practice level, ``aliases`` are codes or activity IRIs."""

    line: Line
    code: str
    title: str
    kind: str
    minutes: int | None
    level: str | None
    activity_iri: str
    aliases: tuple[str, ...]
    content_note: str


@dataclass(frozen=True, slots=True)
class EquivalenceRow:
    """Completions of ``module`` made from ``start`` to ``end`` count for ``counts_for``; never the reverse."""

    line: Line
    module: str
    counts_for: str
    start: date | None
    end: date | None


def read_modules(lines: Iterable[Line]) -> tuple[list[ModuleRow], list[Problem]]:
    """The modules of a file. A code, an IRI or an alias means one module."""
    rows: dict[str, ModuleRow] = {}
    problems: list[Problem] = []
    for line in lines:
        row = _module(line, problems)
        if row.code in rows:
            twice = f"{row.code} stands in row {rows[row.code].line.row} too. Keep one of the two rows."
            problems.append(line.problem("code", twice))
        rows.setdefault(row.code, row)
    return list(rows.values()), problems


def _module(line: Line, problems: list[Problem]) -> ModuleRow:
    code = words(line, "code", problems, required=True, longest=64)
    iri = words(line, "activity_iri", problems, required=True, longest=500)
    if "|" in code:
        problems.append(line.problem("code", "a code may not hold |, which separates lists. Choose another."))
    if iri and not IRI.fullmatch(iri):
        message = f"'{iri[:50]}' is not an IRI, such as https://learning.example/activities/{code or 'code'}."
        problems.append(line.problem("activity_iri", message))
    aliases = tuple(alias for alias in parts(line, "aliases") if alias not in (code, iri))
    for alias in aliases:
        if len(alias) > 500:
            problems.append(line.problem("aliases", "an alias has more than 500 characters. Shorten it."))
    return ModuleRow(
        line,
        code=code,
        title=words(line, "title", problems, required=True),
        kind=words(line, "kind", problems, longest=64),
        minutes=whole(line, "minutes", problems, least=0, most=LONGEST_MINUTES),
        level=words(line, "level", problems, longest=100) or None,
        activity_iri=iri,
        aliases=aliases,
        content_note=words(line, "content_note", problems, longest=2000),
    )


def read_equivalences(lines: Iterable[Line]) -> tuple[list[EquivalenceRow], list[Problem]]:
    """The equivalences of a file; the days of one link do not overlap."""
    rows: list[EquivalenceRow] = []
    problems: list[Problem] = []
    for line in lines:
        start, end = period(line, problems)
        row = EquivalenceRow(
            line,
            module=words(line, "module", problems, required=True, longest=64),
            counts_for=words(line, "counts_for", problems, required=True, longest=64),
            start=start,
            end=end,
        )
        if row.module and row.module == row.counts_for:
            message = f"{row.module} counts for itself without saying so. Remove this row."
            problems.append(line.problem("counts_for", message))
        for other in rows:
            if (other.module, other.counts_for) == (row.module, row.counts_for) and _overlap(other, row):
                message = (
                    f"its days overlap with those of row {other.line.row}. End one before the other starts."
                )
                problems.append(line.problem("from", message))
        rows.append(row)
    return rows, problems


def _overlap(one: EquivalenceRow, other: EquivalenceRow) -> bool:
    return (one.start or date.min) <= (other.end or date.max) and (other.start or date.min) <= (
        one.end or date.max
    )


def circles(rows: Iterable[EquivalenceRow]) -> list[list[EquivalenceRow]]:
    """Equivalences that lead back to where they started on days on which all of them are in force.

    Links whose days never meet make no circle: one may end and the reverse begin.
    """
    known = list(rows)
    found: dict[frozenset[int], list[EquivalenceRow]] = {}
    # What is in force together only grows on a first day, so a circle stands on one of those.
    for day in sorted({row.start or date.min for row in known}):
        in_force = [row for row in known if (row.start or date.min) <= day <= (row.end or date.max)]
        if circle := _circle(in_force):
            found.setdefault(frozenset(map(id, circle)), circle)
    return list(found.values())


def _circle(rows: Iterable[EquivalenceRow]) -> list[EquivalenceRow]:
    leaving: dict[str, list[EquivalenceRow]] = {}
    for row in rows:
        leaving.setdefault(row.module, []).append(row)
    settled: set[str] = set()
    for start in leaving:
        chain: list[EquivalenceRow] = []
        ahead = [iter(leaving[start])]
        while ahead:
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                settled.add(chain.pop().counts_for if chain else start)
                continue
            visited = [start, *(one.counts_for for one in chain)]
            if following.counts_for in visited:
                return [*chain, following][visited.index(following.counts_for) :]
            if following.counts_for not in settled:
                chain.append(following)
                ahead.append(iter(leaving.get(following.counts_for, ())))
    return []
