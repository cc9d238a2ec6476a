"""The door of the interface: a key as a bearer token (RFC 6750), the scope that an address declares, how far it reaches.

    @blueprint.post("/organisations/<code>/role-lists")
    @allow(keys.ROSTER)
    def send(code: str) -> ResponseReturnValue:
        with db.transaction(read_only=True) as session:
            organisation = guard.organisation(session, code)      # 404 outside the key's organisation

Sessions and cookies open nothing here, so that no page somewhere else can send anything with them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request
from sqlmodel import Session

from lms import db
from lms.errors import Forbidden, GoldenThreadError, NotFound
from lms.rules import access
from lms.rules.access import EVERYTHING, Scope
from lms.rules.keys import OF_ONE_ORGANISATION, Holder
from lms.services import keys, organisations
from lms.tables.organisations import Organisation

View = TypeVar("View", bound=Callable[..., Any])

EVERY = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"]
ANY, PUBLIC = "any", "public"
LONGEST = 200
HOW = "Send a key as a bearer token: Authorization: Bearer gt….…"
MISSING_ORGANISATION = "There is no such organisation, or it is not the one of this key."


class Unauthorized(GoldenThreadError):
    """No key, or none that opens this door."""


def allow(scope: str) -> Callable[[View], View]:
    """Declare the scope that a view asks for."""

    def declare(view: View) -> View:
        view.scope = scope  # type: ignore[attr-defined]
        return view

    return declare


def any_key(view: View) -> View:
    """Declare a view that any key opens."""
    view.scope = ANY  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Declare a view that needs no key."""
    view.scope = PUBLIC  # type: ignore[attr-defined]
    return view


def open_or_refuse() -> None:
    """Find whose key a request presents, and whether it opens this address.

    :raises Unauthorized: when it presents none, or one that is wrong or revoked.
    :raises Forbidden: when the key may not do this.
    """
    wanted = getattr(current_app.view_functions.get(request.endpoint or ""), "scope", None)
    if wanted == PUBLIC:
        return
    g.holder = _holder(request.headers.get("Authorization", ""))
    if wanted != ANY and wanted not in g.holder.scopes:
        raise Forbidden(
            f"This key may not do that; it would need the scope {wanted}."
            if wanted
            else "This address is shut."
        )


def holder() -> Holder:
    """Whose key it is."""
    found: Holder = g.holder
    return found


def scope() -> Scope:
    """How far the key reaches: its own organisation, or everything where it names none and needs none."""
    own = holder().organisation_id
    if own is not None:
        return Scope(organisation_ids=frozenset({own}))
    return Scope() if OF_ONE_ORGANISATION & holder().scopes else EVERYTHING


def organisation(session: Session, code: str) -> Organisation:
    """The organisation with this code, if the key reaches it.

    :raises NotFound: the same for what does not exist as for what lies outside.
    """
    if "\0" in code:
        raise NotFound(MISSING_ORGANISATION)
    try:
        found = organisations.by_code(session, code)
    except NotFound as error:
        raise NotFound(MISSING_ORGANISATION) from error
    access.within(scope(), found.id, MISSING_ORGANISATION)
    return found


def _holder(authorization: str) -> Holder:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized(HOW)
    prefix, dot, secret = token.strip().partition(".")
    if not dot or len(token) > LONGEST or not token.strip().isascii() or not token.strip().isprintable():
        raise Unauthorized("This key is unknown, wrong or revoked.")
    with db.reading() as session:
        found = keys.good(session, prefix, secret)
    if found is None:
        raise Unauthorized("This key is unknown, wrong or revoked.")
    return found
