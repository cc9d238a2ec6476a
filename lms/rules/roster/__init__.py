"""Role lists: from rows of cells to what they say about people and posts (policy.md, Role lists).

header, furniture, lines     which rows are about people
captions, columns            which column means what
cells, dates, numbers, names, titles, statuses, emails      what a cell means
meanings, people             one row, one post
checks                       the rows against each other
problems                     everything that can be wrong, in words
reading                      all of it in order
"""

from lms.rules.roster.facts import (
    SHEET,
    BadRow,
    Column,
    Field,
    KnownOrganisation,
    Problem,
    Reading,
    RowFact,
    Status,
    Told,
)
from lms.rules.roster.reading import read

__all__ = [
    "SHEET",
    "BadRow",
    "Column",
    "Field",
    "KnownOrganisation",
    "Problem",
    "Reading",
    "RowFact",
    "Status",
    "Told",
    "read",
]
