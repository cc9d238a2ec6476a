"""What a document is known by, when it may be replaced, and how two are merged.

1.0.3 Communication 2.2 (JSON Procedure) and 3.1 (Concurrency); 9274.1.1 4.1.4.
"""

import json
import re
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from lms.errors import Conflict, GoldenThreadError
from lms.rules.statements import strict_json
from lms.rules.statements.refusal import Refused

STATE, ACTIVITY_PROFILE, AGENT_PROFILE = "state", "activity", "agent"
_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s",]+)')


class PreconditionFailed(GoldenThreadError):
    """The document is not the one that If-Match or If-None-Match names."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a document is: its kind, the activity's IRI, the agent's identity, the registration, its name."""

    kind: str
    activity: str | None
    agent: str | None
    registration: str | None
    name: str

    @property
    def scope(self) -> UUID:
        """What stands for the kind with activity and agent."""
        return _hash(self.kind, self.activity, self.agent)


def slot_of(address: Address) -> UUID:
    """What stands for the whole address."""
    return _hash(address.kind, address.activity, address.agent, address.registration, address.name)


def _hash(*parts: str | None) -> UUID:
    text = json.dumps(parts)
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True)
class Precondition:
    """The headers If-Match and If-None-Match.

    ``needed``: a PUT without either is refused. ``guarded``: it may not replace a document.
    """

    if_match: str | None = None
    if_none_match: str | None = None
    needed: bool = False
    guarded: bool = False

    def check(self, etag: str | None, *, put: bool) -> None:
        """Check against the ETag of the document that is there; None where there is none.

        :raises PreconditionFailed: when a header does not hold.
        :raises Conflict: when there is a document, and a PUT that would replace it has neither header.
        :raises Refused: when there is none, and a PUT that needs a header has neither.
        """
        if self.if_match is not None and not (etag is not None and _names(self.if_match, etag)):
            raise PreconditionFailed(
                "The document has changed, or is not there any more (If-Match does not hold). "
                "Fetch it, and send If-Match with its current ETag."
            )
        if self.if_none_match is not None and etag is not None and _names(self.if_none_match, etag):
            raise PreconditionFailed(
                "There is such a document already (If-None-Match does not hold). "
                "Fetch it, and send If-Match with its current ETag to replace it."
            )
        if put and self.if_match is None and self.if_none_match is None:
            if (self.needed or self.guarded) and etag is not None:
                raise Conflict(
                    "There is a document here already. Check the current state of the resource, and set the "
                    "If-Match header with the current ETag to replace it."
                )
            if self.needed:
                raise Refused(
                    "", "Send If-None-Match: * with a new document, or If-Match with the current ETag."
                )


def _names(header: str, etag: str) -> bool:
    """Whether a list of entity tags, or the asterisk, names this one."""
    if header.strip() == "*":
        return True
    return any(etag in (quoted, bare) for quoted, bare in _TAG.findall(header))


def is_json(content_type: str) -> bool:
    """Whether a content type is application/json, whatever its parameters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def merged(held: bytes, held_type: str, posted: bytes, posted_type: str) -> bytes:
    """The held JSON object with the members of the posted one, one level deep.

    :raises Refused: when one of the two is not application/json, or not an object.
    """
    if not is_json(held_type) or not is_json(posted_type):
        raise Refused(
            "", "Only documents of the type application/json are merged. Use PUT to replace the document."
        )
    first, second = json_object(held), json_object(posted)
    return json.dumps({**first, **second}, ensure_ascii=True, separators=(",", ":")).encode()


def json_object(content: bytes) -> dict[str, object]:
    """The object that a JSON document holds.

    :raises Refused: when it is no JSON, or no object.
    """
    value = strict_json.parse(strict_json.decode(content))
    if type(value) is not dict:
        raise Refused(
            "", "The document is not a JSON object, and only objects are merged. Use PUT to replace it."
        )
    return value


def any_json(content: bytes) -> None:
    """Check that a document said to be JSON is JSON.

    :raises Refused: otherwise.
    """
    strict_json.parse(strict_json.decode(content))
