"""Results and scores (1.0.3 Data 2.4.5; 9274.1.1 4.2.2.4)."""

from math import isfinite
from typing import Any

from lms.rules.statements import identifiers, times
from lms.rules.statements.refusal import Refused, unknown

_RESULT = frozenset(("score", "success", "completion", "response", "duration", "extensions"))
_SCORE = frozenset(("scaled", "raw", "min", "max"))


def result(value: Any, path: str) -> None:
    """What came of it (2.4.5).

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _RESULT:
        raise unknown(value, _RESULT, path)
    if "success" in value and type(value["success"]) is not bool:
        raise Refused(path + ".success", "is neither true nor false.")
    if "completion" in value and type(value["completion"]) is not bool:
        raise Refused(path + ".completion", "is neither true nor false.")
    if "response" in value and type(value["response"]) is not str:
        raise Refused(path + ".response", "is not a string.")
    if "duration" in value:
        times.duration(value["duration"], path + ".duration")
    if "score" in value:
        _score(value["score"], path + ".score")
    if "extensions" in value:
        identifiers.extensions(value["extensions"], path + ".extensions")


def _score(value: Any, path: str) -> None:
    """A score whose parts agree (2.4.5.1)."""
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _SCORE:
        raise unknown(value, _SCORE, path)
    for name, number in value.items():
        if not (type(number) is int or (type(number) is float and isfinite(number))):
            raise Refused(f"{path}.{name}", "is not a number.")
    if "scaled" in value and not -1 <= value["scaled"] <= 1:
        raise Refused(path + ".scaled", "is not between -1 and 1.")
    least, most = value.get("min"), value.get("max")
    if least is not None and most is not None and least >= most:
        raise Refused(path + ".min", "is not less than max.")
    if "raw" in value:
        if least is not None and value["raw"] < least:
            raise Refused(path + ".raw", "is less than min.")
        if most is not None and value["raw"] > most:
            raise Refused(path + ".raw", "is more than max.")
