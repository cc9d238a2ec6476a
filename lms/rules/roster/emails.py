"""Work e-mail addresses: the form in which they are kept and compared."""

import re
from typing import Any

from lms.rules.job_roles import APOSTROPHES
from lms.rules.roster.cells import CLEAR, is_blank, is_spreadsheet_error, text_of

LONGEST = 254
_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*\.[^\W\d_]([\w-]*[^\W_])?"
)
# Nearly every address, in one quick look.
_ORDINARY = re.compile(
    r"[a-z0-9_+-]+(?:[.'][a-z0-9_+-]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}", re.ASCII | re.IGNORECASE
)
# A word processor's apostrophes, as in names and titles; a grave accent is a character of addresses (RFC 5322, 3.2.3).
_STRAIGHT = {letter: straight for letter, straight in APOSTROPHES.items() if letter != ord("`")}
_IN_BRACKETS = re.compile(r".*<([^<>]+)>\s*")
_NONE = frozenset(
    (
        "none",
        "no",
        "nil",
        "no email",
        "no e-mail",
        "tbc",
        "tba",
        "unknown",
        "not known",
        "not applicable",
        "0",
        "x",
    )
)

Email = tuple[str | None, str]
_BLANK: Email = (None, "")


def email_of(raw: Any) -> Email:
    """The address in lower case, None where there is none; and a problem's code or ``CLEAR``."""
    if raw == "" or raw is None:
        return _BLANK
    if raw.__class__ is str and len(raw) <= LONGEST and _ORDINARY.fullmatch(raw):
        return raw.lower(), ""
    text = text_of(raw)
    if is_blank(text) or text.casefold() in _NONE:
        return _BLANK
    if text == CLEAR:
        return None, CLEAR
    if is_spreadsheet_error(text):
        return None, "spreadsheet_error"
    if "\x00" in text:
        return None, "nul_bytes"
    short = text.removeprefix("mailto:").translate(_STRAIGHT).strip("'\" ;,")
    if found := _IN_BRACKETS.fullmatch(short):
        short = found[1].strip()
    if is_address(short):
        return short.lower(), ""
    first = re.split(r"[;,/\s]+", short)[0]
    return (first.lower(), "email_several") if is_address(first) else (None, "email_malformed")


def is_address(text: str) -> bool:
    """Whether a text is one e-mail address."""
    return len(text) <= LONGEST and bool(_ADDRESS.fullmatch(text))
