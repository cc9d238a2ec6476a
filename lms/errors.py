"""Everything that can be refused, as one small tree.

    GoldenThreadError            a sentence for the person who asked
    ├── NotFound                 it does not exist, or not within this person's scope        404
    ├── Forbidden                within scope, without the right to do it                    403
    ├── Invalid                  the input is wrong; ``problems`` lists every one            422, exit 1
    ├── Conflict                 somebody else was quicker, or it is already so              409
    └── Unavailable              a part outside (queue, mail, another store) does not answer 503

Raised below, translated once per edge.
"""

from collections.abc import Sequence
from typing import Any


class GoldenThreadError(Exception):
    """The root. ``message`` is plain English and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(GoldenThreadError):
    """What was asked for does not exist, or lies outside the asker's scope."""


class Forbidden(GoldenThreadError):
    """The asker may see this but not do that."""


class Invalid(GoldenThreadError):
    """The input cannot be used. ``problems`` are all of them, in the input's own order."""

    def __init__(self, message: str, problems: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Conflict(GoldenThreadError):
    """The state has moved on, or another one holds the lock."""


class Unavailable(GoldenThreadError):
    """A part outside this process does not answer."""
