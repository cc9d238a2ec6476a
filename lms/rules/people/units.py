"""Units as a tree: a post's unit is the path from the top of the organisation down to it."""

import re
from collections.abc import Iterable, Sequence

from lms.rules.roster.names import text_key
from lms.rules.roster.titles import UNIT_SEPARATOR

LONGEST = 200
# What somebody who names a path writes between its parts.
_BETWEEN = re.compile(r"\s*›\s*|\s+(?:>+|»|->|→)\s+")


def unit_of(units: Sequence[str]) -> str | None:
    """The units from the top down as one text."""
    return UNIT_SEPARATOR.join(units)[:LONGEST] or None


def in_unit(unit: str | None, name: str) -> bool:
    """Whether a post's unit is the one of that name or lies beneath it.

    Of several units with one name a path says which: ``Surgery › Administration``, from any unit above it.
    """
    if unit is None:
        return False
    path, wanted = _keys(unit), _keys(name)
    return bool(wanted) and any(
        path[start : start + len(wanted)] == wanted for start in range(len(path) - len(wanted) + 1)
    )


def rolled_up(units: Iterable[str]) -> list[tuple[str, str]]:
    """Each unit with itself and every unit above it, as (unit, that one's path); the first spelling of a path stands."""
    spelt: dict[tuple[str, ...], str] = {}
    found = []
    for unit in units:
        parts = _parts(unit)
        for depth in range(1, len(parts) + 1):
            key = tuple(text_key(part) for part in parts[:depth])
            found.append((unit, spelt.setdefault(key, UNIT_SEPARATOR.join(parts[:depth]))))
    return found


def _parts(unit: str) -> list[str]:
    return [part for part in _BETWEEN.split(unit.strip()) if part]


def _keys(unit: str) -> list[str]:
    return [text_key(part) for part in _parts(unit)]
