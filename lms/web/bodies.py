"""Bodies of requests to the pages and the interface, before anything is read of them."""

from flask import Flask, request

from lms import bodies


def install(app: Flask) -> None:
    """Take only what is whole: a form of parts, or anything with its length. No view reads JSON."""

    @app.before_request
    def measure() -> None:
        if request.method in ("POST", "PUT", "PATCH"):
            bodies.check(request, "the content", shows_end=request.mimetype == "multipart/form-data")
