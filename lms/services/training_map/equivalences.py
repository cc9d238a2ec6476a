"""What counts for what: declared, ended, and followed through chains for people to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from lms.errors import Invalid, NotFound
from lms.rules.dates import FOR_EVER, SINCE_ALWAYS
from lms.rules.reference_files import Line
from lms.rules.training_map.counting import Link, Placed, counting, cumulative_links
from lms.rules.training_map.modules import EQUIVALENCES_FILE, EquivalenceRow
from lms.services import audit
from lms.services.audit import Actor
from lms.services.training_map.modules import load_equivalences
from lms.tables.job_roles import Framework, Level
from lms.tables.training_map import Equivalence, Module


@dataclass(frozen=True, slots=True)
class Declared:
    """One equivalence: completions of ``module`` made on these days count for ``counts_for``."""

    equivalence_id: int
    module: str
    counts_for: str
    from_day: date | None
    to_day: date | None


@dataclass(frozen=True, slots=True)
class Counts:
    """A module whose completions count for another, straight away or through a chain, and on which days."""

    module: str
    from_day: date | None
    to_day: date | None
    through_levels: bool


def declared(session: Session) -> list[Declared]:
    """Every equivalence, by module."""
    codes = dict(session.exec(select(Module.id, Module.code)).all())
    found = [
        Declared(one.id or 0, codes[one.module_id], codes[one.counts_for_id], one.from_day, one.to_day)
        for one in session.exec(select(Equivalence))
    ]
    return sorted(found, key=lambda one: (one.module, one.counts_for, one.from_day or SINCE_ALWAYS))


def declare(session: Session, row: EquivalenceRow, *, actor: Actor, now: datetime) -> None:
    """Let completions of one module count for another from one day to another.

    :raises Invalid: when a module is not known, the days overlap with the same said before, or it closes a circle.
    """
    same = [one for one in declared(session) if (one.module, one.counts_for) == (row.module, row.counts_for)]
    for one in same:
        if (one.from_day or SINCE_ALWAYS) <= (row.end or FOR_EVER) and (row.start or SINCE_ALWAYS) <= (
            one.to_day or FOR_EVER
        ):
            raise Invalid(
                "This is said already for some of these days. End that one first, or choose other days."
            )
    if row.module == row.counts_for:
        raise Invalid("A module counts for itself without saying so. Choose two different modules.")
    known = [_row(one.module, one.counts_for, one.from_day, one.to_day) for one in same]
    loaded = load_equivalences(session, [*known, row])
    if loaded.problems:
        raise Invalid("This cannot be said.", [problem.message for problem in loaded.problems])
    subject = f"{row.module} counts for {row.counts_for}"
    audit.record(session, actor, "equivalence.declared", subject, now=now)


def end(session: Session, equivalence_id: int, last_day: date, *, actor: Actor, now: datetime) -> None:
    """Let an equivalence end: completions made after its last day no longer count, those before still do.

    :raises NotFound: when there is none.
    :raises Invalid: when it would end before it began.
    """
    one = session.get(Equivalence, equivalence_id)
    if one is None:
        raise NotFound("There is no such equivalence.")
    if one.from_day is not None and last_day < one.from_day:
        raise Invalid(f"It began on {one.from_day}. Choose that day or a later one.")
    one.to_day = last_day
    session.add(one)
    audit.record(session, actor, "equivalence.ended", f"equivalence {equivalence_id}", now=now)


def counted(session: Session) -> dict[str, Sequence[Counts]]:
    """For each module the others whose completions count for it, chains and cumulative levels followed."""
    codes = {id_: code for id_, code in session.exec(select(Module.id, Module.code)) if id_ is not None}
    equivalent = [
        Link(one.module_id, one.counts_for_id, one.from_day or SINCE_ALWAYS, one.to_day or FOR_EVER)
        for one in session.exec(select(Equivalence))
    ]
    placed = session.exec(
        select(Module.id, Level.framework_id, Level.rank, Framework.cumulative)
        .join(Level, col(Level.id) == Module.level_id)
        .join(Framework, col(Framework.id) == Level.framework_id)
    ).all()
    levels = cumulative_links(
        Placed(id_, framework, rank, cumulative)
        for id_, framework, rank, cumulative in placed
        if id_ is not None
    )
    straight = {
        (target, link.source) for target, links in counting(codes, equivalent).items() for link in links
    }
    return {
        codes[target]: sorted(
            (
                Counts(
                    codes[link.source],
                    None if link.start == SINCE_ALWAYS else link.start,
                    None if link.end == FOR_EVER else link.end,
                    (target, link.source) not in straight,
                )
                for link in links
                if link.source != target
            ),
            key=lambda one: one.module,
        )
        for target, links in counting(codes, equivalent + levels).items()
    }


def _row(module: str, counts_for: str, start: date | None, last: date | None) -> EquivalenceRow:
    return EquivalenceRow(Line(EQUIVALENCES_FILE, None, {}), module, counts_for, start, last)
