"""The ways a statement is given back: exact, ids, canonical (1.0.3 Communication 2.1.3)."""

from collections.abc import Callable, Iterator
from typing import Any

from lms.rules.statements import languages
from lms.rules.statements.activities import COMPONENT_LISTS
from lms.rules.statements.actors import IDENTIFIERS, identity

EXACT, IDS, CANONICAL = FORMATS = ("exact", "ids", "canonical")
Change = Callable[[dict[str, Any]], dict[str, Any]]
Preferences = tuple[tuple[str, float], ...]


def ids(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement with agents, groups, activities and verbs cut down to what identifies them."""
    return _changed(statement, agent=_bare_agent, activity=_bare_activity, verb=_bare_verb)


def canonical(
    statement: dict[str, Any], definitions: dict[str, dict[str, Any]], wanted: Preferences
) -> dict[str, Any]:
    """The statement with each activity as this store defines it, in one language; agents stay as they came."""

    def activity(value: dict[str, Any]) -> dict[str, Any]:
        definition = definitions.get(value["id"]) or value.get("definition")
        bare = {name: part for name, part in value.items() if name != "definition"}
        return {**bare, "definition": in_one_language(definition, wanted)} if definition else bare

    def verb(value: dict[str, Any]) -> dict[str, Any]:
        return {**value, "display": languages.best(value["display"], wanted)} if "display" in value else value

    return _changed(statement, agent=lambda value: value, activity=activity, verb=verb)


def in_one_language(definition: dict[str, Any], wanted: Preferences) -> dict[str, Any]:
    """A definition whose language maps have one entry each."""
    made = dict(definition)
    for name in ("name", "description"):
        if name in made:
            made[name] = languages.best(made[name], wanted)
    for name in COMPONENT_LISTS:
        if name in made:
            made[name] = [
                {**one, "description": languages.best(one["description"], wanted)}
                if "description" in one
                else one
                for one in made[name]
            ]
    return made


def activity_ids(statement: dict[str, Any]) -> Iterator[str]:
    """The ids of all activities in a statement."""
    for value in _activities(statement):
        yield value["id"]


def definitions(statement: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The activities that a statement defines, with their definitions."""
    return [(value["id"], value["definition"]) for value in _activities(statement) if "definition" in value]


def _activities(statement: dict[str, Any]) -> list[dict[str, Any]]:
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    found = [thing] if kind == "Activity" else _activities(thing) if kind == "SubStatement" else []
    context = statement.get("context")
    if context and "contextActivities" in context:
        for around in context["contextActivities"].values():
            if type(around) is dict:
                found.append(around)
            else:
                found += around
    return found


def _changed(value: dict[str, Any], *, agent: Change, activity: Change, verb: Change) -> dict[str, Any]:
    made = {**value, "actor": agent(value["actor"]), "verb": verb(value["verb"])}
    thing = value["object"]
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        made["object"] = activity(thing)
    elif kind in ("Agent", "Group"):
        made["object"] = agent(thing)
    elif kind == "SubStatement":
        made["object"] = _changed(thing, agent=agent, activity=activity, verb=verb)
    if "authority" in value:
        made["authority"] = agent(value["authority"])
    if "context" in value:
        made["context"] = _changed_context(value["context"], agent, activity)
    return made


def _changed_context(value: dict[str, Any], agent: Change, activity: Change) -> dict[str, Any]:
    made = dict(value)
    for name in ("instructor", "team"):
        if name in value:
            made[name] = agent(value[name])
    if "contextActivities" in value:
        made["contextActivities"] = {
            kind: [activity(one) for one in (found if type(found) is list else [found])]
            for kind, found in value["contextActivities"].items()
        }
    for plural, single in (("contextAgents", "agent"), ("contextGroups", "group")):
        if plural in value:
            made[plural] = [{**one, single: agent(one[single])} for one in value[plural]]
    return made


def _bare_agent(value: dict[str, Any]) -> dict[str, Any]:
    made = {name: value[name] for name in ("objectType", *IDENTIFIERS) if name in value}
    if identity(value) is None:
        made["member"] = [_bare_agent(one) for one in value["member"]]
    return made


def _bare_activity(value: dict[str, Any]) -> dict[str, Any]:
    return {"id": value["id"]}


def _bare_verb(value: dict[str, Any]) -> dict[str, Any]:
    return {"id": value["id"]}
