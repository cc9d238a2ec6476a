"""What to make of a row that lacks a number or a name: a person with a mistake, a vacant post, or nobody at all."""

from collections.abc import Iterable, Sequence
from typing import Any

from lms.rules.roster.cells import is_blank, text_of
from lms.rules.roster.columns import Layout
from lms.rules.roster.facts import Field
from lms.rules.roster.furniture import is_line
from lms.rules.roster.header import is_repeated
from lms.rules.roster.names import Name, is_vacant

_NOBODY = Name("", "")


def is_wordy(number: str) -> bool:
    """Whether what stands in place of a number may be several words, as no number without a figure is."""
    return " " in number or number[-1:] in ":="


def _is_label(words: str, filled: Sequence[tuple[int, str]]) -> bool:
    """Whether words in place of a number are a label before something else: ``Printed by | J Smith``, ``Surgery | 7``."""
    beside = "".join(text for _, text in filled[1:])
    return bool(beside) and (is_wordy(words) or not any(map(str.isalpha, beside)))


class Lines:
    """Counts vacant posts and keeps what was left out, with whether to say so."""

    def __init__(self, layout: Layout, keys: Sequence[str], above: Iterable[str]) -> None:
        self.keys = keys
        self.number_at = layout.position(Field.NUMBER)
        self.title_at = layout.position(Field.TITLE)
        self.status_at = layout.position(Field.STATUS)
        self.email_at = layout.position(Field.EMAIL)
        self.start_at = layout.position(Field.START)
        # Without these, a name and a number are a total and its count.
        self.telling = [
            at for field in (Field.TITLE, Field.REFERENCE) if (at := layout.position(field)) is not None
        ]
        self.above = frozenset(above)
        self.skipped = 0
        self.counted = 0
        self.left_out: list[tuple[int, str]] = []
        # (row, what it says, the problem's code) of lines that a person might have meant as somebody.
        self.doubtful: list[tuple[int, str, str]] = []

    def judged(
        self, row: int, cells: Sequence[Any], number: str, number_code: str, name: Name, odd: str, so_far: int
    ) -> Name | None:
        """The name to go on with where the row is about a person; None where it is about nobody.

        ``so_far`` is how many rows about people came before, which is what a total or subtotal counts.
        """
        filled = [(at, text) for at, cell in enumerate(cells) if not is_blank(text := text_of(cell))]
        if not filled:
            return None
        if odd == "vacant" or (not name.family and self._says_vacant(cells)):
            self.skipped += 1
            return None
        if is_repeated(cells, self.keys) or all(text in self.above for _, text in filled):
            return None
        named = bool(name.family or name.given)
        in_words = bool(number) and not any(map(str.isdigit, number))
        if named and number and not (in_words and is_wordy(number)):
            return name
        first = filled[0][1]
        telling = self._tells(cells, len(filled))
        known = is_line(first) or is_line(": ".join(text for _, text in filled))
        if in_words and not telling and (known or _is_label(number, filled)):
            self._leave_out(row, first, doubtful=not known)
            return None
        if named and number:
            return name
        numbered = bool(number or number_code) and not is_line(text_of(cells[self.number_at or 0]) or first)
        if len(filled) == 1:
            counted = number.isdigit() and int(number) in (so_far, so_far - self.counted)
            self.counted = so_far
            if numbered and not counted and " " not in first and any(map(str.isdigit, first)):
                return _NOBODY
            self._leave_out(row, first, doubtful=not counted and not is_line(first))
            return None
        if named:
            if not telling and (known or is_line(f"{name.given} {name.family}".strip())):
                self._leave_out(row, first, doubtful=False)
                return None
            return name
        if len(filled) <= 3 and any(is_line(text) for at, text in filled if at != self.number_at):
            self._leave_out(row, first, doubtful=False)
            return None
        if not numbered or " " in number:
            if any(is_line(text) for _, text in filled[:4]):
                self._leave_out(row, first, doubtful=False)
                return None
            if self.title_at is not None and not is_blank(text_of(cells[self.title_at])):
                self.skipped += 1
                self.doubtful.append((row, text_of(cells[self.title_at]), "post_without_person"))
                return None
            if not numbered or not any(map(str.isdigit, number)):
                self._leave_out(row, first, doubtful=True)
                return None
        if odd == "pending" and not number:
            self.skipped += 1
            return None
        return _NOBODY

    def _tells(self, cells: Sequence[Any], filled: int) -> bool:
        """Whether something beside a name and a number says that the row is about somebody; a lone date may be a run date."""
        if any(not is_blank(text_of(cells[at])) for at in self.telling):
            return True
        if self.email_at is not None and "@" in text_of(cells[self.email_at]):
            return True
        return self.start_at is not None and filled > 2 and not is_blank(text_of(cells[self.start_at]))

    def _says_vacant(self, cells: Sequence[Any]) -> bool:
        return any(
            at is not None and is_vacant(text_of(cells[at]))
            for at in (self.number_at, self.title_at, self.status_at)
        )

    def _leave_out(self, row: int, text: str, *, doubtful: bool) -> None:
        self.left_out.append((row, text))
        if doubtful:
            self.doubtful.append((row, text, "line_left_out"))
