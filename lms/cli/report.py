"""What a role list would do, or did: as sentences for a terminal, or as one JSON document."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from lms.cli import documents
from lms.rules.people.plan import COUNTED
from lms.rules.roster import Problem
from lms.services.coverage.effect import Effect
from lms.services.people import checking
from lms.services.people.checking import Checked

# Of each kind of warning; a person mends the cause, a script reads them all.
SHOWN = 10


def show(
    checked: Checked,
    change: list[Effect],
    names: Mapping[str, str],
    *,
    as_json: bool,
    applied: bool,
    stopped: bool = False,
) -> None:
    """Print the report; ``names`` are the job roles' by their codes. ``stopped``: by what has to be confirmed."""
    report = checked.report(applied=applied)
    report["coverage"] = [{"module": one.module, "before": one.before, "after": one.after} for one in change]
    if stopped:
        report["errors"] += [checking.shape(one) for one in checked.brakes]
    if as_json:
        documents.show(report)
        return
    people, rows = _count(report["people"], "person", "people"), _count(report["rows"], "row", "rows")
    click.echo(f"{people} in {rows}, {_count(report['skipped'], 'vacant post', 'vacant posts')} skipped.")
    click.echo(f"{counts(report)}.")
    if report["absences_opened"] or report["absences_closed"]:
        away = _count(report["absences_opened"], "post becomes", "posts become")
        back = _count(report["absences_closed"], "is", "are")
        click.echo(f"{away} away, {back} back. The reason is not kept.")
    for title in report["titles"]["unmapped"]:
        code = title["suggestion"]
        maybe = f", perhaps {names.get(code, code)} ({code}, {title['score']:.0f} of 100)" if code else ""
        click.echo(f"Not mapped to a role: {title['title'] or 'no job title'} ({title['count']:,}){maybe}")
    for one in change:
        if one.before != one.after:
            click.echo(f"{one.module}: {_percent(one.before)} before, {_percent(one.after)} after")
    if report["not_read"]:
        click.echo(f"Not read, not kept: {', '.join(report['not_read'])}.")
    if not checked.refused:
        _say("Row left out", checked.errors)
    _say("Warning", (*checked.warnings, *(() if applied or stopped else checked.brakes)))
    click.echo("Applied." if applied else "Nothing was written.")


def counts(report: Mapping[str, Any]) -> str:
    """How many of each kind: 1 joiner, 2 leavers …"""
    return ", ".join(_count(report.get(name) or 0, kind.value, name) for kind, name in COUNTED.items())


def _say(word: str, problems: Iterable[Problem]) -> None:
    """A few of each kind: what is wrong with every row would hide what is wrong with the list."""
    by_code: dict[str, list[Problem]] = {}
    for problem in problems:
        by_code.setdefault(problem.code, []).append(problem)
    for alike in by_code.values():
        for problem in alike[:SHOWN]:
            click.echo(f"{word}: {problem}", err=True)
        if len(alike) > SHOWN:
            click.echo(f"  … and {len(alike) - SHOWN:,} more of these; --json prints them all.", err=True)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1f}%"
