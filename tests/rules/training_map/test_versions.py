"""Publishing from a day, taking over a file, differences, and two editors at once."""

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.rules.training_map.rows import RequirementRow, overlaps
from lms.rules.training_map.versions import (
    by_identity,
    differences,
    merged,
    published_from,
    same,
    say,
    taken_over,
)

FIRST = date(2026, 1, 1)
OFFSETS = st.integers(0, 20)


@st.composite
def timeline(draw: st.DrawFn) -> list[RequirementRow]:
    """Rows of a few requirements that never overlap, within three weeks, some open at their ends."""
    found = []
    for module in draw(st.sets(st.sampled_from("AB"))):
        edges = sorted(draw(st.sets(OFFSETS, max_size=6)))
        for start, end in zip(edges[::2], edges[1::2], strict=False):
            months = draw(st.sampled_from([12, 24]))
            one = RequirementRow("everyone", "", None, module, "refreshed", every_months=months)
            found.append(_dated(one, start, end, draw(st.booleans())))
    return sorted(found, key=lambda row: (row.module, row.first))


def _dated(row: RequirementRow, start: int, end: int, wide: bool) -> RequirementRow:
    first = None if wide and start == 0 else FIRST + timedelta(days=start)
    last = None if wide and end == 20 else FIRST + timedelta(days=end - 1)
    return RequirementRow(
        row.who,
        row.value,
        None,
        row.module,
        row.shape,
        every_months=row.every_months,
        start=first,
        end=last if last is None or first is None or last >= first else first,
    )


def asked(rows: Iterable[RequirementRow], day: date) -> set[tuple[str, object]]:
    """What a map asks on a day."""
    return {(row.identity, row.meaning) for row in rows if row.covers(day)}


DAYS = [FIRST + timedelta(days=n) for n in range(-3, 25)]


@given(timeline(), timeline(), OFFSETS)
def test_before_the_day_the_published_map_holds_and_from_it_the_draft(
    published: list[RequirementRow], draft: list[RequirementRow], offset: int
) -> None:
    day = FIRST + timedelta(days=offset)
    whole = published_from(published, draft, day)
    for one in DAYS:
        assert asked(whole, one) == asked(published if one < day else draft, one)
    assert not overlaps(whole)


@given(timeline(), OFFSETS)
def test_publishing_what_is_published_changes_nothing(published: list[RequirementRow], offset: int) -> None:
    whole = published_from(published, published, FIRST + timedelta(days=offset))
    assert sorted(whole, key=str) == sorted(published, key=str)


@given(timeline(), timeline())
def test_without_a_day_the_draft_holds_since_always(
    published: list[RequirementRow], draft: list[RequirementRow]
) -> None:
    assert published_from(published, draft, None) == draft


@given(timeline(), timeline())
def test_a_file_replaces_what_it_names_and_leaves_the_rest(
    published: list[RequirementRow], stated: list[RequirementRow]
) -> None:
    whole = by_identity(taken_over(published, stated))
    for identity, rows in (by_identity(published) | by_identity(stated)).items():
        assert whole[identity] == rows


@given(timeline(), timeline())
def test_two_maps_differ_exactly_where_they_ask_for_something_else_on_some_day(
    one: list[RequirementRow], other: list[RequirementRow]
) -> None:
    told = {difference.identity for difference in differences(one, other)}
    for identity in by_identity(one) | by_identity(other):
        mine, theirs = by_identity(one).get(identity, []), by_identity(other).get(identity, [])
        assert (identity in told) == (not same(mine, theirs))
        if identity not in told:
            assert all(asked(mine, day) == asked(theirs, day) for day in DAYS)


@given(timeline(), timeline(), timeline())
def test_two_editors_at_once_lose_nothing(
    base: list[RequirementRow], newest: list[RequirementRow], draft: list[RequirementRow]
) -> None:
    merge = merged(base, newest, draft)
    mine = {one.identity for one in differences(base, draft)}
    theirs = {one.identity for one in differences(base, newest)}
    found = by_identity(merge.rows)
    for identity in mine:
        assert same(found.get(identity, []), by_identity(draft).get(identity, []))
    for identity in theirs - mine:
        assert same(found.get(identity, []), by_identity(newest).get(identity, []))
    assert {one.identity for one in merge.both} <= mine & theirs


def test_an_interval_that_changes_closes_one_row_and_opens_another() -> None:
    old = RequirementRow("everyone", "", None, "A", "refreshed", every_months=36, start=date(2023, 1, 1))
    new = RequirementRow("everyone", "", None, "A", "refreshed", every_months=24, start=date(2023, 1, 1))
    before, after = published_from([old], [new], date(2026, 4, 1))
    assert (before.every_months, before.start, before.end) == (36, date(2023, 1, 1), date(2026, 3, 31))
    assert (after.every_months, after.start, after.end) == (24, date(2026, 4, 1), None)
    (difference,) = differences([old], [before, after])
    assert say(difference) == (
        "Changed: A for everyone. Was: A: everyone, within 90 days of starting, again every 36 months, from "
        "1 January 2023. Becomes: A: everyone, within 90 days of starting, again every 36 months, from 1 January "
        "2023, until 31 March 2026. Then: A: everyone, within 90 days of starting, again every 24 months, from "
        "1 April 2026."
    )


def test_a_requirement_that_is_taken_out_ends_the_day_before() -> None:
    old = RequirementRow("everyone", "", None, "A", start=date(2023, 1, 1))
    (ended,) = published_from([old], [], date(2026, 4, 1))
    assert (ended.start, ended.end) == (date(2023, 1, 1), date(2026, 3, 31))
