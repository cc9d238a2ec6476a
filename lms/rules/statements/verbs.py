"""Verbs (1.0.3 Data 2.4.3; 9274.1.1 4.2.2.2)."""

from typing import Any

from lms.rules.statements import identifiers
from lms.rules.statements.refusal import Refused, unknown

ADL = "http://adlnet.gov/expapi/verbs/"
VOIDED = ADL + "voided"
_VERB = frozenset(("id", "display"))


def verb(value: Any, path: str) -> None:
    """An IRI with, perhaps, how it reads in several languages.

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _VERB:
        raise unknown(value, _VERB, path)
    if "id" not in value:
        raise Refused(path, "has no id.")
    identifiers.iri(value["id"], path + ".id")
    if "display" in value:
        identifiers.language_map(value["display"], path + ".display")
