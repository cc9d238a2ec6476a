"""Which column means what: told by the captions, and by the values where a caption can mean two things."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.rules.roster.captions import caption_key, is_caption, meanings
from lms.rules.roster.cells import is_blank, text_of
from lms.rules.roster.facts import SHEET, Column, Field, Problem
from lms.rules.roster.names import is_honorific
from lms.rules.roster.problems import problem

# One caption may be all of these; the value decides.
_BARE_REFERENCES = frozenset(("assignment", "post", "position", "job"))
_BARE_NUMBERS = frozenset(("employee", "code", "ref", "reference", "no", "number", "id", "identifier"))
# ``Left`` may be a yes or no, ``From`` and ``To`` may be places.
_BARE_DATES = frozenset(("left", "from", "to", "since", "entry"))
# What a grade is made of, in words and codes: NHS|XR05|Review Body Band 5, Grade 7, SO1.
_GRADE = re.compile(
    r"\b(agenda|for|change|review|body|nhs|band|grade|level|scale|pay|point|spinal|[a-z]{0,3}\d+[a-z]?|so|po)\b|[\W\d_]",
    re.IGNORECASE,
)
_ENOUGH = 3
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are read, the captions of those that are not, and what is wrong with the captions."""

    columns: tuple[Column, ...]
    not_read: tuple[str, ...]
    problems: tuple[Problem, ...]

    def position(self, field: Field) -> int | None:
        """Where a field stands."""
        return next((column.position for column in self.columns if column.field is field), None)

    def positions(self, field: Field) -> tuple[int, ...]:
        """Where a field stands that several columns can hold."""
        return tuple(column.position for column in self.columns if column.field is field)

    def caption(self, field: Field) -> str | None:
        """What stands over a field."""
        return next((column.caption for column in self.columns if column.field is field), None)


def recognised(
    captions: Sequence[str],
    sample: Sequence[Sequence[Any]],
    *,
    sheet: str,
    row: int,
    chosen: Mapping[str, str | None] | None = None,
) -> Layout:
    """The layout under a row of captions.

    ``chosen`` is what a person decided: field → caption, several units separated by ``|``, None for not read. It
    goes before what the captions say.
    """
    values = _Values(sample)
    columns, problems, closed = _by_choice(captions, chosen or {}, sheet, row)
    used = {column.position for column in columns}
    for column in _by_caption(captions, values, closed, used):
        columns.append(column)
        used.add(column.position)
    texts = Counter(_plain(caption) for caption in captions if caption)
    for column in columns:
        if texts[_plain(column.caption)] > 1:
            found = problem("duplicate_header", sheet, row, column.caption, column.caption)
            if found not in problems:
                problems.append(found)
    not_read = [caption for position, caption in enumerate(captions) if caption and position not in used]
    read = {_plain(column.caption) for column in columns}
    repeated = {_plain(caption): caption for caption in not_read if texts[_plain(caption)] > 1}
    problems += [
        problem("caption_repeated", sheet, row, caption, caption)
        for key, caption in repeated.items()
        if key not in read
    ]
    return Layout(
        tuple(sorted(columns, key=_reading_order)),
        tuple(not_read),
        tuple(problems),
    )


def _reading_order(column: Column) -> tuple[bool, int]:
    """From left to right, then the units from the top down as they already are."""
    is_unit = column.field is Field.UNIT
    return is_unit, 0 if is_unit else column.position


class _Values:
    """The sample's texts by column, read when asked for."""

    def __init__(self, sample: Sequence[Sequence[Any]]) -> None:
        self.sample = sample

    def share(self, position: int, test: Callable[[str], bool]) -> float:
        """How much of what is filled in a column passes a test; -1 where nothing is filled."""
        texts = [text_of(row[position]) for row in self.sample if position < len(row)]
        filled = [text for text in texts if not is_blank(text)]
        return sum(map(test, filled)) / len(filled) if filled else -1.0


def _by_choice(
    captions: Sequence[str], chosen: Mapping[str, str | None], sheet: str, row: int
) -> tuple[list[Column], list[Problem], set[Field]]:
    columns: list[Column] = []
    problems: list[Problem] = []
    closed: set[Field] = set()
    fields = {field.value: field for field in Field}
    for name, wanted in chosen.items():
        if name == SHEET:
            continue
        if name not in fields:
            problems.append(
                problem("field_unknown", sheet, row, wanted, name, field=name, fields=", ".join(fields))
            )
            continue
        closed.add(fields[name])
        for caption in (wanted or "").split("|") if name == Field.UNIT else [wanted or ""]:
            if not caption.strip():
                continue
            position = _find(captions, caption)
            if position is None:
                problems.append(
                    problem("column_missing", sheet, row, caption, caption, caption=caption, field=name)
                )
            else:
                columns.append(Column(fields[name], captions[position], position))
    if Field.NAME in closed and not closed & {Field.GIVEN, Field.FAMILY}:
        closed |= {Field.GIVEN, Field.FAMILY}
    if closed & {Field.GIVEN, Field.FAMILY}:
        closed.add(Field.NAME)
    return columns, problems, closed


