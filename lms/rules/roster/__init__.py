"""Role lists: from rows of cells to what they say about people and posts (policy.md, Role lists).

header, furniture, lines     which rows are about people
captions, columns            which column means what
cells, dates, numbers, names, titles, statuses, emails      what a cell means
meanings, people             one row, one post
checks                       the rows against each other
problems                     everything that can be wrong, in words
reading                      all of it in order
"""

from lms.rules.roster.facts import BadRow, Column, Field, KnownOrganisation, Problem, Reading, RowFact, Status
from lms.rules.roster.reading import read

__all__ = [
    "BadRow",
    "Column",
    "Field",
    "KnownOrganisation",
    "Problem",
    "Reading",
    "RowFact",
    "Status",
    "read",
]
