"""What is refused, as a page: the tree of ``lms.errors`` and HTTP's own errors, translated once."""

from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lms.errors import Conflict, Forbidden, GoldenThreadError, Invalid, NotFound, Unavailable

STATUS: dict[type[GoldenThreadError], tuple[int, str]] = {
    NotFound: (404, "Page not found"),
    Forbidden: (403, "You cannot see this page"),
    Invalid: (422, "This cannot be used"),
    Conflict: (409, "This has changed in the meantime"),
    Unavailable: (503, "Not available at the moment"),
}

HTTP = {
    400: ("This request cannot be read", "Go back, reload the page and try again."),
    404: (
        "Page not found",
        "If you typed the address, check that it is right. If you followed a link, it may be out of date.",
    ),
    405: ("This address is not a page", "Go back and use the buttons on the page."),
    411: (
        "The length of this request is missing",
        "Send it with its length, in Content-Length. Nothing was changed.",
    ),
    413: ("The file is too large", ""),
    415: ("This kind of file cannot be used", "Go back and choose another file."),
    429: ("Too many requests", "Wait a minute, then try again."),
}
SOMETHING_ELSE = ("Something went wrong on our side", "Nothing was changed. Try again in a few minutes.")
FOR_MACHINES = ("/api/", "/health/", "/metrics")


def install(app: Flask) -> None:
    """Answer every refusal with a calm page, and machines with problem details (RFC 9457)."""
    app.register_error_handler(GoldenThreadError, _refused)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)


def _refused(error: GoldenThreadError) -> ResponseReturnValue:
    status, heading = next(found for kind, found in STATUS.items() if isinstance(error, kind))
    problems = error.problems if isinstance(error, Invalid) else ()
    return _answer(status, heading, error.message, problems)


def _form_too_old(_error: CSRFError) -> ResponseReturnValue:
    return _answer(
        400,
        "This page was open for too long",
        "For your safety nothing was sent. Go back, reload the page and send it again.",
    )


def _too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    limit = request.max_content_length or 0
    return _answer(413, HTTP[413][0], f"A file has at most {limit // 1024 // 1024} MB. Send a smaller one.")


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error.response, Response) or (error.code or 500) < 400:
        return error
    heading, message = HTTP.get(error.code or 500, SOMETHING_ELSE)
    body, status = _answer(error.code or 500, heading, message)
    return body, status, [pair for pair in error.get_headers() if pair[0].lower() in ("allow", "retry-after")]


def _answer(status: int, heading: str, message: str, problems: Any = ()) -> tuple[Any, int]:
    if request.path.startswith(FOR_MACHINES):
        told = jsonify(type="about:blank", status=status, title=heading, detail=message)
        told.mimetype = "application/problem+json"
        return told, status
    # Beyond 500 the database may be away, and the menu needs it to know who asks.
    page = render_template(
        "refused.html", heading=heading, message=message, refused_problems=problems, bare=status >= 500
    )
    return page, status
