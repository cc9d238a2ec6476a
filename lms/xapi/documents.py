"""State and profile documents (1.0.3 Communication 2.2, 2.3, 2.6, 2.7; 9274.1.1 4.1.6.2, 4.1.6.5, 4.1.6.6)."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug import Response

from lms import bodies, clock, db
from lms.errors import NotFound
from lms.rules import keys
from lms.rules.keys import Holder
from lms.rules.statements import documents as rules
from lms.rules.statements import identifiers, queries
from lms.rules.statements.documents import Address, Precondition
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from lms.services.statements import documents
from lms.xapi import answers
from lms.xapi.asked import Asked
from lms.xapi.guard import require

METHODS = ("GET", "PUT", "POST", "DELETE")
Answer = Callable[[Asked, Version, Holder], Response]


@dataclass(frozen=True)
class Kind:
    """One of the three resources: what its documents are of, what their name is called, what a key needs."""

    name: str
    of: tuple[str, ...]
    called: str
    scope: str


STATE = Kind(rules.STATE, ("activityId", "agent"), "stateId", keys.STATE)
ACTIVITY_PROFILE = Kind(rules.ACTIVITY_PROFILE, ("activityId",), "profileId", keys.PROFILE)
AGENT_PROFILE = Kind(rules.AGENT_PROFILE, ("agent",), "profileId", keys.PROFILE)


def answer(kind: Kind) -> Answer:
    """The answer of one of the resources."""

    def of_kind(asked: Asked, version: Version, holder: Holder) -> Response:
        if asked.method == "GET":
            require(holder, kind.scope, keys.ALL_READ)
        else:
            require(holder, kind.scope)
        several = kind.called not in asked.parameters
        address = _address(kind, asked, several=several)
        if several:
            return _several(kind, asked, version, address)
        return _single(kind, asked, version, address)

    return of_kind


def _single(kind: Kind, asked: Asked, version: Version, address: Address) -> Response:
    if asked.method == "GET":
        with db.reading() as session:
            held = documents.one(session, address)
        if held is None:
            raise NotFound("There is no such document.")
        made = Response(held.content, content_type=held.content_type)
        made.headers["ETag"] = f'"{held.etag}"'
        return answers.last_modified(made, held.updated_at)
    asked_for = _precondition(kind, asked, version)
    if asked.method == "DELETE":
        with db.transaction() as session:
            documents.remove(session, address, asked_for)
        return answers.nothing()
    content, content_type = _content(asked)
    store = documents.put if asked.method == "PUT" else documents.post
    with db.transaction() as session:
        store(session, address, content, content_type, asked_for, clock.now())
    return answers.nothing()


def _several(kind: Kind, asked: Asked, version: Version, address: Address) -> Response:
    if asked.method == "GET":
        since = asked.parameters.get("since")
        with db.reading() as session:
            names, last = documents.names(
                session, address, queries.instant(since, "since", version) if since is not None else None
            )
        return answers.last_modified(answers.of_json(names, etag=True), last)
    if asked.method == "DELETE" and kind is STATE:
        with db.transaction() as session:
            documents.remove_all(session, address)
        return answers.nothing()
    raise Refused(kind.called, "is missing; this address needs it as a parameter.")


def _precondition(kind: Kind, asked: Asked, version: Version) -> Precondition:
    """Profiles need a header. State needs none, but in 2.0 nothing is replaced without one (4.1.4)."""
    return Precondition(
        asked.header("If-Match"),
        asked.header("If-None-Match"),
        needed=kind is not STATE,
        guarded=version is Version.TWO,
    )


def _content(asked: Asked) -> tuple[bytes, str]:
    content = asked.body()
    content_type = asked.content_type or "application/octet-stream"
    # A number in JSON may go on, an object, an array or a text may not.
    shows_end = rules.is_json(content_type) and content.lstrip()[:1] in (b"{", b"[", b'"')
    bodies.check(asked.request, "this document", shows_end=shows_end)
    if len(content_type) > 500:
        raise Refused("", "The Content-Type is longer than 500 characters.")
    if rules.is_json(content_type):
        if asked.method == "POST":
            rules.json_object(content)
        else:
            rules.any_json(content)
    return content, content_type


def _address(kind: Kind, asked: Asked, *, several: bool) -> Address:
    allowed = {*kind.of, kind.called}
    if kind is STATE:
        allowed.add("registration")
    if several and asked.method == "GET":
        allowed.add("since")
    asked.allow(frozenset(allowed), needed=kind.of)
    given = asked.parameters
    if "activityId" in given:
        identifiers.iri(given["activityId"], "activityId")
    if "registration" in given:
        identifiers.uuid(given["registration"], "registration")
    return Address(
        kind.name,
        given.get("activityId"),
        queries.agent(given["agent"], group=False) if "agent" in given else None,
        given["registration"].lower() if "registration" in given else None,
        given.get(kind.called, ""),
    )
