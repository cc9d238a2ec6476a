"""Bodies that come in chunks, without a length: taken only where the content itself shows that it is whole.

Where a line is lost in the middle, not every server says so. JSON ends with its last bracket and a form of parts with
its last boundary; anything else that was cut short would be taken for all there is.
"""

from flask import Flask, request
from werkzeug.exceptions import LengthRequired

LENGTH = (
    "Send the content with its length, in Content-Length. It came in chunks, where only JSON and forms of several "
    "parts show their end, and what is cut short must not be taken for whole. Nothing was written."
)


def install(app: Flask) -> None:
    """Ask for the length of every other body."""

    @app.before_request
    def measure() -> None:
        if request.method not in ("POST", "PUT", "PATCH") or "Transfer-Encoding" not in request.headers:
            return
        if not request.is_json and not request.mimetype.startswith("multipart/"):
            raise LengthRequired(LENGTH)
