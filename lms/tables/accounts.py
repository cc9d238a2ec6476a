"""Accounts that sign in, what they are granted, and keys for machines."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """Somebody who can sign in. The e-mail address is stored in lower case.

    ``chooses_password``: the password came from an administrator, and another is chosen at the next sign-in.
    """

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=200)
    password_hash: str | None = Field(default=None, max_length=200)
    chooses_password: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    active: bool = True
    failed_attempts: int = 0
    locked_until: datetime | None = None
    created_at: datetime
    last_seen_at: datetime | None = None


class AccessGrant(SQLModel, table=True):
    """A role of ``rules/access.py`` for an account, in one organisation or (blank) the whole partnership."""

    __tablename__ = "access_grant"
    __table_args__ = (UniqueConstraint("account_id", "role", "organisation_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    role: str = Field(max_length=32)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)


class Key(SQLModel, table=True):
    """A machine's credential: shown once, kept as a hash. ``scopes`` are separated by blanks."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    prefix: str = Field(unique=True, max_length=32)
    secret_hash: str = Field(max_length=64)
    scopes: str = Field(max_length=500)
    trusted: bool = False
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    created_by_id: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime
    revoked_at: datetime | None = None
