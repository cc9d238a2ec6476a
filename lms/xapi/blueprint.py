"""The addresses under /xapi, and what every answer there has."""

from collections.abc import Callable

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from lms.errors import Conflict, Forbidden, GoldenThreadError, Invalid, NotFound, Unavailable
from lms.rules.keys import Holder
from lms.rules.statements.batches import TooLong
from lms.rules.statements.documents import PreconditionFailed
from lms.rules.statements.versions import Version
from lms.xapi import (
    about,
    activities,
    agents,
    answers,
    asked,
    consistency,
    documents,
    guard,
    origins,
    statements,
)
from lms.xapi.asked import Asked

blueprint = Blueprint("xapi", __name__, url_prefix="/xapi")
Answer = Callable[[Asked, Version, Holder], Response]
EVERY = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]

STATUS: dict[type[GoldenThreadError], int] = {
    TooLong: 413,
    guard.Unauthorized: 401,
    PreconditionFailed: 412,
    Invalid: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}
# The version that each key spoke last: a refusal for want of a version is answered in it. Known keys only.
_spoken: dict[int, Version] = {}


def _resource(address: str, methods: tuple[str, ...], answer: Answer) -> None:
    """An address that needs a key, and a version."""

    def view() -> Response:
        wanted = asked.read()
        holder = guard.holder(wanted.header("Authorization"))
        g.xapi_version = _spoken.get(holder.key_id, Version.TWO)
        version = asked.version(wanted)
        g.xapi_version = _spoken[holder.key_id] = version
        if wanted.method not in methods:
            return _not_allowed(methods)
        return answer(wanted, version, holder)

    name = address.strip("/").replace("/", "_")
    blueprint.add_url_rule(address, name, view, methods=EVERY, provide_automatic_options=False)


def _not_allowed(methods: tuple[str, ...]) -> Response:
    made = answers.refusal(405, f"This address takes {', '.join(methods)} only.")
    made.headers["Allow"] = ", ".join((*methods, "HEAD"))
    return made


@blueprint.route("/about", methods=EVERY, provide_automatic_options=False)
def about_resource() -> Response:
    """About needs neither key nor version."""
    wanted = asked.read()
    return about.answer(wanted) if wanted.method in about.METHODS else _not_allowed(about.METHODS)


@blueprint.route("/", defaults={"rest": ""}, methods=EVERY, provide_automatic_options=False)
@blueprint.route("/<path:rest>", methods=EVERY, provide_automatic_options=False)
def elsewhere(rest: str) -> Response:
    """What is not there."""
    return answers.refusal(404, "There is nothing at this address. The resources of xAPI are under /xapi/.")


_resource("/statements", statements.METHODS, statements.answer)
_resource("/activities/state", documents.METHODS, documents.answer(documents.STATE))
_resource("/activities/profile", documents.METHODS, documents.answer(documents.ACTIVITY_PROFILE))
_resource("/agents/profile", documents.METHODS, documents.answer(documents.AGENT_PROFILE))
_resource("/activities", activities.METHODS, activities.answer)
_resource("/agents", agents.METHODS, agents.answer)


@blueprint.before_request
def ask_first() -> Response | None:
    """Browsers ask before they send."""
    return origins.preflight() if request.method == "OPTIONS" else None


@blueprint.errorhandler(GoldenThreadError)
def refused(error: GoldenThreadError) -> Response:
    """A refusal, with the status that the standard has for it."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    made = answers.refusal(status, error.message)
    if status == 401:
        made.headers["WWW-Authenticate"] = 'Basic realm="Golden Thread xAPI", charset="UTF-8"'
    if status == 503:
        made.headers["Retry-After"] = "5"
    return made


@blueprint.errorhandler(HTTPException)
def unreadable(error: HTTPException) -> Response:
    """A request that Flask itself cannot read: too large, or cut short."""
    words: dict[int | None, str] = {
        400: "The request cannot be read; it seems to have been cut short.",
        413: "The content is too large.",
    }
    return answers.refusal(error.code or 500, words.get(error.code, error.description or "Refused."))


@blueprint.after_request
def complete(answer: Response) -> Response:
    """The headers that every answer has (Communication 3.3; 2.1.3 for statements)."""
    answer.headers.add(answers.VERSION_HEADER, g.get("xapi_version", Version.TWO).value)
    if request.path.rstrip("/") == statements.PATH:
        answer.headers.add(answers.CONSISTENT_THROUGH, consistency.through())
    origins.allow(answer)
    return answer
