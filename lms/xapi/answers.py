"""Answers: JSON, and refusals as the asker can read them (1.0.3 Communication 3.1, 3.2)."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha1
from html import escape
from typing import Any

from flask import Response, request

VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"


def of_json(value: Any, *, etag: bool = False) -> Response:
    """A value as JSON."""
    return of_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")), etag=etag)


def of_text(text: str, *, etag: bool = False) -> Response:
    """A text that is JSON already."""
    body = text.encode()
    answer = Response(body, content_type="application/json")
    if etag:
        answer.headers["ETag"] = f'"{sha1(body, usedforsecurity=False).hexdigest()}"'
    return answer


def nothing() -> Response:
    """204 No Content."""
    return Response(status=204)


def last_modified(answer: Response, at: datetime | None) -> Response:
    """The answer with the moment at which what it holds was last changed."""
    if at is not None:
        answer.headers["Last-Modified"] = format_datetime(at.astimezone(UTC), usegmt=True)
    return answer


def refusal(status: int, message: str) -> Response:
    """A refusal in the form that the asker likes best: JSON, a page, or else plain text."""
    best = request.accept_mimetypes.best_match(("text/plain", "application/json", "text/html"), "text/plain")
    if best == "application/json":
        answer = of_json({"status": status, "error": message})
    elif best == "text/html":
        page = f'<!doctype html><html lang="en-GB"><title>Refused</title><p>{escape(message)}</p></html>'
        answer = Response(page, mimetype="text/html")
    else:
        answer = Response(message, mimetype="text/plain")
    answer.status_code = status
    return answer
