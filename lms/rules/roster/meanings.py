"""What the cells of each field mean, for each distinct value."""

from typing import Any

from lms.rules.roster.cells import CLEAR, NOTHING, Said, plain
from lms.rules.roster.facts import Field
from lms.rules.roster.names import PENDING, Name, is_honorific, is_vacant, parted, says_status
from lms.rules.roster.numbers import reference_of
from lms.rules.roster.titles import path_of, unpacked_unit

# As long as the tables hold; what is longer is cut, and said.
_LONGEST = {Field.TITLE: 300, Field.UNIT: 200, Field.REFERENCE: 64, Field.MANAGER: 64}
_LONGEST_NAME = 200

# A text, what is to be said about it, and why it is no ordinary name: ``vacant``, ``pending``, ``letterless``, or
# ``compound`` where it has to be taken apart.
Part = tuple[str, Said, str]


def text_for(field: Field, raw: Any) -> tuple[str, Said]:
    """A text, cut to what is kept of it."""
    if raw == "" or raw is None:
        return "", NOTHING
    text, said = plain(raw)
    if text == CLEAR:
        return "", (CLEAR,)
    return _cut(text, said, _LONGEST[field])


def reference_for(raw: Any) -> tuple[str, Said]:
    """An assignment's or position's reference."""
    text, said = text_for(Field.REFERENCE, raw)
    reference, code = reference_of(text)
    return reference, (*said, code) if code else said


def title_for(raw: Any) -> tuple[str, Said]:
    """The job title. ``CLEAR`` is refused: a post is its title."""
    text, said = plain(raw)
    if text == CLEAR:
        return "", ("cannot_clear",)
    return _cut(text, said, _LONGEST[Field.TITLE])


def units_for(raws: Any) -> tuple[tuple[str, ...], Said]:
    """The units from the top down, from one cell or a tuple of them; a name repeated below itself is one unit."""
    units: list[str] = []
    said: set[str] = set()
    for raw in raws if isinstance(raws, tuple) else (raws,):
        text, remarks = text_for(Field.UNIT, raw)
        said.update(remarks)
        for part in path_of(text):
            name = unpacked_unit(part)
            if name and (not units or units[-1] != name):
                units.append(name)
    if CLEAR in said and units:
        said.discard(CLEAR)
    return tuple(units), tuple(sorted(said))


def known_as_of(raw: Any) -> tuple[str | None, Said]:
    """The name a person goes by."""
    text, said = plain(raw)
    if text == CLEAR:
        return None, (CLEAR,)
    text, said = _cut(text, said, _LONGEST_NAME)
    return text or None, said


def name_part(raw: Any) -> Part:
    """One cell of a name in several columns."""
    text, said = _name(raw)
    return text, said, _oddity(text)


def name_of_parts(given: Part, family: Part) -> tuple[Name, Said, str]:
    """A name from two cells that are not simply a given and a family name."""
    said = family[1] + tuple(code for code in given[1] if code not in family[1])
    for text, _, odd in (family, given):
        if odd == "vacant":
            return Name("", text), said, odd
    first = "" if given[2] in ("pending", "letterless") else given[0]
    last = "" if family[2] in ("pending", "letterless") else family[0]
    if not first and not last:
        return Name("", ""), said, family[2] or given[2]
    if "compound" in (given[2], family[2]) or not (first and last):
        name = parted(f"{last}, {first}" if first and last and "," not in last else last or first)
        return name, said, "" if name.family or name.given else "letterless"
    return Name(first, last), said, ""


def whole_name(raw: Any) -> tuple[Name, Said, str]:
    """A name from one cell."""
    text, said = _name(raw)
    odd = _oddity(text)
    if odd and odd != "compound":
        return Name("", text if odd == "vacant" else ""), said, odd
    return (parted(text) if text else Name("", "")), said, ""


def _name(raw: Any) -> tuple[str, Said]:
    text, said = plain(raw)
    text, said = _cut(text, said, _LONGEST_NAME)
    return text, (*said, "name_status") if says_status(text) else said


def _oddity(text: str) -> str:
    if not text:
        return ""
    if is_vacant(text):
        return "vacant"
    if text.casefold() in PENDING:
        return "pending"
    if not any(letter.isalpha() for letter in text):
        return "letterless"
    if (text[0] not in "=+-@<" and any(letter in text for letter in ',([{"“')) or is_honorific(
        text.split()[0]
    ):
        return "compound"
    return ""


def _cut(text: str, said: Said, longest: int) -> tuple[str, Said]:
    if len(text) <= longest:
        return text, said
    return text[:longest].rstrip(), said if "cell_long" in said else (*said, "cell_long")
