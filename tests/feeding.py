"""A small world for lists that arrive by themselves: two organisations, HR of one, and lists of so many people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session, col, select

from lms import db, spreadsheets
from lms.rules import roster as reading
from lms.rules.access import Role
from lms.services import feed
from lms.tables.accounts import AccessGrant, Account
from lms.tables.feed import FeedLetter
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Post
from lms.tables.roster import RoleList

NOW = datetime(2026, 7, 10, 3, tzinfo=UTC)
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
BASE = "https://learning.example"
HEADER = "Employee Number,First Name,Last Name,Email Address,Position Title,Start Date,NI Number\n"


@dataclass
class Place:
    """The ids of what was laid out."""

    organisations: dict[str, int]
    hr: int


def found(session: Session) -> Place:
    """Lay out Quarrelby, which has HR, and Farrowdyke, which has none; somebody administers everything."""
    ids = {}
    for code, name in (("QUA", "Quarrelby Trust"), ("FAR", "Farrowdyke Council")):
        ids[code] = _add(session, Organisation(code=code, name=name))
    hr = account(session, "ruth@qua.example", "Ruth Okafor", Role.HR, ids["QUA"])
    account(session, "admin@partnership.example", "Ada Minster", Role.ADMINISTRATOR, None)
    return Place(ids, hr)


def account(
    session: Session, email: str, name: str, role: Role, organisation_id: int | None, *, active: bool = True
) -> int:
    """Somebody who can sign in, with one role."""
    made = _add(session, Account(email=email, name=name, active=active, created_at=NOW))
    _add(session, AccessGrant(account_id=made, role=role.value, organisation_id=organisation_id))
    return made


def content(count: int, *, first: int = 100000, title: str = "Nurse", start: str = "2019-03-01") -> bytes:
    """A list of so many people, with a column that nobody may keep."""
    rows = (
        f"{number},Given{number},Family{number},p{number}@qua.example,{title},{start},QQ123456C\n"
        for number in range(first, first + count)
    )
    return (HEADER + "".join(rows)).encode()


def arrive(
    session: Session,
    organisation_id: int,
    file: bytes,
    as_at: date = JUNE,
    *,
    covers: str | None = "all",
    filename: str = "staff.csv",
) -> RoleList:
    """What an edge does with a list that comes."""
    return feed.arrive(
        session,
        organisation_id,
        reading.read(spreadsheets.read(file, filename).sheets, as_at=as_at),
        digest=sha256(file).hexdigest(),
        filename=filename,
        covers=covers,
        fed_by=feed.FOLDER,
        now=NOW,
    )


def take_all(session: Session, organisation_id: int) -> list[RoleList]:
    """Take everything that has come, in its order."""
    taken = []
    while one := feed.take(session, organisation_id, base_url=BASE, now=NOW):
        taken.append(one)
    return taken


def lists() -> list[RoleList]:
    """All lists, oldest first."""
    with db.transaction(read_only=True) as session:
        return list(session.exec(select(RoleList).order_by(col(RoleList.id))).all())


def letters() -> list[FeedLetter]:
    """Everything that is told, in the order in which it was written."""
    with db.transaction(read_only=True) as session:
        return list(session.exec(select(FeedLetter).order_by(col(FeedLetter.id))).all())


def employed() -> int:
    """How many people are known, with a post each."""
    with db.transaction(read_only=True) as session:
        people, posts = (len(session.exec(select(kind)).all()) for kind in (Employment.id, Post.id))
    assert people == posts
    return people


def outbox(var: Path) -> Sequence[EmailMessage]:
    """The messages in the outbox."""
    return [
        message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[misc]
        for path in sorted((var / "outbox").glob("*.eml"))
    ]


def _add(session: Session, row: object) -> int:
    session.add(row)
    session.flush()
    return row.id  # type: ignore[attr-defined,no-any-return]
