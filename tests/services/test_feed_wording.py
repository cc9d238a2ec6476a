"""What HR reads, word for word: what a list did, or why it did nothing and what to do.

A change of wording shows as a difference in ``snapshots/``.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lms.rules.feed import Outcome
from lms.services.feed import News, wording

SNAPSHOTS = Path(__file__).parent / "snapshots"
APPLIED = News(
    Outcome.APPLIED,
    "Quarrelby Trust",
    "QUA-NHS",
    date(2026, 6, 30),
    "staff-2026-06-30.csv",
    417,
    covers="all",
    counts=(("joiners", 12), ("leavers", 9), ("movers", 4), ("changed", 31), ("unchanged", 5210)),
)
STOPPED = replace(
    APPLIED,
    outcome=Outcome.STOPPED,
    brakes=(
        "624 of 5,226 people with a current post would leave, more than 10%. If the list is a part of the "
        "organisation, say which unit it covers; if they have all left, confirm it.",
    ),
)
REFUSED = replace(APPLIED, outcome=Outcome.REFUSED)


@pytest.mark.parametrize(
    ("name", "news"),
    [
        ("feed-applied", APPLIED),
        ("feed-applied-with-titles", replace(APPLIED, titles=3, in_titles=1204)),
        ("feed-applied-one-title", replace(APPLIED, titles=1, in_titles=1, covers=None)),
        ("feed-nothing-changed", replace(APPLIED, counts=(("joiners", 0), ("unchanged", 5226)))),
        ("feed-stopped", STOPPED),
        (
            "feed-refused-as-a-whole",
            replace(
                REFUSED,
                problems=("staff.pdf is a PDF document, not a spreadsheet. Save it as an Excel workbook.",),
            ),
        ),
        ("feed-refused-one-row", replace(REFUSED, rows=("row 7, Start Date",), row_count=1)),
        (
            "feed-refused-many-rows",
            replace(REFUSED, rows=tuple(f"row {n}, Start Date" for n in range(2, 7)), row_count=48),
        ),
    ],
)
def test_a_message_reads_as_it_was_written(name: str, news: News) -> None:
    said = wording.of_list("Ruth", news, "https://learning.example")
    path = SNAPSHOTS / f"{name}.txt"
    whole = f"Subject: {said.subject}\n\n{said.body}"
    if not path.exists():
        path.write_text(whole, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written. Read it, and run the tests again.")
    assert whole == path.read_text(encoding="utf-8"), f"Delete {path} to have it written anew."
    assert "\n\n\n" not in said.body


def test_somebody_without_a_name_is_greeted_all_the_same() -> None:
    assert wording.of_list("", APPLIED, "https://x.example").body.startswith("Hello,\n")
