"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad: a warning is for somebody to look at, a problem makes ``lms doctor`` end with 1."""

    GOOD = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it is about, how it is, and what to do where it is not good."""

    check: str
    grade: Grade
    says: str
    do: str = ""
