"""Refusals as problem details (RFC 9457): the tree of ``lms.errors`` and HTTP's own errors, translated once."""

import json

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lms.api.guard import Unauthorized
from lms.errors import Conflict, Forbidden, GoldenThreadError, Invalid, NotFound, Unavailable


class TooMany(GoldenThreadError):
    """More than can be looked at for now."""


STATUS: dict[type[GoldenThreadError], tuple[int, str]] = {
    Unauthorized: (401, "No key"),
    Forbidden: (403, "Not allowed"),
    NotFound: (404, "Not found"),
    Conflict: (409, "Changed in the meantime"),
    Invalid: (422, "Cannot be used"),
    TooMany: (429, "Too many at once"),
    Unavailable: (503, "Not available at the moment"),
}
OF_HTTP = {
    400: (
        "Cannot be read",
        "The request cannot be read; it seems to have been cut short. Nothing was written.",
    ),
    411: (
        "Its length is missing",
        "Send the list with its length, in Content-Length, or as the part “file” of a form: a list that comes in chunks "
        "and is cut short cannot be told from a whole one. curl --data-binary @FILE sends the length. Nothing was written.",
    ),
    413: ("Too large", "The file is larger than what is taken here. Nothing was written."),
    415: ("Cannot be used", "Send the file as the body of the request, or as the part “file” of a form."),
}
RETRY_AFTER = {429: "60", 503: "30"}


def install(blueprint: Blueprint) -> None:
    """Answer every refusal below a blueprint."""
    blueprint.register_error_handler(GoldenThreadError, _refused)
    # By name too: what the pages say of a file that is too large would come first.
    for kind in (HTTPException, RequestEntityTooLarge):
        blueprint.register_error_handler(kind, _of_http)


def problem(status: int, title: str, detail: str) -> Response:
    """One refusal."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    answer = Response(
        json.dumps(body, ensure_ascii=False), status=status, mimetype="application/problem+json"
    )
    if after := RETRY_AFTER.get(status):
        answer.headers["Retry-After"] = after
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Golden Thread"'
    return answer


def _refused(error: GoldenThreadError) -> Response:
    status, title = next(found for kind, found in STATUS.items() if isinstance(error, kind))
    return problem(status, title, error.message)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    title, detail = OF_HTTP.get(status, (error.name, error.description or "Refused."))
    return problem(status, title, detail)
