"""Prior learning: what a claim has to say, and what may become of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lms.errors import Invalid
from lms.rules.accounts import Problem

EARLIEST = date(1940, 1, 1)
LONGEST_MINUTES = 60 * 24 * 366


class State(StrEnum):
    """Where a claim stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody completed this module, or what amounts to it, on a day, with somebody else."""

    module: str
    completed_on: date | None
    provider: str
    evidence: str
    minutes: int | None = None


def checked(claim: Claim, today: date) -> Claim:
    """The claim, if it says all that a decision needs.

    :raises Invalid: with every problem at once.
    """
    problems = []
    if not claim.module:
        problems.append(Problem("module", "Choose the module that it should count for."))
    if claim.completed_on is None:
        problems.append(Problem("completed_on", "Enter the day on which it was completed."))
    elif not EARLIEST <= claim.completed_on <= today:
        problems.append(
            Problem("completed_on", "The day must be today or in the past, and after 1939. Correct the date.")
        )
    if not claim.provider.strip():
        problems.append(Problem("provider", "Say who gave the training."))
    if not claim.evidence.strip():
        problems.append(
            Problem(
                "evidence", "Say what shows it, such as a certificate and its number, and where it is kept."
            )
        )
    if claim.minutes is not None and not 0 < claim.minutes <= LONGEST_MINUTES:
        problems.append(Problem("minutes", "Enter the minutes as a whole number above 0, or leave it blank."))
    if problems:
        raise Invalid("The claim is not complete.", problems)
    return claim
