"""Taking a statement back (1.0.3 Data 2.3.2; 9274.1.1 4.2.5)."""

from typing import Any

from lms.rules.statements.verbs import VOIDED


def voids(statement: dict[str, Any]) -> str | None:
    """The id, in lower case, of the statement that this validated one voids; None where it voids none."""
    if statement["verb"]["id"] != VOIDED:
        return None
    return str(statement["object"]["id"]).lower()


def targets(statement: dict[str, Any]) -> str | None:
    """The id of the statement that this one has as its object, in lower case."""
    thing = statement["object"]
    return str(thing["id"]).lower() if thing.get("objectType") == "StatementRef" else None


REFUSED = (
    "The statement to be voided is itself one that voids, and those cannot be voided. "
    "To restore what it voided, send that statement again with a new id."
)
NOT_YOURS = (
    "This key may void only statements that it wrote itself. To void any, it would need the scope xapi/all."
)
