"""Which one of several languages somebody gets (RFC 2616 14.4, applied to each language map alone).

1.0.3 Communication 2.1.3, Language Filtering Requirements for Canonical Format Statements.
"""

import re

_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?"
)


def preferences(header: str | None) -> tuple[tuple[str, float], ...]:
    """The ranges of an Accept-Language header with their weights; what cannot be read is passed over."""
    found = []
    for part in (header or "").split(","):
        match = _RANGE.fullmatch(part)
        if match:
            found.append((match[1].lower(), min(float(match[2]), 1.0) if match[2] else 1.0))
    return tuple(found)


def best(texts: dict[str, str], wanted: tuple[tuple[str, float], ...]) -> dict[str, str]:
    """The language map with one entry: the best liked; of equals, and of those nobody asked for, the first."""
    if len(texts) < 2:
        return texts
    tag = max(texts, key=lambda tag: _quality(tag.lower(), wanted))
    return {tag: texts[tag]}


def _quality(tag: str, wanted: tuple[tuple[str, float], ...]) -> float:
    """The weight of the longest range that fits the tag, the asterisk last; 0 where none does."""
    length, quality = -1, 0.0
    for wish, weight in wanted:
        if wish == "*":
            fits, size = True, 0
        else:
            fits, size = tag == wish or tag.startswith(wish + "-"), len(wish)
        if fits and size > length:
            length, quality = size, weight
    return quality
