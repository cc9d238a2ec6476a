"""Statements in and out as lines of JSON."""

from collections.abc import Iterable, Iterator
from json import loads

from sqlmodel import Session

from lms.errors import Invalid, NotFound
from lms.rules.statements import identifiers, own, strict_json, terms, whole
from lms.rules.statements.actors import identity
from lms.rules.statements.batches import Incoming
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from lms.services.statements import reading

_PROBLEMS_AT_MOST = 1_000


def everything(session: Session) -> Iterator[str]:
    """Every statement in the order of the log, one a line, void ones and those that void them too."""
    for payload in reading.everything(session):
        yield _line(payload)


def of_person(session: Session, person_uuid: str, base_url: str) -> Iterator[str]:
    """Every statement about a person of ours or in which the person has a part.

    :raises NotFound: when the UUID is none.
    """
    try:
        who = identity(own.agent(base_url, person_uuid.strip().lower()))
        identifiers.uuid(person_uuid.strip(), "person")
    except Refused as refused:
        raise NotFound(refused.message) from None
    seen = set()
    for kind in (terms.AGENT, terms.RELATED_AGENT):
        for payload in reading.everything(session, by=terms.term(kind, who or "")):
            statement_id = loads(payload)["id"]
            if statement_id not in seen:
                seen.add(statement_id)
                yield _line(payload)


def _line(payload: str) -> str:
    """The text on one line. Between the parts of JSON a line break is a blank; within a string there is none."""
    return payload.replace("\r", " ").replace("\n", " ")


def read(lines: Iterable[bytes]) -> list[Incoming]:
    """Statements of either version, one a line; blank lines are left out.

    :raises Invalid: with every line that cannot be used.
    """
    found: list[Incoming] = []
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = strict_json.decode(line).strip()
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
