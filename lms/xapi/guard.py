"""The door of the record: a key, as HTTP Basic (1.0.3 Communication 4.0)."""

import binascii
from base64 import b64decode
from hashlib import sha256
from time import monotonic

from lms import db
from lms.errors import Forbidden, GoldenThreadError
from lms.rules.keys import Holder
from lms.services import keys

# A revoked key opens the door for at most this long, in seconds; a good one costs nothing meanwhile.
KEPT = 5.0
_KEPT_AT_MOST = 10_000
_known: dict[tuple[str, bytes], tuple[Holder, float]] = {}


class Unauthorized(GoldenThreadError):
    """No key, or none that opens this door."""


def holder(authorization: str | None) -> Holder:
    """Whose key a request presents.

    :raises Unauthorized: when it presents none, or one that is wrong or revoked.
    """
    if not authorization:
        raise Unauthorized(
            "Send a key as HTTP Basic authentication: its name as user, its secret as password."
        )
    # The database is part of it: its keys are not another one's.
    mark = (db.url(), sha256(authorization.encode("utf-8", "surrogatepass")).digest())
    found = _known.get(mark)
    if found and found[1] > monotonic():
        return found[0]
    prefix, secret = _basic(authorization)
    with db.reading() as session:
        good = keys.good(session, prefix, secret)
    if good is None:
        _known.pop(mark, None)
        raise Unauthorized("This key is unknown, wrong or revoked.")
    if len(_known) >= _KEPT_AT_MOST:
        _known.clear()
    _known[mark] = (good, monotonic() + KEPT)
    return good


def require(holder: Holder, *scopes: str) -> None:
    """Check that a key has one of these scopes.

    :raises Forbidden: otherwise.
    """
    if not any(scope in holder.scopes for scope in scopes):
        raise Forbidden(f"This key may not do that; it would need the scope {' or '.join(scopes)}.")


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise Unauthorized("Send a key as HTTP Basic authentication; there is no other kind.")
    try:
        user, colon, secret = b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Unauthorized("The Authorization header cannot be read as HTTP Basic authentication.") from None
    if not colon or "\x00" in user or len(user) > 32:
        raise Unauthorized("This key is unknown, wrong or revoked.")
    return user, secret
