"""Rows of cells to facts about people: one row, one post (policy.md, Role lists)."""

from collections.abc import Container, Iterable, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from lms.rules.roster.captions import caption_key, caption_keys
from lms.rules.roster.cells import CLEAR, NOTHING, Cache, text_of
from lms.rules.roster.columns import Layout
from lms.rules.roster.dates import DateColumn
from lms.rules.roster.emails import email_of
from lms.rules.roster.facts import NO_END, BadRow, Field, Problem, RowFact, SheetOfCells, Status
from lms.rules.roster.lines import Lines, is_wordy
from lms.rules.roster.meanings import (
    known_as_of,
    name_of_parts,
    name_part,
    reference_for,
    text_for,
    title_for,
    units_for,
    whole_name,
)
from lms.rules.roster.names import Name, folded, name_key
from lms.rules.roster.numbers import number_of, without_suffix
from lms.rules.roster.problems import is_error, problem
from lms.rules.roster.statuses import is_bank, status_of, yes_or_no
from lms.rules.roster.titles import unpacked_title

NO_FIELDS: frozenset[Field] = frozenset()
_SINGLE = (
    Field.NUMBER,
    Field.REFERENCE,
    Field.GIVEN,
    Field.FAMILY,
    Field.NAME,
    Field.KNOWN_AS,
    Field.TITLE,
    Field.EMAIL,
    Field.START,
    Field.END,
    Field.STATUS,
    Field.CATEGORY,
    Field.MAIN,
    Field.MANAGER,
)
_NAMES = (Field.GIVEN, Field.FAMILY, Field.NAME)
# So much of a row is filled in where it is about somebody: columns at least, and their share.
_WHOLE, _MOSTLY = 3, 0.6
_CLEARABLE = frozenset((Field.EMAIL, Field.END, Field.KNOWN_AS, Field.UNIT, Field.MANAGER))
# (field, cell, code) for everything to be said about a row.
Remarks = list[tuple[Field | None, Any, str]]


def _number_field(layout: Layout) -> Field:
    """Where the employee number comes from: its own column, ESR's assignment number, or the e-mail address."""
    if layout.position(Field.NUMBER) is not None:
        return Field.NUMBER
    reference = caption_key(layout.caption(Field.REFERENCE) or "")
    return Field.REFERENCE if reference.startswith(("assignment", "asg")) else Field.EMAIL


