"""The header that says up to when everything stored can be read; worked out a few times a second at most."""

from datetime import datetime
from time import monotonic

from lms import clock, db
from lms.errors import Unavailable
from lms.rules.statements import order
from lms.services.statements import consistency

# An older value is true as well, only less of use.
KEPT = 0.25
_known: dict[str, tuple[datetime, float]] = {}


def through() -> str:
    """The moment, as the log writes it."""
    known = _known.get(db.url())
    if known is None or known[1] < monotonic():
        try:
            with db.reading() as session:
                moment = consistency.through(session, clock.now())
        except Unavailable:
            return order.text(known[0]) if known else order.text(order.stored_at(0))
        known = (max(moment, known[0]) if known else moment, monotonic() + KEPT)
        _known[db.url()] = known
    return order.text(known[0])
