"""Versions of the map: publishing from a day, taking over a file, and what differs between two."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

from lms.rules.dates import DAY
from lms.rules.training_map.rows import RequirementRow, cells
from lms.rules.training_map.sentences import NO_NAMES, Names, sentence, who


@dataclass(frozen=True, slots=True)
class Difference:
    """One requirement whose rows are not the same in two maps. ``kind``: added, removed or changed."""

    identity: str
    kind: str
    before: tuple[RequirementRow, ...]
    after: tuple[RequirementRow, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """A draft brought up to date with a newer map; ``both`` are the requirements that both had changed."""

    rows: list[RequirementRow]
    both: tuple[Difference, ...]


def by_identity(rows: Iterable[RequirementRow]) -> dict[str, list[RequirementRow]]:
    """The rows of each requirement in the order of time, requirements in the order of the rows."""
    grouped: dict[str, list[RequirementRow]] = {}
    for row in rows:
        grouped.setdefault(row.identity, []).append(row)
    for of_one in grouped.values():
        of_one.sort(key=lambda row: row.first)
    return grouped


def published_from(
    published: Iterable[RequirementRow], draft: Iterable[RequirementRow], day: date | None
) -> list[RequirementRow]:
    """The map once the draft is published from a day: before that day the published one holds, from it the draft.

    A row whose meaning changes ends the day before; one that means the same goes on as it was; one that the
    draft no longer has ends the day before. Without a day the draft holds since always.
    """
    if day is None:
        return list(draft)
    old, new = by_identity(published), by_identity(draft)
    rows: list[RequirementRow] = []
    for identity in dict.fromkeys([*new, *old]):
        rows.extend(_joined(old.get(identity, []), new.get(identity, []), day))
    return rows


def _joined(
    old: Sequence[RequirementRow], new: Sequence[RequirementRow], day: date
) -> Iterable[RequirementRow]:
    before = [row if row.last < day else replace(row, end=day - DAY) for row in old if row.first < day]
    after = [row if row.first >= day else replace(row, start=day) for row in new if row.last >= day]
    if not before or not after or before[-1].last != day - DAY or after[0].first != day:
        return [*before, *after]
    # A boundary that only this cut has made is none; one that was there before is kept.
    was_there = before[-1] in old and after[0] in new
    if was_there or before[-1].meaning != after[0].meaning:
        return [*before, *after]
    return [*before[:-1], replace(after[0], start=before[-1].start), *after[1:]]


def taken_over(published: Iterable[RequirementRow], stated: Iterable[RequirementRow]) -> list[RequirementRow]:
    """The map after a file was loaded: what it says of a requirement replaces all that was said of that one.

    Requirements that the file does not name stay as they are.
    """
    now = by_identity(stated)
    rows: list[RequirementRow] = []
    for identity, of_one in by_identity(published).items():
        rows.extend(now.pop(identity, of_one))
    for of_one in now.values():
        rows.extend(of_one)
    return rows


def differences(before: Iterable[RequirementRow], after: Iterable[RequirementRow]) -> list[Difference]:
    """What is not the same, requirement by requirement."""
    old, new = by_identity(before), by_identity(after)
    return [
        Difference(
            identity,
            "added" if identity not in old else "removed" if identity not in new else "changed",
            tuple(old.get(identity, ())),
            tuple(new.get(identity, ())),
        )
        for identity in dict.fromkeys([*new, *old])
        if not same(old.get(identity, ()), new.get(identity, ()))
    ]


def same(one: Sequence[RequirementRow], other: Sequence[RequirementRow]) -> bool:
    """Whether two timelines of one requirement mean the same on every day."""
    return _timeline(one) == _timeline(other)


def _timeline(rows: Iterable[RequirementRow]) -> list[tuple[date, date, object]]:
    in_order = sorted(rows, key=lambda row: row.first)
    return [(row.first, row.last, row.meaning) for row in in_order]


def stamp(rows: Iterable[RequirementRow]) -> str:
    """A short mark of what an editor saw of a requirement: another mark later means somebody has changed it."""
    told = json.dumps([cells(row) for row in sorted(rows, key=lambda row: row.first)])
    return sha256(told.encode()).hexdigest()[:16]


def merged(
    base: Iterable[RequirementRow], newest: Iterable[RequirementRow], draft: Iterable[RequirementRow]
) -> Merge:
    """A draft made from ``base``, brought up to date with ``newest``: nothing of either is lost.

    Where both changed the same requirement, the draft's rows are kept and the difference is told, because
    only a person can decide.
    """
    base, newest, draft = list(base), list(newest), list(draft)
    mine = {one.identity for one in differences(base, draft)}
    theirs = {one.identity for one in differences(base, newest)}
    new, own = by_identity(newest), by_identity(draft)
    rows: list[RequirementRow] = []
    for identity in dict.fromkeys([*own, *new]):
        rows.extend((own if identity in mine else new).get(identity, ()))
    both = mine & theirs
    return Merge(rows, tuple(one for one in differences(newest, rows) if one.identity in both))


def say(difference: Difference, names: Names = NO_NAMES) -> str:
    """A difference as a sentence."""
    row = (difference.after or difference.before)[0]
    subject = f"{names.modules.get(row.module, row.module)} for {who(row, names)}"
    was = " Then: ".join(sentence(one, names) for one in difference.before)
    becomes = " Then: ".join(sentence(one, names) for one in difference.after)
    if difference.kind == "added":
        return f"New: {becomes}"
    if difference.kind == "removed":
        return f"No longer: {was}"
    return f"Changed: {subject}. Was: {was} Becomes: {becomes}"
