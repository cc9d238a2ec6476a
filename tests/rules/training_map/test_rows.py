"""What a row of the training map may say, how it is written, and the sentence it means."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.reference_files import Line, lines
from lms.rules.training_map import rows
from lms.rules.training_map.rows import RequirementRow, cells, of_cells, overlaps
from lms.rules.training_map.sentences import Names, example, sentence

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def row(draw: st.DrawFn) -> RequirementRow:
    """Any row that means something."""
    who = draw(st.sampled_from(rows.WHO))
    shape = draw(st.sampled_from(rows.SHAPES))
    anchor = (
        draw(st.sampled_from(rows.ANCHORS)) if shape in ("refreshed", "different_refresher") else "completion"
    )
    start, end = draw(st.none() | DAYS), draw(st.none() | DAYS)
    if start and end and start > end:
        start, end = end, start
    months = {
        "once": st.none(),
        "hours": st.none() | st.integers(1, 999),
    }.get(shape, st.integers(12 if anchor == "fixed" else 1, 999))
    windows = {"keep_anniversary": 3650, "fixed": 364}
    fixed_day = draw(st.dates(date(2001, 1, 1), date(2001, 12, 31))).strftime("%m-%d")
    return RequirementRow(
        who=who,
        value=draw(st.sampled_from(["RN", "Nursing"])) if who in ("family", "role", "level") else "",
        organisation=draw(st.none() | st.sampled_from(["T", "W"])),
        module=draw(st.sampled_from(["A", "B"])),
        shape=shape,
        every_months=draw(months),
        refresher_module="R" if shape == "different_refresher" else None,
        hours=Decimal(draw(st.integers(1, 4000))) / 100 if shape == "hours" else None,
        days_allowed=draw(st.none() | st.integers(0, 3650)),
        anchor=anchor,
        fixed_day=fixed_day if anchor == "fixed" else None,
        renewal_window_days=draw(st.none() | st.integers(0, windows[anchor])) if anchor in windows else None,
        start=start,
        end=end,
    )


def problems_of(**given: str) -> list[str]:
    line = Line("training-map.csv", 2, {"who": "everyone", "module": "A"} | given)
    found: list = []
    rows.read_row(line, found)
    return [f"{problem.column}: {problem.message}" for problem in found]


@given(row())
def test_writing_a_row_and_reading_it_again_gives_the_same_row(one: RequirementRow) -> None:
    assert of_cells(cells(one)) == one
    text = io.StringIO()
    writer = csv.DictWriter(text, rows.COLUMNS)
    writer.writeheader()
    writer.writerow(cells(one))
    found, wrong = lines(rows.FILE, text.getvalue().encode(), rows.COLUMNS, rows.REQUIRED)
    read, more = rows.read(found)
    assert (read, wrong, more) == ([one], [], [])


@given(row())
def test_every_row_is_a_sentence_and_every_anchor_has_an_example(one: RequirementRow) -> None:
    said = sentence(one)
    assert said.startswith(one.module)
    assert said.endswith(".")
    assert "None" not in said + example(one)
    assert bool(example(one)) == (one.shape in ("refreshed", "different_refresher"))


@given(st.integers(1, 100_000), st.integers(0, 100_000))
def test_minutes_reach_the_hours_exactly_when_the_hours_are_reached(hundredths: int, minutes: int) -> None:
    one = RequirementRow("everyone", "", None, "A", "hours", hours=Decimal(hundredths) / 100)
    assert one.minutes is not None
    assert (minutes >= one.minutes) == (minutes * 100 >= hundredths * 60)


@given(st.lists(row(), max_size=6))
def test_rows_overlap_exactly_when_two_of_one_requirement_hold_on_one_day(some: list[RequirementRow]) -> None:
    brute = any(
        one is not other
        and one.identity == other.identity
        and one.first <= other.last
        and other.first <= one.last
        for n, one in enumerate(some)
        for other in some[n + 1 :]
    )
    assert bool(overlaps(some)) == brute


@pytest.mark.parametrize(
    ("given", "column"),
    [
        ({"who": "family"}, "value"),
        ({"who": "managers", "value": "RN"}, "value"),
        ({"who": "nobody"}, "who"),
        ({"shape": "twice"}, "shape"),
        ({"shape": "once", "every_months": "12"}, "every_months"),
        ({"shape": "refreshed"}, "every_months"),
        ({"shape": "refreshed", "every_months": "0"}, "every_months"),
        ({"shape": "refreshed", "every_months": "1000"}, "every_months"),
        ({"shape": "refreshed", "every_months": "1.5"}, "every_months"),
        ({"shape": "refreshed", "every_months": "12", "refresher_module": "B"}, "refresher_module"),
        ({"shape": "different_refresher", "every_months": "12"}, "refresher_module"),
        (
            {"shape": "different_refresher", "every_months": "12", "refresher_module": "A"},
            "refresher_module",
        ),
        ({"shape": "hours"}, "hours"),
        ({"shape": "hours", "hours": "0"}, "hours"),
        ({"shape": "hours", "hours": "-1"}, "hours"),
        ({"shape": "hours", "hours": "1,5"}, "hours"),
        ({"shape": "once", "hours": "6"}, "hours"),
        ({"shape": "hours", "hours": "6", "anchor": "keep_anniversary"}, "anchor"),
        ({"shape": "once", "anchor": "fixed", "fixed_day": "03-31"}, "anchor"),
        ({"shape": "refreshed", "every_months": "12", "anchor": "fixed"}, "fixed_day"),
        ({"shape": "refreshed", "every_months": "12", "fixed_day": "03-31"}, "fixed_day"),
        ({"shape": "refreshed", "every_months": "12", "anchor": "fixed", "fixed_day": "02-29"}, "fixed_day"),
        ({"shape": "refreshed", "every_months": "12", "anchor": "fixed", "fixed_day": "3-31"}, "fixed_day"),
        ({"shape": "refreshed", "every_months": "12", "anchor": "fixed", "fixed_day": "04-31"}, "fixed_day"),
        (
            {"shape": "refreshed", "every_months": "6", "anchor": "fixed", "fixed_day": "03-31"},
            "every_months",
        ),
        ({"shape": "refreshed", "every_months": "6", "renewal_window_days": "30"}, "renewal_window_days"),
        (
            {
                "shape": "refreshed",
                "every_months": "36",
                "anchor": "fixed",
                "fixed_day": "03-31",
                "renewal_window_days": "365",
            },
            "renewal_window_days",
        ),
        ({"days_allowed": "3651"}, "days_allowed"),
        ({"days_allowed": "-1"}, "days_allowed"),
        ({"from": "01/01/2026"}, "from"),
        ({"from": "2026-02-29"}, "from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"module": ""}, "module"),
    ],
)
def test_a_combination_that_means_nothing_is_refused_at_its_column(
    given: dict[str, str], column: str
) -> None:
    told = problems_of(**given)
    assert [one.partition(":")[0] for one in told] == [column], told
    assert told[0].endswith((".", "?"))


def test_blank_cells_mean_their_defaults() -> None:
    blank = of_cells({"who": "everyone", "module": "A"})
    assert (blank.shape, blank.anchor, blank.days_allowed) == ("once", "completion", None)
    assert blank.meaning == of_cells(cells(blank) | {"days_allowed": "90"}).meaning
    kept = {"who": "everyone", "module": "A", "shape": "refreshed", "every_months": "12"}
    one = of_cells(kept | {"anchor": "keep_anniversary"})
    assert one.meaning == of_cells(kept | {"anchor": "keep_anniversary", "renewal_window_days": "90"}).meaning


def test_the_sentence_of_a_cell() -> None:
    names = Names(
        roles={"PO": "Prison officer"}, organisations={"ALD": "HMP Aldersyke"}, modules={"F": "Foundation"}
    )
    one = RequirementRow("role", "PO", None, "F", "refreshed", every_months=36)
    assert (
        sentence(one, names)
        == "Foundation: every Prison officer, within 90 days of starting, again every 36 months."
    )
    there = RequirementRow(
        "everyone", "", "ALD", "F", "hours", every_months=12, hours=Decimal("7.5"), days_allowed=0
    )
    assert (
        sentence(there, names)
        == "Foundation: everyone at HMP Aldersyke, on the day of starting, 7.5 hours in any 12 months."
    )


def test_the_example_of_an_anchor_says_what_the_rule_does() -> None:
    fixed = RequirementRow(
        "everyone", "", None, "F", "refreshed", every_months=12, anchor="fixed", fixed_day="03-31"
    )
    assert "valid up to and including 31 March 2027" in example(fixed)
    kept = RequirementRow(
        "everyone",
        "",
        None,
        "F",
        "refreshed",
        every_months=12,
        anchor="keep_anniversary",
        renewal_window_days=60,
    )
    last = date(2027, 5, 14)
    assert f"Renewed from {(last - timedelta(days=60)).day} March 2027 to 14 May 2027" in example(kept)
    assert "valid to 14 May 2028" in example(kept)
