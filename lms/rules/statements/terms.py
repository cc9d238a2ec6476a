"""By what a statement can be found: its verb, agents, activities and registration, each as one number.

1.0.3 Communication 2.1.3. ``agent`` looks at actor and object, members of groups included; ``related_agents``
also at authority, instructor, team, 2.0's context agents and groups, and all of these in a SubStatement.
``activity`` looks at the object; ``related_activities`` also at contextActivities and the SubStatement.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any

from lms.rules.statements.actors import identity

VERB, ACTIVITY, RELATED_ACTIVITY, AGENT, RELATED_AGENT, REGISTRATION = "vorabg"


@lru_cache(maxsize=65_536)
def term(kind: str, value: str) -> int:
    """The number under which statements with this value are indexed: 64 bits, signed, as databases have them."""
    digest = blake2b((kind + value).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def of(statement: dict[str, Any], authority: dict[str, Any]) -> set[int]:
    """Every term of a validated statement."""
    thing = statement["object"]
    found = {term(VERB, statement["verb"]["id"])}
    direct: set[str | None] = set()
    related: set[str | None] = set()
    activities: set[str] = set()
    _add_agents(direct, statement["actor"])
    _add_agents(related, authority)
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        found.add(term(ACTIVITY, thing["id"]))
    elif kind in ("Agent", "Group"):
        _add_agents(direct, thing)
    context = statement.get("context")
    if context:
        if "registration" in context:
            found.add(term(REGISTRATION, context["registration"].lower()))
        _add_context(related, activities, context)
    if kind == "SubStatement":
        _add_agents(related, thing["actor"])
        inner = thing["object"]
        inner_kind = inner.get("objectType", "Activity")
        if inner_kind == "Activity":
            activities.add(inner["id"])
        elif inner_kind in ("Agent", "Group"):
            _add_agents(related, inner)
        context = thing.get("context")
        if context:
            _add_context(related, activities, context)
    if kind == "Activity":
        activities.discard(thing["id"])
    for who in direct:
        if who is not None:
            found.add(term(AGENT, who))
    for who in related:
        if who is not None and who not in direct:
            found.add(term(RELATED_AGENT, who))
    for what in activities:
        found.add(term(RELATED_ACTIVITY, what))
    return found


def _add_agents(found: set[str | None], value: dict[str, Any]) -> None:
    """An agent; or a group and its members."""
    found.add(identity(value))
    for member in value.get("member", ()):
        found.add(identity(member))


def _add_context(agents: set[str | None], activities: set[str], context: dict[str, Any]) -> None:
    """Whom and what a context names."""
    for name in ("instructor", "team"):
        if name in context:
            _add_agents(agents, context[name])
    for one in context.get("contextAgents", ()):
        agents.add(identity(one["agent"]))
    for one in context.get("contextGroups", ()):
        _add_agents(agents, one["group"])
    for found in context.get("contextActivities", {}).values():
        if type(found) is dict:
            activities.add(found["id"])
        else:
            for one in found:
                activities.add(one["id"])
