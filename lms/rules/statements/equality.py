"""When two statements are the same statement (1.0.3 Data 2.3.1, Statement Comparison Requirements).

What the store may have assigned or may return otherwise is ignored: id, authority, stored, version, a timestamp
that one of the two lacks, the time zone of one that both have, the order of members, activity definitions, how
a verb reads, the data of attachments, the case of an e-mail domain, and what is finer than 0.01 second.
"""

from typing import Any

from lms.rules.statements import times
from lms.rules.statements.actors import identity

_ASSIGNED = frozenset(("id", "authority", "stored", "version", "timestamp"))


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two validated statements say the same."""
    if not _same_time(one, other):
        return False
    return _event(one) == _event(other)


def _same_time(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if "timestamp" not in one or "timestamp" not in other:
        return True
    return times.instant(one["timestamp"]) == times.instant(other["timestamp"])


def same_but_signature(one: dict[str, Any], other: dict[str, Any], usage: str) -> bool:
    """The same, leaving aside attachments of this usage: what was signed had no signature yet (Data 2.6)."""
    return same(_without(one, usage), _without(other, usage))


def _without(statement: dict[str, Any], usage: str) -> dict[str, Any]:
    kept = [one for one in statement.get("attachments", ()) if one["usageType"] != usage]
    rest = {name: value for name, value in statement.items() if name != "attachments"}
    return {**rest, "attachments": kept} if kept else rest


def _event(value: dict[str, Any]) -> dict[str, Any]:
    made = {name: part for name, part in value.items() if name not in _ASSIGNED}
    made["actor"] = _actor(value["actor"])
    made["verb"] = value["verb"]["id"]
    made["object"] = _object(value["object"])
    if "result" in value and "duration" in value["result"]:
        made["result"] = {**value["result"], "duration": times.comparable(value["result"]["duration"])}
    if "context" in value:
        made["context"] = _context(value["context"])
    return made


def _object(value: dict[str, Any]) -> Any:
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        return ("Activity", value["id"])
    if kind == "SubStatement":
        inner = _event(value)
        if "timestamp" in value:
            inner["timestamp"] = times.instant(value["timestamp"])
        return inner
    if kind == "StatementRef":
        return ("StatementRef", value["id"].lower())
    return _actor(value)


def _actor(value: dict[str, Any]) -> Any:
    members = sorted((str(identity(one)), one.get("name", "")) for one in value.get("member", ()))
    return (value.get("objectType", "Agent"), identity(value), value.get("name"), members)


def _context(value: dict[str, Any]) -> dict[str, Any]:
    made = dict(value)
    for name in ("instructor", "team"):
        if name in value:
            made[name] = _actor(value[name])
    if "registration" in value:
        made["registration"] = value["registration"].lower()
    if "statement" in value:
        made["statement"] = value["statement"]["id"].lower()
    if "contextActivities" in value:
        made["contextActivities"] = {
            kind: [one["id"] for one in (found if type(found) is list else [found])]
            for kind, found in value["contextActivities"].items()
        }
    for plural, single in (("contextAgents", "agent"), ("contextGroups", "group")):
        if plural in value:
            made[plural] = [{**one, single: _actor(one[single])} for one in value[plural]]
    return made
