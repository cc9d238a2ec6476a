"""What a row of the training map means, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from lms.rules.dates import MONTHS, add_months, last_valid_day, next_fixed_day
from lms.rules.dates import in_words as day
from lms.rules.training_map.rows import DAYS_ALLOWED, RequirementRow

# Any day will do for an example, as long as it is always the same.
EXAMPLE = date(2026, 5, 15)


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: job roles, organisations and modules."""

    roles: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)


NO_NAMES = Names()


def sentence(row: RequirementRow, names: Names = NO_NAMES) -> str:
    """``ATR Foundation: every Prison officer, within 90 days of starting, again every 36 months.``"""
    parts = [who(row, names), _how_soon(row), _how_often(row, names), *_since(row)]
    return f"{names.modules.get(row.module, row.module)}: {', '.join(part for part in parts if part)}."


def who(row: RequirementRow, names: Names = NO_NAMES) -> str:
    """``every Prison officer at HMP Aldersyke``."""
    people = {
        "everyone": "everyone",
        "managers": "every manager",
        "family": f"everyone in {row.value}",
        "role": f"every {names.roles.get(row.value, row.value)}",
        "level": f"everyone at the level {row.value}",
    }[row.who]
    if row.organisation is None:
        return people
    return f"{people} at {names.organisations.get(row.organisation, row.organisation)}"


def _how_soon(row: RequirementRow) -> str:
    days = DAYS_ALLOWED if row.days_allowed is None else row.days_allowed
    if days == 0:
        return "on the day of starting"
    return f"within {_count(days, 'day')} of starting"


def _how_often(row: RequirementRow, names: Names) -> str:
    if row.shape == "hours":
        if row.every_months is None:
            return f"{row.hours:f} hours in all"
        return f"{row.hours:f} hours in any {_count(row.every_months, 'month')}"
    if row.shape == "once" or row.every_months is None:
        return "once"
    again = f"again every {_count(row.every_months, 'month')}"
    if row.refresher_module is not None:
        again += f" with {names.modules.get(row.refresher_module, row.refresher_module)} or the same again"
    if row.anchor == "fixed" and row.fixed_day is not None:
        return f"{again} by {_day_of_year(row.fixed_day)}"
    if row.anchor == "keep_anniversary":
        return f"{again}, keeping the anniversary when renewed in its last {_count(row.window, 'day')}"
    return again


def _since(row: RequirementRow) -> list[str]:
    said = []
    if row.start is not None:
        said.append(f"from {day(row.start)}")
    if row.end is not None:
        said.append(f"until {day(row.end)}")
    return said


def example(row: RequirementRow) -> str:
    """How the anchor works, with dates: a sentence under the field in which it is chosen (policy.md, Dates)."""
    if row.every_months is None or row.shape not in ("refreshed", "different_refresher"):
        return ""
    months = row.every_months
    if row.anchor == "fixed" and row.fixed_day is not None:
        month, of_month = (int(part) for part in row.fixed_day.split("-"))
        fixed = next_fixed_day(EXAMPLE, (month, of_month))
        while (fixed - EXAMPLE).days < row.window:
            fixed = next_fixed_day(fixed + timedelta(days=1), (month, of_month))
        return (
            f"For example: completed on {day(EXAMPLE)}, valid up to and including "
            f"{day(add_months(fixed, months - 12))}. A completion fewer than {row.window} days before "
            f"{_day_of_year(row.fixed_day)} carries over to the year after."
        )
    last = last_valid_day(EXAMPLE, months)
    valid = f"For example: completed on {day(EXAMPLE)}, valid up to and including {day(last)}."
    if row.anchor == "keep_anniversary":
        return (
            f"{valid} Renewed from {day(last - timedelta(days=row.window))} to {day(last)}, it is then valid to "
            f"{day(last_valid_day(EXAMPLE, 2 * months))}; renewed earlier or later, it counts from that day."
        )
    return f"{valid} Renewed, it counts from the day of the renewal."


def _day_of_year(month_day: str) -> str:
    month, of_month = (int(part) for part in month_day.split("-"))
    return f"{of_month} {MONTHS[month - 1]}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
