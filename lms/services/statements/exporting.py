"""Statements in and out as lines of JSON."""

from collections.abc import Iterable, Iterator

from sqlmodel import Session

from lms.errors import Invalid
from lms.rules.statements import strict_json, whole
from lms.rules.statements.batches import Incoming
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from lms.services.statements import reading

_PROBLEMS_AT_MOST = 1_000


def everything(session: Session) -> Iterator[str]:
    """Every statement in the order of the log, one a line, void ones and those that void them too."""
    for payload in reading.everything(session):
        yield line(payload)


def line(payload: str) -> str:
    """The text on one line. Between the parts of JSON a line break is a blank; within a string there is none."""
    return payload.replace("\r", " ").replace("\n", " ")


def read(lines: Iterable[bytes]) -> list[Incoming]:
    """Statements of either version, one a line; blank lines are left out.

    :raises Invalid: with every line that cannot be used.
    """
    found: list[Incoming] = []
    problems: list[str] = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            text = strict_json.decode(raw).strip()
            value = strict_json.parse(text)
            version = whole.statement(value, Version.TWO)
            found.append(Incoming(value, text, version))
        except Refused as refused:
            problems.append(f"line {number}: {refused.message}")
            if len(problems) >= _PROBLEMS_AT_MOST:
                break
    if problems:
        what = "problem" if len(problems) == 1 else "problems"
        raise Invalid(f"Nothing was stored: {len(problems)} {what}.", problems)
    return found
