"""One cell as a person would read it: white space, placeholders that mean blank, and damage worth a word."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

LONGEST = 1_000
CLEAR = "CLEAR"
# policy.md, Role lists: "-, N/A, NULL, #N/A are blank".
# Nearly every cell: printable ASCII, single spaces, and nothing in it that needs a second look (NULL has four letters).
_ORDINARY = re.compile(r"[A-Za-z0-9](?:[!-;=?-^`-~]| (?=[!-~])){3,199}")
_BLANK = frozenset(
    ("-", "--", "---", "–", "—", "n/a", "#n/a", "null", "(null)", "<null>", "[null]", "(blank)")
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ESCAPED_BREAK = re.compile(r"_x000[aAdD9]_")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPREADSHEET_ERROR = re.compile(
    r"#(REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)", re.IGNORECASE
)
_MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>", re.IGNORECASE)
# UTF-8 read as Windows-1252; and a Macintosh's text read as that, which has capitals and signs for é ü ä á inside words.
_GARBLED = re.compile(
    "[ÃÂ][\u0080-\u00bf]|â€|Ã[‚ƒ„…†‡ˆ‰Š‹Œ˜™š›œžŸ]|\ufffd"
    "|(?<=[a-z])[ŽŸŠŒ](?![A-Z])|(?<=[A-Za-z])[ŽŸŠŒ‡†‰™•ƒ¿](?=[a-z])"
)
GUARD = re.compile(r"'[\s']*[=+\-@＝＋－＠]")

# A value, and the codes of what is to be said about it; nearly always none.
Said = tuple[str, ...]
NOTHING: Said = ()


class Cache(dict[Any, Any]):
    """What each distinct cell value means. Columns repeat their values, so most cells cost one look-up."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, raw: Any) -> Any:
        value = self[raw] = self.make(raw)
        return value


def text_of(raw: Any) -> str:
    """Any cell as one line of text, trimmed; numbers without a needless ``.0``, dates as ISO."""
    if raw is None:
        return ""
    if isinstance(raw, str):
        text = _ESCAPED_BREAK.sub(" ", raw) if "_x000" in raw else raw
        if not text.isascii():
            text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
        return " ".join(text.split())
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.isoformat(sep=" ") if raw.time() != time() else raw.date().isoformat()
    return raw.isoformat() if isinstance(raw, date | time) else str(raw)


def is_blank(text: str) -> bool:
    """Whether a trimmed text is one of the ways in which HR systems write nothing. ``Null`` is a surname."""
    return not text or (text.casefold() in _BLANK and text != "Null")


def is_spreadsheet_error(text: str) -> bool:
    """``#REF!`` and its relatives; ``#N/A`` is blank instead."""
    return text.startswith("#") and bool(_SPREADSHEET_ERROR.fullmatch(text))


def plain(raw: Any) -> tuple[str, Said]:
    """A cell of free text: what it says, blank where it says nothing, and what is remarkable about it.

    HTML and formulas stay the plain text they are; nothing in this house runs them.
    """
    if raw.__class__ is str and _ORDINARY.fullmatch(raw) and len(raw) != 4:
        return raw, NOTHING
    text = text_of(raw)
    if is_blank(text):
        return "", NOTHING
    if is_spreadsheet_error(text):
        return "", ("spreadsheet_error",)
    said: list[str] = []
    if _CONTROL.search(text):
        said.append("nul_bytes" if "\x00" in text else "control_characters")
        text = " ".join(_CONTROL.sub("", text).split())
    if text[:1] == "'" and GUARD.match(text):
        # The apostrophe that shows a formula as text, ours (lms.spreadsheets.writing) or a person's.
        text = text[1:].lstrip()
    if is_blank(text):
        return "", tuple(said)
    if len(text) > LONGEST:
        said.append("cell_long")
        text = text[:LONGEST].rstrip()
    if "<" in text and _MARKUP.search(text):
        said.append("markup")
    if text[0] in "=+@" and len(text) > 1:
        said.append("formula")
    if not text.isascii() and _GARBLED.search(text):
        said.append("garbled")
    return text, tuple(said) or NOTHING


def shown(raw: Any) -> str:
    """A value as it is quoted in a problem: one short line."""
    text = _CONTROL.sub("\N{SYMBOL FOR NULL}", text_of(raw))
    return text if len(text) <= 80 else text[:79] + "…"
