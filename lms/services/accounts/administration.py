"""Accounts of others: made, given rights, rested and woken, by an administrator within a scope."""

import secrets
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from lms.errors import Conflict, Forbidden, Invalid
from lms.rules import accounts as rules
from lms.rules.access import Grant, Role, Scope
from lms.services import audit
from lms.services.accounts.listing import one
from lms.services.accounts.signing_in import HASHER
from lms.services.audit import Actor
from lms.tables.accounts import AccessGrant, Account

# Without 0 and O, 1 and l, so that it can be read out over the telephone.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def create(
    session: Session,
    scope: Scope,
    actor: Actor,
    *,
    email: str,
    name: str,
    grants: tuple[Grant, ...],
    now: datetime,
    password: str | None = None,
) -> tuple[int, str]:
    """Make an account and give its id and first password.

    A password that is made here is replaced by the holder at the first sign-in; one that is handed in is not.

    :raises Invalid: with ``problems`` by field.
    :raises Conflict: when the address has an account.
    """
    _check_grants(scope, grants)
    email, name = _read(email, name, password)
    first = password or _first_password()
    account = Account(
        email=email,
        name=name,
        password_hash=HASHER.hash(first),
        chooses_password=password is None,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(account)
            session.flush()
    except IntegrityError as error:
        raise Conflict(f"{email} has an account already.") from error
    assert account.id is not None
    for grant in grants:
        session.add(
            AccessGrant(account_id=account.id, role=grant.role, organisation_id=grant.organisation_id)
        )
    audit.record(
        session, actor, "account.created", f"account {account.id}", now=now, grants=_in_words(grants)
    )
    return account.id, first


def first_administrator(
    session: Session, actor: Actor, *, email: str, name: str, now: datetime, password: str | None = None
) -> tuple[int, str]:
    """Make the account from which all others come.

    :raises Conflict: when there is one already.
    """
    if has_administrator(session):
        raise Conflict("There is an administrator already.")
    return create(
        session,
        Scope(everywhere=True),
        actor,
        email=email,
        name=name,
        grants=(Grant(Role.ADMINISTRATOR),),
        now=now,
        password=password,
    )


def has_administrator(session: Session) -> bool:
    """Whether somebody active administers the whole partnership."""
    return (
        session.exec(
            select(Account.id)
            .join(AccessGrant)
            .where(
                col(Account.active),
                AccessGrant.role == Role.ADMINISTRATOR,
                col(AccessGrant.organisation_id).is_(None),
            )
            .limit(1)
        ).first()
        is not None
    )


def set_active(
    session: Session, scope: Scope, actor: Actor, account_id: int, *, active: bool, now: datetime
) -> None:
    """Let somebody sign in, or no longer. It takes effect with their next click.

    :raises Forbidden: for one's own account, or one with rights beyond the scope.
    """
    account = _changeable(session, scope, actor, account_id)
    if account.active != active:
        account.active = active
        verb = "account.activated" if active else "account.deactivated"
        audit.record(session, actor, verb, f"account {account_id}", now=now)


def renew_password(session: Session, scope: Scope, actor: Actor, account_id: int, *, now: datetime) -> str:
    """Give somebody a new first password, end their sessions and their rest."""
    account = _changeable(session, scope, actor, account_id)
    first = _first_password()
    account.password_hash, account.chooses_password = HASHER.hash(first), True
    account.failed_attempts, account.locked_until = 0, None
    audit.record(session, actor, "account.password_renewed", f"account {account_id}", now=now)
    return first


def give(
    session: Session, scope: Scope, actor: Actor, account_id: int, grant: Grant, *, now: datetime
) -> None:
    """Give an account a right; one that it has already stays as it is."""
    _check_grants(scope, (grant,))
    facts = one(session, scope, account_id)
    if grant not in facts.grants:
        session.add(
            AccessGrant(account_id=account_id, role=grant.role, organisation_id=grant.organisation_id)
        )
        audit.record(
            session, actor, "account.given", f"account {account_id}", now=now, grants=_in_words((grant,))
        )


def withdraw(
    session: Session, scope: Scope, actor: Actor, account_id: int, grant: Grant, *, now: datetime
) -> None:
    """Take a right away again.

    :raises Forbidden: for one's own account, so that an administrator remains, or beyond the scope.
    """
    one(session, scope, account_id)
    _check_grants(scope, (grant,))
    _not_oneself(actor, account_id)
    taken = session.exec(
        delete(AccessGrant).where(
            col(AccessGrant.account_id) == account_id,
            col(AccessGrant.role) == grant.role,
            col(AccessGrant.organisation_id).is_(None)
            if grant.organisation_id is None
            else col(AccessGrant.organisation_id) == grant.organisation_id,
        )
    )
    if taken.rowcount:
        audit.record(
            session, actor, "account.withdrawn", f"account {account_id}", now=now, grants=_in_words((grant,))
        )


def _read(email: str, name: str, password: str | None) -> tuple[str, str]:
    problems = []
    try:
        email = rules.read_email(email)
    except Invalid as refusal:
        problems.append(rules.Problem("email", refusal.message))
    try:
        name = rules.read_name(name)
    except Invalid as refusal:
        problems.append(rules.Problem("name", refusal.message))
    if password is not None:
        try:
            rules.check_password(password, email, name)
        except Invalid as refusal:
            problems.append(rules.Problem("password", refusal.message))
    if problems:
        raise Invalid("The account was not made.", problems)
    return email, name


def _check_grants(scope: Scope, grants: tuple[Grant, ...]) -> None:
    if not all(scope.covers(grant.organisation_id) for grant in grants):
        raise Forbidden("You can give and take rights within your own organisation only.")


def _changeable(session: Session, scope: Scope, actor: Actor, account_id: int) -> Account:
    facts = one(session, scope, account_id)
    _not_oneself(actor, account_id)
    if not all(scope.covers(grant.organisation_id) for grant in facts.grants):
        raise Forbidden(
            "This account also has rights outside your organisation. Ask the partnership's administrator."
        )
    account = session.get(Account, account_id)
    assert account is not None
    return account


def _not_oneself(actor: Actor, account_id: int) -> None:
    if actor.account_id == account_id:
        raise Forbidden("This is your own account. Ask another administrator to change it.")


def _in_words(grants: tuple[Grant, ...]) -> list[str]:
    return [f"{grant.role} in {grant.organisation_id or 'the partnership'}" for grant in grants]


def _first_password() -> str:
    """Twelve letters and figures in groups of four: 59 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
