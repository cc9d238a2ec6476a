"""What a request for statements asks for (1.0.3 Communication 2.1.3; 9274.1.1 4.1.6.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.rules.statements import actors, identifiers, order, strict_json, terms, times
from lms.rules.statements.formats import EXACT, FORMATS
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version

PARAMETERS = frozenset(
    (
        *("statementId", "voidedStatementId", "agent", "verb", "activity", "registration"),
        *("related_activities", "related_agents", "since", "until", "limit", "format"),
        *("attachments", "ascending"),
    )
)
# Ours: where the page after the last one begins. It is no parameter of the standard, which allows others.
FROM = "from"
_BESIDE_ID = frozenset(("attachments", "format"))
PAGE = 500
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """A request for statements, read.

    ``filters`` are alternatives of terms, one from each of which a statement must have; ``lowest`` and
    ``highest`` bound the number in the log, both inclusive.
    """

    statement_id: str | None = None
    voided_id: str | None = None
    filters: tuple[tuple[int, ...], ...] = ()
    lowest: int = 0
    highest: int = order.LAST
    limit: int = PAGE
    format: str = EXACT
    attachments: bool = False
    ascending: bool = False


def read(parameters: Mapping[str, str], version: Version) -> Query:
    """Read the parameters of a request.

    :raises Refused: naming the parameter that is not as the standard has it.
    """
    for name in parameters:
        if name not in PARAMETERS and name != FROM:
            raise unknown_parameter(name, PARAMETERS)
    form = parameters.get("format", EXACT)
    if form not in FORMATS:
        raise Refused("format", f"is not one of {', '.join(FORMATS)}.")
    attachments = _boolean(parameters, "attachments")
    if "statementId" in parameters or "voidedStatementId" in parameters:
        return _single(parameters, form, attachments)
    ascending = _boolean(parameters, "ascending")
    lowest, highest = _bounds(parameters, version)
    if FROM in parameters:
        start = _number(parameters, FROM)
        lowest, highest = (max(lowest, start), highest) if ascending else (lowest, min(highest, start))
    limit = _number(parameters, "limit") if "limit" in parameters else 0
    return Query(
        filters=_filters(parameters),
        lowest=lowest,
        highest=highest,
        limit=min(limit or PAGE, PAGE),
        format=form,
        attachments=attachments,
        ascending=ascending,
    )


def unknown_parameter(name: str, allowed: frozenset[str]) -> Refused:
    """The refusal of a parameter that this address does not have (Communication 3.2)."""
    same = next((known for known in sorted(allowed) if known.lower() == name.lower()), None)
    hint = f" Names are case-sensitive: write {same}." if same else ""
    return Refused(name[:60], f"is not a parameter of this address.{hint}")


def _single(parameters: Mapping[str, str], form: str, attachments: bool) -> Query:
    names = [name for name in ("statementId", "voidedStatementId") if name in parameters]
    if len(names) == 2:
        raise Refused("statementId", "and voidedStatementId exclude each other.")
    for name in parameters:
        if name not in _BESIDE_ID and name != names[0]:
            raise Refused(name, f"is not allowed beside {names[0]}; only attachments and format are.")
    identifiers.uuid(parameters[names[0]], names[0])
    asked = parameters[names[0]].lower()
    if names[0] == "statementId":
        return Query(statement_id=asked, format=form, attachments=attachments)
    return Query(voided_id=asked, format=form, attachments=attachments)


def _filters(parameters: Mapping[str, str]) -> tuple[tuple[int, ...], ...]:
    found: list[tuple[int, ...]] = []
    if "agent" in parameters:
        who = agent(parameters["agent"], group=True)
        kinds = [terms.AGENT] + [terms.RELATED_AGENT] * _boolean(parameters, "related_agents")
        found.append(tuple(terms.term(kind, who) for kind in kinds))
    else:
        _boolean(parameters, "related_agents")
    if "activity" in parameters:
        identifiers.iri(parameters["activity"], "activity")
        kinds = [terms.ACTIVITY] + [terms.RELATED_ACTIVITY] * _boolean(parameters, "related_activities")
        found.append(tuple(terms.term(kind, parameters["activity"]) for kind in kinds))
    else:
        _boolean(parameters, "related_activities")
    if "registration" in parameters:
        identifiers.uuid(parameters["registration"], "registration")
        found.append((terms.term(terms.REGISTRATION, parameters["registration"].lower()),))
    if "verb" in parameters:
        identifiers.iri(parameters["verb"], "verb")
        found.append((terms.term(terms.VERB, parameters["verb"]),))
    return tuple(found)


def agent(text: str, *, group: bool) -> str:
    """The identity of the agent in a parameter, which is JSON; of an identified group where ``group`` allows it.

    :raises Refused: when it is neither.
    """
    value = agent_object(text, group=group)
    return str(actors.identity(value))


def agent_object(text: str, *, group: bool) -> dict[str, Any]:
    """The agent in a parameter, which is JSON.

    :raises Refused: when it is none.
    """
    try:
        value = strict_json.parse(text)
    except Refused:
        raise Refused("agent", 'is not JSON such as {"mbox": "mailto:name@example.com"}.') from None
    (actors.actor if group else actors.agent)(value, "agent")
    if actors.identity(value) is None:
        raise Refused("agent", "is a group without an identifier, which nothing can be found by.")
    return dict(value)


def _bounds(parameters: Mapping[str, str], version: Version) -> tuple[int, int]:
    lowest, highest = 0, order.LAST
    if "since" in parameters:
        lowest = min(order.last_at(instant(parameters["since"], "since", version)) + 1, order.LAST)
    if "until" in parameters:
        highest = order.last_at(instant(parameters["until"], "until", version))
    return lowest, highest


def instant(text: str, name: str, version: Version) -> datetime:
    """The moment in a parameter. A blank before the offset is a plus sign that nobody encoded.

    :raises Refused: when it is none.
    """
    if len(text) > 19 and " " in text[19:]:
        text = text[:19] + text[19:].replace(" ", "+", 1)
    times.timestamp(text, name, version)
    return times.instant(text)


def _boolean(parameters: Mapping[str, str], name: str) -> bool:
    value = parameters.get(name, "false")
    if value not in ("true", "false"):
        raise Refused(name, "is neither true nor false.")
    return value == "true"


def _number(parameters: Mapping[str, str], name: str) -> int:
    if _DIGITS.fullmatch(parameters[name]) is None:
        raise Refused(name, "is not a whole number of 0 or more.")
    return min(int(parameters[name]), order.LAST)
