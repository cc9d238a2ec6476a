"""The statement as a whole, and statements inside statements (1.0.3 Data 2.4 and 2.4.4; 9274.1.1 4.2.2)."""

from typing import Any

from lms.rules.statements import (
    activities,
    actors,
    attachments,
    contexts,
    identifiers,
    references,
    results,
    times,
    verbs,
    versions,
)
from lms.rules.statements.refusal import Refused, unknown
from lms.rules.statements.versions import Version

_INNER = frozenset(("objectType", "actor", "verb", "object", "result", "context", "timestamp", "attachments"))
_STATEMENT = (_INNER - {"objectType"}) | {"id", "stored", "authority", "version"}


def statement(value: Any, request: Version) -> Version:
    """Validate a statement that came in a request of this version; the version it was validated by.

    :raises Refused: naming the first place that is not as the standard has it.
    """
    if type(value) is not dict:
        raise Refused("", "A statement is a JSON object.")
    if not value.keys() <= _STATEMENT:
        raise unknown(value, _STATEMENT, "statement")
    version = request
    if "version" in value:
        version = versions.of_statement(value["version"], "version", request)
    if "id" in value:
        identifiers.uuid(value["id"], "id")
    _event(value, "", version, inner=False)
    if "stored" in value:
        times.timestamp(value["stored"], "stored", version)
    if "authority" in value:
        actors.authority(value["authority"], "authority")
    return version


def _event(value: dict[str, Any], at: str, version: Version, *, inner: bool) -> None:
    """Who did what to which, with result, context, time and attachments."""
    for name in ("actor", "verb", "object"):
        if name not in value:
            raise Refused(at.removesuffix(".") or "statement", f"has no {name}.")
    actors.actor(value["actor"], at + "actor")
    verb, thing = value["verb"], value["object"]
    verbs.verb(verb, at + "verb")
    kind = _object(thing, at + "object", version, inner=inner)
    if verb["id"] == verbs.VOIDED and kind != "StatementRef":
        raise Refused(at + "object", "is not a StatementRef; a statement with the verb 'voided' names one.")
    if "result" in value:
        results.result(value["result"], at + "result")
    if "context" in value:
        contexts.context(value["context"], at + "context", version, of_activity=kind == "Activity")
    if "timestamp" in value:
        times.timestamp(value["timestamp"], at + "timestamp", version)
    if "attachments" in value:
        attachments.attachments(value["attachments"], at + "attachments")


def _object(value: Any, path: str, version: Version, *, inner: bool) -> str:
    """What was acted on: an activity unless objectType says otherwise (2.4.4). Gives its kind."""
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        activities.activity(value, path)
    elif kind == "StatementRef":
        references.statement_ref(value, path)
    elif kind == "Agent":
        actors.agent(value, path)
    elif kind == "Group":
        actors.group(value, path)
    elif kind == "SubStatement" and not inner:
        if not value.keys() <= _INNER:
            raise unknown(value, _INNER, path)
        _event(value, path + ".", version, inner=True)
    elif kind == "SubStatement":
        raise Refused(path, "is a SubStatement inside a SubStatement.")
    else:
        raise Refused(
            path + ".objectType", "is not one of Activity, Agent, Group, StatementRef and SubStatement."
        )
    return str(kind)
