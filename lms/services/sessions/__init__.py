"""Sessions: dated deliveries of a module, who is on their registers, and who came.

planning   made, changed, cancelled      listing   which there are, and one of them
marking    names, walk-ins and marks     facts     what an attendance is recorded from
"""

from lms.services.sessions.listing import (
    Entry,
    Register,
    SessionFacts,
    Trainer,
    listed,
    one,
    register,
    trainers,
    unmatched,
)
from lms.services.sessions.marking import add_people, add_walk_in, mark, match, remove, unmatch
from lms.services.sessions.planning import cancel, change, create, reinstate

__all__ = [
    "Entry",
    "Register",
    "SessionFacts",
    "Trainer",
    "add_people",
    "add_walk_in",
    "cancel",
    "change",
    "create",
    "listed",
    "mark",
    "match",
    "one",
    "register",
    "reinstate",
    "remove",
    "trainers",
    "unmatch",
    "unmatched",
]
