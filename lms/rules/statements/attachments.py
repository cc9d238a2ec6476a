"""Attachments as a statement announces them (1.0.3 Data 2.4.11; 9274.1.1 4.2.2.6)."""

import json
import re
from collections.abc import Iterable
from typing import Any

from lms.rules.statements import identifiers
from lms.rules.statements.refusal import Refused, unknown

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
_ATTACHMENT = frozenset(("usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"))
_REQUIRED = ("usageType", "display", "contentType", "length", "sha2")
_SHA2 = re.compile(r"[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128}")
LONGEST = 2**53


def attachments(value: Any, path: str) -> None:
    """The attachments of a statement, in order.

    :raises Refused: otherwise.
    """
    if type(value) is not list:
        raise Refused(path, "is not an array.")
    for number, one in enumerate(value):
        _attachment(one, f"{path}[{number}]")


def _attachment(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _ATTACHMENT:
        raise unknown(value, _ATTACHMENT, path)
    for name in _REQUIRED:
        if name not in value:
            raise Refused(path, f"has no {name}.")
    identifiers.iri(value["usageType"], path + ".usageType")
    identifiers.language_map(value["display"], path + ".display")
    if "description" in value:
        identifiers.language_map(value["description"], path + ".description")
    identifiers.media_type(value["contentType"], path + ".contentType")
    length = value["length"]
    if type(length) is not int or not 0 <= length < LONGEST:
        raise Refused(path + ".length", "is not a whole number of bytes.")
    if type(value["sha2"]) is not str or _SHA2.fullmatch(value["sha2"]) is None:
        raise Refused(path + ".sha2", "is not a SHA-2 in hexadecimal digits.")
    if "fileUrl" in value:
        identifiers.iri(value["fileUrl"], path + ".fileUrl")


def announced(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """Every attachment that a statement, or a statement inside it, announces."""
    found: list[dict[str, Any]] = list(statement.get("attachments", ()))
    inner = statement["object"]
    if inner.get("objectType") == "SubStatement":
        found += inner.get("attachments", ())
    return found


def content_types(payloads: Iterable[bytes]) -> dict[str, str]:
    """The content type of every attachment that kept statements announce, by its SHA-2 in lower case."""
    return {
        one["sha2"].lower(): one["contentType"]
        for payload in payloads
        if b'"attachments"' in payload
        for one in announced(json.loads(payload))
    }
