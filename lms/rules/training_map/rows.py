"""One row of the training map: what it may say, and how it is read and written (contract.md, training-map.csv)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil

from lms.rules.reference_files import Line, Problem, choice, decimal, period, whole, words

FILE = "training-map.csv"
COLUMNS = (
    "who",
    "value",
    "organisation",
    "module",
    "shape",
    "every_months",
    "refresher_module",
    "hours",
    "days_allowed",
    "anchor",
    "fixed_day",
    "renewal_window_days",
    "from",
    "to",
)
REQUIRED = ("who", "module")

WHO = ("everyone", "family", "role", "level", "managers")
SHAPES = ("once", "refreshed", "different_refresher", "hours")
ANCHORS = ("completion", "keep_anniversary", "fixed")
DAYS_ALLOWED = 90
WINDOW_DAYS = 90
LONGEST_MONTHS = 999
LONGEST_DAYS = 3650
LONGEST_HOURS = 10_000
# The day after a fixed day is 364 days before the next: with a longer window nothing would ever count for it.
LONGEST_FIXED_WINDOW_DAYS = 364


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """What one row asks for; both days inclusive and a blank one open.

    ``organisation``, ``module``, ``refresher_module`` and a role's ``value`` are codes. ``days_allowed`` and
    ``renewal_window_days`` are None where the cell was blank, which means 90.
    """

    who: str
    value: str
    organisation: str | None
    module: str
    shape: str = "once"
    every_months: int | None = None
    refresher_module: str | None = None
    hours: Decimal | None = None
    days_allowed: int | None = None
    anchor: str = "completion"
    fixed_day: str | None = None
    renewal_window_days: int | None = None
    start: date | None = None
    end: date | None = None
    line: Line | None = field(default=None, compare=False, repr=False)

    @property
    def identity(self) -> str:
        """Who, where and which module: what stays the same through the map's versions (policy.md, Standing)."""
        return "|".join((self.who, self.value, self.organisation or "", self.module))

    @property
    def meaning(self) -> tuple[object, ...]:
        """What it asks for, apart from since when and until when; blank and its default are the same."""
        return (
            self.shape,
            self.every_months,
            self.refresher_module,
            self.minutes,
            DAYS_ALLOWED if self.days_allowed is None else self.days_allowed,
            self.anchor,
            self.fixed_day,
            None if self.anchor == "completion" else self.window,
        )

    @property
    def minutes(self) -> int | None:
        """The hours in whole minutes: a sum of minutes reaches the one exactly if it reaches the other."""
        return None if self.hours is None else ceil(self.hours * 60)

    @property
    def window(self) -> int:
        """The renewal window in days."""
        return WINDOW_DAYS if self.renewal_window_days is None else self.renewal_window_days

    @property
    def first(self) -> date:
        """The first day, the beginning of time for a blank one."""
        return self.start or date.min

    @property
    def last(self) -> date:
        """The last day, the end of time for a blank one."""
        return self.end or date.max

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.first <= day <= self.last


def read(lines: Iterable[Line]) -> tuple[list[RequirementRow], list[Problem]]:
    """The rows of a file, each by itself; what rows mean together is for ``overlaps``."""
    problems: list[Problem] = []
    return [read_row(line, problems) for line in lines], problems


def read_row(line: Line, problems: list[Problem]) -> RequirementRow:
    """One row. Every combination that means nothing is a problem that says what to do."""
    start, end = period(line, problems)
    row = RequirementRow(
        who=choice(line, "who", problems, WHO),
        value=words(line, "value", problems),
        organisation=words(line, "organisation", problems, longest=64) or None,
        module=words(line, "module", problems, required=True, longest=64),
        shape=choice(line, "shape", problems, SHAPES, blank="once"),
        every_months=whole(line, "every_months", problems, least=1, most=LONGEST_MONTHS),
        refresher_module=words(line, "refresher_module", problems, longest=64) or None,
        hours=decimal(line, "hours", problems, most=LONGEST_HOURS),
        days_allowed=whole(line, "days_allowed", problems, least=0, most=LONGEST_DAYS),
        anchor=choice(line, "anchor", problems, ANCHORS, blank="completion"),
        fixed_day=_fixed_day(line, problems),
        renewal_window_days=whole(line, "renewal_window_days", problems, least=0, most=LONGEST_DAYS),
        start=start,
        end=end,
        line=line,
    )
    problems.extend(
        line.problem(column, message)
        for column, message in (*_who(row), *_shape(row, line), *_anchor(row, line))
    )
    return row


def _fixed_day(line: Line, problems: list[Problem]) -> str | None:
    value = line["fixed_day"]
    if not value:
        return None
    month, _, day = value.partition("-")
    known = len(value) == 5 and value.isascii() and month.isdigit() and day.isdigit()
    if known and value == "02-29":
        message = "29 February does not come every year. Choose 02-28 or 03-01."
    elif known:
        try:
            return date(2001, int(month), int(day)).strftime("%m-%d")
        except ValueError:
            message = f"there is no day {value}. Write month-day, such as 03-31."
    else:
        message = f"'{value[:50]}' is not a day of the year. Write month-day, such as 03-31."
    problems.append(line.problem("fixed_day", message))
    return None


