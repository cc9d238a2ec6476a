"""People's names: taken apart where they come in one cell, and put into the form in which they are compared."""

import re
import unicodedata
from typing import NamedTuple

from lms.rules.job_roles import title_key

_HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "doctor",
        "prof",
        "professor",
        "rev",
        "revd",
        "reverend",
        "sir",
        "dame",
        "lord",
        "lady",
        "cllr",
        "councillor",
        "hon",
        "fr",
    ]
)
_LETTERS_AFTER = frozenset(
    [
        "mbe",
        "obe",
        "cbe",
        "qpm",
        "kpm",
        "qc",
        "kc",
        "phd",
        "dphil",
        "md",
        "jr",
        "jnr",
        "snr",
        "bsc",
        "msc",
        "ba",
        "ma",
        "rgn",
        "rmn",
        "rn",
        "frcs",
        "mrcp",
        "frcp",
        "jp",
        "dl",
        "ii",
        "iii",
        "iv",
    ]
)
# Words that belong to the family name after them.
_PARTICLES = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "las",
        "los",
        "ter",
        "ten",
        "zu",
        "zur",
        "af",
        "av",
        "bin",
        "bint",
        "ibn",
        "al",
        "el",
        "abu",
        "ap",
        "ab",
        "ferch",
        "verch",
        "o",
        "ó",
        "ní",
        "ni",
        "nic",
        "mac",
        "mc",
        "uí",
        "ui",
        "st",
        "ben",
    ]
)
_BRACKETED = re.compile(r"[(\[{“\"‘]([^()\[\]{}“”\"]*)[)\]}”\"’]")
# Said beside a name of somebody who is away or has left; the reason is nobody's business (policy.md, Words: exemption).
_STATUS = re.compile(
    r"\b((mat|pat) leave|matern\w*|patern\w*|adoption|parental|lts|l t s|sick\w*|ill|illness|absen\w*|leave|second\w*|suspen\w*|career break|sabbatical|"
    r"left|leaver|leaving|retir\w*|resign\w*|terminat\w*|deceased)\b",
    re.I,
)
_NOT_A_NAME = re.compile(
    r"\b(she|he|they|her|him|bank|cover|agency|temp|volunteer|acting|n[eé]e|formerly|ex|ftc|pt|ft|p/t|f/t|job share|locum|student|"
    r"starter|new|tbc|vacant)\b",
    re.I,
)
# Letters that do not come apart into a base letter and an accent.
_SPECIAL = str.maketrans(
    {"ł": "l", "đ": "d", "ð": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)
_VACANT = re.compile(
    r"\W*((currently |post |position )?vacan(t|cy)\b.*|.*\((currently )?vacant\)|unfilled( post| position)?|unoccupied|no holder|"
    r"to be (appointed|recruited|advertised|filled)|under recruitment|recruiting|awaiting recruitment)\W*",
    re.IGNORECASE,
)
PENDING = frozenset(("tbc", "tba", "tbd", "to be confirmed", "to be announced", "unknown", "not known"))


class Name(NamedTuple):
    """A name taken apart; ``known_as`` is None where nothing is said."""

    given: str
    family: str
    known_as: str | None = None


def is_vacant(text: str) -> bool:
    """Whether what stands in place of a name says that the post has no holder."""
    return bool(_VACANT.fullmatch(text))


def says_status(text: str) -> bool:
    """Whether brackets beside a name say that somebody is away or has left."""
    return any(_STATUS.search(found[1]) for found in _BRACKETED.finditer(text))


def is_honorific(text: str) -> bool:
    """``Mr``, ``Dr.``, ``Cllr`` and the like."""
    return text.strip(" .").casefold() in _HONORIFICS


def parted(whole: str) -> Name:
    """A name from one cell: ``SURNAME, Forename (Known as)``, ``Forename Surname``, ``Gill, Mrs. Catherine Spencer``.

    Letter case stays as it came.
    """
    known_as = None
    for found in _BRACKETED.finditer(whole):
        inside = found[1].strip(" .")
        if (
            inside
            and not _NOT_A_NAME.search(inside)
            and not _STATUS.search(inside)
            and not is_honorific(inside)
            and not re.search(r"\d", inside)
        ):
            known_as = inside
    text = " ".join(_BRACKETED.sub(" ", whole).split()).strip(" ,;*†")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    while len(parts) > 1 and all(word.strip(".").casefold() in _LETTERS_AFTER for word in parts[-1].split()):
        parts.pop()
    if len(parts) == 1:
        parts = [_without_letters_after(parts[0])]
    text = " ".join(parts)
    if len(parts) > 1:
        given = _without_honorifics(" ".join(parts[1:]).split())
        return Name(" ".join(given), " ".join(_without_honorifics(parts[0].split())), known_as)
    words = _without_honorifics(text.split())
    if capitals := _leading_capitals(words):
        # SURNAME Forename, without a comma.
        return Name(" ".join(words[capitals:]), " ".join(words[:capitals]), known_as)
    at = _where_family_begins(words)
    return Name(" ".join(words[:at]), " ".join(words[at:]), known_as)


def _without_honorifics(words: list[str]) -> list[str]:
    kept = words
    while len(kept) > 1 and is_honorific(kept[0]):
        kept = kept[1:]
    while len(kept) > 1 and is_honorific(kept[-1]) and kept[-1].casefold().strip(".") != "hon":
        kept = kept[:-1]
    return [] if len(kept) == 1 and len(words) > 1 and is_honorific(kept[0]) else kept


def _without_letters_after(text: str) -> str:
    """``Al Kay OBE``. Two letters may be a surname, and so may three where they are written as one."""
    words = text.split()
    while len(words) > 2 and _is_letters_after(words[-1]) and not text.isupper():
        words.pop()
    return " ".join(words)


def _is_letters_after(word: str) -> bool:
    return len(word) > 2 and not word.istitle() and word.casefold() in _LETTERS_AFTER


def _leading_capitals(words: list[str]) -> int:
    # Two capitals are more often initials than a surname.
    capitals = [word.isupper() and len(word) > 2 for word in words]
    return capitals.index(False) if capitals and capitals[0] and not words[-1].isupper() else 0


def _where_family_begins(words: list[str]) -> int:
    at = max(len(words) - 1, 0)
    while at > 1 and words[at - 1].casefold().strip("'’") in _PARTICLES:
        at -= 1
    return at


def folded(text: str) -> str:
    """Letters and digits alone, without accents and letter case."""
    if text.isascii():
        lowered = text.lower()
        return lowered if lowered.isalnum() else "".join(filter(str.isalnum, lowered))
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL))
    return "".join(letter for letter in decomposed if letter.isalnum())


def name_key(given: str, family: str) -> str:
    """The form in which two organisations' spellings of a name are compared.

    It does not matter where the given names end and the family name begins, as lists cut differently.
    """
    return folded(given) + folded(family)


def text_key(text: str) -> str:
    """The form in which two months' texts are compared: case, white space and apostrophe style alone are no change."""
    return title_key(text)


def is_same_person(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two rows with one number can be one person: the same name, or one with further given names."""
    if name_key(*one) == name_key(*other):
        return True
    if folded(one[1]) != folded(other[1]):
        return False
    short, long = sorted((one[0].split(), other[0].split()), key=len)
    return bool(short) and [folded(word) for word in short] == [folded(word) for word in long[: len(short)]]
