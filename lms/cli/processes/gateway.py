"""Between Granian and the application: a request as the application has to see it, and an answer that is whole."""

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Variables that would pass for headers: Granian begins each request with the environment.
HEADERS = ("HTTP_", "CONTENT_")
# What every request brings, whatever a variable of the environment is called.
BROUGHT = frozenset(
    (
        *("GATEWAY_INTERFACE", "SCRIPT_NAME", "SERVER_SOFTWARE", "SERVER_PROTOCOL", "SERVER_NAME"),
        *("SERVER_PORT", "REMOTE_ADDR", "REQUEST_METHOD", "PATH_INFO", "QUERY_STRING"),
    )
)


def between(app: Application, variables: Iterable[str]) -> Application:
    """An application for Granian, from one that expects what PEP 3333 says.

    Granian says nothing when a line is lost in the middle of a body. With a length, the application sees for itself
    that less has come, as long as nobody tells it that the server would know better; for a body in chunks there is
    ``lms/bodies.py``. And it ends an answer neatly that broke off while it was made, so it gets whole ones only.
    """
    # The rest of the environment has secrets in it, and no business in a request.
    others = tuple(name for name in variables if name not in BROUGHT)

    def answer(request: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        for name in others:
            request.pop(name, None)
        if "HTTP_TRANSFER_ENCODING" not in request:
            request.pop("wsgi.input_terminated", None)
        pieces = app(request, start)
        try:
            return [b"".join(pieces)]
        finally:
            if close := getattr(pieces, "close", None):
                close()

    return answer
