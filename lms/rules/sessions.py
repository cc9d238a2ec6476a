"""What a session's register means: marks, instants, and what an attendance becomes (policy.md, Statements)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lms.rules.accounts import Problem
from lms.rules.dates import in_words

LONGEST = 24 * 60
MOST_PLACES = 1000
LONGEST_NAME = 200
# People are marked as they come through the door, which is before the session begins.
MARKED_BEFORE_START = timedelta(minutes=60)
TIME = re.compile(r"(?P<hour>\d{1,2}?)(?:[:.h ]?(?P<minute>\d{2}))? ?(?:(?P<half>[ap])\.?m\.?)?", re.ASCII)


class Mark(StrEnum):
    """What the register says of one name."""

    BOOKED = "booked"
    ATTENDED = "attended"
    LEFT_EARLY = "left_early"
    ABSENT = "absent"

    @property
    def came(self) -> bool:
        """Whether the person was there. Leaving early is not a failure, and no reason is asked."""
        return self in (Mark.ATTENDED, Mark.LEFT_EARLY)


@dataclass(frozen=True)
class Outcome:
    """What an attendance is recorded as: the ADL verb, whether it completes the module, and its length."""

    verb: str
    completion: bool
    minutes: int | None


def outcome(mark: Mark, minutes: int) -> Outcome | None:
    """What one mark in a session of so many minutes is recorded as; None where there is nothing to record.

    Who stayed has completed the module. Who left early has attended, which by itself does not count as a
    completion and says nothing against anybody; how long they stayed is not asked, so it has no length.
    """
    if mark is Mark.ATTENDED:
        return Outcome("completed", completion=True, minutes=minutes)
    if mark is Mark.LEFT_EARLY:
        return Outcome("attended", completion=False, minutes=None)
    return None


# --- When -----------------------------------------------------------------------------------------------


def starts_at(day: date, starts: time, zone: str) -> datetime:
    """The instant, in UTC, at which a session begins by the clock of its venue.

    Where the clocks go back and a time comes twice, the first of the two.

    :raises ValueError: where the clocks go forward and the time does not come at all; ask ``time_problem``.
    """
    if problem := time_problem(day, starts, zone):
        raise ValueError(problem)
    return datetime.combine(day, starts, ZoneInfo(zone)).astimezone(UTC)


def ends_at(day: date, starts: time, zone: str, minutes: int) -> datetime:
    """The instant, in UTC, at which it ends: real minutes later, whatever the clocks do meanwhile."""
    return starts_at(day, starts, zone) + timedelta(minutes=minutes)


def time_problem(day: date, starts: time, zone: str) -> str | None:
    """Why there is no such moment at that place, or None."""
    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return f"“{zone}” is not a time zone. Use a name such as Europe/London."
    local = datetime.combine(day, starts, there)
    if local.astimezone(UTC).astimezone(there).replace(tzinfo=None) != local.replace(tzinfo=None):
        return (
            f"{starts:%H:%M} does not exist on {in_words(day)}, because the clocks go forward. "
            "Choose another time."
        )
    return None


def may_be_marked(starts: datetime, now: datetime) -> bool:
    """A register opens an hour before the session begins, and stays open for those who come back to it."""
    return now >= starts - MARKED_BEFORE_START


def may_be_recorded(starts: datetime, now: datetime) -> bool:
    """Nobody has attended what has not begun: marks made at the door wait until then."""
    return now >= starts


# --- A session as somebody enters it --------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A session to be held. ``minutes`` None means the length of the module."""

    module_id: int | None
    organisation_id: int | None
    day: date | None
    starts: time | None
    minutes: int | None
    venue: str = ""
    capacity: int | None = None
    zone: str = "Europe/London"


