"""Signing in, and choosing one's own password."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session, col, select, update

from lms.errors import Invalid, NotFound
from lms.rules import accounts as rules
from lms.rules.access import Grant, Role
from lms.services import audit
from lms.services.audit import Actor
from lms.tables.accounts import AccessGrant, Account

HASHER = PasswordHasher()


@dataclass(frozen=True)
class Holder:
    """Somebody signed in. ``stamp`` changes with the password, which ends every other session of theirs."""

    account_id: int
    email: str
    name: str
    stamp: str
    chooses_password: bool
    grants: tuple[Grant, ...]

    @property
    def actor(self) -> Actor:
        """Who stands in the audit trail."""
        return Actor(self.email, self.account_id)


@dataclass(frozen=True)
class Attempt:
    """What a try at a password came to; ``settle`` writes it down."""

    account_id: int | None
    right: bool = False
    better_hash: str | None = None


def holder(session: Session, account_id: int) -> Holder | None:
    """The account with its grants; None when it does not exist or is not active."""
    rows = session.exec(
        select(Account, AccessGrant)
        .join(AccessGrant, isouter=True)
        .where(Account.id == account_id, col(Account.active))
        .order_by(col(AccessGrant.id))
    ).all()
    if not rows:
        return None
    account = rows[0][0]
    return Holder(
        account_id=account_id,
        email=account.email,
        name=account.name,
        stamp=sha256((account.password_hash or "").encode()).hexdigest()[:16],
        chooses_password=account.chooses_password,
        # The outer join gives None for an account without grants, whatever its type says.
        grants=tuple(Grant(Role(grant.role), grant.organisation_id) for _, grant in rows if grant),
    )


def try_password(session: Session, email: str, password: str, now: datetime) -> Attempt:
    """Compare a password. Reads only, and takes as long for an address that nobody has.

    Apart from ``settle``, because comparing takes a tenth of a second and SQLite has one writer at a time.
    """
    account = _of_address(session, email)
    usable = account is not None and account.active and not rules.is_resting(account.locked_until, now)
    stored = account.password_hash if account and usable and account.password_hash else _nobodys_hash()
    right = _verify(stored, password) and usable
    if account is None or not usable:
        return Attempt(None)
    better = HASHER.hash(password) if right and HASHER.check_needs_rehash(stored) else None
    return Attempt(account.id, right, better_hash=better)


def settle(session: Session, attempt: Attempt, now: datetime) -> int | None:
    """Write a try down and give the account that is now signed in; None means that it is not.

    The tenth wrong password in a row gives the account a rest (domain.md 6). The caller says the same sentence
    whatever was wrong.
    """
    if attempt.account_id is None:
        return None
    account = session.get(Account, attempt.account_id, with_for_update=True)
    if account is None or not account.active or rules.is_resting(account.locked_until, now):
        return None
    actor = Actor(account.email, account.id)
    if attempt.right:
        account.failed_attempts, account.locked_until, account.last_seen_at = 0, None, now
        account.password_hash = attempt.better_hash or account.password_hash
        audit.record(session, actor, "account.signed_in", f"account {account.id}", now=now)
        return account.id
    # Counted by the database, so that tries made at the same moment all count.
    session.exec(
        update(Account)
        .where(col(Account.id) == account.id)
        .values(failed_attempts=col(Account.failed_attempts) + 1)
    )
    session.refresh(account)
    if until := rules.rest_after(account.failed_attempts, now):
        account.failed_attempts, account.locked_until = 0, until
        audit.record(session, actor, "account.rests", f"account {account.id}", now=now)
    session.flush()
    return None


def choose_password(session: Session, account_id: int, current: str, chosen: str, now: datetime) -> None:
    """Change one's own password.

    :raises Invalid: with ``problems`` by field, when the current one is wrong or the new one not good enough.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("This account does not exist any more.")
    problems = []
    if not _verify(account.password_hash or _nobodys_hash(), current):
        problems.append(rules.Problem("current", "Your current password is not right."))
    try:
        rules.check_password(chosen, account.email, account.name)
    except Invalid as refusal:
        problems.append(rules.Problem("chosen", refusal.message))
    if not problems and current == chosen:
        problems.append(rules.Problem("chosen", "Choose a password that is different from the current one."))
    if problems:
        raise Invalid("The password was not changed.", problems)
    account.password_hash, account.chooses_password = HASHER.hash(chosen), False
    audit.record(
        session,
        Actor(account.email, account.id),
        "account.password_chosen",
        f"account {account.id}",
        now=now,
    )


def _of_address(session: Session, email: str) -> Account | None:
    try:
        return session.exec(select(Account).where(Account.email == rules.read_email(email))).first()
    except Invalid:
        return None


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")
