"""A standing's reason in words: which rule, from which version, since when, and how the date was worked out."""

from dataclasses import dataclass
from datetime import date

from lms.rules.dates import MONTHS
from lms.rules.dates import in_words as day
from lms.rules.standing import Anchor, Shape, Standing, Term, due_by


@dataclass(frozen=True, slots=True)
class Named:
    """The names that a reason mentions. ``organisation`` is blank for a requirement of the whole partnership."""

    module: str
    refresher: str | None
    organisation: str | None
    completed: str | None


def because(
    term: Term,
    named: Named,
    standing: Standing,
    *,
    starts_on: date,
    completed_on: date | None,
    until: date | None,
) -> str:
    """The reason as sentences."""
    sentences = [_rule(term, named)]
    if standing is Standing.EXEMPT:
        sentences.append("An exemption or absence covers this date, so it is not counted now.")
    if completed_on is not None:
        sentences.append(_held(term, named, completed_on, until, standing))
    elif standing is not Standing.EXEMPT:
        sentences.append(_wanted(term, starts_on))
    return " ".join(sentences)


def who(term: Term) -> str:
    """Whom a requirement is of."""
    return {
        "everyone": "Everyone",
        "managers": "Every line manager",
        "family": f"Everyone in the role family {term.value}",
        "role": f"Everyone in the job role {term.value}",
        "level": f"Everyone at the practice level {term.value}",
        "person": "This person",
    }[term.who]


def _rule(term: Term, named: Named) -> str:
    where = f"at {named.organisation}" if named.organisation else "in the whole partnership"
    since = f", since {day(term.first_applied)}" if term.first_applied else ""
    decided = f", decided by {term.decided_by}" if term.decided_by else ""
    if term.who == "person":
        return f"{who(term)} needs {named.module} (an addition of their own{decided}{since})."
    version = f"map version {term.version}" if term.version else "the map"
    return f"{who(term)} {where} needs {named.module} ({version}{decided}{since})."


def _held(term: Term, named: Named, completed_on: date, until: date | None, standing: Standing) -> str:
    record = f"Completed on {day(completed_on)}"
    if named.completed and named.completed != named.module:
        record += f" as {named.completed}, which counts for it"
    if term.shape is Shape.HOURS:
        hours = f"{(term.minutes or 0) / 60:g} hours"
        period = f" within {term.every_months} months" if term.every_months else ""
        record = f"{hours}{period} are asked for; the latest that counts was on {day(completed_on)}"
        if until is None:
            return f"{record}, and they do not lapse."
        reached = "were reached until" if standing is Standing.OUT_OF_DATE else "are reached up to"
        return f"{record}, and the hours {reached} {day(until)}."
    if until is None:
        return f"{record}; once is enough."
    return f"{record}; {_renewal(term, named)}, so the last valid day {'was' if standing is Standing.OUT_OF_DATE else 'is'} {day(until)}."


def _renewal(term: Term, named: Named) -> str:
    again = f"it is renewed every {term.every_months} months"
    if named.refresher:
        again += f" by {named.refresher} or {named.module}"
    if term.anchor is Anchor.FIXED and term.fixed_day:
        month, number = term.fixed_day
        return f"{again}, always by {number} {MONTHS[month - 1]}"
    if term.anchor is Anchor.KEEP_ANNIVERSARY:
        return f"{again}, keeping the anniversary when renewed in its last {term.window} days"
    return again


def _wanted(term: Term, starts_on: date) -> str:
    due = due_by(term, starts_on)
    later = term.first_applied is not None and term.first_applied > starts_on
    start = "the requirement began" if later else "this role began"
    return (
        f"Nothing that counts has been recorded. With {term.days_allowed} days from "
        f"{day(term.first_applied if later and term.first_applied else starts_on)}, when {start}, it is due by {day(due)}."
    )
