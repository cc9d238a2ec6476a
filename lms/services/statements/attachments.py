"""The data of attachments, each once, by its SHA-2."""

from collections.abc import Mapping, Sequence

from lms.services.statements import rows
from lms.services.statements.rows import Cursor


def keep(cursor: Cursor, attachments: Mapping[str, bytes]) -> None:
    """Keep data by SHA-2 in lower case; what is here already stays."""
    cursor.many(
        "INSERT INTO attachment (sha2, content) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(sha2, attachments[sha2]) for sha2 in sorted(attachments)],
    )


def of(session: rows.Asking, digests: Sequence[str]) -> dict[str, bytes]:
    """The data that is here, by SHA-2 in lower case."""
    cursor = rows.cursor(session)
    found: dict[str, bytes] = {}
    for some in rows.chunks(sorted(set(digests))):
        marks = ",".join("?" * len(some))
        for sha2, content in cursor.run(
            f"SELECT sha2, content FROM attachment WHERE sha2 IN ({marks})",  # nosec B608
            list(some),
        ):
            found[sha2] = bytes(content)
    return found
