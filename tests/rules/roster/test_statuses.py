"""What HR statuses, categories and flags amount to."""

import pytest

from lms.rules.roster import Status
from lms.rules.roster.statuses import is_bank, status_of, yes_or_no
from tests.rosters.lists import CAPTIONS, read, row, warnings

AWAY = """Maternity & Adoption|Maternity leave|MATERNITY|Adoption Leave|Career Break|Career-break|Suspend Assignment|Suspend No Pay|
Suspend With Pay|Suspended|Suspended - Payroll Eligible|Out on External Secondment - Paid|Out on External Secondment - Unpaid|
Secondment out|Seconded Out|External secondment|Long-term sick|Long Term Sickness|Sick - long term|LTS|Shared Parental Leave|Sabbatical|
Unpaid leave|Employment Break"""
LEFT = """Terminated|Terminate Assignment|Terminatd|Ended|Leaver|Left|Resigned|Retired|Deceased|DELETE|Deleted|Inactive|Inactive - Payroll Eligible|
Withdrawn|Dismissed|FALSE|Former employee|Not active|Redundant|Retiree|Pensioner"""
IN_POST = """Active Assignment|Active|Acting Up|Internal Secondment|Seconded in|Current|In post|Permanent|Fixed term|Bank|UPDATE|NOCHANGE|NEW|
UNCHECKED|Active - Payroll Eligible|TRUE|Yes|Offer Accepted|Inactive Not Worked|Sick|Annual leave|Employed|Returned from maternity"""

GONE = """Non-active|Non Active|In-active|Not in post|Not employed|Not current|No longer employed|Ex volunteer|Ex-staff|Resignation|
Dismissal|Redundancy|Transferred out|TUPE'd out|Ill health retirement|Finished|Gone|
Previous employee|Past|Archived|Historic|End"""
STILL_HERE = """Maternity cover|Covering maternity leave|Fixed term - maternity cover|Back from maternity|Maternity returner|
No longer suspended|Unsuspended|Suspension lifted|Resigned - working notice|Leaver (pending)|Not yet left|At risk of redundancy|
Flexible retirement"""


@pytest.mark.parametrize(
    ("texts", "status"), [(AWAY, Status.AWAY), (LEFT, Status.LEFT), (IN_POST, Status.IN_POST)]
)
def test_a_status_is_in_post_away_or_left_whatever_its_punctuation(texts: str, status: Status) -> None:
    for text in texts.replace("\n", "").split("|"):
        assert status_of(text) == (status, ""), text
        assert status_of(text.upper().replace(" ", "  ")) == (status, ""), text


def test_a_word_that_is_taken_back_does_not_count() -> None:
    for text in GONE.replace("\n", "").split("|"):
        assert status_of(text) == (Status.LEFT, ""), text
    for text in STILL_HERE.replace("\n", "").split("|"):
        assert status_of(text) == (Status.IN_POST, ""), text
    for text in ("On maternity leave, cover in place", "Maternity leave cover arranged", "Mat leave"):
        assert status_of(text) == (Status.AWAY, ""), text
    assert status_of("Dormant worker") == (Status.IN_POST, "status_unknown")


@pytest.mark.parametrize("caption", ["Active", "Is active", "Active?", "Active (Y/N)", "Active status"])
def test_a_column_that_asks_whether_somebody_is_active_takes_no_for_an_answer(caption: str) -> None:
    captions = [*CAPTIONS[:-1], caption]
    reading = read(
        *(row(str(n), status=word) for n, word in enumerate(["N", "no", "0", "Y", "yes", "1"], 71)),
        captions=captions,
    )
    assert [fact.status for fact in reading.rows] == [Status.LEFT] * 3 + [Status.IN_POST] * 3
    assert not reading.warnings
    assert warnings(read(row(status="N"))) == [(2, "Status", "status_unknown")]


@pytest.mark.parametrize("status", ["Wibble", "Dormant", "Assignment Costing Deletion"])
def test_an_unknown_status_is_in_post_and_said(status: str) -> None:
    reading = read(row(status=status))
    assert reading.rows[0].status is Status.IN_POST
    assert warnings(reading) == [(2, "Status", "status_unknown")]


def test_a_blank_status_says_nothing() -> None:
    assert read(row(status="-")).rows[0].status is None


@pytest.mark.parametrize(
    ("text", "coded", "bank"),
    [
        ("Bank", False, True),
        ("Permanent", False, False),
        ("3", True, True),
        ("1", True, False),
        ("Y", False, True),
        ("", False, None),
        ("Zero Hours", False, True),
    ],
)
def test_bank_work_is_known_by_its_category(text: str, coded: bool, bank: bool | None) -> None:
    assert is_bank(text, coded=coded) is bank


def test_flags_are_read_as_systems_write_them() -> None:
    assert [yes_or_no(text) for text in ("Y", "yes", "1", "No", "FALSE", "", "perhaps")] == [
        True,
        True,
        True,
        False,
        False,
        None,
        None,
    ]
