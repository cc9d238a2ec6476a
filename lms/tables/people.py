"""People, their employments, posts, and the days on which they are not counted.

``role_list_id`` is the list that made a row, so that undoing the list finds what to take away.
"""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Person(SQLModel, table=True):
    """One human being. The UUID is the actor's name in the statement log.

    A person found to be the same as another points to that one with ``linked_to_id``; taking the link away
    restores both, because every employment remembers the person it came with.
    """

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    linked_to_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", unique=True)
    role_list_id: int | None = Field(default=None, foreign_key="role_list.id")


class Employment(SQLModel, table=True):
    """A person at an organisation, known there by the employee number.

    ``person_id`` is the person counted, ``home_person_id`` the one this employment came with before any link.
    ``email_key`` and ``name_key`` are the e-mail address and name in the form in which they are compared.
    """

    __table_args__ = (UniqueConstraint("organisation_id", "employee_number"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    employee_number: str = Field(max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    home_person_id: int = Field(foreign_key="person.id", index=True)
    given_name: str = Field(default="", max_length=200)
    family_name: str = Field(default="", max_length=200)
    known_as: str | None = Field(default=None, max_length=200)
    name_key: str = Field(default="", max_length=420, index=True)
    email: str | None = Field(default=None, max_length=254)
    email_key: str | None = Field(default=None, max_length=254, index=True)
    role_list_id: int | None = Field(default=None, foreign_key="role_list.id")


class Post(SQLModel, table=True):
    """One person's job at one organisation, both days inclusive. Another job title is another post.

    ``listed_start`` is the start as the list says it: after a change of title it may be that of an earlier post.
    """

    __table_args__ = (Index("ix_post_organisation_id_starts_on", "organisation_id", "starts_on"),)

    id: int | None = Field(default=None, primary_key=True)
    employment_id: int = Field(foreign_key="employment.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    reference: str | None = Field(default=None, max_length=64)
    title: str = Field(max_length=300)
    job_title_id: int = Field(foreign_key="job_title.id", index=True)
    unit: str | None = Field(default=None, max_length=200)
    main: bool = True
    bank: bool = False
    manager_number: str | None = Field(default=None, max_length=64)
    starts_on: date
    listed_start: date | None = None
    ends_on: date | None = None
    role_list_id: int | None = Field(default=None, foreign_key="role_list.id")


class Exemption(SQLModel, table=True):
    """Why a person is not counted for a while: the class, the days, who decided. No health detail, ever.

    ``post_id`` is set for an absence that a role list's status gave, which is of one post.
    ``source``: role_list, file or person.
    """

    __table_args__ = (UniqueConstraint("employment_id", "post_id", "kind", "from_day", "source"),)

    id: int | None = Field(default=None, primary_key=True)
    employment_id: int = Field(foreign_key="employment.id", index=True)
    post_id: int | None = Field(default=None, foreign_key="post.id", index=True)
    kind: str = Field(max_length=16)
    from_day: date
    to_day: date | None = None
    source: str = Field(max_length=16)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime
    role_list_id: int | None = Field(default=None, foreign_key="role_list.id")


class PersonLink(SQLModel, table=True):
    """A decision that two persons are the same, and its end when taken apart."""

    __tablename__ = "person_link"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    linked_to_id: int = Field(foreign_key="person.id", index=True)
    basis: str = Field(max_length=32)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime
    undone_at: datetime | None = None
    role_list_id: int | None = Field(default=None, foreign_key="role_list.id")
