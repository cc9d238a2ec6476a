"""Prior learning: what somebody says to have completed elsewhere, its evidence, and the decision on it."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class PriorLearning(SQLModel, table=True):
    """One claim. ``state``: waiting, accepted, declined, withdrawn.

    ``fact`` is the id of the statement that an acceptance becomes, fixed when the claim is made. ``evidence``
    says what was seen and where it is kept, ``decision`` why it was accepted or not.
    """

    __tablename__ = "prior_learning"

    id: int | None = Field(default=None, primary_key=True)
    employment_id: int = Field(foreign_key="employment.id", index=True)
    module_id: int = Field(foreign_key="module.id", index=True)
    completed_on: date
    minutes: int | None = None
    provider: str = Field(max_length=200)
    evidence: str = Field(max_length=500)
    state: str = Field(max_length=16, index=True)
    fact: str = Field(unique=True, max_length=36)
    submitted_by_id: int | None = Field(default=None, foreign_key="account.id")
    submitted_at: datetime
    decision: str = Field(default="", max_length=500)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime | None = None
