"""What HR is told about role lists that arrived by themselves."""

from datetime import datetime

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class FeedLetter(SQLModel, table=True):
    """One message to one account about one list. The unique key is what keeps it from going out twice.

    ``outcome`` is what became of the list: applied, stopped or refused. A list that was refused and comes again may
    be applied then, which is told as well. ``state``: queued → at_the_door (it may be gone from here on) →
    handed_over, or failed (``error`` says why), or in_doubt (nobody can say whether it arrived, so it is never sent
    again). ``uuid`` is its Message-ID. There is nothing about a person in ``subject`` and ``body``.
    """

    __tablename__ = "feed_letter"
    __table_args__ = (UniqueConstraint("role_list_id", "account_id", "outcome"),)

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    role_list_id: int = Field(foreign_key="role_list.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    outcome: str = Field(max_length=16)
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=400)
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(max_length=16, index=True)
    error: str | None = Field(default=None, max_length=500)
    created_at: datetime
    changed_at: datetime
