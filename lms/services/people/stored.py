"""An organisation's people as stored, read for comparing a role list with them."""

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from lms.rules.people.plan import StoredPerson, StoredPost
from lms.rules.roster import KnownOrganisation
from lms.tables import metadata

EMPLOYMENT, POST, EXEMPTION = (metadata.tables[name] for name in ("employment", "post", "exemption"))
POST_COLUMNS = (
    "employment_id",
    "id",
    "reference",
    "title",
    "unit",
    "main",
    "bank",
    "manager_number",
    "starts_on",
    "listed_start",
    "ends_on",
)
EMPLOYMENT_COLUMNS = ("id", "employee_number", "given_name", "family_name", "known_as", "email")
LIST = "role_list"
AWAY = "away"


def known(session: Session, organisation_id: int) -> KnownOrganisation:
    """The numbers that are in use, and which number an e-mail address belongs to where only one does."""
    rows = session.execute(
        select(EMPLOYMENT.c.employee_number, EMPLOYMENT.c.email_key).where(
            EMPLOYMENT.c.organisation_id == organisation_id
        )
    ).all()
    of_email: dict[str, list[str]] = defaultdict(list)
    for number, email in rows:
        if email:
            of_email[email].append(number)
    return KnownOrganisation(
        numbers=frozenset(number for number, _ in rows),
        number_of_email={email: numbers[0] for email, numbers in of_email.items() if len(numbers) == 1},
    )


def people(session: Session, organisation_id: int) -> dict[str, StoredPerson]:
    """Everybody ever employed there, by employee number, with all their posts."""
    posts: dict[int, list[StoredPost]] = defaultdict(list)
    absences = _open_absences(session, organisation_id)
    for row in session.execute(
        select(*(POST.c[name] for name in POST_COLUMNS))
        .where(POST.c.organisation_id == organisation_id)
        .order_by(POST.c.id)
    ):
        posts[row[0]].append(StoredPost(*row[1:], *absences.get(row[1], (None, None))))
    people = {}
    for row in session.execute(
        select(*(EMPLOYMENT.c[name] for name in EMPLOYMENT_COLUMNS)).where(
            EMPLOYMENT.c.organisation_id == organisation_id
        )
    ):
        id_, number, given, family, known_as, email = row
        people[number] = StoredPerson(id_, number, given, family, known_as, email, tuple(posts.get(id_, ())))
    return people


def _open_absences(session: Session, organisation_id: int) -> dict[int, tuple[int, date]]:
    rows = session.execute(
        select(EXEMPTION.c.post_id, EXEMPTION.c.id, EXEMPTION.c.from_day)
        .join(POST, POST.c.id == EXEMPTION.c.post_id)
        .where(POST.c.organisation_id == organisation_id)
        .where(EXEMPTION.c.source == LIST)
        .where(EXEMPTION.c.to_day.is_(None))
    )
    return {post: (absence, start) for post, absence, start in rows}
