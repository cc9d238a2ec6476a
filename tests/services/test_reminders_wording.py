"""What messages say, word for word: calm, plain, one thing to do, nobody else's name.

A change of wording shows as a difference in ``snapshots/``.
"""

import re
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.reminders import Steps, of_never_done, of_renewal
from lms.rules.standing import Standing
from lms.services.reminders.facts import Addressee, Due
from lms.services.reminders.offers import SUPPORT, Meeting, Offer
from lms.services.reminders.teams import Team, TeamModule
from lms.services.reminders.wording import Text, of_person, of_team

SNAPSHOTS = Path(__file__).parent / "snapshots"
AMINA = Addressee(1, "Amina Kirkbright", "Amina", "amina@qua.example", (("QUA", "1"),))
BASE = "https://learning.example"
NOTE = "Talks about childhood adversity in general terms. You can step out at any time."
NEVER_SAID = {
    *("non-compliant", "compliance", "failed", "failure", "breach", "should", "must", "overdue", "mandatory"),
    *("warning", "urgent", "immediately", "absence", "absent", "leave", "sickness", "maternity", "exempt"),
}
STARTED = of_never_done(date(2026, 6, 1), date(2026, 8, 30), Steps())
RENEWED = of_renewal(date(2023, 8, 7), date(2026, 8, 6), Steps())


def offer(
    step: str,
    *,
    renewal: bool,
    title: str = "ATR Foundation",
    note: str = NOTE,
    meetings: tuple[Meeting, ...] = (),
    formats: tuple[str, ...] = (),
) -> Offer:
    (found,) = [one for one in (RENEWED if renewal else STARTED) if one.name == step]
    standing = Standing.DUE_SOON if renewal else Standing.NOT_YET_DUE
    if step.startswith("+"):
        standing = Standing.OUT_OF_DATE if renewal else Standing.NOT_DONE
    return Offer(Due(1, 1, 1, 1, standing, found), title, note, meetings, formats, SUPPORT)


def matches(name: str, said: Text) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    whole = f"Subject: {said.subject}\n\n{said.body}"
    if not path.exists():
        path.write_text(whole, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written. Read it, and run the tests again.")
    assert whole == path.read_text(encoding="utf-8"), f"Delete {path} to have it written anew."


@pytest.mark.parametrize(
    ("name", "step", "renewal", "today"),
    [
        ("never-done-start", "start", False, date(2026, 6, 1)),
        ("never-done-before", "-14", False, date(2026, 8, 16)),
        ("never-done-after", "+31", False, date(2026, 9, 30)),
        ("renewal-before", "-30", True, date(2026, 7, 7)),
        ("renewal-last-day", "-7", True, date(2026, 8, 6)),
        ("renewal-after", "+1", True, date(2026, 8, 7)),
    ],
)
def test_one_module(name: str, step: str, renewal: bool, today: date) -> None:
    matches(name, of_person(AMINA, [offer(step, renewal=renewal)], today, BASE))


def test_several_modules_with_dates_and_formats_to_choose_from() -> None:
    meetings = (
        Meeting(date(2026, 8, 20), time(9, 30), "Huddersfield, Civic Centre 3"),
        Meeting(date(2026, 8, 27), time(13, 0), ""),
    )
    offers = [
        offer("-14", renewal=False, meetings=meetings, formats=("ATR Foundation e-learning",)),
        offer("+1", renewal=True, title="De-escalation", note=""),
    ]
    matches("several", of_person(AMINA, offers, date(2026, 8, 16), BASE))


def test_a_team() -> None:
    team = Team(12, (TeamModule("ATR Foundation", 2, 1, 3), TeamModule("De-escalation", 0, 0, 1)))
    matches("team", of_team(AMINA, team, date(2026, 8, 3), BASE))


def test_a_team_of_one() -> None:
    matches("team-of-one", of_team(AMINA, Team(1, (TeamModule("ATR", 0, 1, 0),)), date(2026, 8, 3), BASE))


def test_somebody_whose_name_is_not_known_is_greeted_all_the_same() -> None:
    nameless = Addressee(1, "", "", "x@qua.example", (("QUA", "1"),))
    assert of_person(nameless, [offer("+1", renewal=True)], date(2026, 8, 7), BASE).body.startswith(
        "Hello,\n"
    )


@given(
    steps=st.lists(
        st.sampled_from([(one.name, False) for one in STARTED] + [(one.name, True) for one in RENEWED]),
        min_size=1,
        max_size=5,
    ),
    today=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_no_message_reproaches_or_tells_what_is_nobodys_business(
    steps: list[tuple[str, bool]], today: date
) -> None:
    said = of_person(AMINA, [offer(step, renewal=renewal) for step, renewal in steps], today, BASE)
    words = set(re.findall(r"[a-z-]+", f"{said.subject} {said.body}".lower()))
    assert words.isdisjoint(NEVER_SAID)
    assert said.body.count("https://") == 1
    assert said.body.count(NOTE) == len(steps)
    assert SUPPORT in said.body
    assert "!" not in said.body + said.subject
    assert "\n\n\n" not in said.body
    assert "Nobody asks for a reason" in said.body
