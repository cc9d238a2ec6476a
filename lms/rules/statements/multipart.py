"""Statements with the data of their attachments, as multipart/mixed (1.0.3 Communication 1.5.2, RFC 2046)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b, new

from lms.rules.statements.refusal import Refused

_BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_DIGESTS = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
HASH_HEADER = "x-experience-api-hash"


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its headers by name in lower case, and its bytes."""

    headers: Mapping[str, str]
    content: bytes


def split(body: bytes, content_type: str) -> list[Part]:
    """The parts of a body.

    :raises Refused: when the boundary is missing or wrong, or the body ends before its last boundary.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Refused("", "The Content-Type names no boundary between the parts.")
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    # Every boundary stands at the beginning of a line; the first may be the beginning of all.
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2:
        raise Refused("", "The boundary that the Content-Type names is not in the content.")
    parts: list[Part] = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            if not parts:
                break
            return parts
        line, _, rest = piece.partition(b"\r\n")
        if line.strip(b" \t"):
            raise Refused("", "The boundary between the parts is not the one that the Content-Type names.")
        parts.append(_part(rest))
    raise Refused("", "The content ends before its last boundary; it seems to have been cut short.")


def _part(piece: bytes) -> Part:
    if piece.startswith(b"\r\n"):
        return Part({}, piece[2:])
    head, gap, content = piece.partition(b"\r\n\r\n")
    if not gap:
        raise Refused("", "A part has no blank line between its headers and its content.")
    headers: dict[str, str] = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise Refused("", "A part has a line among its headers that is none.")
        headers[name.strip().lower()] = value.strip()
    return Part(headers, content)


def attachments(parts: Iterable[Part]) -> dict[str, Part]:
    """The parts after the first by their SHA-2 in lower case, each checked against its data.

    :raises Refused: when one lacks its hash or its encoding, or the hash is not that of its data.
    """
    found: dict[str, Part] = {}
    for number, part in enumerate(parts, 2):
        at = f"Part {number} of the content"
        if part.headers.get("content-transfer-encoding", "").lower() != "binary":
            raise Refused("", f"{at} has no Content-Transfer-Encoding: binary.")
        sha2 = part.headers.get(HASH_HEADER, "").lower()
        if not sha2:
            raise Refused("", f"{at} has no X-Experience-API-Hash.")
        kind = _DIGESTS.get(len(sha2))
        if kind is None or new(kind, part.content).hexdigest() != sha2:
            raise Refused("", f"{at} has another SHA-2 than its X-Experience-API-Hash says.")
        found[sha2] = part
    return found


def joined(first: bytes, attachments: Iterable[tuple[str, str, bytes]]) -> tuple[list[bytes], str]:
    """A body of statements and attachments (SHA-2, content type, data), and its Content-Type."""
    # Not even somebody who chose the content can make it hold the digest of itself.
    digest = blake2b(first, digest_size=24)
    parts = list(attachments)
    for sha2, _, _ in parts:
        digest.update(sha2.encode())
    boundary = f"golden-thread-{digest.hexdigest()}"
    mark = f"--{boundary}".encode()
    pieces = [mark, b"\r\nContent-Type: application/json\r\n\r\n", first, b"\r\n"]
    for sha2, content_type, content in parts:
        head = (
            f"\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n"
            f"X-Experience-API-Hash: {sha2}\r\n\r\n"
        )
        pieces += [mark, head.encode("latin-1", "replace"), content, b"\r\n"]
    pieces += [mark, b"--\r\n"]
    return pieces, f"multipart/mixed; boundary={boundary}"
