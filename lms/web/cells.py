"""A row of the training map in a form: what its fields are called, and its problems in the words of the page."""

import re
from collections.abc import Mapping

# What the columns of training-map.csv, and the words in them, are called on a page.
CAPTIONS: Mapping[str, str] = {
    "module": "Module",
    "shape": "How often",
    "every_months": "Again after how many months",
    "refresher_module": "Refresher module",
    "hours": "Hours",
    "days_allowed": "Days allowed",
    "anchor": "What a renewal counts from",
    "fixed_day": "Fixed day",
    "renewal_window_days": "Renewal window in days",
    "from": "From",
    "to": "To",
}
SHAPES = (
    ("once", "Once"),
    ("refreshed", "Again every so many months"),
    ("different_refresher", "Again every so many months, with a different refresher"),
    ("hours", "A number of hours"),
)
ANCHORS = (
    ("completion", "The day of the renewal"),
    ("keep_anniversary", "The anniversary, when renewed in its window"),
    ("fixed", "A fixed day of the year"),
)
WORDS = dict([*SHAPES, *ANCHORS])
CELLS = (
    (r"this cell may not be blank", "this is needed"),
    (r"Write one of: .*", "Choose one of those offered."),
    (r"Write its code", "Choose it"),
    (r"eave this cell blank", "eave this blank"),
    (
        r"\b([Ww])rite '(?=(?:" + "|".join(WORDS) + r")')",
        lambda found: {"W": "Choose '", "w": "choose '"}[found[1]],
    ),
    (r"the anchors? (?=')", ""),
    (r"[Ll]eave the anchor blank", f"Choose ‘{WORDS['completion']}’"),
    (r"change the anchor", f"change ‘{CAPTIONS['anchor'].lower()}’"),
    (r"\bevery_months\b", "the months"),
    (r" as the shape", ""),
)


def said(column: str, message: str) -> str:
    """A problem of a cell as a sentence on a page, with the field it is about."""
    for pattern, instead in CELLS:
        message = re.sub(pattern, instead, message)
    message = re.sub(
        r"'(\w+)'", lambda found: f"‘{WORDS[found[1]]}’" if found[1] in WORDS else found[0], message
    )
    return f"{CAPTIONS[column]}: {message}" if column in CAPTIONS else message
