"""Up to when everything stored is here to be read (1.0.3 Communication 2.1.3, X-Experience-API-Consistent-Through)."""

from datetime import datetime, timedelta

from lms.services.statements import rows

# From reading the clock for a batch to the first row of it there is no trace in the database.
UNSEEN = timedelta(milliseconds=250)


def through(session: rows.Asking, now: datetime) -> datetime:
    """The moment before which nothing will appear any more: the start of the oldest transaction that writes.

    The server's clock is read beside ours, so that the two need not agree. SQLite has one writer, whose places
    rise from the last one on, and its own lock: there it is the moment just past.
    """
    cursor = rows.cursor(session)
    if cursor.postgres:
        waiting: timedelta | None
        (waiting,) = cursor.run(
            "SELECT max(clock_timestamp() - xact_start) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        ).fetchone()
        if waiting is not None:
            return now - waiting - UNSEEN
    return now - UNSEEN
