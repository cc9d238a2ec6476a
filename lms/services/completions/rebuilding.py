"""All completions from all statements anew, and the proof that nothing changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lms.services.completions import projecting
from lms.services.statements import rows

_COMPLETION = "statement_id, person_id, module_id, completed_on, minutes"
_OPEN = "seq, reason, about"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What there is now, and what differs from before: rows that were missing and rows that were too many."""

    completions: int
    open: int
    completions_added: int
    completions_removed: int
    open_added: int
    open_removed: int

    @property
    def unchanged(self) -> bool:
        """Whether everything came out as it was."""
        return not (
            self.completions_added or self.completions_removed or self.open_added or self.open_removed
        )


def rebuild(session: Session, base_url: str, now: datetime) -> Rebuilt:
    """Empty completions and the reconciliation list, derive them from the log, and compare."""
    cursor = rows.cursor(session)
    if cursor.postgres:
        # Nothing is stored meanwhile, or its completion would be derived twice or not at all.
        cursor.run("LOCK TABLE statement IN SHARE ROW EXCLUSIVE MODE")
    cursor.run("DROP TABLE IF EXISTS completion_before")
    cursor.run("DROP TABLE IF EXISTS open_before")
    cursor.run(f"CREATE TEMPORARY TABLE completion_before AS SELECT {_COMPLETION} FROM completion")  # nosec B608
    cursor.run(f"CREATE TEMPORARY TABLE open_before AS SELECT {_OPEN} FROM reconciliation")  # nosec B608
    cursor.run("DELETE FROM completion")
    cursor.run("DELETE FROM reconciliation")
    counted = left = 0
    for candidates in projecting.by_verb(session, projecting.verbs(session)):
        made = projecting.project(session, candidates, base_url, now)
        counted, left = counted + made.counted, left + made.open
    result = Rebuilt(
        counted,
        left,
        _missing(cursor, _COMPLETION, "completion", "completion_before"),
        _missing(cursor, _COMPLETION, "completion_before", "completion"),
        _missing(cursor, _OPEN, "reconciliation", "open_before"),
        _missing(cursor, _OPEN, "open_before", "reconciliation"),
    )
    cursor.run("DROP TABLE completion_before")
    cursor.run("DROP TABLE open_before")
    return result


def _missing(cursor: rows.Cursor, columns: str, here: str, there: str) -> int:
    """How many rows of one table the other one lacks."""
    sql = f"SELECT count(*) FROM (SELECT {columns} FROM {here} EXCEPT SELECT {columns} FROM {there}) AS found"  # nosec B608
    (number,) = cursor.run(sql).fetchone()
    return int(number)
