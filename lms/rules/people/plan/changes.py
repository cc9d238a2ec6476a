"""What a row changes of what is stored: blank means unchanged, CLEAR means clear."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lms.rules.dates import DAY
from lms.rules.people.plan.facts import StoredPerson, StoredPost
from lms.rules.people.units import unit_of
from lms.rules.roster.facts import Field, RowFact, Status
from lms.rules.roster.names import text_key


def of_person(known: StoredPerson, said: Sequence[RowFact]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    first = said[0]
    if _differs(f"{first.given} {first.family}", f"{known.given} {known.family}"):
        changes |= {"given_name": first.given, "family_name": first.family}
    for row in said:
        if row.known_as and _differs(row.known_as, known.known_as):
            changes["known_as"] = row.known_as
        if row.email and row.email != known.email:
            changes.setdefault("email", row.email)
    # The same person's rows may carry two addresses; the one stored is kept while any row still has it.
    if known.email and any(row.email == known.email for row in said):
        changes.pop("email", None)
    cleared = {one for row in said for one in row.cleared}
    if Field.EMAIL in cleared and known.email is not None:
        changes["email"] = None
    if Field.KNOWN_AS in cleared and known.known_as is not None:
        changes["known_as"] = None
    return changes


def of_post(post: StoredPost, row: RowFact, as_at: date) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if row.start and row.start != post.listed_start:
        changes["listed_start"] = row.start
        if row.start != post.starts_on:
            changes["starts_on"] = row.start
    end = _end(post, row, as_at)
    if end != post.ends_on:
        changes["ends_on"] = end
    unit = unit_of(row.units)
    if unit and _differs(unit, post.unit):
        changes["unit"] = unit
    if row.main is not None and row.main != post.main:
        changes["main"] = row.main
    if row.bank is not None and row.bank != post.bank:
        changes["bank"] = row.bank
    if row.manager and _differs(row.manager, post.manager):
        changes["manager_number"] = row.manager
    if row.reference and row.reference != post.reference:
        changes["reference"] = row.reference
    if Field.UNIT in row.cleared and post.unit is not None:
        changes["unit"] = None
    if Field.MANAGER in row.cleared and post.manager is not None:
        changes["manager_number"] = None
    return changes


def _end(post: StoredPost, row: RowFact, as_at: date) -> date | None:
    """The post's end after this list. Blank means unchanged, but nobody listed as in post has left already."""
    if row.status is Status.LEFT and (row.end is None or row.end >= as_at):
        return as_at - DAY if post.current(as_at) else post.ends_on
    if row.end is not None:
        return row.end
    if Field.END in row.cleared:
        return None
    return post.ends_on if post.current(as_at) else None


def _differs(said: str | None, stored: str | None) -> bool:
    """Letter case, white space and apostrophe style alone are not a change."""
    return said != stored and text_key(said or "") != text_key(stored or "")
