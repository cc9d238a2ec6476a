"""Pages of other origins: e-learning packages run in a browser, and seldom on our own address (Fetch Standard, CORS protocol).

Any origin may ask, because nothing is open to it without a key, which a browser never adds by itself: no cookie is
taken here, and credentials of the browser's own are not allowed.
"""

from werkzeug import Request, Response

from lms.xapi.answers import CONSISTENT_THROUGH, VERSION_HEADER

METHODS = "GET, HEAD, PUT, POST, DELETE"
ASKED = ", ".join(
    (
        *("Authorization", VERSION_HEADER, "Content-Type", "If-Match", "If-None-Match", "Accept-Language"),
        *("Cache-Control", "Pragma", "X-Requested-With"),
    )
)
ANSWERED = ", ".join(
    (
        *("ETag", "Last-Modified", VERSION_HEADER, CONSISTENT_THROUGH, "Content-Length"),
        *("Retry-After", "WWW-Authenticate", "Allow"),
    )
)
# Two hours, in seconds; browsers remember no longer.
REMEMBERED = "7200"


def preflight(request: Request) -> Response:
    """What a browser asks before it sends a request with a key: without one, and with no effect."""
    answer = Response(status=204)
    answer.headers["Allow"] = f"{METHODS}, OPTIONS"
    if "Origin" in request.headers:
        answer.headers["Access-Control-Allow-Methods"] = METHODS
        answer.headers["Access-Control-Allow-Headers"] = ASKED
        answer.headers["Access-Control-Max-Age"] = REMEMBERED
    return answer


def allow(request: Request, answer: Response) -> None:
    """Let a page of another origin read an answer."""
    if "Origin" in request.headers:
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Access-Control-Expose-Headers"] = ANSWERED
