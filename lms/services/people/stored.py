"""An organisation's people as stored, read for comparing a role list with them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session

from lms.rules.people import repeated
from lms.rules.people.plan import StoredPerson
from lms.rules.people.repeated import Repeats, StoredRow, person
from lms.rules.roster import Field, KnownOrganisation, RowFact
from lms.services.people import linking
from lms.tables import metadata

EMPLOYMENT, POST, EXEMPTION = (metadata.tables[name] for name in ("employment", "post", "exemption"))
COLUMNS = (
    EMPLOYMENT.c.id,
    POST.c.id,
    POST.c.starts_on,
    *(EMPLOYMENT.c[name] for name in ("given_name", "family_name", "known_as", "email")),
    *(POST.c[name] for name in ("reference", "title", "unit", "main", "bank", "manager_number")),
    POST.c.listed_start,
    POST.c.ends_on,
)
WRITTEN: Mapping[Field, ColumnElement[Any]] = {
    Field.NUMBER: EMPLOYMENT.c.employee_number,
    Field.GIVEN: EMPLOYMENT.c.given_name,
    Field.FAMILY: EMPLOYMENT.c.family_name,
    Field.KNOWN_AS: EMPLOYMENT.c.known_as,
    Field.EMAIL: EMPLOYMENT.c.email,
    Field.REFERENCE: POST.c.reference,
    Field.TITLE: POST.c.title,
    Field.UNIT: POST.c.unit,
    Field.MAIN: case((POST.c.main, "1"), else_="0"),
    Field.CATEGORY: case((POST.c.bank, "1"), else_="0"),
    Field.MANAGER: POST.c.manager_number,
    Field.START: cast(POST.c.listed_start, String),
    Field.END: cast(POST.c.ends_on, String),
}
LIST = "role_list"
AWAY = "away"
# No text of ours has it, as Python takes it for white space.
AFTER = "\x1e"
# Rows that live for a moment cost the collector nothing; 100,000 at a time cost it more than reading them.
AT_ONCE = 1_000


def known(session: Session, organisation_id: int) -> KnownOrganisation:
    """The numbers that are in use, and which number an e-mail address belongs to where only one does."""
    written = select(
        EMPLOYMENT.c.employee_number + repeated.BETWEEN + func.coalesce(EMPLOYMENT.c.email_key, "")
    ).where(EMPLOYMENT.c.organisation_id == organisation_id)
    numbers: set[str] = set()
    of_email: dict[str, str] = {}
    shared: set[str] = set()
    for text in _together(session, written):
        number, _, email = text.rpartition(repeated.BETWEEN)
        numbers.add(number)
        if email and of_email.setdefault(email, number) != number:
            shared.add(email)
    for email in shared:
        del of_email[email]
    return KnownOrganisation(frozenset(numbers), of_email)


class People(Mapping[str, StoredPerson]):
    """Everybody ever employed there, by employee number, with all their posts.

    A class because the facts are made of ``rows`` when they are asked for: most lists change hardly anybody, and
    plain tuples cost a fraction of what the facts do. ``away`` are the absences that a list opened, by post.
    """

    def __init__(self, rows: Mapping[str, Sequence[StoredRow]], away: Mapping[int, tuple[int, date]]) -> None:
        self.rows, self.away = rows, away
        self.made: dict[str, StoredPerson] = {}

    def __getitem__(self, number: str) -> StoredPerson:
        found = self.made.get(number)
        if found is None:
            found = self.made[number] = person(number, self.rows[number], self.away)
        return found

    def __contains__(self, number: object) -> bool:
        return number in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def repeats(session: Session, organisation_id: int, rows: Sequence[RowFact], as_at: date) -> Repeats:
    """Whom the rows of a list repeat letter for letter. One text for each post stored is read, and no facts."""
    texts = _together(session, _texts(session, organisation_id, as_at, repeated.said(rows)))
    return repeated.letter_for_letter(rows, texts)


def people(session: Session, organisation_id: int, only: Collection[str] | None = None) -> People:
    """Everybody ever employed there, or ``only`` these employee numbers, with all their posts."""
    query = (
        select(EMPLOYMENT.c.employee_number, *COLUMNS)
        .select_from(EMPLOYMENT.outerjoin(POST, POST.c.employment_id == EMPLOYMENT.c.id))
        .where(EMPLOYMENT.c.organisation_id == organisation_id)
    )
    if only is not None:
        query = query.where(EMPLOYMENT.c.employee_number.in_(linking.given(session, only, String())))
    rows: dict[str, tuple[StoredRow, ...]] = {}
    for part in session.execute(query).partitions(AT_ONCE):
        for row in part:
            number, plain = row[0], row[1:]
            rows[number] = (*rows[number], plain) if number in rows else (plain,)
    return People(rows, _open_absences(session, organisation_id))


def units(session: Session, organisation_id: int) -> Sequence[str | None]:
    """The units in which anybody ever had a post there."""
    found = session.execute(select(POST.c.unit).where(POST.c.organisation_id == organisation_id).distinct())
    return found.scalars().all()


def _together(session: Session, texts: Select[tuple[str]]) -> Sequence[str]:
    """What a query finds, sent as one value: 100,000 rows cost more on their way than being found."""
    found = texts.subquery()
    every = select(func.aggregate_strings(found.c[0], AFTER), func.count()).select_from(found)
    joined, count = session.execute(every).one()
    parted: list[str] = joined.split(AFTER) if joined else []
    # Where the character stands inside one of them, they are asked for one by one.
    return parted if len(parted) == count else session.execute(texts).scalars().all()


def _texts(
    session: Session, organisation_id: int, as_at: date, said: Collection[Field]
) -> Select[tuple[str]]:
    """Each post as ``rules/people/repeated`` writes it, with nothing in the place of what the list does not say."""
    written = func.format if session.get_bind().dialect.name == "postgresql" else func.printf
    nothing: ColumnElement[str] = literal_column("''")
    absent = select(EXEMPTION.c.post_id).where(
        EXEMPTION.c.source == LIST, EXEMPTION.c.to_day.is_(None), EXEMPTION.c.post_id.is_not(None)
    )
    current = or_(POST.c.ends_on.is_(None), and_(POST.c.ends_on >= as_at, POST.c.ends_on >= POST.c.starts_on))
    mark = case(
        (or_(POST.c.id.is_(None), ~current), repeated.GONE),
        (POST.c.id.in_(absent), repeated.ABSENT),
        else_="",
    )
    return (
        select(
            written(
                repeated.BETWEEN.join(["%s"] * (len(repeated.WRITTEN) + 1)),
                *(WRITTEN[field] if field in said else nothing for field in repeated.WRITTEN),
                mark,
            )
        )
        .select_from(EMPLOYMENT.outerjoin(POST, POST.c.employment_id == EMPLOYMENT.c.id))
        .where(EMPLOYMENT.c.organisation_id == organisation_id)
    )


def _open_absences(session: Session, organisation_id: int) -> dict[int, tuple[int, date]]:
    rows = session.execute(
        select(EXEMPTION.c.post_id, EXEMPTION.c.id, EXEMPTION.c.from_day)
        .join(POST, POST.c.id == EXEMPTION.c.post_id)
        .where(POST.c.organisation_id == organisation_id)
        .where(EXEMPTION.c.source == LIST)
        .where(EXEMPTION.c.to_day.is_(None))
    )
    return {post: (absence, start) for post, absence, start in rows}
