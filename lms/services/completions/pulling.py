"""Statements from other stores: taken page by page, and what they say about completions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lms.errors import Conflict, Invalid
from lms.rules.statements import batches, own
from lms.rules.statements.attachments import announced
from lms.rules.statements.batches import Incoming
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from lms.services import completions
from lms.services.statements import Source, stores, unkept

# The text of a statement, and why it cannot be kept.
Wrong = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page came to. ``refused`` statements cannot be kept in the log, and are listed instead."""

    stored: int
    already: int
    refused: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where fetching goes on: after ``since``; or within a round at ``more``, up to ``through`` when it ends."""

    since: str | None = None
    more: str | None = None
    through: str | None = None

    def after(self, more: str | None, through: str | None) -> "Place":
        """The place after a page. A round ends where its first page said that everything was there."""
        end = self.through if self.more else through
        return Place(self.since, more, end) if more else Place(end or self.since)


def place(session: Session, store_id: int) -> Place:
    """Where fetching from a store goes on."""
    store = stores.one(session, store_id)
    return Place(store.since, *json.loads(store.more)) if store.more else Place(store.since)


def take(
    session: Session,
    store_id: int,
    texts: Sequence[str],
    attachments: Mapping[str, bytes],
    go_on: Place,
    *,
    base_url: str,
    now: datetime,
) -> Taken:
    """Store a page of another store's statements, and where to go on."""
    store = stores.one(session, store_id)
    source = Source(
        own.authority(base_url, f"store {store.name}"), store_id=store_id, keeps_authority=store.trusted
    )
    batch: list[Incoming] = []
    wrong: list[Wrong] = []
    for text in texts:
        try:
            batch += batches.read(text, Version.TWO)
        except Refused as refused:
            wrong.append((text, refused.message))
    stored = already = 0
    for some in _together(session, batch, source, attachments, base_url, now, wrong):
        stored += some[0]
        already += some[1]
    store.since, store.pulled_at = go_on.since, now
    store.more = json.dumps([go_on.more, go_on.through]) if go_on.more else None
    stores.recovered(session, store_id)
    session.flush()
    if wrong:
        unkept.note(session, store_id, wrong, now)
    return Taken(stored, already, len(wrong))


def _together(
    session: Session,
    batch: Sequence[Incoming],
    source: Source,
    attachments: Mapping[str, bytes],
    base_url: str,
    now: datetime,
    wrong: list[Wrong],
) -> list[tuple[int, int]]:
    """Store all at once; where one is refused, each by itself, so that the others are kept."""
    try:
        with session.begin_nested():
            return [_store(session, batch, source, attachments, base_url, now)]
    except (Conflict, Invalid):
        made = []
        for one in batch:
            try:
                with session.begin_nested():
                    made.append(_store(session, [one], source, attachments, base_url, now))
            except (Conflict, Invalid) as error:
                wrong.append((one.text, error.message))
        return made


def _store(
    session: Session,
    batch: Sequence[Incoming],
    source: Source,
    attachments: Mapping[str, bytes],
    base_url: str,
    now: datetime,
) -> tuple[int, int]:
    wanted = {one["sha2"].lower() for incoming in batch for one in announced(incoming.value)}
    data = {sha2: content for sha2, content in attachments.items() if sha2 in wanted}
    stored = completions.store(session, batch, source, base_url, now, data)
    new = sum(one.new for one in stored)
    return new, len(stored) - new
