"""``lms remind``: what would go, or send it; and switching reminders on and off for an organisation."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import click
from sqlmodel import Session, col, select

from lms import clock, db
from lms.cli import documents
from lms.cli.days import DAY
from lms.services import organisations, reminders
from lms.services.audit import COMMAND_LINE
from lms.services.reminders import Addressee, Draft
from lms.tables.organisations import Organisation
from workers.reminders import send

# A sender that was killed keeps its lock until the database notices.
PATIENCE = 30


@click.command("remind", epilog="Example: lms remind --dry-run --today 2026-06-30 --json")
@click.option("--today", "day", type=DAY, help="The day to do it for, as 2026-06-30; today without it.")
@click.option("--dry-run", is_flag=True, help="Only say what would go; nothing is sent or written.")
@click.option("--organisation", "code", help="With --dry-run: the people of one organisation alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def remind(day: datetime | None, dry_run: bool, code: str | None, as_json: bool) -> None:
    """Send today's reminders, or say what would go.

    The dry run covers every organisation: what goes today, and for those that have not switched reminders on
    what their first day would send, marked as a rehearsal. Switch on with: lms reminders on
    """
    today = day.date() if day else clock.today()
    if code and not dry_run:
        raise click.UsageError("--organisation goes with --dry-run. Sending is for everybody who is due.")
    document = _rehearsal(today, code) if dry_run else _sent(today)
    if as_json:
        documents.show(document)
        return
    _print(document, dry_run=dry_run)


@click.group("reminders")
def group() -> None:
    """Switch an organisation's reminders on or off."""


@group.command("on", epilog="Example: lms reminders on --organisation QUA-NHS --from 2026-07-01")
@click.option("--organisation", "code", required=True, help="The organisation's code.")
@click.option("--from", "day", type=DAY, help="The first day, as 2026-07-01; today without it.")
def on(code: str, day: datetime | None) -> None:
    """Let an organisation's reminders go, from a day on."""
    first = day.date() if day else clock.today()
    with db.transaction() as session:
        organisation = organisations.by_code(session, code)
        reminders.switch_on(session, organisation, COMMAND_LINE, from_day=first, now=clock.now())
    click.echo(f"{code} sends reminders from {first.isoformat()} on. Seen first: lms remind --dry-run.")


@group.command("off", epilog="Example: lms reminders off --organisation QUA-NHS")
@click.option("--organisation", "code", required=True, help="The organisation's code.")
def off(code: str) -> None:
    """Send no more reminders for an organisation."""
    with db.transaction() as session:
        organisation = organisations.by_code(session, code)
        reminders.switch_off(session, organisation, COMMAND_LINE, now=clock.now())
    click.echo(f"{code} sends no reminders.")


def _rehearsal(today: date, code: str | None) -> dict[str, Any]:
    with db.transaction(read_only=True) as session:
        chosen = _chosen(session, code)
        on = {one.id for one in chosen if one.reminders_from and one.reminders_from <= today}
        going = reminders.drafts(session, today, frozenset(one for one in on if one))
        everybody = reminders.drafts(session, today, frozenset(one.id for one in chosen if one.id))
        told = {one.addressee.person_id for one in going}
        rehearsed = [one for one in everybody if one.addressee.person_id not in told]
        codes = _codes(session, going + rehearsed)
        return {
            "today": today.isoformat(),
            "messages": [
                {**_message(one, codes), "rehearsal": one in rehearsed}
                for one in going + rehearsed
                if one.addressee.email
            ],
            "undeliverable": _undeliverable(session, today)
            + [
                {
                    **_message(one, codes),
                    "reason": reminders.NO_ADDRESS,
                }
                for one in going + rehearsed
                if not one.addressee.email
            ],
            "switched_on": [one.code for one in chosen if one.id in on],
            "not_switched_on": [one.code for one in chosen if one.id not in on],
        }


def _sent(today: date) -> dict[str, Any]:
    with db.transaction() as session:
        reminders.plan(session, today, clock.now())
    delivery = send(lambda: today, patience=PATIENCE)
    with db.transaction(read_only=True) as session:
        drafts = [letter.draft for letter in delivery.handed_over]
        codes = _codes(session, drafts)
        chosen = _chosen(session, None)
        on = [one.code for one in chosen if one.reminders_from and one.reminders_from <= today]
        return {
            "today": today.isoformat(),
            "messages": [_message(one, codes) for one in drafts],
            "undeliverable": _undeliverable(session, today),
            "switched_on": on,
            "not_switched_on": [one.code for one in chosen if one.code not in on],
            "waiting_because": delivery.away,
        }


def _chosen(session: Session, code: str | None) -> Sequence[Organisation]:
    if code is not None:
        return [organisations.by_code(session, code)]
    return session.exec(select(Organisation).order_by(col(Organisation.code))).all()


def _codes(session: Session, drafts: Iterable[Draft]) -> dict[int, str]:
    return reminders.module_codes(session, {item.module_id for one in drafts for item in one.items})


def _message(draft: Draft, codes: dict[int, str]) -> dict[str, Any]:
    return {
        "person": draft.addressee.name,
        "employments": _employments(draft.addressee),
        "to": draft.addressee.email,
        "kind": draft.kind.value,
        "items": [
            {
                "module": codes[item.module_id],
                "step": item.step.name,
                "date": item.step.last_day.isoformat(),
            }
            for item in draft.items
        ],
    }


def _undeliverable(session: Session, today: date) -> list[dict[str, Any]]:
    everywhere = frozenset(one.id for one in _chosen(session, None) if one.id)
    people = reminders.addressees(session, today, everywhere)
    return [
        {
            "person": people[one.person_id].name,
            "employments": _employments(people[one.person_id]),
            "to": one.recipient,
            "kind": one.kind.value,
            "modules": list(one.modules),
            "state": one.state.value,
            "reason": one.reason,
            "since": one.since.isoformat(),
        }
        for one in reminders.undelivered(session, today)
    ]


def _employments(addressee: Addressee) -> list[dict[str, str]]:
    return [{"organisation": code, "employee_number": number} for code, number in addressee.employments]


def _print(document: dict[str, Any], *, dry_run: bool) -> None:
    would = "Would go" if dry_run else "Sent"
    for message in document["messages"]:
        items = ", ".join(f"{one['module']} {one['step']} ({one['date']})" for one in message["items"])
        note = "  [rehearsal: not switched on]" if message.get("rehearsal") else ""
        click.echo(f"{message['to']}: {items or 'the digest of the team'}{note}")
    for one in document["undeliverable"]:
        place = ", ".join(f"{at['organisation']} {at['employee_number']}" for at in one["employments"])
        click.echo(f"Not deliverable: {one['person']} ({place}): {one['reason']}")
    count = len(document["messages"])
    click.echo(f"{would}: {count} message{'' if count == 1 else 's'} on {document['today']}.")
    if document.get("waiting_because"):
        click.echo(f"The rest waits: {document['waiting_because']}")
    if document["not_switched_on"]:
        click.echo(f"Not switched on: {', '.join(document['not_switched_on'])} (lms reminders on).")
