"""The statements resource (1.0.3 Communication 2.1; 9274.1.1 4.1.6.1)."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug import Response

from lms import clock, db, settings
from lms.errors import NotFound
from lms.rules import keys
from lms.rules.keys import Holder
from lms.rules.statements import (
    batches,
    formats,
    identifiers,
    languages,
    multipart,
    own,
    queries,
    signatures,
    strict_json,
    times,
)
from lms.rules.statements.attachments import SIGNATURE, announced, content_types
from lms.rules.statements.batches import Incoming
from lms.rules.statements.documents import is_json
from lms.rules.statements.multipart import Part
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from lms.services import completions
from lms.services.statements import Source, attachments, definitions, reading
from lms.services.statements.reading import Page
from lms.xapi import answers
from lms.xapi.asked import Asked
from lms.xapi.guard import require

METHODS = ("GET", "PUT", "POST")
PATH = "/xapi/statements"
_PUT = frozenset(("statementId",))
# What stands in a query as it is (RFC 3986, section 3.4).
_OF_AN_ADDRESS = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+")


def answer(asked: Asked, version: Version, holder: Holder) -> Response:
    """Store or give statements."""
    if asked.method == "GET":
        return _get(asked, version, holder)
    require(holder, keys.WRITE)
    if asked.method == "PUT":
        return _put(asked, version, holder)
    asked.allow(frozenset())
    batch, parts = _read(asked, version)
    stored = _store(batch, parts, holder)
    return answers.of_json(stored)


# --- Writing --------------------------------------------------------------------------------------------


def _put(asked: Asked, version: Version, holder: Holder) -> Response:
    asked.allow(_PUT, needed=_PUT)
    wanted = asked.parameters["statementId"]
    identifiers.uuid(wanted, "statementId")
    batch, parts = _read(asked, version, single=True)
    one = batch[0]
    if "id" not in one.value:
        value = {**one.value, "id": wanted}
        batch = [Incoming(value, f'{one.text[:-1]},"id":"{wanted}"}}', one.version)]
    elif one.value["id"].lower() != wanted.lower():
        raise Refused("id", "is another one than the parameter statementId.")
    _store(batch, parts, holder)
    return answers.nothing()


def _read(asked: Asked, version: Version, *, single: bool = False) -> tuple[list[Incoming], dict[str, Part]]:
    """The statements of a request, and the attachments that came with them."""
    body = asked.body()
    parts: dict[str, Part] = {}
    if asked.content_type.lower().startswith("multipart/mixed"):
        first, *others = multipart.split(body, asked.content_type)
        if not is_json(first.headers.get("content-type", "")):
            raise Refused("", "The first part holds the statements and has Content-Type: application/json.")
        body = first.content
        parts = multipart.attachments(others)
    elif not is_json(asked.content_type):
        raise Refused("", "Send statements as application/json, or with attachments as multipart/mixed.")
    text = strict_json.decode(body)
    if single and text.lstrip().startswith("["):
        raise Refused("", "PUT takes one statement. Send several with POST.")
    batch = batches.read(text, version)
    _check_attachments(batch, parts)
    return batch, parts


def _check_attachments(batch: Sequence[Incoming], parts: dict[str, Part]) -> None:
    """Every attachment is here or has an address, and every part belongs to one (1.5.2)."""
    wanted: set[str] = set()
    for one in batch:
        if "attachments" not in one.value and "attachments" not in one.value["object"]:
            continue
        for attachment in announced(one.value):
            sha2 = attachment["sha2"].lower()
            part = parts.get(sha2)
            if part is None:
                if "fileUrl" not in attachment:
                    raise Refused("attachments", f"the data with the SHA-2 {sha2} is not in the request.")
                continue
            wanted.add(sha2)
            _agree(attachment, part)
            if attachment["usageType"] == SIGNATURE:
                signatures.check(one.value, attachment, part.content)
    if parts.keys() - wanted:
        raise Refused("", "A part of the content belongs to no attachment of the statements.")


def _agree(attachment: dict[str, Any], part: Part) -> None:
    """What a part's headers and the attachment both say has to be the same."""
    said = part.headers.get("content-type")
    if said is not None and _plain(said) != _plain(attachment["contentType"]):
        raise Refused("attachments", "the contentType of an attachment is another one than that of its part.")
    size = part.headers.get("content-length")
    if size is not None and size != str(attachment["length"]):
        raise Refused("attachments", "the length of an attachment is another one than that of its part.")


