"""Accounts as an administrator sees them: a page of them, or one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from lms.errors import NotFound
from lms.rules.access import Grant, Role, Scope
from lms.tables.accounts import AccessGrant, Account

MISSING = "There is no such account."


@dataclass(frozen=True)
class AccountFacts:
    """An account as an administrator sees it."""

    id: int
    email: str
    name: str
    active: bool
    locked_until: datetime | None
    last_seen_at: datetime | None
    grants: tuple[Grant, ...]


def listed(
    session: Session, scope: Scope, *, search: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[AccountFacts], int]:
    """A page of the accounts within the scope by name, and how many there are."""
    wanted = [_visible(scope)]
    if search:
        wanted.append(
            or_(
                func.lower(Account.name).contains(search.lower(), autoescape=True),
                col(Account.email).contains(search.lower(), autoescape=True),
            )
        )
    total = session.exec(select(func.count()).select_from(Account).where(*wanted)).one()
    accounts = session.exec(
        select(Account)
        .where(*wanted)
        .order_by(func.lower(Account.name), col(Account.id))
        .limit(limit)
        .offset(offset)
    ).all()
    grants = _grants_of(session, [account.id for account in accounts if account.id])
    return [_facts(account, grants.get(account.id or 0, ())) for account in accounts], total


def one(session: Session, scope: Scope, account_id: int) -> AccountFacts:
    """One account within the scope.

    :raises NotFound: when there is none within it.
    """
    account = session.exec(select(Account).where(Account.id == account_id, _visible(scope))).first()
    if account is None:
        raise NotFound(MISSING)
    return _facts(account, _grants_of(session, [account_id]).get(account_id, ()))


def reach(session: Session, account_ids: list[int]) -> dict[int, tuple[str, frozenset[int] | None]]:
    """The address of each account, and the organisations in which it has rights; None where it has one in all."""
    rows = session.exec(
        select(Account, AccessGrant).join(AccessGrant, isouter=True).where(col(Account.id).in_(account_ids))
    ).all()
    found: dict[int, tuple[str, frozenset[int] | None]] = {}
    for account, grant in rows:
        _, places = found.get(account.id or 0, ("", frozenset[int]()))
        # The outer join gives None for an account without grants, whatever its type says.
        if grant and places is not None:
            places = None if grant.organisation_id is None else places | {grant.organisation_id}
        found[account.id or 0] = (account.email, places)
    return found


def _visible(scope: Scope) -> ColumnElement[bool]:
    """Whoever has a right within the scope; the partnership's administrator also sees those without any."""
    if scope.everywhere:
        return col(Account.id).is_not(None)
    return col(Account.id).in_(
        select(AccessGrant.account_id).where(col(AccessGrant.organisation_id).in_(scope.organisation_ids))
    )


def _grants_of(session: Session, account_ids: list[int]) -> dict[int, tuple[Grant, ...]]:
    found: dict[int, tuple[Grant, ...]] = {}
    rows = session.exec(
        select(AccessGrant)
        .where(col(AccessGrant.account_id).in_(account_ids))
        .order_by(col(AccessGrant.role), col(AccessGrant.organisation_id))
    )
    for row in rows:
        found[row.account_id] = (
            *found.get(row.account_id, ()),
            Grant(Role(row.role), row.organisation_id),
        )
    return found


def _facts(account: Account, grants: tuple[Grant, ...]) -> AccountFacts:
    assert account.id is not None
    return AccountFacts(
        id=account.id,
        email=account.email,
        name=account.name,
        active=account.active,
        locked_until=account.locked_until,
        last_seen_at=account.last_seen_at,
        grants=grants,
    )
