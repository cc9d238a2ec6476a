"""Accounts: signing in, one's own password, and the accounts of others.

attempt = accounts.try_password(session, email, password, now)      in a read-only transaction
account_id = accounts.settle(session, attempt, now)                 in one that writes
"""

from lms.services.accounts.administration import (
    create,
    first_administrator,
    give,
    has_administrator,
    renew_password,
    set_active,
    withdraw,
)
from lms.services.accounts.listing import AccountFacts, listed, one, reach
from lms.services.accounts.signing_in import Attempt, Holder, choose_password, holder, settle, try_password

__all__ = [
    "AccountFacts",
    "Attempt",
    "Holder",
    "choose_password",
    "create",
    "first_administrator",
    "give",
    "has_administrator",
    "holder",
    "listed",
    "one",
    "reach",
    "renew_password",
    "set_active",
    "settle",
    "try_password",
    "withdraw",
]
