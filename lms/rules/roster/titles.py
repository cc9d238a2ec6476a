"""Job titles and units as they are packed in ESR's fields (domain.md 3.1)."""

import re

UNIT_SEPARATOR = " › "
# A path in one cell, as people and systems write it.
_PATH = re.compile(r"\s+(?:›|>+|»|->|→)\s+")
_PREFIX = re.compile(r"^\d{3} +(?=\S)")
_LEVEL = re.compile(r"^[Ll]\d{1,2} +(?=\S)")


def unpacked_title(text: str) -> str:
    """The title of ``number|title|occupation code|area|``, of ``staff group|role``, or the text itself."""
    if "|" not in text:
        return text
    number, _, rest = text.partition("|")
    if number.isdigit() and (title := rest.partition("|")[0].strip()):
        return title
    parts = [part.strip() for part in text.split("|")]
    if len(parts) == 2:
        return parts[1] or parts[0]
    # policy.md, Role lists: "In ESR the job title is the second part of Position".
    return parts[1] or next((part for part in parts if part and not part.isdigit()), "")


def unpacked_unit(text: str) -> str:
    """The unit of ``638 L5 Ward 12 Ashdale``: without the trust's number and the level."""
    short = _PREFIX.sub("", text)
    return _LEVEL.sub("", short) if short != text else text


def path_of(text: str) -> list[str]:
    """The units of a path in one cell, from the top down: ``Surgery > Theatres``."""
    return [part for part in _PATH.split(text) if part] if _PATH.search(text) else [text]