def problems(draft: Draft, *, today: date) -> list[Problem]:
    """Everything that keeps a draft from being a session, in the order of the form."""
    found = []
    if draft.module_id is None:
        found.append(Problem("module", "Select a module"))
    if draft.organisation_id is None:
        found.append(Problem("organisation", "Select the organisation that holds the session"))
    if draft.day is None:
        found.append(Problem("day", "Enter the date of the session, for example 27 3 2027"))
    elif (
        not today.replace(year=today.year - 10, day=1)
        <= draft.day
        <= today.replace(year=today.year + 5, day=1)
    ):
        found.append(Problem("day", "The date of the session must be within the last 10 or the next 5 years"))
    if draft.starts is None:
        found.append(Problem("starts", "Enter the time it starts, for example 9:30"))
    elif draft.day is not None and (problem := time_problem(draft.day, draft.starts, draft.zone)):
        found.append(Problem("starts", problem))
    if draft.minutes is None:
        # Without a module there is no length to take over either, and one thing at a time is enough.
        if draft.module_id is not None:
            found.append(Problem("minutes", "Enter how many minutes the session lasts"))
    elif not 1 <= draft.minutes <= LONGEST:
        found.append(Problem("minutes", f"The length must be from 1 to {LONGEST} minutes"))
    if draft.capacity is not None and not 1 <= draft.capacity <= MOST_PLACES:
        found.append(Problem("capacity", f"The number of places must be from 1 to {MOST_PLACES}, or blank"))
    if len(draft.venue) > LONGEST_NAME:
        found.append(Problem("venue", f"The venue must be {LONGEST_NAME} characters or fewer"))
    return found


def read_time(text: str) -> time | None:
    """The time that a text names: 9, 9:30, 09.30, 0930, 2pm, 2:30 pm. None where it names none."""
    found = TIME.fullmatch(text.strip().casefold())
    if not found:
        return None
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_number(text: str) -> int | None:
    """The whole number that a field holds; -1, which no check lets pass, where it holds something else."""
    found = _whole(text)
    return found if found is not None or not text.strip() else -1


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None


def name_problem(name: str) -> str | None:
    """Why this is not the name of somebody who walked in, or None."""
    if not any(unicodedata.category(character).startswith("L") for character in name):
        return "Enter the name of the person who came"
    if len(name) > LONGEST_NAME:
        return f"The name must be {LONGEST_NAME} characters or fewer"
    return None


# --- Marking --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One name whose mark changes. ``ends_fact``: what was recorded is void; ``makes_fact``: record anew."""

    entry_id: int
    before: Mark
    after: Mark

    @property
    def ends_fact(self) -> bool:
        return self.before.came

    @property
    def makes_fact(self) -> bool:
        return self.after.came


def changes(
    current: Mapping[int, Mark], wanted: Mapping[int, Mark], seen: Mapping[int, Mark] | None = None
) -> list[Change]:
    """What saving a register changes; saving the same again changes nothing.

    ``seen`` are the marks that the person saving was shown: a row they left alone keeps what a second trainer
    has marked meanwhile. Names that are no longer on the register are passed over.
    """
    seen = seen or {}
    return [
        Change(entry, current[entry], mark)
        for entry, mark in wanted.items()
        if entry in current and mark is not current[entry] and seen.get(entry) is not mark
    ]


@dataclass(frozen=True)
class Tally:
    """The counts printed under a register. The four marks add up to ``names``; walk-ins are among them."""

    names: int
    booked: int
    attended: int
    left_early: int
    absent: int
    walk_ins: int
    unmatched: int

    @property
    def came(self) -> int:
        return self.attended + self.left_early


def tally(counts: Mapping[tuple[Mark, bool, bool], int]) -> Tally:
    """Add up how many names have each (mark, walked in, matched to a role list)."""
    marks = {mark: sum(number for (one, _, _), number in counts.items() if one is mark) for mark in Mark}
    return Tally(
        names=sum(counts.values()),
        booked=marks[Mark.BOOKED],
        attended=marks[Mark.ATTENDED],
        left_early=marks[Mark.LEFT_EARLY],
        absent=marks[Mark.ABSENT],
        walk_ins=sum(number for (_, walked_in, _), number in counts.items() if walked_in),
        unmatched=sum(number for (_, _, matched), number in counts.items() if not matched),
    )
