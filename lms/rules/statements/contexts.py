"""The context of a statement (1.0.3 Data 2.4.6; 9274.1.1 4.2.2.5 adds contextAgents and contextGroups)."""

from typing import Any

from lms.rules.statements import activities, actors, identifiers, references
from lms.rules.statements.refusal import Refused, unknown
from lms.rules.statements.versions import Version

_ONE = frozenset(
    (
        *("registration", "instructor", "team", "contextActivities", "revision"),
        *("platform", "language", "statement", "extensions"),
    )
)
_TWO = _ONE | {"contextAgents", "contextGroups"}
KINDS = ("parent", "grouping", "category", "other")
_KINDS = frozenset(KINDS)


def context(value: Any, path: str, version: Version, *, of_activity: bool) -> None:
    """What surrounds the event (2.4.6). ``of_activity``: the statement's object is an activity.

    :raises Refused: otherwise.
    """
    allowed = _ONE if version is Version.ONE else _TWO
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= allowed:
        raise unknown(value, allowed, path)
    if "registration" in value:
        identifiers.uuid(value["registration"], path + ".registration")
    if "instructor" in value:
        actors.actor(value["instructor"], path + ".instructor")
    if "team" in value:
        actors.group(value["team"], path + ".team")
    if "contextActivities" in value:
        _context_activities(value["contextActivities"], path + ".contextActivities")
    for name in ("revision", "platform"):
        if name in value:
            identifiers.string(value[name], f"{path}.{name}")
            if not of_activity:
                raise Refused(f"{path}.{name}", "is used only where the object is an activity.")
    if "language" in value:
        identifiers.language(value["language"], path + ".language")
    if "statement" in value:
        references.statement_ref(value["statement"], path + ".statement")
    if "extensions" in value:
        identifiers.extensions(value["extensions"], path + ".extensions")
    if "contextAgents" in value:
        _related(value["contextAgents"], path + ".contextAgents", "contextAgent", "agent")
    if "contextGroups" in value:
        _related(value["contextGroups"], path + ".contextGroups", "contextGroup", "group")


def _context_activities(value: Any, path: str) -> None:
    """Activities around this one, by kind; a single one stands for an array of one (2.4.6.2)."""
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _KINDS:
        raise unknown(value, _KINDS, path)
    for kind, found in value.items():
        if type(found) is list:
            for number, one in enumerate(found):
                activities.activity(one, f"{path}.{kind}[{number}]")
        else:
            activities.activity(found, f"{path}.{kind}")


def _related(value: Any, path: str, object_type: str, name: str) -> None:
    """Agents or groups around the event, each with the types of relation (9274.1.1 4.2.2.5)."""
    allowed = frozenset(("objectType", name, "relevantTypes"))
    if type(value) is not list:
        raise Refused(path, "is not an array.")
    for number, one in enumerate(value):
        at = f"{path}[{number}]"
        if type(one) is not dict:
            raise Refused(at, "is not an object.")
        if not one.keys() <= allowed:
            raise unknown(one, allowed, at)
        if one.get("objectType") != object_type:
            raise Refused(at + ".objectType", f"is not {object_type!r}.")
        if name not in one:
            raise Refused(at, f"has no {name}.")
        (actors.agent if name == "agent" else actors.group)(one[name], f"{at}.{name}")
        if "relevantTypes" in one:
            types = one["relevantTypes"]
            if type(types) is not list or not types:
                raise Refused(at + ".relevantTypes", "is not an array of at least one IRI.")
            for place, kind in enumerate(types):
                identifiers.iri(kind, f"{at}.relevantTypes[{place}]")
