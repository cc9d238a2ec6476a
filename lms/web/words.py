"""How facts are written on pages: days, times, counts, rates and standings in words."""

import json
from collections.abc import Mapping
from datetime import date, datetime

from flask import Flask

from lms.rules.dates import LONDON
from lms.rules.dates import in_words as day
from lms.rules.standing import Standing

STANDINGS = {
    Standing.EXEMPT: "Exempt",
    Standing.IN_DATE: "In date",
    Standing.DUE_SOON: "Due soon",
    Standing.NOT_YET_DUE: "Not yet due",
    Standing.NOT_DONE: "Not done",
    Standing.OUT_OF_DATE: "Out of date",
}
COLOURS = {
    Standing.EXEMPT: "grey",
    Standing.IN_DATE: "green",
    Standing.DUE_SOON: "yellow",
    Standing.NOT_YET_DUE: "blue",
    Standing.NOT_DONE: "purple",
    Standing.OUT_OF_DATE: "orange",
}


def install(app: Flask) -> None:
    """Give the templates their filters."""
    app.add_template_filter(in_full, "day")
    app.add_template_filter(at, "at")
    app.add_template_filter(count, "count")
    app.add_template_filter(rate, "rate")
    app.add_template_filter(length_of, "length_of")
    app.add_template_filter(first_value, "first_value")
    app.add_template_filter(as_json, "as_json")
    app.add_template_filter(combine, "combine")
    app.add_template_filter(STANDINGS.__getitem__, "standing")
    app.add_template_filter(COLOURS.__getitem__, "standing_colour")


def in_full(one: date | None) -> str:
    """6 August 2026; a dash where there is none."""
    return day(one) if one else "–"


def at(instant: datetime | None) -> str:
    """6 August 2026 at 9:05am, London time; 'never' where there is none."""
    if instant is None:
        return "never"
    local = instant.astimezone(LONDON)
    clock = f"{local.hour % 12 or 12}:{local.minute:02}{'am' if local.hour < 12 else 'pm'}"
    return f"{day(local.date())} at {clock}"


def count(number: int | None) -> str:
    """1,234; a dash where there is none."""
    return "–" if number is None else f"{number:,}"


def rate(per_cent: float | None) -> str:
    """69.7%; a dash where there is nobody to count."""
    return "–" if per_cent is None else f"{per_cent:.1f}%"


def length_of(minutes: int) -> str:
    """2 hours 30 minutes."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'s' * (hours != 1)}"] if hours else []
    parts += [f"{rest} minute{'s' * (rest != 1)}"] if rest or not hours else []
    return " ".join(parts)


def first_value(words: Mapping[str, str] | None) -> str:
    """The first of a statement's words in several languages."""
    return next(iter((words or {}).values()), "")


def as_json(value: object) -> str:
    """JSON for reading, in the letters people know."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def combine(some: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """The parts of an address put together."""
    return {**some, **more}
