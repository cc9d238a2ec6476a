"""An organisation's people as stored, read for comparing a role list with them."""

from collections import Counter
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
    shared = {email for email, times in Counter(email for _, email in rows).items() if times > 1}
    return KnownOrganisation(
        numbers=frozenset(number for number, _ in rows),
        number_of_email={email: number for number, email in rows if email and email not in shared},
    )


def people(session: Session, organisation_id: int) -> dict[str, StoredPerson]:
    """Everybody ever employed there, by employee number, with all their posts."""
    # Tuples, as a hundred thousand lists of one post each cost more than reading them.
    posts: dict[int, tuple[StoredPost, ...]] = {}
    absences = _open_absences(session, organisation_id)
    for row in session.execute(
        select(*(POST.c[name] for name in POST_COLUMNS))
        .where(POST.c.organisation_id == organisation_id)
        .order_by(POST.c.id)
    ):
        post = StoredPost(*row[1:], *absences.get(row[1], (None, None)))
        posts[row[0]] = (*posts.get(row[0], ()), post)
    people = {}
    for row in session.execute(
        select(*(EMPLOYMENT.c[name] for name in EMPLOYMENT_COLUMNS)).where(
            EMPLOYMENT.c.organisation_id == organisation_id
        )
    ):
        id_, number, given, family, known_as, email = row
        people[number] = StoredPerson(id_, number, given, family, known_as, email, posts.get(id_, ()))
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
