"""References to other statements (1.0.3 Data 2.4.4.3, Statement References)."""

from typing import Any

from lms.rules.statements import identifiers
from lms.rules.statements.refusal import Refused, unknown

_REF = frozenset(("objectType", "id"))


def statement_ref(value: Any, path: str) -> None:
    """A pointer to a statement, which need not be here.

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if value.get("objectType") != "StatementRef":
        raise Refused(path + ".objectType", "is not 'StatementRef'.")
    if not value.keys() <= _REF:
        raise unknown(value, _REF, path)
    identifiers.uuid(value.get("id"), path + ".id")
