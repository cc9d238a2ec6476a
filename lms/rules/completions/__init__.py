"""When a statement counts as a completion, and as which one (policy.md, Statements, last paragraph)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from lms.rules.dates import day_in_london
from lms.rules.statements import times
from lms.rules.statements.verbs import ADL

VERBS = (ADL + "completed", ADL + "passed", ADL + "mastered")
# Clocks differ; a statement this far ahead is an error of some clock and not of ours.
AHEAD = timedelta(minutes=10)
# A year. What says more is a slip of some package and would meet any number of hours asked for.
MOST_MINUTES = 366 * 24 * 60


class Reason(StrEnum):
    """Why a statement that would count does not, yet."""

    UNKNOWN_ACTOR = "unknown_actor"
    AMBIGUOUS_ACTOR = "ambiguous_actor"
    UNKNOWN_ACTIVITY = "unknown_activity"
    UNTRUSTED_KEY = "untrusted_key"
    FUTURE = "future"


IN_WORDS = {
    Reason.UNKNOWN_ACTOR: "nobody in the role lists is known by this actor",
    Reason.AMBIGUOUS_ACTOR: "more than one person has this e-mail address",
    Reason.UNKNOWN_ACTIVITY: "no module has this activity, not as an alias either",
    Reason.UNTRUSTED_KEY: "the key or store that it came from is not trusted for completions",
    Reason.FUTURE: "its time is still to come; some clock is wrong",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that counts as a completion if its source, actor and activity are known.

    ``account`` is home page and name; ``mbox`` the e-mail address in lower case; ``sha1`` of a mailto IRI.
    """

    seq: int
    statement_id: str
    activity: str
    actor: dict[str, Any]
    account: tuple[str, str] | None
    mbox: str | None
    sha1: str | None
    at: datetime
    minutes: int | None
    key_id: int | None
    store_id: int | None

    @property
    def ours(self) -> bool:
        """Whether this system made it."""
        return self.key_id is None and self.store_id is None

    @property
    def day(self) -> date:
        """The day of the completion."""
        return day_in_london(self.at)


def candidate(
    statement: dict[str, Any],
    verbs: frozenset[str],
    seq: int,
    statement_id: str,
    stored: datetime,
    key_id: int | None,
    store_id: int | None,
) -> Candidate | None:
    """The candidate in a validated statement, if it is of one of the verbs, about an activity and no failure."""
    if statement["verb"]["id"] not in verbs:
        return None
    thing = statement["object"]
    if thing.get("objectType", "Activity") != "Activity":
        return None
    result = statement.get("result", {})
    if result.get("success") is False or result.get("completion") is False:
        return None
    actor = statement["actor"]
    person = actor if actor.get("objectType", "Agent") == "Agent" else {}
    account = person.get("account")
    duration = result.get("duration")
    return Candidate(
        seq=seq,
        statement_id=statement_id.lower(),
        activity=thing["id"],
        actor=actor,
        account=(account["homePage"], account["name"]) if account else None,
        mbox=person["mbox"].removeprefix("mailto:").lower() if "mbox" in person else None,
        sha1=person["mbox_sha1sum"].lower() if "mbox_sha1sum" in person else None,
        at=times.instant(statement["timestamp"]) if "timestamp" in statement else stored,
        minutes=_minutes(duration) if duration else None,
        key_id=key_id,
        store_id=store_id,
    )


def _minutes(duration: str) -> int | None:
    """The minutes of a duration; None, as if it were not given, for one longer than anybody sits in a session."""
    found = times.minutes(duration)
    return found if found <= MOST_MINUTES else None


def is_future(at: datetime, stored: datetime) -> bool:
    """Whether a statement says it happens after it was stored, by more than clocks differ.

    Compared with the time it was stored and not with now, so that a rebuild comes out the same.
    """
    return at > stored + AHEAD