class People:
    """What reading the rows gathers. A class because the rows of a list share its caches and its findings."""

    def __init__(
        self,
        sheet: SheetOfCells,
        layout: Layout,
        captions: Sequence[str],
        as_at: date,
        above: Iterable[str] = (),
        addresses: Container[str] = (),
    ) -> None:
        # E-mail addresses that were read before and need not be looked at again.
        self.addresses = addresses
        self.sheet, self.layout, self.width = sheet, layout, len(captions)
        self.rows: list[RowFact] = []
        self.bad: list[BadRow] = []
        self.repeated = 0
        self.problems: list[Problem] = []
        # Dates that could be read either way, as (place in rows, cell, whether it is the end date).
        self.either: list[tuple[int, Any, bool]] = []
        self.starts = DateColumn(as_at=as_at, from_1904=sheet.dates_from_1904, is_end=False)
        self.ends = DateColumn(as_at=as_at, from_1904=sheet.dates_from_1904, is_end=True)
        self.whole_names = layout.position(Field.NAME) is not None
        self.number_field = _number_field(layout)
        # A blank cell is added at the end of every row, for the fields this list does not have.
        self.pick = itemgetter(*(-1 if (at := layout.position(field)) is None else at for field in _SINGLE))
        self.units = layout.positions(Field.UNIT)
        self.lines = Lines(layout, [caption_key(caption) for caption in captions], above)

    def look_above(self, header: int, rows: Iterable[tuple[int, Sequence[Any]]]) -> None:
        """Says which rows above the captions look like somebody, as in a list that was sorted with its captions in it."""
        at = self.layout.position(self.number_field)
        named = [place for field in _NAMES if (place := self.layout.position(field)) is not None]
        read = {column.position for column in self.layout.columns}
        for row, cells in rows:
            texts = {place: text for place in read if place < len(cells) and (text := text_of(cells[place]))}
            number = number_of(texts.get(-1 if at is None else at, ""))[0]
            name = "".join(texts.get(place, "") for place in named)
            whole = len(texts) >= max(_WHOLE, _MOSTLY * len(read))
            numbered = " " not in number and ("@" in number or any(map(str.isdigit, number)))
            if whole and numbered and any(map(str.isalpha, name)):
                self.say(row, Field.NUMBER, number, "above_captions", header=header)
                self.bad.append(BadRow(row, number, folded(name)))

    def read(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> None:
        """Takes in every row below the header. The loop is long because it runs once for each of 100,000 rows."""
        width, delimited, units_at, whole_names = (
            self.width,
            self.sheet.delimited,
            self.units,
            self.whole_names,
        )
        number_field, facts, pick, addresses = self.number_field, self.rows, self.pick, self.addresses
        pick_units = itemgetter(*units_at) if units_at else None
        captions = self.lines.above | {column.caption for column in self.layout.columns}
        incomplete = any(self.layout.position(field) is None for field in _SINGLE)
        coded = caption_key(self.layout.caption(Field.CATEGORY) or "") == "emplstatus"
        # Elsewhere a bar is a part of the title.
        packed = caption_key(self.layout.caption(Field.TITLE) or "") in ("job", "position")
        managers: Cache = Cache(lambda raw: text_for(Field.MANAGER, raw))
        titles, units, known_as_cells = Cache(title_for), Cache(units_for), Cache(known_as_of)
        flag = not {"active", "isactive", "activestatus"}.isdisjoint(
            caption_keys(self.layout.caption(Field.STATUS) or "")
        )
        parts, statuses = Cache(name_part), Cache(lambda raw: status_of(text_of(raw), flag=flag))
        banks, mains = (
            Cache(lambda raw: is_bank(text_of(raw), coded=coded)),
            Cache(lambda raw: yes_or_no(text_of(raw))),
        )
        starts, ends = Cache(self.starts.read), Cache(self.ends.read)
        for row, cells in rows:
            short = width - len(cells)
            padded = [*cells, *[""] * (short + 1)] if short > 0 else [*cells, ""] if incomplete else cells
            (
                raw_number,
                raw_reference,
                raw_given,
                raw_family,
                raw_name,
                raw_known_as,
                raw_title,
                raw_email,
                raw_start,
                raw_end,
                raw_status,
                raw_bank,
                raw_main,
                raw_manager,
            ) = pick(padded)
            email, email_code = (raw_email, "") if raw_email in addresses else email_of(raw_email)
            if number_field is Field.NUMBER:
                number, number_code = number_of(raw_number)
            elif number_field is Field.EMAIL:
                number, number_code = email or "", ""
            else:
                raw_number = raw_reference
                number, number_code = without_suffix(number_of(raw_reference))
            if whole_names:
                name, name_said, odd = whole_name(raw_name)
            else:
                given, given_said, given_odd = parts[raw_given]
                family, name_said, odd = parts[raw_family]
                if given_said or given_odd or odd or not family or not given:
                    name, name_said, odd = name_of_parts(parts[raw_given], parts[raw_family])
                else:
                    name = Name(given, family)
            if odd or not number or not name.family or number in captions or is_wordy(number):
                judged = self.lines.judged(
                    row, padded, number, number_code, name, odd, len(facts) + len(self.bad)
                )
                if judged is None:
                    continue
                name = judged
            if raw_reference.__class__ is str and raw_reference[:1].isdigit() and raw_reference.isalnum():
                reference, reference_said = raw_reference, NOTHING
            else:
                reference, reference_said = reference_for(raw_reference)
            # ESR's positions differ in their numbers and hardly in their titles.
            title, title_said = titles[
                unpacked_title(raw_title)
                if raw_title.__class__ is str
                and "|" in raw_title
                and (packed or raw_title.lstrip()[:1].isdigit())
                else raw_title
            ]
            unit, unit_said = units[pick_units(padded)] if pick_units else ((), ())
            known_as, known_as_said = known_as_cells[raw_known_as]
            start, end = starts[raw_start], ends[raw_end]
            status, status_code = statuses[raw_status]
            manager, manager_said = managers[raw_manager]
            fact = RowFact(
                row,
                number,
                reference or None,
                name.given,
                name.family,
                known_as or name.known_as,
                title,
                unit,
                email,
                start.day,
                end.day,
                status,
                mains[raw_main],
                banks[raw_bank],
                manager or None,
                NO_END if end.never else NO_FIELDS,
            )
            if (
                number_code
                or email_code
                or status_code
                or name_said
                or title_said
                or reference_said
                or unit_said
                or known_as_said
                or manager_said
                or start.code
                or end.code
                or not number
                or not title
                or not (name.family or name.given)
                or (end.day is not None and start.day is not None and end.day < start.day)
                or (short < 0 and delimited)
            ):
                remarks: Remarks = [
                    (Field.NUMBER, raw_number, number_code or ("" if number else "no_number")),
                    *self._about_name(raw_name, parts[raw_given], raw_given, raw_family, name_said),
                    (self.name_field, "", "" if name.family or name.given else "no_name"),
                    *((Field.REFERENCE, raw_reference, code) for code in reference_said),
                    *((Field.TITLE, raw_title, code) for code in title_said),
                    *((Field.UNIT, padded[units_at[-1]], code) for code in unit_said),
                    *((Field.KNOWN_AS, raw_known_as, code) for code in known_as_said),
                    (Field.EMAIL, raw_email, email_code),
                    (Field.START, raw_start, start.code),
                    (Field.END, raw_end, end.code),
                    # An unknown status may say what somebody is ill with, so no problem holds it.
                    (Field.STATUS, "" if status_code == "status_unknown" else raw_status, status_code),
                    *((Field.MANAGER, raw_manager, code) for code in manager_said),
                ]
                if delimited and short < 0 and any(text_of(cell) for cell in cells[width:]):
                    remarks.append((None, cells[-1], "row_shifted"))
                kept = self._remarked(fact, raw_end, remarks)
                if kept is None:
                    continue
                fact = kept
            if start.order == "either":
                self.either.append((len(facts), raw_start, False))
            if end.order == "either":
                self.either.append((len(facts), raw_end, True))
            facts.append(fact)

    def _about_name(
        self, whole: Any, given: tuple[str, Any, str], raw_given: Any, raw_family: Any, said: Iterable[str]
    ) -> Remarks:
        """What is to be said about a name, at the cell it is about; why somebody is away is not said again."""
        of_given = set(given[1])
        found: Remarks = [
            (Field.NAME, whole, code)
            if self.whole_names
            else (Field.GIVEN, raw_given, code)
            if code in of_given
            else (Field.FAMILY, raw_family, code)
            for code in said
        ]
        return [(field, "" if code == "name_status" else raw, code) for field, raw, code in found]

    @property
    def name_field(self) -> Field:
        """The column in which a missing name is shown."""
        return Field.NAME if self.whole_names else Field.FAMILY

    def _remarked(self, fact: RowFact, raw_end: Any, remarks: Remarks) -> RowFact | None:
        """The row with its remarks written down and its cleared fields noted; None where one of them is an error."""
        wrong = False
        cleared = set(fact.cleared)
        for field, raw, code in remarks:
            if code == "vacant":
                self.lines.skipped += 1
                return None
            if code == CLEAR and field in _CLEARABLE:
                cleared.add(field)
                continue
            if code == CLEAR and field is Field.STATUS:
                fact = fact._replace(status=Status.IN_POST)
                continue
            if not code or (code == "no_number" and self.number_field is Field.EMAIL):
                continue
            words = {"number": fact.number, "email": fact.email}
            wrong |= self.say(fact.row, field, raw, "cannot_clear" if code == CLEAR else code, **words)
        if fact.end is not None and fact.start is not None and fact.end < fact.start:
            wrong |= self.say(
                fact.row, Field.END, raw_end, "end_before_start", start=f"{fact.start:%d/%m/%Y}"
            )
        if wrong:
            self.bad.append(BadRow(fact.row, fact.number or None, name_key(fact.given, fact.family)))
            return None
        if not fact.title and self.layout.position(Field.TITLE) is not None:
            self.say(fact.row, Field.TITLE, "", "no_title")
        return fact._replace(cleared=frozenset(cleared)) if cleared else fact

    def say(self, row: int | None, field: Field | None, raw: Any, code: str, /, **words: Any) -> bool:
        """Writes a problem down; returns whether it is an error."""
        if field is Field.NUMBER:
            field = self.number_field
        caption = self.layout.caption(field) if field else None
        self.problems.append(problem(code, self.sheet.name, row, caption, raw, **words))
        return is_error(code)
