"""Bodies that come in chunks, without a length: taken only where the content itself shows that it is whole.

Where a line is lost in the middle, not every server says so. A form of parts ends with its last boundary, JSON with its
last bracket; anything else that was cut short would be taken for all there is.
"""

from werkzeug import Request
from werkzeug.exceptions import LengthRequired


def check(request: Request, called: str, *, shows_end: bool) -> None:
    """Take a body with its length, and without one only what shows its end.

    :raises LengthRequired: otherwise; it says how to send what is ``called`` so.
    """
    if "Transfer-Encoding" in request.headers and not shows_end:
        raise LengthRequired(
            f"Send {called} with its length, in Content-Length. It came in chunks, where it does not show its end, and "
            "what is cut short must not be taken for whole. Nothing was stored."
        )
