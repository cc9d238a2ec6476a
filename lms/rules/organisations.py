"""What an organisation is, as ``organisations.csv`` states it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lms.rules.reference_files import Line, Problem, words

FILE = "organisations.csv"
COLUMNS = ("code", "name", "sector", "place", "parent", "ods_code", "gss_code")
REQUIRED = ("code", "name")


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation. ``parent`` is the code of another."""

    line: Line
    code: str
    name: str
    sector: str
    place: str
    parent: str | None
    ods_code: str | None
    gss_code: str | None


def read(lines: Iterable[Line]) -> tuple[list[OrganisationRow], list[Problem]]:
    """The organisations of a file; each code once."""
    rows: dict[str, OrganisationRow] = {}
    problems: list[Problem] = []
    for line in lines:
        row = OrganisationRow(
            line,
            code=words(line, "code", problems, required=True, longest=64),
            name=words(line, "name", problems, required=True),
            sector=words(line, "sector", problems, longest=100),
            place=words(line, "place", problems, longest=100),
            parent=words(line, "parent", problems, longest=64) or None,
            ods_code=words(line, "ods_code", problems, longest=20) or None,
            gss_code=words(line, "gss_code", problems, longest=20) or None,
        )
        if row.code in rows:
            twice = f"{row.code} stands in row {rows[row.code].line.row} too. Keep one of the two rows."
            problems.append(line.problem("code", twice))
        rows.setdefault(row.code, row)
    return list(rows.values()), problems


def circles(parents: Mapping[str, str | None]) -> list[list[str]]:
    """Organisations that would be their own ancestors, as chains of codes."""
    found: list[list[str]] = []
    settled: set[str] = set()
    for start in parents:
        chain: list[str] = []
        code: str | None = start
        while code is not None and code not in settled and code not in chain:
            chain.append(code)
            code = parents.get(code)
        if code is not None and code in chain:
            found.append([*chain[chain.index(code) :], code])
        settled.update(chain)
    return found