def _find(captions: Sequence[str], wanted: str) -> int | None:
    for form in (_plain, caption_key):
        for position, caption in enumerate(captions):
            if caption and form(caption) == form(wanted):
                return position
    return None


def _by_caption(captions: Sequence[str], values: _Values, closed: set[Field], used: set[int]) -> list[Column]:
    candidates: dict[Field, list[tuple[int, int]]] = {}
    for position, caption in enumerate(captions):
        if position in used:
            continue
        for field, rank in meanings(caption).items():
            if field not in closed and _fits(field, caption_key(caption), position, values):
                candidates.setdefault(field, []).append((rank, position))
    taken: dict[Field, int] = {}
    for field in _ORDER:
        for _, position in sorted(candidates.get(field, [])):
            if position not in taken.values():
                taken[field] = position
                break
    _settle_title(taken, candidates, values)
    _settle_names(taken, closed, values)
    columns = [Column(field, captions[position], position) for field, position in taken.items()]
    depths = sorted((depth, position) for depth, position in candidates.get(Field.UNIT, []))
    columns += [
        Column(Field.UNIT, captions[position], position)
        for _, position in depths
        if position not in taken.values()
    ]
    return columns


# Fields with captions of their own first; those that share captions with others last.
_ORDER = (
    Field.EMAIL,
    Field.START,
    Field.END,
    Field.STATUS,
    Field.CATEGORY,
    Field.MAIN,
    Field.MANAGER,
    Field.GIVEN,
    Field.FAMILY,
    Field.KNOWN_AS,
    Field.NUMBER,
    Field.REFERENCE,
    Field.TITLE,
    Field.NAME,
)


def _fits(field: Field, key: str, position: int, values: _Values) -> bool:
    """Whether the values under a caption can be what the caption may mean."""
    if field is Field.NUMBER and len(values.sample) >= _ENOUGH and values.share(position, bool) < 0:
        # An empty column of numbers is none: the e-mail addresses may serve.
        return False
    if field is Field.NUMBER and key in _BARE_NUMBERS:
        return values.share(position, _looks_like_number) > _MOSTLY
    if field is Field.REFERENCE and key in _BARE_REFERENCES:
        return values.share(position, _looks_like_number) > _MOSTLY
    if field is Field.NAME:
        return (
            values.share(position, _has_letters) != 0 and values.share(position, _looks_like_number) < _MOSTLY
        )
    if field is Field.EMAIL and not is_caption(key):
        # Has work e-mail, Consent to e-mail: a yes or no is no address.
        return values.share(position, _has_at_sign) != 0
    if field is Field.TITLE and key == "title":
        return values.share(position, is_honorific) < _MOSTLY
    if field is Field.TITLE and key == "grade":
        # HMPPS's holds the role: Band 3 - Prison Officer.
        return values.share(position, _says_more_than_a_grade) > _MOSTLY
    if field in (Field.START, Field.END) and key in _BARE_DATES:
        return values.share(position, _has_digits) != 0
    if field is Field.UNIT:
        return values.share(position, _has_letters) != 0
    return True


def _settle_title(
    taken: dict[Field, int], candidates: dict[Field, list[tuple[int, int]]], values: _Values
) -> None:
    """A title in figures is only taken where no column has words: SAP's Position is a number, ASC-WDS's job role too."""
    options = [position for _, position in sorted(candidates.get(Field.TITLE, []))]
    others = {position for field, position in taken.items() if field is not Field.TITLE}
    options = [position for position in options if position not in others]
    worded = [position for position in options if values.share(position, _has_letters) > 0]
    best = worded or [position for position in options if values.share(position, _has_digits) > 0] or options
    if best:
        taken[Field.TITLE] = best[0]
    else:
        taken.pop(Field.TITLE, None)


def _settle_names(taken: dict[Field, int], closed: set[Field], values: _Values) -> None:
    """Whole names or separate ones, never both; ``Surname`` beside ``Name`` makes that the given name."""
    is_open = {Field.GIVEN, Field.NAME}.isdisjoint({*taken, *closed})
    if is_open and Field.FAMILY in taken and Field.KNOWN_AS in taken:
        # The first name that people go by is the only one there is.
        taken[Field.GIVEN] = taken.pop(Field.KNOWN_AS)
    given, family, name = taken.get(Field.GIVEN), taken.get(Field.FAMILY), taken.get(Field.NAME)
    if given is not None and family is not None:
        taken.pop(Field.NAME, None)
    elif name is not None and (given is not None or family is not None):
        if values.share(name, lambda text: "," not in text and " " not in text) > _MOSTLY:
            taken[Field.FAMILY if family is None else Field.GIVEN] = name
            del taken[Field.NAME]
        else:
            taken.pop(Field.GIVEN, None)
            taken.pop(Field.FAMILY, None)


def _plain(caption: str) -> str:
    return " ".join(caption.split()).casefold()


def _says_more_than_a_grade(text: str) -> bool:
    return len(_GRADE.sub("", text)) > 2


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _has_digits(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _has_at_sign(text: str) -> bool:
    return "@" in text


def _looks_like_number(text: str) -> bool:
    return not re.search(r"[\s@|]", text) and bool(re.search(r"\d", text)) and len(text) <= 30
