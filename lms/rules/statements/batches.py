"""Statements as they arrive: one or many in a text, read and validated together (1.0.3 Communication 2.1.1, 2.1.2)."""

from typing import Any, NamedTuple

from lms.rules.statements import strict_json, whole
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version

LONGEST = 500_000


class TooLong(Refused):
    """A statement of more characters than one may have."""


class Incoming(NamedTuple):
    """A validated statement, its text as it came, and the version by which it was validated."""

    value: dict[str, Any]
    text: str
    version: Version


def read(text: str, request: Version) -> list[Incoming]:
    """Read one statement or an array of them; one bad statement refuses all.

    :raises Refused: naming the statement and the place in it.
    """
    several = text.lstrip(" \t\r\n").startswith("[")
    found: list[Incoming] = []
    ids: set[str] = set()
    for number, (value, start, end) in enumerate(strict_json.elements(text)):
        try:
            if end - start > LONGEST:
                raise TooLong("", f"The statement is longer than {LONGEST:,} characters.")
            version = whole.statement(value, request)
            if "id" in value:
                own = value["id"].lower()
                if own in ids:
                    raise Refused("id", "stands in this batch already.")
                ids.add(own)
        except Refused as refused:
            raise (_numbered(refused, number) if several else refused) from None
        found.append(Incoming(value, text[start:end], version))
    return found


def _numbered(refused: Refused, number: int) -> Refused:
    if isinstance(refused, TooLong):
        return TooLong(f"[{number}]", refused.fault)
    return refused.within(f"[{number}]")
