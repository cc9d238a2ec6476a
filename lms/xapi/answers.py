"""Answers, as every resource gives them."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha1
from typing import Any

from werkzeug import Response

VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"


def of_json(value: Any, *, etag: bool = False) -> Response:
    """A value as JSON."""
    return of_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode(), etag=etag)


def of_text(body: bytes, *, etag: bool = False) -> Response:
    """A text that is JSON already."""
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
