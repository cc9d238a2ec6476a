"""The rehearsal of a role list: everything it would do, and nothing written."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from lms import garbage
from lms.rules.dates import in_words
from lms.rules.job_roles import title_key
from lms.rules.people import repeated
from lms.rules.people.plan import COUNTED, Kind, Plan, StoredPerson, compare
from lms.rules.people.plan.facts import MOST_JOINERS, MOST_LEAVERS
from lms.rules.people.units import in_unit, unit_of
from lms.rules.roster import Field, Problem, Reading, Told, problems
from lms.services import job_roles, roster
from lms.services.people import stored
from lms.tables.organisations import Setting
from lms.tables.roster import RoleList

LEAVERS_SETTING, JOINERS_SETTING = "leavers_percent", "joiners_percent"


@dataclass(frozen=True)
class Options:
    """What the person who uploads the list says about it.

    ``covers`` is None (nobody leaves), ``all``, or ``unit=NAME``.
    """

    covers: str | None = None
    accept_leavers: bool = False
    accept_joiners: bool = False
    only_good_rows: bool = False


@dataclass(frozen=True)
class Checked:
    """What a list says, what it would do, and what stands in its way.

    ``brakes`` stop it until they are accepted; ``errors`` are the reading's and those of the list as a whole; in
    ``stored`` is everybody but those whom the list repeats letter for letter.
    """

    reading: Reading
    plan: Plan
    options: Options
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    brakes: tuple[Problem, ...]
    titles_mapped: int
    titles_unmapped: tuple[dict[str, Any], ...]
    stored: Mapping[str, StoredPerson]

    @property
    def applicable(self) -> bool:
        """Whether applying the list would be refused for nothing in it."""
        return not self.brakes and not self.refused

    @property
    def refused(self) -> bool:
        """Whether errors stand in its way, which nobody can confirm as a brake."""
        in_rows = {bad.row for bad in self.reading.bad}
        left_out = self.options.only_good_rows and all(error.row in in_rows for error in self.errors)
        return bool(self.errors) and not left_out

    def report(self, *, applied: bool = False) -> dict[str, Any]:
        """The shape of ``lms roster check --json``, without the effect on coverage, which lies downstream."""
        plan, reading = self.plan, self.reading
        return {
            "rows": reading.row_count,
            "people": reading.people,
            "posts": reading.row_count - reading.repeated - len(plan.joined),
            **{name: plan.count(kind) for kind, name in COUNTED.items()},
            "skipped": reading.skipped,
            "errors": [shape(one) for one in self.errors],
            "warnings": [shape(one) for one in (*self.warnings, *(() if applied else self.brakes))],
            "titles": {"mapped": self.titles_mapped, "unmapped": list(self.titles_unmapped)},
            "sheet": reading.sheet,
            "sheets": list(reading.sheets),
            "columns": {column.field.value: column.caption for column in reading.columns},
            "not_read": list(reading.not_read),
            "absences_opened": len(plan.open_absences) + sum(one.away for one in plan.new_posts),
            "absences_closed": len(plan.close_absences) + len(plan.drop_absences),
            "applied": applied,
        }


@garbage.put_off()
def check(
    session: Session,
    organisation_id: int,
    reading: Reading,
    options: Options,
    *,
    everybody: bool = False,
    tell: Told | None = None,
) -> Checked:
    """Compare a list with what is stored on its date. Reads only; ``tell`` is told how far it is.

    Of whom the list repeats letter for letter nothing is read, unless ``everybody`` is asked for.
    """
    found = stored.repeats(session, organisation_id, reading.rows, reading.as_at)
    people = stored.people(session, organisation_id, None if everybody else found.others)
    rest = [row for row in reading.rows if row.number not in found.same]
    plan = compare(
        reading.rows,
        people,
        as_at=reading.as_at,
        covers=options.covers,
        bad=reading.bad,
        tell=tell,
        same=found.same | repeated.numbers(rest, people.rows, people.away, as_at=reading.as_at),
    )
    errors = (*reading.errors, *_as_a_whole(session, organisation_id, reading, options))
    warnings = sorted((*reading.warnings, *_joined(reading, plan)), key=lambda one: one.row or 0)
    mapped, unmapped = _titles(session, organisation_id, reading, {row for _, row, _ in plan.joined})
    return Checked(
        reading=reading,
        plan=plan,
        options=options,
        errors=errors,
        warnings=tuple(warnings),
        brakes=tuple(_brakes(session, organisation_id, plan, options)),
        titles_mapped=mapped,
        titles_unmapped=unmapped,
        stored=people,
    )


def _joined(reading: Reading, plan: Plan) -> list[Problem]:
    """The rows that were joined to others, which only shows beside the posts that there are."""
    captions = {column.field: column.caption for column in reversed(reading.columns)}
    caption = captions.get(Field.NUMBER) or captions.get(Field.REFERENCE)
    return [
        problems.problem("row_joined", reading.sheet, row, caption, number, row=other)
        for number, row, other in plan.joined
    ]


def shape(problem: Problem) -> dict[str, Any]:
    """A problem as the contract has it."""
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "code": problem.code,
        "message": problem.message,
    }


def latest_applied(session: Session, organisation_id: int) -> RoleList | None:
    """The list that was applied last and has not been undone."""
    return session.exec(
        select(RoleList)
        .where(RoleList.organisation_id == organisation_id, RoleList.state == roster.APPLIED)
        .order_by(col(RoleList.applied_at).desc(), col(RoleList.id).desc())
        .limit(1)
    ).first()


def _as_a_whole(session: Session, organisation_id: int, reading: Reading, options: Options) -> list[Problem]:
    found = []
    newest = session.exec(
        select(func.max(RoleList.as_at)).where(
            RoleList.organisation_id == organisation_id, RoleList.state == roster.APPLIED
        )
    ).one()
    if newest is not None and reading.as_at < newest:
        found.append(
            _problem(
                reading,
                "list_too_old",
                f"The date of this list, {in_words(reading.as_at)}, is before that of the last one applied, "
                f"{in_words(newest)}. Upload a newer list, or correct the date of the list.",
            )
        )
    unit = options.covers.removeprefix("unit=") if options.covers and options.covers != "all" else None
    if unit is not None:
        units = {unit_of(row.units) for row in reading.rows} | set(stored.units(session, organisation_id))
        if not any(in_unit(one, unit) for one in units):
            found.append(
                _problem(
                    reading,
                    "unit_unknown",
                    f"No row of the list and no post of the organisation is in a unit called “{unit}”. "
                    "Check how the list writes it.",
                )
            )
    return found


def _brakes(session: Session, organisation_id: int, plan: Plan, options: Options) -> list[Problem]:
    leavers = _setting(session, LEAVERS_SETTING, MOST_LEAVERS)
    joiners = _setting(session, JOINERS_SETTING, MOST_JOINERS)
    first = latest_applied(session, organisation_id) is None
    leaving, joining = plan.count(Kind.LEAVER), plan.count(Kind.JOINER)
    found = []
    if plan.too_many_leavers(leavers) and not options.accept_leavers:
        found.append(
            Problem(
                None,
                None,
                None,
                str(leaving),
                "many_leavers",
                f"{leaving:,} of {_people(plan.current_before)} with a current post would leave, more than "
                f"{leavers}%. If the list is a part of the organisation, say which unit it covers; if "
                f"{'that person has' if leaving == 1 else 'they have all'} left, confirm it (--accept-leavers).",
            )
        )
    if not first and plan.too_many_joiners(joiners) and not options.accept_joiners:
        found.append(
            Problem(
                None,
                None,
                None,
                str(joining),
                "many_joiners",
                f"{joining:,} of {_people(plan.people_in_list)} in the list {'is' if joining == 1 else 'are'} not known "
                f"here, more than {joiners}%. Check that it is this organisation's file; if "
                f"{'that person has' if joining == 1 else 'they have all'} joined, confirm it (--accept-joiners).",
            )
        )
    return found


def _titles(
    session: Session, organisation_id: int, reading: Reading, joined: Set[int]
) -> tuple[int, tuple[dict[str, Any], ...]]:
    """How many titles of the list map, and those that do not: most people first, with the role each may mean."""
    written: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for title, times in Counter(row.title for row in reading.rows if row.row not in joined).items():
        key = title_key(title)
        written.setdefault(key, title)
        counts[key] += times
    meant = job_roles.meanings(session, organisation_id, counts)
    waiting = sorted(
        (key for key in counts if key not in meant), key=lambda key: (-counts[key], written[key].casefold())
    )
    suggested = job_roles.suggestions(session, [written[key] for key in waiting], limit=1)
    return len(counts) - len(waiting), tuple(
        {
            "title": written[key],
            "count": counts[key],
            "suggestion": found[0].code if found else None,
            "score": found[0].score if found else None,
        }
        for key, found in zip(waiting, suggested, strict=True)
    )


def _setting(session: Session, name: str, default: int) -> int:
    setting = session.get(Setting, name)
    return default if setting is None else int(setting.value)


def _people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _problem(reading: Reading, code: str, message: str) -> Problem:
    return Problem(reading.sheet, None, None, "", code, message)
