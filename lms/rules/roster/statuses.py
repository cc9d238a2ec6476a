"""What an HR status amounts to: in post, away or left (policy.md, Dates; domain.md 3.1)."""

import re
from typing import NamedTuple

from lms.rules.roster.cells import CLEAR, is_blank
from lms.rules.roster.facts import Status

# In this order: what a phrase says first decides. Suspension, external secondment and the rest are policy.md's list.
_IN_POST_AFTER_ALL = (
    r"internal second|second\w* (in|internal)\b|acting|inactive not worked|return(ed|ing|er)?\b|back from\b|"
    r"\b(not|no longer|never) suspended|unsuspended|suspension (lifted|ended|over)|not (yet )?left|"
    r"\bcovering\b|(matern\w*|patern\w*|adoption|leave|sick\w*|absence) cover\b(?! (arranged|in place|needed|required|by|from|until))|"
    r"(working|under|on|serving) (\w+ )?notice|pending leaver|leaver pending|at risk|"
    r"(partial|flexi\w*|phased) retire"
)
_LEFT = (
    r"terminat|\b(ended|leaver|left|resign(ed|ation)|dismiss(ed|al)|retire(d|e|ment)|pensioner|deceased|died|deleted?|withdrawn|inactive|"
    r"redundan(t|cy)|ex \w+|former|(non|not|in) active|not (in post|employed|current)|closed|expired|discharged|no longer|false|"
    r"ceased|separated|departed|finished|gone|transfer(red)? out|tupe\w*( d)?( \w+)? out|archived|historic(al)?|"
    r"previous (staff|employ\w+|worker|volunteer|member))\b|^(end|past|previous)$"
)
_AWAY = (
    r"maternit|\bmat leave\b|paternit|adoption|parental|(career|employment) break|\bcareer brk\b|sabbatical|suspen[ds]|"
    r"second\w* (out|external|away)|(out|external|outward)\w*( on)?( \w+)? second|unpaid leave|"
    r"long term (sick|ill|abs|leave)|\b(sick|sickness|absen\w+|ill\w*) long term|\blt ?(sick\w*|abs\w*)|\blts\b|furlough|garden|^away$"
)
_IN_POST = (
    r"\b(active|current|in post|substantive|permanent|perm|employed|live|filled|occupied|contracted|temporary|temp|fixed term|ft|pt|"
    r"full time|part time|probation\w*|bank|casual|nochange|no change|update|new|unchecked|enabled|true|yes|y|1|starter|joiner|working|"
    r"at work|offer accepted|annual leave|sick|sickness|notice|secondary|primary|confirmed|established|trainee|apprentice|"
    r"volunteer\w*|agency|honorary|assignment|on leave|normal|regular|existing|staff|employee|worker|ok)\b"
)
# Said of people in post and of others.
_UNSURE = r"\b(dormant|costing deletion)\b"
_ORDER = (
    (re.compile(_IN_POST_AFTER_ALL), Status.IN_POST),
    (re.compile(_LEFT), Status.LEFT),
    (re.compile(_AWAY), Status.AWAY),
    (re.compile(_UNSURE), None),
    (re.compile(_IN_POST), Status.IN_POST),
)
_BANK = re.compile(
    r"\b(bank|casual|relief|pool|as and when|as & when|zero hours?|sessional)\b", re.IGNORECASE
)
_YES = frozenset(("y", "yes", "true", "1", "x", "t", "primary", "main", "✓"))
_NO = frozenset(("n", "no", "false", "0", "f", "secondary", "additional"))


class Meaning(NamedTuple):
    """A status, None where blank, and a problem's code or ``CLEAR``."""

    status: Status | None
    code: str = ""


def status_of(text: str, *, flag: bool = False) -> Meaning:
    """The status a cell names, whatever its punctuation. An unknown one counts as in post, and is said.

    ``flag`` for a column that asks whether somebody is active, and is answered with yes or no.
    """
    if is_blank(text):
        return Meaning(None)
    if text == CLEAR:
        return Meaning(None, CLEAR)
    if flag and (answer := yes_or_no(text)) is not None:
        return Meaning(Status.IN_POST if answer else Status.LEFT)
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", text.casefold()).split())
    for pattern, status in _ORDER:
        if pattern.search(words):
            return Meaning(status) if status else Meaning(Status.IN_POST, "status_unknown")
    return Meaning(Status.IN_POST, "status_unknown")


def is_bank(text: str, *, coded: bool) -> bool | None:
    """Whether an assignment category is bank work; ``coded`` for ASC-WDS, whose 3 is pool and bank staff."""
    if is_blank(text):
        return None
    if coded and text.isdigit():
        return text == "3"
    answer = yes_or_no(text)
    return bool(_BANK.search(text)) if answer is None else answer


def yes_or_no(text: str) -> bool | None:
    """A flag as systems write it; None where it is neither."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None
