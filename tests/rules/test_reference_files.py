"""Reading reference files: any bytes at all give rows or sentences, never anything else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import job_roles, organisations
from lms.rules.completions import file as completions
from lms.rules.dates import FOR_EVER
from lms.rules.people import exemptions
from lms.rules.reference_files import Line, Problem, lines
from lms.rules.training_map import modules, rows

READERS = {
    "levels.csv": (job_roles.LEVELS_COLUMNS, job_roles.read_levels),
    "competencies.csv": (job_roles.COMPETENCIES_COLUMNS, job_roles.read_competencies),
    "organisations.csv": (organisations.COLUMNS, organisations.read),
    "job-roles.csv": (job_roles.ROLES_COLUMNS, job_roles.read_roles),
    "job-titles.csv": (job_roles.TITLES_COLUMNS, job_roles.read_titles),
    "modules.csv": (modules.MODULES_COLUMNS, modules.read_modules),
    "equivalences.csv": (modules.EQUIVALENCES_COLUMNS, modules.read_equivalences),
    "training-map.csv": (rows.COLUMNS, rows.read),
    "exemptions.csv": (exemptions.COLUMNS, exemptions.read),
    "completions.csv": (completions.COLUMNS, lambda found: completions.read(found, FOR_EVER)),
}
COLUMNS = ("code", "name")
CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "yes",
            "no",
            "2026-02-30",
            "2026-06-30",
            "36",
            "0",
            "-1",
            "1e5",
            "٣",
            "²",
            "7.5",
            "a|b",
            "role",
            "once",
        ]
    ),
)


def all_are_problems(found: list[Problem]) -> bool:
    return all(isinstance(one, Problem) and str(one).endswith((".", "?")) for one in found)


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_problems(content: bytes) -> None:
    found, problems = lines("x.csv", content, COLUMNS, COLUMNS)
    assert found or problems or not content.strip() or content.count(b"\n")
    assert all_are_problems(problems)


@pytest.mark.parametrize("name", READERS)
@given(st.data())
def test_any_cells_give_rows_or_problems_that_say_where(name: str, data: st.DataObject) -> None:
    columns, read = READERS[name]
    cells = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(columns, CELLS)), max_size=4))
    given_lines = [Line(name, number, one) for number, one in enumerate(cells, 2)]
    _, problems = read(given_lines)
    assert all_are_problems(problems)
    assert all(problem.row is not None and problem.column in (*columns, None) for problem in problems)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.permutations(COLUMNS))
def test_columns_come_in_any_order_and_what_is_written_is_read(cells, order) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(order)
    for row in cells:
        writer.writerow(row)
    if "\0" in text.getvalue():
        return
    found, problems = lines("x.csv", text.getvalue().encode("utf-8", "replace"), COLUMNS, COLUMNS)
    assert not problems
    assert len(found) == sum(any(cell.strip() for cell in row) for row in cells)


def test_a_byte_order_mark_capitals_and_blank_lines_do_no_harm() -> None:
    found, problems = lines("x.csv", "\ufeffCode , NAME\r\n\r\n a ,b\r\n".encode(), COLUMNS, COLUMNS)
    assert not problems
    assert [(one.row, one["code"], one["name"]) for one in found] == [(3, "a", "b")]


def test_what_a_spreadsheet_guards_against_formulas_is_read_as_it_was() -> None:
    found, _ = lines("x.csv", b"code,name\n'=A,'plain\n", COLUMNS, COLUMNS)
    assert (found[0]["code"], found[0]["name"]) == ("=A", "'plain")
