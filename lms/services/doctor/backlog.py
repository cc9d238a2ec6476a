"""What waits, and for how long: role lists, attendances, reminders, other stores, things for people to decide."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from lms.rules.statements import order
from lms.services import roster
from lms.services.completions import attendance
from lms.services.doctor.facts import Finding, Grade
from lms.services.feed import telling
from lms.services.reminders import undelivered, waiting_since
from lms.tables.audit import AuditEvent
from lms.tables.coverage import CoverageSnapshot
from lms.tables.statements import Forward, Reconciliation

PATIENCE = timedelta(minutes=30)
MAIL_PATIENCE = timedelta(days=1)
FORWARD_PATIENCE = timedelta(hours=6)
MONTH = timedelta(days=30)
AHEAD = timedelta(minutes=2)


def backlog(session: Session, today: date, now: datetime) -> Iterator[Finding]:
    """Everything that waits longer than it ought to."""
    lost = roster.waiting(session, now - PATIENCE)
    yield _queue("role lists", len(lost), "role list", "has been waiting for a worker for half an hour")
    unsaid = attendance.outstanding(session, now - PATIENCE)
    yield _queue("registers", len(unsaid), "register", "is not in the record after half an hour")
    yield _mail(session, now)
    yield _told(session, now)
    yield _forwards(session, now)
    failed = undelivered(session, today)
    yield _to_decide(
        "undelivered", len(failed), "reminder", "did not reach anybody", "See them: lms remind --dry-run"
    )
    open_ = session.exec(select(func.count()).select_from(Reconciliation)).one()
    yield _to_decide(
        "reconciliation", open_, "statement", "resolves to nobody yet", "See: lms statements reconcile"
    )
    yield _published(session, today)
    yield _ahead(session, now)


def _queue(check: str, count: int, noun: str, says: str) -> Finding:
    if not count:
        return Finding(check, Grade.GOOD, "Nothing waits.")
    says = says if count == 1 else says.replace("has been", "have been").replace("is not", "are not")
    do = "See that a worker runs; it takes them up by itself."
    return Finding(check, Grade.PROBLEM, f"{_number(count, noun)} {says}.", do)


def _to_decide(check: str, count: int, noun: str, says: str, do: str) -> Finding:
    if not count:
        return Finding(check, Grade.GOOD, "Nothing to look at.")
    says = says if count == 1 else says.replace("resolves", "resolve")
    return Finding(check, Grade.WARNING, f"{_number(count, noun)} {says}.", do)


def _mail(session: Session, now: datetime) -> Finding:
    oldest = waiting_since(session)
    if oldest is None or now - oldest <= MAIL_PATIENCE:
        return Finding("reminders", Grade.GOOD, "No message waits for long.")
    days = (now - oldest).days
    return Finding(
        "reminders",
        Grade.PROBLEM,
        f"A message has been waiting to be sent for {_number(days, 'day')}.",
        "See that a worker runs and that the mail server takes messages.",
    )


def _told(session: Session, now: datetime) -> Finding:
    """What HR is told about the lists that arrive by themselves."""
    oldest, failed = telling.waiting_since(session), telling.undelivered(session, now - MONTH)
    if oldest is not None and now - oldest > MAIL_PATIENCE:
        return Finding(
            "lists told",
            Grade.PROBLEM,
            "What became of a role list has been waiting to be told for more than a day.",
            "See that a worker runs and that the mail server takes messages.",
        )
    if failed:
        says = f"{_number(failed, 'message')} about role lists of the last month did not reach HR, or perhaps not."
        return Finding("lists told", Grade.WARNING, says, "Check the addresses of the accounts.")
    return Finding("lists told", Grade.GOOD, "HR has been told of every list that arrived.")


def _forwards(session: Session, now: datetime) -> Finding:
    oldest, attempts = session.exec(select(func.min(Forward.seq), func.max(Forward.attempts))).one()
    if oldest is None or now - order.stored_at(oldest) <= FORWARD_PATIENCE:
        return Finding("other stores", Grade.GOOD, "Statements for other stores do not wait for long.")
    error = session.exec(select(Forward.error).where(col(Forward.error).is_not(None)).limit(1)).first()
    hours = int((now - order.stored_at(oldest)).total_seconds() // 3600)
    return Finding(
        "other stores",
        Grade.PROBLEM,
        f"A statement for another store has been waiting for {hours} hours, after {attempts} tries.",
        f"It said: {error}" if error else "See that a worker runs.",
    )


def _published(session: Session, today: date) -> Finding:
    last = session.exec(select(func.max(CoverageSnapshot.as_at))).one()
    if last is None:
        return Finding("published", Grade.GOOD, "No coverage has been published yet.")
    if (today - last).days <= 2:
        return Finding("published", Grade.GOOD, f"Coverage is published up to {last.isoformat()}.")
    return Finding(
        "published",
        Grade.WARNING,
        f"Coverage was last published for {last.isoformat()}.",
        "See that worker and timetable run; the days in between are made up for.",
    )


def _ahead(session: Session, now: datetime) -> Finding:
    """What is stored must lie in the past: a clock that was wrong once leaves its mark."""
    last = session.exec(select(func.max(AuditEvent.at))).one()
    if last is None or last <= now + AHEAD:
        return Finding("trail", Grade.GOOD, "Nothing is dated in the future.")
    return Finding(
        "trail",
        Grade.PROBLEM,
        f"Something was recorded for {last:%d.%m.%Y %H:%M} UTC, which is still to come.",
        "The clock is or was wrong. Set it by a time server (NTP).",
    )


def _number(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
