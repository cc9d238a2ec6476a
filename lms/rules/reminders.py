"""Reminders: which step is due to be sent on a day (policy.md, Reminders)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lms.rules.dates import FOR_EVER, SINCE_ALWAYS
from lms.rules.standing import Standing

START = "start"


@dataclass(frozen=True, slots=True)
class Steps:
    """The settings: days before the last valid day; how long before due by; and what follows after either.

    After: on ``first_after`` days after the day, then every ``again_every`` days, at most ``again_times`` more.
    """

    before: tuple[int, ...] = (90, 30, 7)
    before_due: int = 14
    first_after: int = 1
    again_every: int = 30
    again_times: int = 3
    quiet_days: int = 28

    @property
    def after(self) -> tuple[int, ...]:
        """The days after the last good day, by default 1, 31, 61 and 91."""
        return tuple(self.first_after + k * self.again_every for k in range(self.again_times + 1))

    @property
    def longest(self) -> int:
        """How many days ahead somebody can be reminded."""
        return max(self.before, default=0)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, the day from which it is due, and the last good day that it speaks of.

    ``anniversary`` is what the step is sent once for: the day after the last good day; for the first word at
    the start, the start.
    """

    name: str
    on: date
    last_day: date
    anniversary: date


def of_never_done(start: date, due_by: date, steps: Steps) -> list[Step]:
    """The steps of something never done: at the start, before due by if that is later, and after it."""
    found = [Step(START, start, due_by, start)]
    before = _shift(due_by, -steps.before_due)
    if before > start:
        found.append(_step(-steps.before_due, due_by))
    return found + [_step(days, due_by) for days in steps.after]


def of_renewal(completed_on: date, valid_until: date, steps: Steps) -> list[Step]:
    """The steps towards and past a last valid day. One that would come before the completion itself does not.

    Something done every month is not announced 90 days ahead, on the day it was done.
    """
    ahead = [_step(-days, valid_until) for days in sorted(steps.before, reverse=True)]
    return [step for step in ahead if step.on > completed_on] + [
        _step(days, valid_until) for days in steps.after
    ]


def latest(
    standing: Standing,
    today: date,
    steps: Steps,
    *,
    start: date,
    due_by: date,
    completed_on: date | None,
    valid_until: date | None,
) -> Step | None:
    """The one step that may be sent today: the latest whose day has come.

    Earlier ones are passed over, so that the first run and the day after an outage bring one message, and a
    missed night loses nothing.
    """
    if standing in (Standing.NOT_YET_DUE, Standing.NOT_DONE):
        found = of_never_done(start, due_by, steps)
    elif (
        standing in (Standing.IN_DATE, Standing.DUE_SOON, Standing.OUT_OF_DATE)
        and completed_on is not None
        and valid_until is not None
    ):
        found = of_renewal(completed_on, valid_until, steps)
    else:
        return None
    return max((step for step in found if step.on <= today), key=lambda step: step.on, default=None)


def again(step: Step, said: Iterable[tuple[str, date]]) -> bool:
    """Whether a step would only repeat itself: on or after the day it falls on, it or a later one was said.

    A shorter or longer interval moves the anniversary, and with it every step; what had been said of the same
    requirement before is not said again (policy.md, Standing). A step that falls on a later day is new.
    ``said`` are the names of the steps sent for the requirement, and when they went.
    """
    return any(went >= step.on and _offset(name) >= _offset(step.name) for name, went in said)


def quiet(last_day_away: date | None, today: date, steps: Steps) -> bool:
    """Whether somebody is back so recently that nothing is sent yet: the 28 days after the last day away."""
    return last_day_away is not None and last_day_away < today <= _shift(last_day_away, steps.quiet_days)


def steps_from(settings: Mapping[str, Any]) -> Steps:
    """The steps with what an administrator has changed."""
    standard = Steps()
    return Steps(
        before=tuple(int(days) for days in settings.get("reminder_days_before", standard.before)),
        before_due=int(settings.get("reminder_days_before_due", standard.before_due)),
        first_after=int(settings.get("reminder_days_after", standard.first_after)),
        again_every=int(settings.get("reminder_every_days", standard.again_every)),
        again_times=int(settings.get("reminder_times_more", standard.again_times)),
        quiet_days=int(settings.get("reminder_quiet_days", standard.quiet_days)),
    )


def _offset(name: str) -> float:
    """Where a step stands among the others: the start before all, then by the days before or after the last day."""
    return -math.inf if name == START else int(name)


def _step(days: int, last_day: date) -> Step:
    return Step(f"{days:+d}", _shift(last_day, days), last_day, _shift(last_day, 1))


def _shift(day: date, days: int) -> date:
    """Days later or earlier, within the calendar."""
    if days >= 0:
        return day + timedelta(days=days) if (FOR_EVER - day).days >= days else FOR_EVER
    return day - timedelta(days=-days) if (day - SINCE_ALWAYS).days >= -days else SINCE_ALWAYS
