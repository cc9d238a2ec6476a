"""The words of reminders: who is due what, and the messages that say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lms.rules.reminders import Step, again
from lms.rules.standing import Standing


class State(StrEnum):
    """Where a message stands; ``lms/tables/reminders.py`` says what each means."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    AT_THE_DOOR = "at_the_door"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


class Kind(StrEnum):
    """To a person about their own learning, or to a line manager about the team."""

    REMINDER = "reminder"
    TEAM = "team"


Key = tuple[str, int, date]
"""A step, a requirement and an anniversary: what one person is reminded of once."""


@dataclass(frozen=True, slots=True)
class Due:
    """One module that one person is to be reminded of today, by the requirement that presses most."""

    person_id: int
    organisation_id: int
    requirement_id: int
    module_id: int
    standing: Standing
    step: Step

    @property
    def key(self) -> Key:
        return self.step.name, self.requirement_id, self.step.anniversary


@dataclass(frozen=True, slots=True)
class Said:
    """What was sent or is reserved: the message that has each key of a person, and all that was said of each
    requirement: the step, the day it went or goes, and the message."""

    holders: Mapping[tuple[int, Key], int]
    steps: Mapping[tuple[int, int], Sequence[tuple[str, date, int]]]

    def has(self, one: Due, *, but: int | None = None) -> bool:
        """Whether this need not be said any more, leaving one message aside."""
        holder = self.holders.get((one.person_id, one.key))
        told = self.steps.get((one.person_id, one.requirement_id), ())
        return holder not in (None, but) or again(
            one.step, [(name, went) for name, went, message in told if message != but]
        )


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person as a message speaks to them. ``employments`` are (organisation's code, employee number)."""

    person_id: int
    name: str
    greeting: str
    email: str | None
    employments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that would go today: to whom, and what is in it. A team digest has no items."""

    kind: Kind
    addressee: Addressee
    items: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about to go, as plain text, the token of whoever sends it, and the draft it was written from."""

    letter_id: int
    uuid: str
    recipient: str
    subject: str
    body: str
    token: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not reach somebody: for HR to look at."""

    message_id: int
    person_id: int
    recipient: str | None
    kind: Kind
    state: State
    reason: str
    since: datetime
    modules: tuple[str, ...]
