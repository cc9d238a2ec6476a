"""The map as a matrix: who down the side, modules across, in each cell what is asked and by which rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lms.rules.job_roles import RoleFacts
from lms.rules.training_map.rows import RequirementRow

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EVERYONE = ("everyone", "")
MANAGERS = ("managers", "")


@dataclass(frozen=True, slots=True)
class Cell:
    """What is asked in a cell, in a few letters. ``own``: by a row of exactly this line and place.

    ``via`` names the wider rules that ask something there: everyone, the family, the level, managers, or the
    same at a place above.
    """

    short: str
    own: bool
    via: str = ""


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One line: whom it is about, and a cell for each module (None: nothing is asked)."""

    who: str
    value: str
    title: str
    about: str
    cells: Sequence[Cell | None]


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading: the wider rules, then a role family each."""

    title: str
    lines: Sequence[MatrixLine]


def sections(
    rows: Iterable[RequirementRow],
    roles: Sequence[RoleFacts],
    levels: Sequence[str],
    modules: Sequence[str],
    on: date,
    *,
    places: Sequence[str | None] = (None,),
) -> list[Section]:
    """The matrix on a day. ``places``: the organisation it is drawn for first, those above it, at last None.

    None is the whole partnership; alone, the matrix is that of the partnership.
    """
    asked = _asked(rows, on, set(places))
    columns = {code: number for number, code in enumerate(modules)}
    families = sorted({role.family for role in roles if role.family})

    def line(who: str, value: str, title: str, about: str, wider: Sequence[tuple[str, str]]) -> MatrixLine:
        return MatrixLine(who, value, title, about, _cells(asked, (who, value), wider, columns, places[0]))

    wide = [line(*EVERYONE, "Everyone", "", ()), line(*MANAGERS, "Managers", "", (EVERYONE,))]
    wide += [line("family", one, one, "role family", (EVERYONE,)) for one in families]
    wide += [line("level", one, one, "practice level", (EVERYONE,)) for one in levels]
    found = [Section("Wider than one role", wide)]
    for family in [*families, ""]:
        of_family = [role for role in roles if role.family == family]
        if of_family:
            of_family.sort(key=lambda role: role.name)
            lines = [line("role", one.code, one.name, _about(one), wider_than(one)) for one in of_family]
            found.append(Section(family or "No family", lines))
    return found


def short(row: RequirementRow) -> str:
    """A requirement in a few letters: ``36 m``, ``once``, ``7.5 h / 24 m``."""
    if row.shape == "hours":
        return f"{row.hours:f} h" + (f" / {row.every_months} m" if row.every_months else "")
    if row.shape == "once" or row.every_months is None:
        return "once"
    often = f"{row.every_months} m"
    if row.refresher_module:
        often += f" {row.refresher_module}"
    if row.anchor == "fixed" and row.fixed_day:
        month, day = row.fixed_day.split("-")
        return f"{often}, {int(day)} {MONTHS[int(month) - 1]}"
    return f"{often}, kept" if row.anchor == "keep_anniversary" else often


Asked = Mapping[tuple[str, str], Mapping[str, Sequence[RequirementRow]]]


def _asked(rows: Iterable[RequirementRow], on: date, places: set[str | None]) -> Asked:
    found: dict[tuple[str, str], dict[str, list[RequirementRow]]] = {}
    for row in rows:
        if row.organisation in places and row.covers(on):
            found.setdefault((row.who, row.value), {}).setdefault(row.module, []).append(row)
    return found


def wider_than(role: RoleFacts) -> list[tuple[str, str]]:
    """The rules that ask something of a role besides its own: who, and the value that names it."""
    wider = [EVERYONE]
    if role.manager:
        wider.append(MANAGERS)
    if role.family:
        wider.append(("family", role.family))
    if role.level:
        wider.append(("level", role.level))
    return wider


def _about(role: RoleFacts) -> str:
    return ", ".join(part for part in (role.level, "manager" if role.manager else "") if part)


def _cells(
    asked: Asked,
    line: tuple[str, str],
    wider: Sequence[tuple[str, str]],
    columns: Mapping[str, int],
    place: str | None,
) -> list[Cell | None]:
    texts: dict[str, list[str]] = {}
    via: dict[str, list[str]] = {}
    own: set[str] = set()
    for key in (line, *wider):
        for module, rows in asked.get(key, {}).items():
            for row in rows:
                if key == line and row.organisation == place:
                    own.add(module)
                else:
                    via.setdefault(module, []).append(_name_of(row) if key != line else _place_of(row))
                texts.setdefault(module, []).append(short(row))
    cells: list[Cell | None] = [None] * len(columns)
    for module, said in texts.items():
        if module in columns:
            cells[columns[module]] = Cell(
                " + ".join(dict.fromkeys(said)), module in own, ", ".join(dict.fromkeys(via.get(module, ())))
            )
    return cells


def _name_of(row: RequirementRow) -> str:
    return row.value or row.who


def _place_of(row: RequirementRow) -> str:
    return row.organisation or "the partnership"
