"""JSON read strictly: one value for a name, no NaN, a limit to nesting, and where in the text each part stood.

RFC 8259, and xAPI 1.0.3 Data 2.2: whatever Python's reader would pass over in silence is refused here.
"""

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from math import isinf
from typing import Any, NoReturn

from lms.rules.statements.refusal import Refused

DEEPEST = 100
_WHITE = re.compile(r"[ \t\n\r]*").match
_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused("", f"The name {twice[:60]!r} stands twice in one object.")
    return made


def _constant(name: str) -> NoReturn:
    raise Refused("", f"{name} is not a number in JSON.")


def _float(text: str) -> float:
    """A number as everybody reads it; what is beyond that becomes Infinity, which is no JSON (RFC 8259, section 6)."""
    number = float(text)
    if isinf(number):
        raise Refused("", f"The number {text[:60]} in the JSON is too large.")
    return number


_scan = json.JSONDecoder(  # type: ignore[attr-defined]
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
).scan_once


def decode(body: bytes) -> str:
    """The text of a body, which is UTF-8 (Communication 1.4).

    :raises Refused: for anything else.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            "", f"The content is not UTF-8 (byte {error.start}). Send it encoded as UTF-8."
        ) from None


def parse(text: str) -> Any:
    """The value of a JSON text.

    :raises Refused: when it is not JSON as above.
    """
    value, end = _value(text, _skip(text, 0))
    if _skip(text, end) != len(text):
        raise _not_json(text, end)
    return value


def elements(text: str) -> Iterator[tuple[Any, int, int]]:
    """The elements of a JSON array, or the one object that stands in its place, each with its span.

    :raises Refused: when the text is not JSON, or neither an array nor an object.
    """
    at = _skip(text, 0)
    opening = text[at : at + 1]
    if opening != "[":
        if opening != "{":
            raise Refused("", "The content is not a statement or an array of statements in JSON.")
        value, end = _value(text, at)
        if _skip(text, end) != len(text):
            raise _not_json(text, end)
        yield value, at, end
        return
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        end = at + 1
    else:
        while True:
            value, end = _value(text, at)
            yield value, at, end
            at = _skip(text, end)
            mark = text[at : at + 1]
            if mark == ",":
                at = _skip(text, at + 1)
            elif mark == "]":
                end = at + 1
                break
            else:
                raise _not_json(text, at)
    if _skip(text, end) != len(text):
        raise _not_json(text, end)


def members(text: str, at: int) -> Iterator[tuple[str, int, int, int]]:
    """The members of the object that starts at ``at`` of a text already read: name, start, start of value, end."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        start = at
        name, at = scanstring(text, at + 1, True)
        value_at = _skip(text, _skip(text, at) + 1)
        _, end = _scan(text, value_at)
        yield name, start, value_at, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _WHITE(text, at)
    return found.end() if found else at


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        value, end = _scan(text, at)
    except StopIteration as stop:
        raise _not_json(text, stop.value if isinstance(stop.value, int) else at) from None
    except json.JSONDecodeError as error:
        raise _not_json(text, error.pos) from None
    except RecursionError:
        raise _too_deep() from None
    except Refused:
        raise
    except ValueError:
        raise Refused("", "A number in the JSON has too many digits.") from None
    if text.count("{", at, end) + text.count("[", at, end) > DEEPEST and _depth(text, at, end) > DEEPEST:
        raise _too_deep()
    return value, end


def _depth(text: str, at: int, end: int) -> int:
    level = deepest = 0
    for found in _BRACKET.finditer(text, at, end):
        mark = text[found.start()]
        if mark in "[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in "]}":
            level -= 1
    return deepest


def _too_deep() -> Refused:
    return Refused("", f"The JSON is nested more than {DEEPEST} levels deep.")


def _not_json(text: str, at: int) -> Refused:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return Refused("", f"The content is not JSON: look at line {line}, column {column}.")
