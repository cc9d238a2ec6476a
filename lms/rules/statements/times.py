"""Timestamps and durations (1.0.3 Data 4.5 and 4.6; 9274.1.1 4.2.7: RFC 3339)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version

# ISO 8601 combined date and time, extended or basic; RFC 3339 is the profile of it that 2.0 asks for.
_ISO = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?"
    r"|\d{8}T\d{4}(?:\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d(?:\d\d)?)?",
    re.ASCII,
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_UNKNOWN_OFFSET = re.compile(r"-00(?::?00)?\Z")
_LEAP = re.compile(r"(T\d\d:?\d\d:?)60", re.ASCII)
_LONG_FRACTION = re.compile(r"([.,]\d{6})\d+", re.ASCII)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}W|(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)
_FINER = re.compile(r"([.,]\d\d)\d+(?=S\Z)", re.ASCII)
# A year and a month have no length of their own; these are only used to turn a duration into minutes.
_DAYS = (7.0, 365.0, 30.0, 1.0, 1 / 24, 1 / 1440, 1 / 86400)


def timestamp(value: Any, path: str, version: Version) -> None:
    """A moment in ISO 8601; in 2.0, in RFC 3339. An offset of -00:00 says that none is known and is refused.

    :raises Refused: otherwise.
    """
    if type(value) is not str:
        raise Refused(path, "is not a string; a timestamp is one, such as 2026-06-30T09:30:00Z.")
    pattern = _ISO if version is Version.ONE else _RFC_3339
    if pattern.fullmatch(value) is None and not (version is Version.ONE and _RFC_3339.fullmatch(value)):
        raise Refused(path, "is not a timestamp such as 2026-06-30T09:30:00Z.")
    if _UNKNOWN_OFFSET.search(value) and "T" in value.upper():
        raise Refused(path, "has the offset -00:00, which stands for an unknown one. Use Z or +00:00.")
    try:
        instant(value)
    except (ValueError, OverflowError):
        raise Refused(path, "is not a date and time that exists.") from None


def instant(text: str) -> datetime:
    """The moment of a valid timestamp, in UTC; without an offset it is taken as UTC.

    :raises ValueError: when the date or time does not exist.
    """
    made = _instant(text)
    return made


@lru_cache(maxsize=4_096)
def _instant(text: str) -> datetime:
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        made = _less_common(text)
    return made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)


def _less_common(text: str) -> datetime:
    """A lower-case t or z, a leap second, a fraction longer than Python reads."""
    text = _LONG_FRACTION.sub(r"\1", text.upper().replace(" ", "T"))
    leap = _LEAP.search(text)
    made = datetime.fromisoformat(_LEAP.sub(r"\g<1>59", text) if leap else text)
    return made + timedelta(seconds=1) if leap else made


def duration(value: Any, path: str) -> None:
    """A duration in the format with designators; weeks stand alone, and only the smallest part has a fraction.

    ISO 8601:2004(E) section 4.4.3.2.

    :raises Refused: otherwise.
    """
    if type(value) is not str or len(value) > 200 or not _is_duration(value):
        raise Refused(path, "is not a duration such as PT1H30M or P4W.")


@lru_cache(maxsize=1_024)
def _is_duration(text: str) -> bool:
    found = _DURATION.fullmatch(text)
    if found is None:
        return False
    parts = [part for part in found.groups() if part is not None]
    return not any("." in part or "," in part for part in parts[:-1])


def minutes(text: str) -> int:
    """A valid duration in whole minutes, rounded to the nearest, half up."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("not a duration")
    days = sum(
        float(part.replace(",", ".")) * days
        for part, days in zip(found.groups(), _DAYS, strict=True)
        if part is not None
    )
    return min(int(days * 1440 + 0.5), 2_147_483_647)


def comparable(text: str) -> str:
    """A duration as it is compared: nothing finer than 0.01 second (Data 4.6)."""
    return _FINER.sub(r"\1", text)
