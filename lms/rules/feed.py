"""Role lists that arrive by themselves: which files are lists, of which day, and what is told of them to whom.

From policy.md, Role lists: whoever sends a list by night has the same rules as whoever uploads it by day, and nobody
there to confirm anything, so what needs a confirmation waits for a person.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any

from lms.errors import Invalid
from lms.rules.roster.problems import OF_COLUMNS

# What clients write while they are still sending, and what editors and Excel leave beside a file.
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~")
BESIDE = ("~$", ".")

_OPTION = re.compile(r" \(--accept-\w+\)")
_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)([-_. ]?)(\d\d)\2(\d\d)(?:[-_T ]?\d{4}(?:\d\d)?)?(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})([-_. ])(\d{1,2})\2(20\d\d)(?!\d)")

# What a person has to confirm, and nobody does by night.
BRAKES = frozenset({"many_leavers", "many_joiners"})
# Problems of a list as a whole. Their sentences name captions and dates and no cell of anybody's row.
OF_THE_LIST = OF_COLUMNS | {
    "file_unreadable",
    "sheet_hidden",
    "sheet_missing",
    "list_too_old",
    "unit_unknown",
    "no_people",
}


class Outcome(StrEnum):
    """What became of a list: written, waiting for a person to confirm it, or not usable as it is."""

    APPLIED = "applied"
    STOPPED = "stopped"
    REFUSED = "refused"


def passed_over(name: str) -> bool:
    """Whether a file is none of ours by its name: hidden, still being sent, or left by a program."""
    return name.startswith(BESIDE) or name.lower().endswith(UNFINISHED)


def day_in_name(name: str) -> date | None:
    """The date that a file's name holds: year first (20260630, 2026-06-30) or day first (30-06-2026), never the
    month. Of several the latest: a report from one day to another is of the other."""
    written = [(year, month, day) for year, _, month, day in _YEAR_FIRST.findall(name)]
    written += [(year, month, day) for day, _, month, year in _DAY_FIRST.findall(name)]
    return max(filter(None, (_day(*parts) for parts in written)), default=None)


def covered(text: str | None) -> str | None:
    """What a list covers: ``all``, ``unit=NAME``, or nothing.

    :raises Invalid: for anything else.
    """
    if not text:
        return None
    if text == "all" or (text.startswith("unit=") and text.removeprefix("unit=").strip()):
        return text
    raise Invalid(
        "A list covers “all”, or “unit=NAME”. Leave it out where nobody is to be taken to have left."
    )


def fingerprint(digest: str, covers: str | None) -> str:
    """What makes two files one list: the same content, and the same said of it."""
    return sha256(f"{digest} {covers or ''}".encode("utf-8", "surrogatepass")).hexdigest()


def place(problem: Mapping[str, Any]) -> str:
    """Where a problem of a report is; what the cell holds is left out. Nothing where it is the list's as a whole."""
    return ", ".join(filter(None, (problem["row"] and f"row {problem['row']}", problem["column"])))


def without_option(message: str) -> str:
    """A brake in words for whoever confirms it on a page, where there is no option of a command."""
    return _OPTION.sub("", message)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
