"""The figures as CSV: RFC 4180, one header row, and on every row what belongs to its figure."""

from typing import Any

from lms.services.coverage import ROW_KEYS, CoverageRow, Figures
from lms.spreadsheets.facts import Cell
from lms.spreadsheets.writing import write_csv

OF_EVERY_FIGURE = ("role_list_date", "as_at", "due_soon_days", "map_version", "published_or_recomputed")
# What leaves an organisation: people in scope less exempt, trained, and coverage (policy.md, Figures that leave).
LEAVING = ("organisation", "by", "key", "module", "in_scope", "trained", "coverage")
STAFF = ("organisation", "name", "people", "unmapped_people", "counted", "trained", "staff_trained")


def modules(figures: Figures, *, leaving: bool = False) -> str:
    """A row for each figure, and one for each organisation without a role list. ``leaving``: without the six counts."""
    chosen = LEAVING if leaving else ROW_KEYS
    rows: list[list[Cell]] = [[*chosen, *OF_EVERY_FIGURE]]
    for row in figures.rows:
        facts = _facts(row, leaving=leaving)
        rows.append([facts[name] for name in chosen] + _of_every(figures, row.role_list_date))
    for one in figures.organisations:
        if one.no_data:
            blank: list[Cell] = [one.organisation, "no data"]
            rows.append(blank + [None] * (len(chosen) - 2) + _of_every(figures, None))
    return write_csv(rows)


def staff(figures: Figures, *, leaving: bool = False) -> str:
    """*Staff trained* of each organisation, with its numerator and denominator. ``leaving``: without exclusions."""
    left_out = {"people", "unmapped_people"} if leaving else set()
    chosen = [name for name in STAFF if name not in left_out]
    rows: list[list[Cell]] = [[*chosen, "no_data", *OF_EVERY_FIGURE]]
    for one in figures.organisations:
        facts: dict[str, Cell] = {
            "organisation": one.organisation,
            "name": one.name,
            "people": one.people,
            "unmapped_people": one.unmapped_people,
            "counted": one.staff_counted,
            "trained": one.staff_trained_count,
            "staff_trained": _rate(one.staff_trained),
        }
        rows.append([facts[name] for name in chosen] + [one.no_data] + _of_every(figures, one.role_list_date))
    return write_csv(rows)


def _facts(row: CoverageRow, *, leaving: bool) -> dict[str, Any]:
    counts = row.counts
    return {
        "organisation": row.organisation,
        "by": row.by.value,
        "key": row.key,
        "module": row.module,
        "in_scope": counts.in_scope - counts.exempt if leaving else counts.in_scope,
        "exempt": counts.exempt,
        "trained": counts.trained,
        "in_date": counts.in_date,
        "due_soon": counts.due_soon,
        "not_yet_due": counts.not_yet_due,
        "not_done": counts.not_done,
        "out_of_date": counts.out_of_date,
        "unmapped": row.unmapped,
        "coverage": _rate(counts.coverage),
        "of_those_due": _rate(counts.of_those_due),
    }


def _rate(per_cent: float | None) -> str | None:
    return None if per_cent is None else f"{per_cent:.1f}"


def _of_every(figures: Figures, role_list_date: Cell) -> list[Cell]:
    history = "published" if figures.published else "recomputed"
    return [role_list_date, figures.as_at, figures.due_soon_days, figures.map_version, history]
