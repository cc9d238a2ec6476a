"""What this store takes to be an activity's definition, as statements bring more of it.

1.0.3 Data 2.4.4.1, LRS Requirements: further languages and extensions are added and corrected; what would change
the meaning of earlier answers (the interaction and its correct responses) stays as it first came.
"""

from typing import Any

from lms.rules.statements.activities import COMPONENT_LISTS

_MERGED = ("name", "description", "extensions")
_LASTING = ("interactionType", "correctResponsesPattern", *COMPONENT_LISTS)


def merged(known: dict[str, Any], brought: dict[str, Any]) -> dict[str, Any]:
    """The known definition with what a valid definition in a statement adds to it."""
    made = dict(known)
    for name, value in brought.items():
        if name in _MERGED:
            made[name] = {**known.get(name, {}), **value}
        elif name not in _LASTING or name not in known:
            made[name] = value
    return made
