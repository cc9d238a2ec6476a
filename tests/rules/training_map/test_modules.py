"""What counts for what: circles are refused, chains are followed, and every link has its days."""

from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from lms.rules.dates import FOR_EVER, SINCE_ALWAYS
from lms.rules.reference_files import Line
from lms.rules.training_map.counting import Link, Placed, counting, cumulative_links
from lms.rules.training_map.modules import EquivalenceRow, circles, read_modules

FIRST = date(2026, 1, 1)
DAYS = [SINCE_ALWAYS, *(FIRST + timedelta(days=n) for n in range(8)), FOR_EVER]
MODULES = range(5)


@st.composite
def link(draw: st.DrawFn) -> Link:
    source, target = draw(st.sampled_from([pair for pair in product(MODULES, MODULES) if pair[0] != pair[1]]))
    start, end = sorted((draw(st.sampled_from(DAYS)), draw(st.sampled_from(DAYS))))
    return Link(source, target, start, end)


def reaches(links: list[Link], source: int, target: int, day: date) -> bool:
    """By brute force: over links that are all in force on the day."""
    found, grown = {source}, True
    while grown:
        more = {one.target for one in links if one.source in found and one.start <= day <= one.end}
        grown = not more <= found
        found |= more
    return target in found


@given(st.lists(link(), max_size=8))
def test_a_completion_counts_exactly_on_days_on_which_every_link_of_a_chain_was_in_force(
    links: list[Link],
) -> None:
    found = counting(MODULES, links)
    for source, target, day in product(MODULES, MODULES, DAYS):
        days = [(one.start, one.end) for one in found[target] if one.source == source]
        assert any(start <= day <= end for start, end in days) == reaches(links, source, target, day)
        assert sum(start <= day <= end for start, end in days) <= 1


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 3), st.booleans()), min_size=5, max_size=5),
    st.lists(link(), max_size=4),
)
def test_chains_mix_equivalence_and_cumulative_levels(
    places: list[tuple[int, int, bool]], declared: list[Link]
) -> None:
    placed = [
        Placed(module, framework, rank, cumulative)
        for module, (framework, rank, cumulative) in enumerate(places)
    ]
    switch = {framework: cumulative for framework, _, cumulative in reversed(places)}
    placed = [Placed(one.module, one.framework, one.rank, switch[one.framework]) for one in placed]
    higher = [
        Link(high.module, low.module)
        for high, low in product(placed, placed)
        if switch[high.framework] and high.framework == low.framework and high.rank > low.rank
    ]
    assert set(cumulative_links(placed)) == set(higher)
    found = counting(MODULES, declared + higher)
    for source, target, day in product(MODULES, MODULES, DAYS):
        counts = any(one.source == source and one.start <= day <= one.end for one in found[target])
        assert counts == reaches(declared + higher, source, target, day)


@given(st.lists(link(), max_size=8))
def test_a_circle_is_found_exactly_when_one_is_closed_on_some_day(links: list[Link]) -> None:
    rows = [
        EquivalenceRow(Line("equivalences.csv", n, {}), str(one.source), str(one.target), one.start, one.end)
        for n, one in enumerate(links, 2)
    ]
    closed = any(
        reaches(links, one.target, one.source, day)
        for day in DAYS
        for one in links
        if one.start <= day <= one.end
    )
    found = circles(rows)
    assert bool(found) == closed
    for circle in found:
        assert circle[0].module == circle[-1].counts_for
        assert max(row.start or SINCE_ALWAYS for row in circle) <= min(row.end or FOR_EVER for row in circle)


def test_two_modules_that_change_places_on_a_day_make_no_circle() -> None:
    line = Line("equivalences.csv", 2, {})
    rows = [
        EquivalenceRow(line, "A", "B", None, date(2025, 12, 31)),
        EquivalenceRow(line, "B", "A", date(2026, 1, 1), None),
    ]
    assert not circles(rows)


def test_a_module_needs_an_iri_and_its_aliases_are_told_apart() -> None:
    cells = {
        "code": "A",
        "title": "T",
        "activity_iri": "not an iri",
        "aliases": "A1| A1 |https://x.example/1",
    }
    (row,), (problem,) = read_modules([Line("modules.csv", 2, cells)])
    assert row.aliases == ("A1", "https://x.example/1")
    assert str(problem) == (
        "modules.csv, row 2, column activity_iri: 'not an iri' is not an IRI, such as "
        "https://learning.example/activities/A."
    )
