"""Completions from statements: the projection, in the same transaction as the statements it reads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from json import dumps, loads
from typing import Any
from uuid import UUID

from sqlmodel import Session

from lms.rules.completions import VERBS, Candidate, candidate
from lms.rules.dates import day_in_london
from lms.rules.statements import order, terms, voiding
from lms.services.completions.resolving import MATCHED, Counted, Open, resolve
from lms.services.statements import rows
from lms.services.statements.rows import Cursor
from lms.services.statements.writing import Stored
from lms.tables.organisations import Setting

VERBS_SETTING = "completion_verbs"
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Projected:
    """How many statements counted, and how many are on the reconciliation list."""

    counted: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Counting:
    """The verbs that count, and the setting that says so, in JSON; None where there is none."""

    verbs: frozenset[str]
    setting: str | None


_last: dict[str, Counting] = {}


def verbs(session: Session) -> frozenset[str]:
    """The verbs that count (a setting)."""
    setting = session.get(Setting, VERBS_SETTING)
    return frozenset(setting.value if setting else VERBS)


def follow(session: Session, stored: Sequence[Stored], base_url: str, now: datetime) -> Projected:
    """Take account of statements that have just been stored: completions made, and those of voided ones removed."""
    new = [one for one in stored if one.new]
    voided = [target for one in new if (target := voiding.voids(one.value))]
    if voided:
        _forget_ids(rows.cursor(session), voided)
    # PostgreSQL has just been asked for the settings, together with everything else.
    known = session.info.get("settings")
    counting = verbs(session) if known is None else _noted(session, known)
    found = [
        made
        for one in new
        if (
            made := candidate(
                one.value,
                counting,
                one.seq,
                one.statement_id,
                order.stored_at(one.seq),
                one.key_id,
                one.store_id,
            )
        )
    ]
    return project(session, found, base_url, now) if found else Projected()


def last_known(database: str) -> Counting | None:
    """The verbs that counted when this process last asked a database of this name."""
    return _last.get(database)


def _noted(session: Session, known: dict[str, Any]) -> frozenset[str]:
    value = known.get(VERBS_SETTING)
    found = Counting(frozenset(VERBS if value is None else value), None if value is None else dumps(value))
    _last[rows.cursor(session).database] = found
    return found.verbs


def project(session: Session, candidates: Sequence[Candidate], base_url: str, now: datetime) -> Projected:
    """Write down which candidates count and which do not."""
    counted, left = resolve(session, candidates, base_url)
    cursor = rows.cursor(session)
    _write_completions(cursor, counted)
    _write_open(cursor, left)
    matched = [(one.candidate.seq, MATCHED, one.person_id, now) for one in counted if one.matched]
    if matched:
        # The address may be somebody else's next year; who it was when the statement came is kept.
        cursor.many(
            "INSERT INTO statement_decision (seq, decision, person_id, decided_at) VALUES (?, ?, ?, ?)",
            matched
            if cursor.postgres
            else [(*one[:3], one[3].replace(tzinfo=None).isoformat(" ")) for one in matched],
        )
    return Projected(len(counted), len(left))


def again(session: Session, seqs: Iterable[int], base_url: str, now: datetime) -> Projected:
    """Project statements anew, by their place in the log: whatever they were taken for before is forgotten."""
    cursor = rows.cursor(session)
    counting = verbs(session)
    counted = left = 0
    places = iter(seqs)
    while some := list(islice(places, _AT_ONCE)):
        found = list(_candidates(_read(cursor, some), counting))
        _forget_ids(cursor, [one.statement_id for one in found])
        cursor.many("DELETE FROM reconciliation WHERE seq = ?", [(seq,) for seq in some])
        made = project(session, found, base_url, now)
        counted, left = counted + made.counted, left + made.open
    return Projected(counted, left)


def by_verb(session: Session, counting: frozenset[str]) -> Iterator[list[Candidate]]:
    """All candidates in the log, some thousands at a time."""
    cursor = rows.cursor(session)
    for verb in sorted(counting):
        last, term = -1, terms.term(terms.VERB, verb)
        while True:
            found = cursor.run(
                "SELECT s.seq, s.statement_id, s.key_id, s.store_id, s.payload FROM statement_term t "
                "JOIN statement s ON s.seq = t.seq WHERE t.term = ? AND t.seq > ? ORDER BY t.seq LIMIT ?",
                (term, last, _AT_ONCE),
            ).fetchall()
            if not found:
                break
            last = found[-1][0]
            # One that refers to another statement is found by that one's verb too, and is no candidate for it.
            yield list(_candidates(found, frozenset((verb,))))


def _read(cursor: Cursor, seqs: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for some in rows.chunks(seqs):
        marks = ",".join("?" * len(some))
        found += cursor.run(
            f"SELECT seq, statement_id, key_id, store_id, payload FROM statement WHERE seq IN ({marks})",  # nosec B608
            list(some),
        ).fetchall()
    return found


def _candidates(found: Iterable[Any], counting: frozenset[str]) -> Iterator[Candidate]:
    for seq, statement_id, key_id, store_id, payload in found:
        made = candidate(
            loads(payload), counting, seq, str(_uuid(statement_id)), order.stored_at(seq), key_id, store_id
        )
        if made:
            yield made


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _forget_ids(cursor: Cursor, statement_ids: Sequence[str]) -> None:
    """Take away what these statements were taken for."""
    cursor.many("DELETE FROM completion WHERE statement_id = ?", [(one,) for one in statement_ids])
    cursor.many(
        "DELETE FROM reconciliation WHERE seq = (SELECT seq FROM statement WHERE statement_id = ?)",
        [(cursor.uuid(one),) for one in statement_ids],
    )


def _write_completions(cursor: Cursor, counted: Sequence[Counted]) -> None:
    if not counted:
        return
    made = [
        (one.candidate.statement_id, one.person_id, one.module_id, _day(one), one.minutes)
        for one in sorted(counted, key=lambda one: one.candidate.statement_id)
    ]
    rows.upsert(
        cursor,
        "completion",
        (
            *(("statement_id", "text"), ("person_id", "int"), ("module_id", "int")),
            *(("completed_on", "date"), ("minutes", "int")),
        ),
        "statement_id",
        made if cursor.postgres else [(*one[:3], one[3].isoformat(), one[4]) for one in made],
    )


def _day(one: Counted) -> Any:
    return day_in_london(order.stored_at(one.candidate.seq)) if one.use_stored_day else one.candidate.day


def _write_open(cursor: Cursor, left: Sequence[Open]) -> None:
    if not left:
        return
    rows.upsert(
        cursor,
        "reconciliation",
        (("seq", "bigint"), ("reason", "text"), ("about", "text"), ("about_term", "bigint")),
        "seq",
        [
            (one.candidate.seq, one.reason.value, storable(one.about), terms.term("=", one.about))
            for one in sorted(left, key=lambda one: one.candidate.seq)
        ],
    )


def storable(text: str) -> str:
    """A text without what a database cannot hold, and not endless."""
    return text[:2_000].encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
