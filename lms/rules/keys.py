"""Keys for machines: what one may be allowed, and how it is presented (1.0.3 Communication 4.2 names those of xAPI)."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from lms.errors import Invalid

WRITE = "xapi/statements/write"
READ_MINE = "xapi/statements/read/mine"
READ = "xapi/statements/read"
STATE = "xapi/state"
PROFILE = "xapi/profile"
ALL_READ = "xapi/all/read"
ALL = "xapi/all"
ROSTER = "roster"

SCOPES: dict[str, str] = {
    WRITE: "write statements",
    READ_MINE: "read the statements that this key wrote",
    READ: "read any statement",
    STATE: "read and write state documents",
    PROFILE: "read and write the documents of activities and agents",
    ALL_READ: "read everything in the record",
    ALL: "everything in the record",
    ROSTER: "send the role lists of its organisation, and read what became of them",
}
# These say nothing without the organisation that the key is of.
OF_ONE_ORGANISATION = frozenset((ROSTER,))
_IMPLIES: dict[str, frozenset[str]] = {
    READ: frozenset((READ_MINE,)),
    ALL_READ: frozenset((READ, READ_MINE)),
    ALL: frozenset((WRITE, READ, READ_MINE, STATE, PROFILE, ALL_READ)),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """A key as a request presents it, once found good: who it is and what it may do."""

    key_id: int
    name: str
    prefix: str
    scopes: frozenset[str]
    trusted: bool
    organisation_id: int | None


def chosen(scopes: Iterable[str], known: Iterable[str] = SCOPES) -> tuple[str, ...]:
    """The scopes asked for, in order and once each.

    :raises Invalid: when there is none, or one that does not exist.
    """
    names = list(known)
    wanted = set(scopes)
    unknown = sorted(wanted - set(names))
    if unknown or not wanted:
        what = f"There is no scope {unknown[0]!r}." if unknown else "A key needs at least one scope."
        raise Invalid(f"{what} Choose from: {', '.join(names)}.")
    return tuple(name for name in names if name in wanted)


def bound(scopes: Iterable[str], organisation: str | None) -> None:
    """Check that a key which acts for an organisation names it.

    :raises Invalid: when it does not.
    """
    alone = sorted(OF_ONE_ORGANISATION.intersection(scopes))
    if alone and not organisation:
        raise Invalid(f"A key with the scope {alone[0]} is of one organisation. Name it by its code.")


def granted(scopes: Iterable[str]) -> frozenset[str]:
    """Everything that scopes allow, with what they include."""
    found = set(scopes)
    for scope in tuple(found):
        found |= _IMPLIES.get(scope, frozenset())
    return frozenset(found)


def token(prefix: str, secret: str) -> str:
    """A key as one word, for whoever takes it as a bearer token (RFC 6750)."""
    return f"{prefix}.{secret}"


def digest(secret: str) -> str:
    """A secret as it is kept. It is random and long, so that one fast hash is enough and each request is cheap."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def fits(secret: str, kept: str) -> bool:
    """Whether a secret is the one that is kept, in the same time whatever the answer."""
    return hmac.compare_digest(digest(secret), kept)
