"""Refusals, with the statuses of the standard and in the form that the asker likes best (1.0.3 Communication 3.1, 3.2)."""

from html import escape

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException

from lms.errors import Conflict, Forbidden, GoldenThreadError, Invalid, NotFound, Unavailable
from lms.rules.statements.batches import TooLong
from lms.rules.statements.documents import PreconditionFailed
from lms.xapi import answers, guard

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
# What cannot even be read: too large, or cut short.
UNREADABLE: dict[int | None, str] = {
    400: "The request cannot be read; it seems to have been cut short.",
    413: "The content is too large.",
}
OUR_FAULT = "Something went wrong on our side. Nothing was stored. Try again in a few minutes."


def of_ours(request: Request, error: GoldenThreadError) -> Response:
    """What the rules and the services refuse."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    made = _answer(request, status, error.message)
    if status == 401:
        made.headers["WWW-Authenticate"] = 'Basic realm="Golden Thread xAPI", charset="UTF-8"'
    if status == 503:
        made.headers["Retry-After"] = "5"
    return made


def of_http(request: Request, error: HTTPException) -> Response:
    """What HTTP itself does not allow."""
    said = UNREADABLE.get(error.code, error.description or "Refused.")
    made = _answer(request, error.code or 500, said)
    for name, value in error.get_headers():
        if name == "Allow":
            made.headers[name] = value
    return made


def of_nobody(request: Request) -> Response:
    """What should not have happened; the reason is for the journal alone."""
    return _answer(request, 500, OUR_FAULT)


def _answer(request: Request, status: int, message: str) -> Response:
    best = request.accept_mimetypes.best_match(("text/plain", "application/json", "text/html"), "text/plain")
    if best == "application/json":
        answer = answers.of_json({"status": status, "error": message})
    elif best == "text/html":
        page = f'<!doctype html><html lang="en-GB"><title>Refused</title><p>{escape(message)}</p></html>'
        answer = Response(page, mimetype="text/html")
    else:
        answer = Response(message, mimetype="text/plain")
    answer.status_code = status
    return answer
