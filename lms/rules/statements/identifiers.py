"""IRIs, UUIDs, language tags, language maps and media types (1.0.3 Data 4.2-4.4; 9274.1.1 4.2.7)."""

import re
from functools import lru_cache
from typing import Any

from lms.rules.statements.refusal import Refused

# RFC 3987: unreserved, reserved, ucschar and iprivate; a percent sign only before two hexadecimal digits.
_CHARACTERS = (
    r"A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;="
    "\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U0010fffd"
)
_IRI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(?!$)"
    rf"[{_CHARACTERS}]*(?:%[0-9A-Fa-f]{{2}}[{_CHARACTERS}]*)*"
    rf"(?:\#[{_CHARACTERS}]*(?:%[0-9A-Fa-f]{{2}}[{_CHARACTERS}]*)*)?"
)
_HOSTLESS = re.compile(r"https?:(?!//[^/?#])", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
# RFC 5646, section 2.1, with the tags that were registered before it.
_LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?"
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|i-navajo|i-pwn|i-tao|i-tay"
    r"|i-tsu|sgn-be-fr|sgn-be-nl|sgn-ch-de|art-lojban|cel-gaulish|no-bok|no-nyn|zh-guoyu|zh-hakka|zh-min"
    r"|zh-min-nan|zh-xiang)",
    re.IGNORECASE | re.ASCII,
)
_TOKEN = r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+"
# RFC 9110, 8.3.1. It becomes a header of a part, so a blank is no line break, and a quoted value holds none.
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"'
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(?:[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|{_QUOTED}))*[ \t]*;?")


@lru_cache(maxsize=16_384)
def _is_iri(text: str) -> bool:
    return _IRI.fullmatch(text) is not None and _HOSTLESS.match(text) is None


@lru_cache(maxsize=1_024)
def _is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None


def iri(value: Any, path: str) -> None:
    """An IRI with a scheme (Data 2.2, 4.3).

    :raises Refused: otherwise.
    """
    if type(value) is not str:
        raise Refused(path, "is not a string; it is an IRI such as https://example.com/activity.")
    # Only short ones are remembered, so that nobody fills the memory with long ones.
    if not (_is_iri(value) if len(value) < 300 else _is_iri.__wrapped__(value)):
        raise Refused(path, "is not an IRI. It starts with a scheme, as in https://example.com/activity.")


def uuid(value: Any, path: str) -> None:
    """A UUID in standard string form (Data 4.4).

    :raises Refused: otherwise.
    """
    if type(value) is not str or _UUID.fullmatch(value) is None:
        raise Refused(path, "is not a UUID such as 7c0f6cf3-8e1a-4f53-9c7e-2b3f5d1a6e90.")


def language(value: Any, path: str) -> None:
    """A language tag of RFC 5646.

    :raises Refused: otherwise.
    """
    if type(value) is not str or len(value) > 100 or not _is_language(value):
        raise Refused(path, "is not a language tag of RFC 5646 such as en-GB.")


def language_map(value: Any, path: str) -> None:
    """A string for each of several languages (Data 4.2).

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, 'is not a language map such as {"en-GB": "completed"}.')
    for tag, text in value.items():
        if len(tag) > 100 or not _is_language(tag):
            raise Refused(path, f"{tag[:60]!r} is not a language tag of RFC 5646 such as en-GB.")
        if type(text) is not str:
            raise Refused(f"{path}.{tag}", "is not a string.")


def media_type(value: Any, path: str) -> None:
    """An internet media type (RFC 2046).

    :raises Refused: otherwise.
    """
    if type(value) is not str or _MEDIA_TYPE.fullmatch(value) is None:
        raise Refused(path, "is not a media type such as application/pdf.")


def extensions(value: Any, path: str) -> None:
    """A map whose names are IRIs; the values are anybody's, null as well (Data 4.1).

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    for name in value:
        try:
            iri(name, "")
        except Refused:
            raise Refused(path, f"{name[:60]!r} is not an IRI; the names of extensions are.") from None


def string(value: Any, path: str) -> None:
    """Any string.

    :raises Refused: otherwise.
    """
    if type(value) is not str:
        raise Refused(path, "is not a string.")
