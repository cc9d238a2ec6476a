"""Rows about one person that say one post twice: with blanks in the one, and nothing in it that the other contradicts.

A blank cell says nothing (policy.md, Role lists), so it tells no post from another.
"""

from collections.abc import Hashable
from datetime import date

from lms.rules.roster.facts import Field, RowFact, Status
from lms.rules.roster.names import text_key

_CLEARED = "cleared"


def has_left(row: RowFact, as_at: date) -> bool:
    """Whether a row is about a post that was over on the date of its list."""
    return row.status is Status.LEFT or (row.end is not None and row.end < as_at)


def agree(one: RowFact, other: RowFact, as_at: date) -> bool:
    """Whether whatever two rows both say of a post is the same.

    A post that was over, and another without an end, are two spells: the blank of the latter is no gap.
    """
    if has_left(one, as_at) or has_left(other, as_at):
        return False
    return all(
        first is None or second is None or first == second
        for first, second in zip(_said(one), _said(other), strict=True)
    )


def both(one: RowFact, other: RowFact) -> RowFact:
    """What two rows that agree say together, as the first of them."""
    return one._replace(
        reference=one.reference or other.reference,
        title=one.title or other.title,
        known_as=one.known_as or other.known_as,
        units=one.units or other.units,
        email=one.email or other.email,
        start=one.start or other.start,
        end=one.end or other.end,
        status=one.status or other.status,
        main=other.main if one.main is None else one.main,
        bank=other.bank if one.bank is None else one.bank,
        manager=one.manager or other.manager,
        cleared=one.cleared | other.cleared,
    )


def _said(row: RowFact) -> tuple[Hashable, ...]:
    """What a row says of its post, None for what it does not."""
    return (
        text_key(row.reference or "") or None,
        text_key(row.title) or None,
        tuple(map(text_key, row.units)) or _cleared(row, Field.UNIT),
        row.start,
        row.end or _cleared(row, Field.END),
        row.status,
        row.main,
        row.bank,
        text_key(row.manager or "") or _cleared(row, Field.MANAGER),
    )


def _cleared(row: RowFact, field: Field) -> str | None:
    return _CLEARED if field in row.cleared else None
