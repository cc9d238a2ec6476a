"""When two statements are the same statement (1.0.3 Data 2.3.1, Statement Comparison Requirements).

What the store may have assigned or may return otherwise is ignored: id, authority, stored, version, a timestamp
that one of the two lacks, the time zone of one that both have and less than a millisecond of it (4.5), the order of
members, activity definitions, how a verb reads, the data of attachments, the case of an e-mail domain, of a digest
and of a language tag, and what is finer than 0.01 second of a duration (4.6).
"""

from datetime import timedelta
from typing import Any

from lms.rules.statements import times
from lms.rules.statements.actors import identity

_ASSIGNED = frozenset(("id", "authority", "stored", "version", "timestamp"))
# Any store may cut or round a timestamp to this (Data 4.5), and send it on so.
_PRECISION = timedelta(milliseconds=1)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two validated statements say the same."""
    if not _same_time(one, other):
        return False
    return _event(one) == _event(other)


def _same_time(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if "timestamp" not in one or "timestamp" not in other:
        return True
    return abs(times.instant(one["timestamp"]) - times.instant(other["timestamp"])) < _PRECISION


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
    if "result" in value:
        made["result"] = _result(value["result"])
    if "context" in value:
        made["context"] = _context(value["context"])
    if "attachments" in value:
        made["attachments"] = [{**one, "sha2": one["sha2"].lower()} for one in value["attachments"]]
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


def _result(value: dict[str, Any]) -> dict[str, Any]:
    made = dict(value)
    if "duration" in value:
        made["duration"] = times.comparable(value["duration"])
    if "extensions" in value:
        made["extensions"] = _extension(value["extensions"])
    return made


def _extension(value: Any) -> Any:
    """Anybody's value, with true told apart from 1 and false from 0, which are equal to Python."""
    if type(value) is dict:
        return {name: _extension(part) for name, part in value.items()}
    if type(value) is list:
        return [_extension(part) for part in value]
    return ("Boolean", value) if type(value) is bool else value


def _context(value: dict[str, Any]) -> dict[str, Any]:
    made = dict(value)
    if "language" in value:
        made["language"] = value["language"].lower()
    if "extensions" in value:
        made["extensions"] = _extension(value["extensions"])
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
