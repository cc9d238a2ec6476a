"""New rows by the hundred thousand, in the caller's transaction: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import JsonDumper
from sqlalchemy import Table, func, insert, select, text
from sqlmodel import Session

from lms.rules.job_roles import title_key
from lms.rules.people.plan import NewPost
from lms.rules.roster.names import name_key
from lms.tables import metadata

PERSON, EMPLOYMENT, POST = (metadata.tables[name] for name in ("person", "employment", "post"))
NAMES = ("given_name", "family_name", "known_as", "email")
KEYS = ("name_key", "email_key")
# More new people than this are counted at once for PostgreSQL's planner, which else learns of them a minute later.
MANY = 2_000
AT_ONCE = 5_000
OF_LIST = (
    "reference",
    "unit",
    "main",
    "bank",
    "manager_number",
    "starts_on",
    "listed_start",
    "ends_on",
)


def people(
    session: Session, organisation_id: int, list_id: int, new: Mapping[str, Mapping[str, Any]]
) -> dict[str, int]:
    """Add persons with one employment each, by employee number. Returns the ids of the employments."""
    persons, employments = _reserve(session, PERSON, len(new)), _reserve(session, EMPLOYMENT, len(new))
    rows(session, PERSON, ("id", "uuid", "role_list_id"), ((id_, str(uuid4()), list_id) for id_ in persons))
    rows(
        session,
        EMPLOYMENT,
        (
            "id",
            "organisation_id",
            "employee_number",
            "person_id",
            "home_person_id",
            "role_list_id",
            *NAMES,
            *KEYS,
        ),
        (
            (
                id_,
                organisation_id,
                number,
                person_id,
                person_id,
                list_id,
                *(values[name] for name in NAMES),
                _name_key(values),
                _email_key(values),
            )
            for id_, person_id, (number, values) in zip(employments, persons, new.items(), strict=True)
        ),
    )
    return dict(zip(new, employments, strict=True))


def posts(
    session: Session,
    organisation_id: int,
    list_id: int,
    new: Sequence[NewPost],
    employment_ids: Mapping[str, int],
    title_ids: Mapping[str, int],
) -> Sequence[int]:
    """Add posts to employments, by employee number; ``title_ids`` by the titles' keys. Returns their ids in order."""
    ids = _reserve(session, POST, len(new))
    titles = {post.values["title"] for post in new}
    found = {title: (title[:300], title_ids[title_key(title)]) for title in titles}
    rows(
        session,
        POST,
        ("id", "employment_id", "organisation_id", "role_list_id", "title", "job_title_id", *OF_LIST),
        (
            (
                id_,
                employment_ids[post.number],
                organisation_id,
                list_id,
                *found[post.values["title"]],
                *(post.values[name] for name in OF_LIST),
            )
            for id_, post in zip(ids, new, strict=True)
        ),
    )
    return ids


def weigh(session: Session, new: int) -> None:
    """Let PostgreSQL look at people and posts again after many were added.

    It planned for the tables as they had been: after the first list was undone, as empty, and then asked for each of
    100,000 people by walking through all of them. Another list that is at it at the moment is not waited for.
    """
    if new > MANY and session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE (SKIP_LOCKED) person, employment, post"))


def rows(session: Session, table: Table, columns: Sequence[str], new: Iterable[Sequence[Any]]) -> None:
    """Add rows to a table; every constraint of the table is kept, and a broken one breaks the transaction."""
    session.flush()
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        given = (dict(zip(columns, row, strict=True)) for row in new)
        # All of them at once would be the most memory that a list takes.
        while some := list(islice(given, AT_ONCE)):
            connection.execute(insert(table), some)
        return
    driver: psycopg.Connection[Any] = connection.connection.dbapi_connection  # type: ignore[assignment]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver.cursor() as cursor:
        cursor.adapters.register_dumper(dict, JsonDumper)
        with cursor.copy(statement) as copy:
            for row in new:
                copy.write_row(row)


def comparable(values: Mapping[str, Any], only: Iterable[str]) -> dict[str, Any]:
    """The forms in which a changed name or address is compared."""
    made: dict[str, Any] = {}
    if {"given_name", "family_name"} & set(only):
        made["name_key"] = _name_key(values)
    if "email" in only:
        made["email_key"] = _email_key(values)
    return made


def _name_key(values: Mapping[str, Any]) -> str:
    return name_key(values["given_name"], values["family_name"])[:420]


def _email_key(values: Mapping[str, Any]) -> str | None:
    return values["email"].casefold() if values["email"] else None


def _reserve(session: Session, table: Table, count: int) -> Sequence[int]:
    """Ids for rows to come, so that rows which refer to each other can be written in one go each."""
    if session.get_bind().dialect.name == "postgresql":
        found = session.execute(
            text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
            {"table": table.name, "count": count},
        )
        return found.scalars().all()
    # The write transaction has the whole database to itself.
    last = session.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return range(last + 1, last + 1 + count)
