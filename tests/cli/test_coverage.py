"""Coverage on the command line: as now known, and as it was published."""

import csv
import io
import json
from datetime import UTC, date, datetime
from random import Random

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from lms import db
from lms.cli import main
from lms.services import standing
from lms.services.coverage import history
from lms.tables.completions import Completion
from lms.tables.coverage import CoverageSnapshot
from tests import worlds

ON = date(2026, 6, 30)


def lms(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["coverage", "--as-at", ON.isoformat(), *arguments])


@pytest.fixture
def published(database: str) -> None:
    """A world whose figures of a day were published, before a late record came in."""
    with db.transaction() as session:
        worlds.plant(session, worlds.make(Random(3)))
        history.snapshot(session, ON, datetime(2026, 7, 1, 3, tzinfo=UTC))


def come_late() -> None:
    with db.transaction() as session:
        row = next(one for one in standing.people(session, ON) if one.standing in ("not_done", "not_yet_due"))
        session.add(
            Completion(
                statement_id="late",
                person_id=row.person_id,
                module_id=row.module_id,
                completed_on=ON,
                minutes=600,
            )
        )


def test_what_was_published_is_printed_as_it_was(published: None) -> None:
    with db.transaction(read_only=True) as session:
        kept = session.exec(select(CoverageSnapshot)).one().figures
    come_late()
    assert json.loads(lms("--published", "--json").stdout) == kept
    now = json.loads(lms("--json").stdout)
    assert (kept["published_or_recomputed"], now["published_or_recomputed"]) == ("published", "recomputed")
    assert now["rows"] != kept["rows"]
    files = [list(csv.DictReader(io.StringIO(lms("--csv", *more).stdout))) for more in ((), ("--published",))]
    assert [{row["published_or_recomputed"] for row in rows} for rows in files] == [
        {"recomputed"},
        {"published"},
    ]


def test_what_was_published_is_narrowed_to_one_organisation(published: None) -> None:
    whole, one = (
        json.loads(lms("--published", "--json", *more).stdout) for more in ((), ("--organisation", "ORG-A"))
    )
    assert one["rows"] == [row for row in whole["rows"] if row["organisation"] == "ORG-A"]
    assert one["organisations"] == [row for row in whole["organisations"] if row["organisation"] == "ORG-A"]


def test_the_table_says_what_was_restated(published: None) -> None:
    assert lms().stdout.endswith("Published on 2026-07-01; nothing has been restated since.\n")
    come_late()
    for more in ((), ("--published",)):
        assert "Published on 2026-07-01. Restated since:" in lms(*more).stdout
    assert "as published; due soon" in lms("--published").stdout


def test_a_day_that_was_never_published_is_refused_in_plain_words(database: str) -> None:
    result = lms("--published")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nothing was published for 2026-06-30" in result.stderr
    assert lms("--published", "--by", "role").exit_code == 2
