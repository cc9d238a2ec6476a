"""The words of the feed: what came of a list, and the message that says it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lms.rules.feed import BRAKES, Outcome, place, without_option


@dataclass(frozen=True, slots=True)
class Fed:
    """A list that a feed brought, as whoever sent it may see it. ``outcome`` is None while it waits."""

    role_list_id: int
    organisation: str
    as_at: date
    filename: str
    state: str
    outcome: Outcome | None
    report: dict[str, Any] | None

    @property
    def applied(self) -> bool:
        """Whether it is written."""
        return self.outcome is Outcome.APPLIED

    @property
    def reasons(self) -> list[str]:
        """Why it was not applied: every error, or what has to be confirmed."""
        report = self.report or {}
        if self.outcome is Outcome.STOPPED:
            return [
                without_option(one["message"]) for one in report.get("warnings", ()) if one["code"] in BRAKES
            ]
        return [": ".join(filter(None, (place(one), one["message"]))) for one in report.get("errors", ())]

    def document(self, base_url: str) -> dict[str, Any]:
        """All of it, for a machine; ``report`` is the one of ``lms roster check --json``."""
        return {
            "id": self.role_list_id,
            "organisation": self.organisation,
            "as_at": self.as_at.isoformat(),
            "filename": self.filename,
            "state": self.outcome.value if self.outcome else self.state,
            "reasons": self.reasons,
            "report": self.report,
            "page": f"{base_url}/role-lists/{self.role_list_id}",
        }


@dataclass(frozen=True, slots=True)
class News:
    """What a message says of a list. Nothing in it is about a single person."""

    outcome: Outcome
    organisation: str
    code: str
    as_at: date
    filename: str
    role_list_id: int
    covers: str | None = None
    counts: tuple[tuple[str, int], ...] = ()
    titles: int = 0
    in_titles: int = 0
    brakes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    row_count: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A message about to go."""

    letter_id: int
    uuid: str
    recipient: str
    subject: str
    body: str
