"""Activities, their definitions and interactions (1.0.3 Data 2.4.4.1; 9274.1.1 4.2.2.3)."""

from typing import Any

from lms.rules.statements import identifiers
from lms.rules.statements.refusal import Refused, unknown

_ACTIVITY = frozenset(("objectType", "id", "definition"))
COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")
_INTERACTION = frozenset(("interactionType", "correctResponsesPattern", *COMPONENT_LISTS))
_DEFINITION = frozenset(("name", "description", "type", "moreInfo", "extensions")) | _INTERACTION
_TYPES = frozenset(
    (
        *("true-false", "choice", "fill-in", "long-fill-in", "matching"),
        *("performance", "sequencing", "likert", "numeric", "other"),
    )
)
_COMPONENT = frozenset(("id", "description"))


def activity(value: Any, path: str) -> None:
    """An activity (2.4.4.1).

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _ACTIVITY:
        raise unknown(value, _ACTIVITY, path)
    if value.get("objectType", "Activity") != "Activity":
        raise Refused(path + ".objectType", "is not 'Activity'.")
    if "id" not in value:
        raise Refused(path, "has no id.")
    identifiers.iri(value["id"], path + ".id")
    if "definition" in value:
        definition(value["definition"], path + ".definition")


def definition(value: Any, path: str) -> None:
    """What is known about an activity (2.4.4.1, Activity Definition).

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _DEFINITION:
        raise unknown(value, _DEFINITION, path)
    if "name" in value:
        identifiers.language_map(value["name"], path + ".name")
    if "description" in value:
        identifiers.language_map(value["description"], path + ".description")
    if "type" in value:
        identifiers.iri(value["type"], path + ".type")
    if "moreInfo" in value:
        identifiers.iri(value["moreInfo"], path + ".moreInfo")
    if "extensions" in value:
        identifiers.extensions(value["extensions"], path + ".extensions")
    if not _INTERACTION.isdisjoint(value):
        _interaction(value, path)


def _interaction(value: dict[str, Any], path: str) -> None:
    """A question of one of ten kinds (Interaction Activities)."""
    kind = value.get("interactionType")
    if type(kind) is not str or kind not in _TYPES:
        raise Refused(path + ".interactionType", f"is not one of {', '.join(sorted(_TYPES))}.")
    pattern = value.get("correctResponsesPattern", [])
    if type(pattern) is not list or not all(type(response) is str for response in pattern):
        raise Refused(path + ".correctResponsesPattern", "is not an array of strings.")
    for name in COMPONENT_LISTS:
        if name in value:
            _components(value[name], f"{path}.{name}")


def _components(value: Any, path: str) -> None:
    """A list of interaction components, no id twice."""
    if type(value) is not list:
        raise Refused(path, "is not an array.")
    seen = set()
    for number, component in enumerate(value):
        at = f"{path}[{number}]"
        if type(component) is not dict:
            raise Refused(at, "is not an object.")
        if not component.keys() <= _COMPONENT:
            raise unknown(component, _COMPONENT, at)
        if type(component.get("id")) is not str:
            raise Refused(at + ".id", "is missing, or is not a string.")
        if component["id"] in seen:
            raise Refused(at + ".id", "stands in this list already.")
        seen.add(component["id"])
        if "description" in component:
            identifiers.language_map(component["description"], at + ".description")
