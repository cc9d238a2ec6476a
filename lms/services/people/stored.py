"""An organisation's people as stored, read for comparing a role list with them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from lms.rules.people.plan import StoredPerson
from lms.rules.people.repeated import StoredRow, person
from lms.rules.roster import KnownOrganisation
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
LIST = "role_list"
AWAY = "away"
# Rows that live for a moment cost the collector nothing; 100,000 at a time cost it more than reading them.
AT_ONCE = 1_000


def known(session: Session, organisation_id: int) -> KnownOrganisation:
    """The numbers that are in use, and which number an e-mail address belongs to where only one does."""
    found = session.execute(
        select(EMPLOYMENT.c.employee_number, EMPLOYMENT.c.email_key).where(
            EMPLOYMENT.c.organisation_id == organisation_id
        )
    )
    numbers: list[str] = []
    of_email: dict[str, str] = {}
    shared: set[str] = set()
    for part in found.partitions(AT_ONCE):
        for number, email in part:
            numbers.append(number)
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

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def people(session: Session, organisation_id: int) -> People:
    """Everybody ever employed there, by employee number, with all their posts."""
    found = session.execute(
        select(EMPLOYMENT.c.employee_number, *COLUMNS)
        .select_from(EMPLOYMENT.outerjoin(POST, POST.c.employment_id == EMPLOYMENT.c.id))
        .where(EMPLOYMENT.c.organisation_id == organisation_id)
    )
    rows: dict[str, tuple[StoredRow, ...]] = {}
    for part in found.partitions(AT_ONCE):
        for row in part:
            number, plain = row[0], row[1:]
            rows[number] = (*rows[number], plain) if number in rows else (plain,)
    return People(rows, _open_absences(session, organisation_id))


def _open_absences(session: Session, organisation_id: int) -> dict[int, tuple[int, date]]:
    rows = session.execute(
        select(EXEMPTION.c.post_id, EXEMPTION.c.id, EXEMPTION.c.from_day)
        .join(POST, POST.c.id == EXEMPTION.c.post_id)
        .where(POST.c.organisation_id == organisation_id)
        .where(EXEMPTION.c.source == LIST)
        .where(EXEMPTION.c.to_day.is_(None))
    )
    return {post: (absence, start) for post, absence, start in rows}
