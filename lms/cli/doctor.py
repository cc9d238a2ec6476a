"""``lms doctor``: whether everything works, and what to do where it does not."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime

import click
import redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lms import clock, db, mail, queue, schema, settings
from lms.cli import documents
from lms.errors import GoldenThreadError
from lms.services import doctor
from lms.services.doctor import Finding, Grade

SLOW_CLOCK, WRONG_CLOCK = 2.0, 30.0
MARKS = {Grade.GOOD: "ok", Grade.WARNING: "look", Grade.PROBLEM: "WRONG"}


@click.command("doctor", epilog="Example: lms doctor --quick")
@click.option("--quick", is_flag=True, help="Leave out the invariants, which count over everything.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(quick: bool, as_json: bool) -> None:
    """Check configuration, database, queue, mail, clock, what waits, and the invariants.

    Ends with 1 where something is wrong, and says what to do. What is only worth a look leaves it at 0.
    """
    findings = []
    for finding in _findings(quick=quick):
        findings.append(finding)
        if not as_json:
            click.echo(f"{MARKS[finding.grade]:<6} {finding.check:<15} {finding.says}")
            if finding.do:
                click.echo(f"{'':<22} → {finding.do}")
    wrong = any(finding.grade is Grade.PROBLEM for finding in findings)
    if as_json:
        document = {"healthy": not wrong, "findings": [asdict(finding) for finding in findings]}
        documents.show(document)
    sys.exit(1 if wrong else 0)


def _findings(*, quick: bool) -> Iterator[Finding]:
    try:
        chosen = settings.current()
    except GoldenThreadError as error:
        yield Finding("configuration", Grade.PROBLEM, error.message, "Correct the environment and try again.")
        return
    yield from _configuration(chosen)
    ready = True
    for finding in _database():
        ready = ready and finding.grade is Grade.GOOD
        yield finding
    yield _reached("queue", lambda: _queue(chosen))
    yield _reached("mail", lambda: _mail(chosen))
    yield _reached("clock", lambda: _clock(chosen))
    if not ready:
        return
    now, today = clock.now(), clock.today()
    try:
        yield from _records(today, now, chosen, quick=quick)
    except GoldenThreadError as error:
        yield Finding("records", Grade.PROBLEM, error.message, "Try again in a moment.")


def _configuration(chosen: settings.Settings) -> Iterator[Finding]:
    database = chosen.database_url.partition(":")[0]
    way = "a folder on this machine" if chosen.embedded else "Redis"
    yield Finding("configuration", Grade.GOOD, f"Database {database}, queue through {way}.")
    if not chosen.embedded and not chosen.secure:
        yield Finding(
            "configuration",
            Grade.WARNING,
            f"People reach this at {chosen.base_url}, without encryption.",
            "Set LMS_BASE_URL to an address that begins with https.",
        )
    if not chosen.embedded and chosen.mail_url.startswith("file:"):
        yield Finding(
            "configuration",
            Grade.WARNING,
            "Mail is written into files and reaches nobody.",
            "Set LMS_MAIL_URL.",
        )
    if chosen.mail_from.rstrip(">").endswith("@localhost") and not chosen.mail_url.startswith("file:"):
        yield Finding(
            "configuration",
            Grade.PROBLEM,
            "Mail goes out from an address at localhost, which no mail server accepts.",
            "Set LMS_MAIL_FROM.",
        )


def _database() -> Iterator[Finding]:
    try:
        present = schema.present()
    except GoldenThreadError as error:
        do = "Check LMS_DATABASE_URL, and that the database server runs."
        yield Finding("database", Grade.PROBLEM, error.message, do)
        return
    yield Finding("database", Grade.GOOD, "It answers.")
    if present == schema.needed():
        yield Finding("schema", Grade.GOOD, f"Version {present}.")
    else:
        says = "The database is empty." if present is None else f"Version {present}, not {schema.needed()}."
        yield Finding("schema", Grade.PROBLEM, says, "Run: lms init")


def _queue(chosen: settings.Settings) -> Finding:
    waiting = queue.waiting(chosen)
    if waiting > 100:
        do = "See that enough workers run."
        return Finding("queue", Grade.WARNING, f"It answers; {waiting} jobs wait in it.", do)
    return Finding("queue", Grade.GOOD, "It answers." if not waiting else f"It answers; {waiting} waiting.")


def _mail(chosen: settings.Settings) -> Finding:
    with mail.open_post(chosen.mail_url) as post:
        post.check()
    return Finding("mail", Grade.GOOD, "The way out is open.")


def _clock(chosen: settings.Settings) -> Finding:
    """Ours beside those of the database server and of Redis."""
    apart = 0.0
    if db.engine().dialect.name == "postgresql":
        with db.engine().connect() as connection:
            theirs = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
            apart = abs(float(theirs) - clock.now().timestamp())
    if chosen.redis_url:
        with redis.Redis.from_url(chosen.redis_url, socket_connect_timeout=3, socket_timeout=3) as client:
            seconds, microseconds = client.time()
            apart = max(apart, abs(seconds + microseconds / 1e6 - clock.now().timestamp()))
    if apart <= SLOW_CLOCK:
        return Finding("clock", Grade.GOOD, f"Today is {clock.today().isoformat()} in London.")
    grade = Grade.PROBLEM if apart > WRONG_CLOCK else Grade.WARNING
    do = "Set the clocks of all machines by a time server (NTP)."
    return Finding("clock", grade, f"The clocks of the machines are {apart:.0f} seconds apart.", do)


def _records(today: date, now: datetime, chosen: settings.Settings, *, quick: bool) -> Iterator[Finding]:
    with db.transaction(read_only=True) as session:
        yield doctor.heartbeat(session, now, embedded=chosen.embedded)
        yield from doctor.backlog(session, today, now)
        if not quick:
            yield from doctor.invariants(session, today)


def _reached(check: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except GoldenThreadError as error:
        return Finding(check, Grade.PROBLEM, error.message, _what_to_set(check))
    except (redis.RedisError, OperationalError, OSError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        return Finding(check, Grade.PROBLEM, f"It does not answer: {reason}.", _what_to_set(check))


def _what_to_set(check: str) -> str:
    return {
        "queue": "Check LMS_REDIS_URL, and that Redis runs.",
        "mail": "Check LMS_MAIL_URL, and that the mail server runs.",
        "clock": "See what is said about the database and the queue.",
    }[check]
