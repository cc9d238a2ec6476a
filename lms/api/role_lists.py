"""A role list sent by another system, and what became of it: ``/api/v1/organisations/CODE/role-lists``."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import IO

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from werkzeug.exceptions import BadRequest

from lms import clock, db, queue, settings, uploads
from lms.api import guard
from lms.api.blueprint import blueprint
from lms.api.guard import allow
from lms.api.problems import TooMany
from lms.errors import Invalid, NotFound, Unavailable
from lms.queue import Job
from lms.rules import feed as rules
from lms.rules import keys
from lms.rules.roster.dates import of_list
from lms.services import feed, roster
from lms.services.feed import Fed
from lms.services.people import stored
from lms.uploads import Received

ASKED = {"as_at", "covers", "filename"}
# So many lists of one organisation may wait at once; a feed sends one a night.
WAITING = 20
# No list has a higher number, and no database a place for one.
LAST = 2**31 - 1


@dataclass(frozen=True)
class Said:
    """What the request says about the list."""

    as_at: date | None
    covers: str | None
    filename: str | None


@blueprint.post("/organisations/<code>/role-lists")
@allow(keys.ROSTER)
def send(code: str) -> ResponseReturnValue:
    """Take a list in, to be checked and applied by a worker. The same list of the same day is taken once."""
    said = _said()
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        id_ = organisation.id or 0
        columns, known = roster.columns_of(session, id_), stored.known(session, id_)
        if feed.waiting(session, id_) >= WAITING:
            raise TooMany(f"{WAITING} lists of this organisation are waiting already. Send this one later.")
    with _file() as (file, given):
        filename = uploads.name_of(said.filename or given) or "list"
        as_at = said.as_at or rules.day_in_name(filename) or clock.today()
        of_list(as_at, clock.today())
        reading = uploads.read(file.path, filename, as_at=as_at, columns=columns, known=known)
        with db.transaction() as session:
            made = feed.arrive(
                session,
                id_,
                reading,
                digest=file.digest,
                filename=filename,
                covers=said.covers,
                fed_by=guard.holder().prefix,
                now=clock.now(),
            )
            found = _one(session, id_, made.id or 0)
    if found.state == roster.ARRIVED:
        # What the queue does not take now, the sweeper asks for again.
        with suppress(Unavailable):
            queue.enqueue(Job.TAKE_ROLE_LISTS, found.role_list_id)
    return _shown(found), 202, {"Location": _address(found)}


@blueprint.get("/organisations/<code>/role-lists/<int:role_list_id>")
@allow(keys.ROSTER)
def result(code: str, role_list_id: int) -> ResponseReturnValue:
    """What became of a list that was sent."""
    if role_list_id > LAST:
        raise NotFound(roster.MISSING)
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        found = _one(session, organisation.id or 0, role_list_id)
    answer = _shown(found)
    answer.add_etag()
    return answer.make_conditional(request)


def _one(session: Session, organisation_id: int, role_list_id: int) -> Fed:
    return feed.one(session, guard.scope(), organisation_id, role_list_id)


def _said() -> Said:
    """The parameters of the address.

    :raises Invalid: for one that is unknown or cannot be read.
    """
    if unknown := sorted(set(request.args) - ASKED):
        raise Invalid(f"There is no parameter {unknown[0][:64]!r}. There are: {', '.join(sorted(ASKED))}.")
    text = request.args.get("as_at")
    try:
        as_at = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("as_at is the date of the list, as 2026-06-30.") from None
    if as_at:
        of_list(as_at, clock.today())
    return Said(as_at, rules.covered(request.args.get("covers")), request.args.get("filename"))


@contextmanager
def _file() -> Iterator[tuple[Received, str]]:
    """The file of the request and the name that it gives: the part ``file`` of a form, or the whole body.

    :raises Invalid: where there is none.
    :raises BadRequest: where it ends too early.
    """
    given = ""
    stream: IO[bytes] = request.stream
    if request.mimetype == "multipart/form-data":
        part = request.files.get("file")
        if part is None:
            raise Invalid("There is no file. Send it as the part “file” of the form, or as the whole body.")
        stream, given = part.stream, part.filename or ""
    try:
        with uploads.received(stream) as file:
            if not file.size:
                if stream is not request.stream:
                    raise Invalid("The file is empty. Export the list again and send the new file.")
                raise Invalid(
                    "There is no file. Send it as the body of the request: curl --data-binary @FILE."
                )
            if stream is request.stream and (request.content_length or file.size) != file.size:
                raise BadRequest
            yield file, given
    except ConnectionError:
        raise BadRequest from None


def _shown(found: Fed) -> Response:
    return jsonify(found.document(settings.current().base_url) | {"result": _address(found)})


def _address(found: Fed) -> str:
    path = url_for("api.result", code=found.organisation, role_list_id=found.role_list_id)
    return f"{settings.current().base_url}{path}"
