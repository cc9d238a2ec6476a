"""The row of captions: found below titles and blank lines, and recognised again where every page repeats it."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from lms.rules.roster.captions import caption_key, is_caption, meanings
from lms.rules.roster.cells import text_of
from lms.rules.roster.facts import Field

# How far down a header is looked for.
LOOK_AHEAD = 60
_IDENTITY = frozenset((Field.NUMBER, Field.NAME, Field.FAMILY, Field.GIVEN, Field.EMAIL, Field.REFERENCE))
_LIKE_DATA = re.compile(r"\d{3,}|@\w|\d{1,2}/\d{1,2}|^\d+$")
# Two captions, one of them about who it is.
_LEAST = 2.0
_SEVERAL = 3
# So many of the captions in two rows make one together where they were broken.
_MOST = 0.6


def merit(cells: Sequence[Any], wanted: frozenset[str] = frozenset()) -> float:
    """How much a row looks like captions; 0 where it does not.

    ``wanted`` are the keys of captions that a person chose for this organisation.
    """
    fields: set[Field] = set()
    known = decided = 0
    like_data = 0
    for cell in cells:
        if cell is None or cell == "":
            continue
        if not isinstance(cell, str):
            like_data += isinstance(cell, int | float | date | datetime)
            continue
        text = text_of(cell)
        key = caption_key(text)
        decided += key in wanted
        meant = meanings(text)
        if meant:
            # A caption that can mean two things counts as the first of them not yet found.
            fields.add(next((field for field in meant if field not in fields), next(iter(meant))))
            known += 1
        elif key not in wanted and _LIKE_DATA.search(text):
            like_data += 1
    if not wanted and (len(fields) < 2 or not fields & _IDENTITY):
        return 0.0
    # What a person decided is worth more than what a caption seems to say.
    worth = len(fields) + known / 10 + 3 * decided - 2 * like_data
    return worth if (known or decided) and worth >= _LEAST else 0.0


def found(
    rows: Sequence[tuple[int, Sequence[Any]]], wanted: frozenset[str] = frozenset()
) -> tuple[int, float]:
    """The position of the best row of captions among the first rows, and its merit; 0 merit where there is none."""
    best, most = -1, 0.0
    for position, (_, cells) in enumerate(rows):
        worth = merit(cells, wanted)
        if worth and position + 1 < len(rows):
            captions, two_rows = captions_of(cells, rows[position + 1][1])
            worth = max(worth, merit(captions, wanted)) if two_rows else worth
        if worth > most:
            best, most = position, worth
    return best, most


def guessed(rows: Sequence[tuple[int, Sequence[Any]]]) -> int | None:
    """The number of the row that has the shape of captions, for somebody to say what those words mean.

    It is the first row with several cells, all of them different words, above another one.
    """
    wide = [(row, cells) for row, cells in rows if sum(map(bool, map(text_of, cells))) >= _SEVERAL]
    if len(wide) < 2:
        return None
    row, cells = wide[0]
    filled = [cell for cell in cells if text_of(cell)]
    words = [text_of(cell) for cell in filled if isinstance(cell, str)]
    is_worded = len(words) == len(filled) and not any(map(_LIKE_DATA.search, words))
    return row if is_worded and len(set(map(caption_key, words))) == len(words) else None


def captions_of(upper: Sequence[Any], lower: Sequence[Any] | None) -> tuple[list[str], bool]:
    """The captions, and whether the row below belongs to them.

    Where a header is two rows high, a caption such as ``Assignment`` is merged over ``Start`` and ``End`` below it,
    or ``Employee`` stands over ``Number``.
    """
    captions = [text_of(cell) for cell in upper]
    below = [text_of(cell) for cell in lower] if lower is not None else []
    if (whole := _wrapped(captions, below)) is not None:
        return whole, True
    under = [position for position, text in enumerate(below) if text]
    two_rows = bool(under) and all(
        isinstance(lower[position], str) and meanings(below[position])
        for position in under
        if lower is not None
    )
    two_rows = two_rows and any(position >= len(captions) or not captions[position] for position in under)
    if two_rows and any(
        position < len(captions) and captions[position] == below[position] for position in under
    ):
        two_rows = False
    if two_rows:
        captions += [""] * (len(below) - len(captions))
        for position in under:
            captions[position] = below[position]
    while captions and not captions[-1]:
        captions.pop()
    return captions, two_rows


def _wrapped(upper: Sequence[str], lower: Sequence[str]) -> list[str] | None:
    """The captions where most were broken into two rows, as printed reports do; None where they were not."""
    pairs = list(zip_longest(upper, lower, fillvalue=""))
    whole = [f"{above} {below}".strip() for above, below in pairs]
    broken = [
        is_caption(text)
        for text, (above, below) in zip(whole, pairs, strict=True)
        if caption_key(above) and caption_key(below)
    ]
    if sum(broken) < _LEAST or sum(broken) < _MOST * len(broken):
        return None
    while whole and not whole[-1]:
        whole.pop()
    return whole


def is_repeated(cells: Sequence[Any], keys: Sequence[str]) -> bool:
    """Whether a row is the header once more, as at the top of a printed page."""
    filled = [
        (position, caption_key(cell))
        for position, cell in enumerate(cells)
        if isinstance(cell, str) and cell.strip()
    ]
    same = sum(position < len(keys) and key == keys[position] for position, key in filled)
    return same >= 2 and same >= 0.7 * len(filled)
