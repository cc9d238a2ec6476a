"""The record as an application of its own: its addresses, and what every answer there has.

The pages' application has it at ``PREFIX``, below everything that pages need around them, sessions and forms and
the context of a request: that took as long as a short question to the record does.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from lms.errors import GoldenThreadError, NotFound
from lms.rules.keys import Holder
from lms.rules.statements.versions import Version
from lms.xapi import (
    about,
    activities,
    agents,
    answers,
    asked,
    consistency,
    documents,
    guard,
    origins,
    refusals,
    statements,
)
from lms.xapi.asked import Asked

PREFIX = "/xapi"
ABOUT, STATEMENTS = "/about", "/statements"
NOTHING = "There is nothing at this address. The resources of xAPI are under /xapi/."

log = logging.getLogger(__name__)
# The version that each key spoke last: a refusal for want of a version is answered in it. Known keys only.
_spoken: dict[int, Version] = {}


@dataclass(frozen=True, slots=True)
class Resource:
    """What is at an address that needs a key and a version: its methods, and what answers them."""

    methods: tuple[str, ...]
    answer: Callable[[Asked, Version, Holder], Response]


RESOURCES = {
    STATEMENTS: Resource(statements.METHODS, statements.answer),
    "/activities/state": Resource(documents.METHODS, documents.answer(documents.STATE)),
    "/activities/profile": Resource(documents.METHODS, documents.answer(documents.ACTIVITY_PROFILE)),
    "/agents/profile": Resource(documents.METHODS, documents.answer(documents.AGENT_PROFILE)),
    "/activities": Resource(activities.METHODS, activities.answer),
    "/agents": Resource(agents.METHODS, agents.answer),
}


class Record:
    """The application. ``longest``: of any content, in bytes; ``headers``: what every answer of the house has."""

    def __init__(self, longest: int, headers: Iterable[tuple[str, str]]) -> None:
        self.longest = longest
        self.headers = list(headers)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        request = Request(environ)
        request.max_content_length = self.longest
        answer = respond(request)

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, headers + self.headers, *more)

        return answer(environ, begin)


def respond(request: Request) -> Response:
    """The answer to a request, with the headers that every one has (Communication 3.3; 2.1.3 for statements)."""
    # Some put two slashes between the address of a store and that of a resource.
    address = "/" + "/".join(part for part in request.path.split("/") if part)
    if request.method == "OPTIONS":
        answer, version = origins.preflight(request), Version.TWO
    else:
        answer, version = _of_resource(request, address)
    answer.headers.add(answers.VERSION_HEADER, version.value)
    if address == STATEMENTS:
        answer.headers.add(answers.CONSISTENT_THROUGH, consistency.through())
    origins.allow(request, answer)
    return answer


def _of_resource(request: Request, address: str) -> tuple[Response, Version]:
    """An answer or a refusal, and the version it is in."""
    version = Version.TWO
    try:
        if address == ABOUT:
            wanted = asked.read(request)
            _check_method(wanted, about.METHODS)
            return about.answer(wanted), version
        resource = RESOURCES.get(address)
        if resource is None:
            raise NotFound(NOTHING)
        wanted = asked.read(request)
        holder = guard.holder(wanted.header("Authorization"))
        version = _spoken.get(holder.key_id, version)
        version = _spoken[holder.key_id] = asked.version(wanted)
        _check_method(wanted, resource.methods)
        return resource.answer(wanted, version, holder), version
    except GoldenThreadError as error:
        return refusals.of_ours(request, error), version
    except HTTPException as error:
        return refusals.of_http(request, error), version
    except Exception:
        log.exception("The record could not answer %s %s%s", request.method, PREFIX, address)
        return refusals.of_nobody(request), version


def _check_method(wanted: Asked, methods: tuple[str, ...]) -> None:
    if wanted.method not in methods:
        raise MethodNotAllowed([*methods, "HEAD"], f"This address takes {', '.join(methods)} only.")
