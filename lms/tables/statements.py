"""The log of statements, what it is found by, documents, other stores: the record.

``statement``, ``attachment`` and ``statement_decision`` are the truth: triggers refuse to change or remove a row.
``statement_term``, ``statement_ref``, ``statement_void``, ``activity`` and ``reconciliation`` are derived from it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text, UniqueConstraint, Uuid
from sqlmodel import Field, SQLModel

# On SQLite only a plain INTEGER key is the row's own number, which spares a second tree.
NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class Statement(SQLModel, table=True):
    """One statement. ``seq`` is its place in the log and holds the time it was stored (``rules/statements/order``).

    ``payload`` is the text as it came with what the store assigned. ``key_id`` is the key that brought it and
    ``store_id`` the other store; without either it is our own. Neither is a foreign key: checking one for each
    row of a batch would lock the same row of ``api_key`` again and again, and keys are revoked, never removed.
    """

    seq: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    statement_id: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    key_id: int | None = None
    store_id: int | None = None
    payload: str = Field(sa_column=Column(Text, nullable=False))


class StatementTerm(SQLModel, table=True):
    """What a statement is found by (``rules/statements/terms``); no foreign key, for the reason given above."""

    __tablename__ = "statement_term"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))


class StatementRef(SQLModel, table=True):
    """A statement whose object is another one. ``linked``: it is already found by what that one is found by."""

    __tablename__ = "statement_ref"
    __table_args__ = (Index("ix_statement_ref_seq", "seq"),)

    target_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    seq: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    linked: bool = False


class StatementVoid(SQLModel, table=True):
    """A statement that another one voids, whether or not it is here yet."""

    __tablename__ = "statement_void"

    statement_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    seq: int = Field(sa_column=Column(NUMBER, nullable=False))


class Attachment(SQLModel, table=True):
    """The data of an attachment, once, by its SHA-2 in lower case."""

    sha2: str = Field(primary_key=True, max_length=128)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Activity(SQLModel, table=True):
    """What this store takes to be an activity's definition, in JSON, by the term of its IRI."""

    term: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    iri: str = Field(sa_column=Column(Text, nullable=False))
    definition: str = Field(sa_column=Column(Text, nullable=False))


class Document(SQLModel, table=True):
    """A document of state, of an activity or of an agent.

    ``scope`` stands for its kind with the activity and the agent, ``slot`` for that with registration and name.
    """

    __table_args__ = (UniqueConstraint("slot"), Index("ix_document_scope", "scope", "updated_at"))

    id: int | None = Field(default=None, primary_key=True)
    scope: UUID = Field(sa_column=Column(Uuid, nullable=False))
    slot: UUID = Field(sa_column=Column(Uuid, nullable=False))
    kind: str = Field(max_length=16)
    activity: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    agent: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    registration: str | None = Field(default=None, max_length=36)
    name: str = Field(sa_column=Column(Text, nullable=False))
    content_type: str = Field(sa_column=Column(Text, nullable=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    etag: str = Field(max_length=40)
    updated_at: datetime


class RecordStore(SQLModel, table=True):
    """Another record store: where statements are sent, or fetched from.

    ``secret`` is sealed with this system's own key. ``since`` and ``more`` are where fetching goes on.
    """

    __tablename__ = "record_store"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=100)
    address: str = Field(max_length=500)
    username: str = Field(max_length=200)
    secret: str = Field(sa_column=Column(Text, nullable=False))
    forwards: bool = False
    pulls: bool = False
    trusted: bool = False
    since: str | None = Field(default=None, max_length=40)
    more: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    pulled_at: datetime | None = None
    error: str | None = Field(default=None, max_length=500)
    failed_at: datetime | None = None
    created_at: datetime


class Forward(SQLModel, table=True):
    """A statement still to be sent to another store. ``person`` keeps one person's statements in order."""

    __tablename__ = "statement_forward"
    __table_args__ = (Index("ix_statement_forward_person", "store_id", "person", "seq"),)

    store_id: int = Field(foreign_key="record_store.id", primary_key=True)
    seq: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    person: int = Field(sa_column=Column(NUMBER, nullable=False))
    attempts: int = 0
    next_at: datetime | None = None
    error: str | None = Field(default=None, max_length=500)


class Unkept(SQLModel, table=True):
    """A statement of another store that cannot be kept here, once. ``fingerprint`` is the SHA-256 of its text."""

    __tablename__ = "statement_unkept"
    __table_args__ = (UniqueConstraint("store_id", "fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    store_id: int = Field(foreign_key="record_store.id")
    fingerprint: str = Field(max_length=64)
    payload: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    came_at: datetime


class ActorMatch(SQLModel, table=True):
    """A decision that an actor of other systems is a person of ours. ``term`` stands for the identity."""

    __tablename__ = "actor_match"

    term: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    identity: str = Field(sa_column=Column(Text, nullable=False))
    person_id: int = Field(foreign_key="person.id", index=True)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime


class StatementDecision(SQLModel, table=True):
    """What was decided about one statement; the last decision holds.

    ``decision``: matched (the person whose e-mail address the actor had on the day it came), accepted (count it
    although its clock is ahead), set_aside, or reopened, which takes either back.
    """

    __tablename__ = "statement_decision"

    id: int | None = Field(default=None, primary_key=True)
    seq: int = Field(sa_column=Column(NUMBER, nullable=False, index=True))
    decision: str = Field(max_length=16)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime


class Reconciliation(SQLModel, table=True):
    """A statement that would count as a completion if it resolved: the reason, and what it is about.

    ``about`` is the actor, the activity's IRI, the key or store, or the day; ``about_term`` brings equals together.
    """

    __table_args__ = (Index("ix_reconciliation_about", "reason", "about_term"),)

    seq: int = Field(sa_column=Column(NUMBER, primary_key=True, autoincrement=False))
    reason: str = Field(max_length=32)
    about: str = Field(sa_column=Column(Text, nullable=False))
    about_term: int = Field(sa_column=Column(NUMBER, nullable=False))