def _who(row: RequirementRow) -> Iterable[tuple[str, str]]:
    if row.who in ("everyone", "managers") and row.value:
        yield "value", f"'{row.who}' needs no value. Leave this cell blank."
    if row.who == "family" and not row.value:
        yield "value", "which role family? Write its name."
    if row.who == "role" and not row.value:
        yield "value", "which job role? Write its code."
    if row.who == "level" and not row.value:
        yield "value", "which practice level? Write its name."


def _shape(row: RequirementRow, line: Line) -> Iterable[tuple[str, str]]:
    if row.shape == "once" and line["every_months"]:
        yield (
            "every_months",
            "'once' is never repeated. Leave every_months blank, or write 'refreshed' as the shape.",
        )
    if row.shape in ("refreshed", "different_refresher") and not line["every_months"]:
        yield "every_months", f"'{row.shape}' needs every_months, such as 36: again after how many months?"
    if row.shape == "different_refresher" and not row.refresher_module:
        yield (
            "refresher_module",
            "which module is the refresher? Write its code, or 'refreshed' as the shape.",
        )
    if row.shape != "different_refresher" and row.refresher_module:
        yield (
            "refresher_module",
            f"'{row.shape}' has no refresher module. Leave this cell blank, or write 'different_refresher' as the "
            "shape.",
        )
    if row.refresher_module and row.refresher_module == row.module:
        yield (
            "refresher_module",
            "the refresher is the module itself. Write 'refreshed' as the shape instead.",
        )
    if row.shape == "hours" and not line["hours"]:
        yield "hours", "'hours' needs how many, such as 6 or 7.5."
    if row.shape != "hours" and line["hours"]:
        yield (
            "hours",
            f"'{row.shape}' asks for no hours. Leave this cell blank, or write 'hours' as the shape.",
        )


def _anchor(row: RequirementRow, line: Line) -> Iterable[tuple[str, str]]:
    repeated = row.shape in ("refreshed", "different_refresher")
    if row.anchor != "completion" and not repeated:
        yield (
            "anchor",
            f"'{row.anchor}' says from when the next renewal counts, and '{row.shape}' has none. Leave the anchor "
            "blank.",
        )
    if row.anchor == "fixed" and not line["fixed_day"]:
        yield "fixed_day", "a fixed date needs its day. Write month-day, such as 03-31."
    if row.anchor != "fixed" and line["fixed_day"]:
        yield (
            "fixed_day",
            "only the anchor 'fixed' has a fixed day. Leave this cell blank, or change the anchor.",
        )
    if row.anchor == "fixed" and repeated and row.every_months is not None and row.every_months < 12:
        yield "every_months", "a fixed date comes once a year, so the interval is 12 months or more."
    if row.anchor == "fixed" and row.window > LONGEST_FIXED_WINDOW_DAYS:
        yield (
            "renewal_window_days",
            f"a fixed date comes once a year, and with a window of {row.window} days every completion would carry "
            f"past it. Write at most {LONGEST_FIXED_WINDOW_DAYS}, or leave this cell blank for {WINDOW_DAYS}.",
        )
    if row.anchor == "completion" and line["renewal_window_days"]:
        yield (
            "renewal_window_days",
            "a renewal window belongs to the anchors 'keep_anniversary' and 'fixed'. Leave this cell blank, or "
            "change the anchor.",
        )


def cells(row: RequirementRow) -> dict[str, str]:
    """The row as the columns of ``training-map.csv``; reading them again gives the same row."""
    values: Mapping[str, object] = {
        "who": row.who,
        "value": row.value,
        "organisation": row.organisation,
        "module": row.module,
        "shape": row.shape,
        "every_months": row.every_months,
        "refresher_module": row.refresher_module,
        "hours": None if row.hours is None else f"{row.hours:f}",
        "days_allowed": row.days_allowed,
        "anchor": row.anchor,
        "fixed_day": row.fixed_day,
        "renewal_window_days": row.renewal_window_days,
        "from": row.start,
        "to": row.end,
    }
    return {column: "" if value is None else str(value) for column, value in values.items()}


def of_cells(stored: Mapping[str, str]) -> RequirementRow:
    """A row from its cells as ``cells`` wrote them; they were checked before they were kept, so not again."""
    get = stored.get
    months, days, window = get("every_months"), get("days_allowed"), get("renewal_window_days")
    hours, start, end = get("hours"), get("from"), get("to")
    return RequirementRow(
        who=stored["who"],
        value=get("value") or "",
        organisation=get("organisation") or None,
        module=stored["module"],
        shape=get("shape") or "once",
        every_months=int(months) if months else None,
        refresher_module=get("refresher_module") or None,
        hours=Decimal(hours) if hours else None,
        days_allowed=int(days) if days else None,
        anchor=get("anchor") or "completion",
        fixed_day=get("fixed_day") or None,
        renewal_window_days=int(window) if window else None,
        start=date.fromisoformat(start) if start else None,
        end=date.fromisoformat(end) if end else None,
    )


def overlaps(rows: Iterable[RequirementRow]) -> list[tuple[RequirementRow, RequirementRow]]:
    """Pairs of rows of one requirement that are in force on the same day, whatever they ask for."""
    by_identity: dict[str, list[RequirementRow]] = {}
    for row in rows:
        by_identity.setdefault(row.identity, []).append(row)
    pairs = []
    for of_one in by_identity.values():
        of_one.sort(key=lambda row: (row.first, row.last))
        longest = of_one[0]
        for row in of_one[1:]:
            if row.first <= longest.last:
                pairs.append((longest, row))
            longest = max(longest, row, key=lambda one: one.last)
    return pairs
