"""``lms coverage``: the figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from lms import clock, db
from lms.cli import documents
from lms.cli.days import DAY
from lms.errors import Invalid
from lms.rules.coverage import Counts
from lms.rules.dates import day_in_london
from lms.services import coverage, organisations
from lms.services.coverage import By, Figures, OrganisationFigures, files, history
from lms.services.coverage.history import Published, Restatement

COUNTS = ("in_scope", "exempt", "trained", "due_soon", "not_yet_due", "not_done", "out_of_date", "unmapped")


@click.command("coverage", epilog="Example: lms coverage --organisation QUA-NHS --by role --as-at 2026-06-30")
@click.option(
    "--organisation",
    "code",
    help="One organisation's code; without it the partnership and every organisation.",
)
@click.option(
    "--by", type=click.Choice([one.value for one in By]), default=By.MODULE.value, show_default=True
)
@click.option("--as-at", type=DAY, help="The date, as 2026-06-30; today without it.")
@click.option(
    "--released", is_flag=True, help="With disclosure control, for figures that leave an organisation."
)
@click.option(
    "--published",
    is_flag=True,
    help="As published on that day; without it as now known, late records included.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def command(
    code: str | None,
    by: str,
    as_at: datetime | None,
    released: bool,
    published: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Print coverage: how many people stand where on each module, with every denominator."""
    if released:
        raise Invalid(
            "Released figures need disclosure control and its audit, which this version does not have yet. "
            "Leave out --released; the figures then hold small numbers and are for the organisation itself."
        )
    if code is not None and By(by).of_partnership_only:
        raise click.UsageError(
            f"One organisation lies in one {by}. Leave out --organisation, or choose another --by."
        )
    if as_json and as_csv:
        raise click.UsageError("Choose --json or --csv, not both.")
    if published and By(by) is not By.MODULE:
        raise click.UsageError("Only the figures by module are published. Leave out --by, or --published.")
    on = as_at.date() if as_at else clock.today()
    with db.transaction(read_only=True) as session:
        ids = frozenset({organisations.by_code(session, code).id}) if code is not None else None
        figures = coverage.figures(session, on, organisation_ids=ids, partnership=code is None, by=By(by))
        then = history.published(session, on, organisation_ids=ids, partnership=code is None)
    if published and then is None:
        raise Invalid(
            f"Nothing was published for {on.isoformat()}. Each day is published in the night after it; leave out "
            "--published for the figures as now known."
        )
    restated = history.restated(then.figures, figures) if then and By(by) is By.MODULE else ()
    if published and then:
        figures = then.figures
    if as_json:
        documents.show(coverage.as_json(figures))
    elif as_csv:
        click.echo(files.modules(figures), nl=False)
    else:
        click.echo(table(figures))
        if then and By(by) is By.MODULE:
            click.echo("\n".join(["", *_restated(then, restated)]))


def _restated(then: Published, restated: Sequence[Restatement]) -> list[str]:
    """What is not as it was published."""
    when = day_in_london(then.taken_at).isoformat()
    if not restated:
        return [f"Published on {when}; nothing has been restated since."]

    def told(counts: Counts | None) -> list[str]:
        if counts is None:
            return ["–", "nothing required"]
        return [percent(counts.coverage), f"{counts.trained} of {counts.in_scope - counts.exempt}"]

    rows = [
        [one.organisation or "Partnership", one.module, *told(one.published), *told(one.now)]
        for one in restated
    ]
    header = ["organisation", "module", "as published", "trained", "as now known", "trained"]
    return [f"Published on {when}. Restated since:", *aligned(header, rows)]


def table(figures: Figures) -> str:
    """The figures for a terminal."""
    lines = [
        f"Coverage as at {figures.as_at.isoformat()}, {'as published' if figures.published else 'recomputed'}; due soon within {figures.due_soon_days} days; "
        f"map version {figures.map_version or 'none'}.",
        "",
    ]
    rows = [
        [row.organisation or "Partnership", row.key if row.key == row.module else f"{row.key} · {row.module}"]
        + [str(_count(row, name)) for name in COUNTS]
        + [percent(row.counts.coverage), percent(row.counts.of_those_due)]
        for row in figures.rows
    ]
    lines += aligned(
        [
            "organisation",
            figures.rows[0].by.value if figures.rows else "module",
            *COUNTS,
            "coverage",
            "of those due",
        ],
        rows,
    )
    lines += [
        "",
        "Staff trained: people who hold everything required of them ÷ people of whom anything is required.",
    ]
    staff = [[one.organisation, *_staff(one)] for one in figures.organisations]
    lines += aligned(["organisation", "staff trained", "trained", "counted", "people", "role list of"], staff)
    return "\n".join(lines)


def _staff(one: OrganisationFigures) -> list[str]:
    if one.no_data:
        return ["no data", "", "", "", ""]
    counts = [str(one.staff_trained_count), str(one.staff_counted), str(one.people), str(one.role_list_date)]
    return [percent(one.staff_trained), *counts]


def aligned(header: list[str], rows: list[list[str]]) -> list[str]:
    """Columns as wide as their widest cell: the first two to the left, figures to the right."""
    widths = [max(len(row[n]) for row in [header, *rows]) for n in range(len(header))]
    return [
        "  ".join(
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *rows]
    ]


def percent(rate: float | None) -> str:
    """69.7%, or a dash where there is nobody to count."""
    return "–" if rate is None else f"{rate:.1f}%"


def _count(row: Any, name: str) -> int:
    return row.unmapped if name == "unmapped" else getattr(row.counts, name)
