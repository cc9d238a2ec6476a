"""Drafts of the map: edited by several people at once, compared, brought up to date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.rules.access import Scope
from lms.rules.training_map.rows import RequirementRow, cells, of_cells
from lms.rules.training_map.versions import (
    Difference,
    Merge,
    by_identity,
    differences,
    merged,
    published_from,
    same,
    stamp,
)
from lms.services import audit
from lms.services.audit import Actor
from lms.services.training_map.versions import (
    DISCARDED,
    DRAFT,
    checked,
    newest,
    rows_of,
)
from lms.tables.organisations import Organisation
from lms.tables.training_map import MapVersion


@dataclass(frozen=True, slots=True)
class Behind:
    """What was published since a draft was begun, and what of it the draft has changed as well."""

    newer: tuple[Difference, ...]
    both: tuple[Difference, ...]


def begin(session: Session, *, title: str, actor: Actor, now: datetime) -> MapVersion:
    """A draft that starts as the map in force."""
    base = newest(session)
    draft = MapVersion(
        state=DRAFT,
        title=title.strip()[:200],
        rows=[] if base is None else list(base.rows),
        base_id=base.id if base else None,
        created_by_id=actor.account_id,
        created_at=now,
    )
    session.add(draft)
    session.flush()
    audit.record(session, actor, "map.draft_begun", f"draft {draft.id}", now=now)
    return draft


def listed(session: Session) -> list[MapVersion]:
    """The drafts that are open, the newest first."""
    query = select(MapVersion).where(MapVersion.state == DRAFT).order_by(col(MapVersion.id).desc())
    return list(session.exec(query))


def by_id(session: Session, draft_id: int) -> MapVersion:
    """An open draft.

    :raises NotFound: when there is none, or it has been published or discarded meanwhile.
    """
    return locked(session, draft_id, lock=False)


def state(
    session: Session,
    draft_id: int,
    identity: str,
    rows: Sequence[RequirementRow],
    *,
    seen: str,
    scope: Scope,
) -> None:
    """Put these rows in the place of a requirement's; none takes it out of the draft.

    ``seen`` is the stamp of the rows that the editor was shown. Different requirements may be edited at once.

    :raises Conflict: when somebody else has changed this requirement meanwhile; nothing of theirs is lost.
    :raises Invalid: with every problem of the rows.
    """
    draft = locked(session, draft_id)
    whole = rows_of(draft)
    current = by_identity(whole).get(identity, [])
    if stamp(current) != seen and not same(current, rows):
        raise Conflict(
            "Somebody else has changed this requirement while you had it open. Your entries are still here: "
            "compare them with what it says now, and save again."
        )
    resolved = checked(session, rows)
    target = resolved[0].identity if resolved else identity
    if target != identity and target in by_identity(whole):
        raise Invalid(
            "The map already asks this module of the same people. Change that row instead of adding another."
        )
    kept: list[RequirementRow] = []
    for row in whole:
        if row.identity != identity:
            kept.append(row)
        elif resolved:
            kept.extend(resolved)
            resolved = []
    _write(session, draft, [*kept, *resolved], scope)


def replace_all(
    session: Session, draft_id: int, rows: Iterable[RequirementRow], *, revision: int, scope: Scope
) -> None:
    """Put a whole file in the place of the draft.

    :raises Conflict: when somebody has changed the draft since ``revision``.
    :raises Invalid: with every problem of the rows.
    """
    draft = locked(session, draft_id)
    if draft.revision != revision:
        raise Conflict(
            "Somebody else has changed this draft since you opened the page. Look at it again before a file "
            "replaces it."
        )
    _write(session, draft, checked(session, rows), scope)


def changes(session: Session, draft: MapVersion) -> list[Difference]:
    """What a draft changes in the version it was made from. Rows that stand in both as they are need no reading."""
    base = session.get(MapVersion, draft.base_id) if draft.base_id else None
    before, after = _stored(base), _stored(draft)
    touched = [key for key in dict.fromkeys([*after, *before]) if before.get(key) != after.get(key)]
    return differences(
        [of_cells(row) for key in touched for row in before.get(key, ())],
        [of_cells(row) for key in touched for row in after.get(key, ())],
    )


def _stored(version: MapVersion | None) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The rows of a version as they are kept, by requirement."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in version.rows if version else ():
        found.setdefault((row["who"], row["value"], row["organisation"], row["module"]), []).append(row)
    return found


def behind(session: Session, draft: MapVersion) -> Behind | None:
    """What a draft does not know of yet; None when it was made from the map in force."""
    current = newest(session)
    if current is None or current.id == draft.base_id:
        return None
    base = session.get(MapVersion, draft.base_id) if draft.base_id else None
    newer = differences(rows_of(base), rows_of(current))
    return Behind(tuple(newer), _merge(session, draft, current).both)


def bring_up_to_date(session: Session, draft_id: int) -> Merge:
    """Take what was published since into the draft; where both changed the same, the draft's rows stay."""
    draft = locked(session, draft_id)
    current = newest(session)
    merge = _merge(session, draft, current)
    draft.rows = [cells(row) for row in merge.rows]
    draft.base_id = current.id if current else None
    draft.revision += 1
    session.add(draft)
    session.flush()
    return merge


def outcome(session: Session, draft: MapVersion, from_day: date | None) -> list[RequirementRow]:
    """The whole map as it would be, were the draft published from that day."""
    return published_from(rows_of(newest(session)), rows_of(draft), from_day)


def discard(session: Session, draft_id: int, *, scope: Scope, actor: Actor, now: datetime) -> None:
    """Throw a draft away. What is published stays."""
    draft = locked(session, draft_id)
    base = session.get(MapVersion, draft.base_id) if draft.base_id else None
    within(session, differences(rows_of(base), rows_of(draft)), scope)
    draft.state = DISCARDED
    session.add(draft)
    audit.record(session, actor, "map.draft_discarded", f"draft {draft_id}", now=now)


def locked(session: Session, draft_id: int, *, lock: bool = True) -> MapVersion:
    """An open draft that nobody else changes until the transaction is over.

    :raises NotFound: when there is none.
    """
    query = select(MapVersion).where(MapVersion.id == draft_id, MapVersion.state == DRAFT)
    if lock:
        # Two editors of one draft wait for each other; SQLite has one writer at a time anyway.
        query = query.with_for_update().execution_options(populate_existing=True)
    draft = session.exec(query).one_or_none()
    if draft is None:
        raise NotFound("There is no such draft. It may have been published or discarded.")
    return draft


def _merge(session: Session, draft: MapVersion, current: MapVersion | None) -> Merge:
    base = session.get(MapVersion, draft.base_id) if draft.base_id else None
    return merged(rows_of(base), rows_of(current), rows_of(draft))


def _write(session: Session, draft: MapVersion, rows: Sequence[RequirementRow], scope: Scope) -> None:
    within(session, differences(rows_of(draft), rows), scope)
    draft.rows = [cells(row) for row in rows]
    draft.revision += 1
    session.add(draft)
    session.flush()


def within(session: Session, changes: Iterable[Difference], scope: Scope) -> None:
    """An organisation can add requirements of its own, and weaken nobody else's."""
    if scope.everywhere:
        return
    ids = dict(session.exec(select(Organisation.code, Organisation.id)).all())
    for change in changes:
        for row in (*change.before, *change.after):
            if row.organisation is None or not scope.covers(ids.get(row.organisation)):
                raise Forbidden(
                    "You can add to the map for your own organisation. What the partnership or another "
                    "organisation asks is theirs to change."
                )