def _plain(content_type: str) -> str:
    return "".join(content_type.lower().split())


def _store(batch: Sequence[Incoming], parts: dict[str, Part], holder: Holder) -> list[str]:
    chosen = settings.current()
    source = Source(
        authority={**own.authority(chosen.base_url, holder.prefix), "name": holder.name},
        key_id=holder.key_id,
        voids_any=keys.ALL in holder.scopes,
    )
    if not parts:
        with db.direct() as asking:
            kept = completions.store_alone(asking, batch, source, clock.now())
        if kept is not None:
            return [one.statement_id for one in kept]
    with db.transaction() as session:
        # The clock is read with the connection in hand, so that waiting for one does not make the log look late.
        session.connection()
        stored = completions.store(
            session,
            batch,
            source,
            chosen.base_url,
            clock.now(),
            {sha2: part.content for sha2, part in parts.items()},
        )
    return [one.statement_id for one in stored]


# --- Reading --------------------------------------------------------------------------------------------


def _get(asked: Asked, version: Version, holder: Holder) -> Response:
    require(holder, keys.READ, keys.READ_MINE)
    query = queries.read(asked.parameters, version)
    only_key = None if keys.READ in holder.scopes else holder.key_id
    with db.direct() as session:
        single = query.statement_id or query.voided_id
        if single:
            voided = query.voided_id is not None
            found = reading.one(session, single, voided=voided, only_key=only_key)
            page = Page([found.encode()] if found else [])
        else:
            page = reading.find(session, query, only_key=only_key)
        wanted = _definitions_wanted(page.payloads, query.format)
        known = definitions.of(session, wanted) if wanted else {}
        types = content_types(page.payloads) if query.attachments else {}
        data = attachments.of(session, list(types)) if types else {}
    if single and not page.payloads:
        raise NotFound("There is no such statement.")
    texts = _formatted(page.payloads, query.format, known, asked.header("Accept-Language"))
    text = texts[0] if single else _result(texts, page, asked)
    made = _with_attachments(text, types, data) if query.attachments else answers.of_text(text)
    return answers.last_modified(made, _stored(page.payloads[0]) if page.payloads else None)


def _result(texts: Sequence[bytes], page: Page, asked: Asked) -> bytes:
    more = "" if page.next is None else f"{PATH}?{_again(asked, str(page.next))}"
    return b'{"statements":[%b],"more":%b}' % (b",".join(texts), json.dumps(more).encode())


def _again(asked: Asked, start: str) -> str:
    """The same query from another place on; as it was written, where that was sent in an address."""
    written = asked.query
    if not written or _OF_AN_ADDRESS.fullmatch(written) is None:
        return urlencode({**asked.parameters, queries.FROM: start})
    if queries.FROM in asked.parameters:
        kept = [part for part in written.split("&") if not part.startswith(f"{queries.FROM}=")]
        if len(kept) == written.count("&") + 1:
            return urlencode({**asked.parameters, queries.FROM: start})
        written = "&".join(kept)
    return f"{written}&{queries.FROM}={start}".lstrip("&")


def _formatted(
    payloads: Sequence[bytes], form: str, known: dict[str, dict[str, Any]], accepted: str | None
) -> Sequence[bytes]:
    if form == formats.EXACT:
        return payloads
    values = [json.loads(payload) for payload in payloads]
    if form == formats.IDS:
        changed = [formats.ids(value) for value in values]
    else:
        wanted = languages.preferences(accepted)
        changed = [formats.canonical(value, known, wanted) for value in values]
    return [json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() for value in changed]


def _definitions_wanted(payloads: Sequence[bytes], form: str) -> list[str]:
    if form != formats.CANONICAL:
        return []
    return sorted({iri for payload in payloads for iri in formats.activity_ids(json.loads(payload))})


def _with_attachments(text: bytes, types: dict[str, str], data: dict[str, bytes]) -> Response:
    pieces, content_type = multipart.joined(
        text, [(sha2, types[sha2], content) for sha2, content in data.items()]
    )
    return Response(b"".join(pieces), content_type=content_type)


def _stored(payload: bytes) -> datetime:
    """When a statement was stored; the store writes that near the end of the text."""
    at = payload.rfind(b'"stored":"')
    return times.instant(payload[at + 10 : payload.index(b'"', at + 10)].decode())
