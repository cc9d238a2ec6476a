"""What standing is worked out from: a requirement on a date, and what a person holds that counts for it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Shape(StrEnum):
    """The four shapes of a requirement."""

    ONCE = "once"
    REFRESHED = "refreshed"
    DIFFERENT_REFRESHER = "different_refresher"
    HOURS = "hours"


class Anchor(StrEnum):
    """What a renewal's dates are counted from."""

    COMPLETION = "completion"
    KEEP_ANNIVERSARY = "keep_anniversary"
    FIXED = "fixed"


class Standing(StrEnum):
    """Where a post stands on one requirement on one date; from best to worst, the exempt left aside."""

    EXEMPT = "exempt"
    IN_DATE = "in_date"
    DUE_SOON = "due_soon"
    NOT_YET_DUE = "not_yet_due"
    OUT_OF_DATE = "out_of_date"
    NOT_DONE = "not_done"

    @property
    def trained(self) -> bool:
        """Whether this counts as trained."""
        return self in (Standing.IN_DATE, Standing.DUE_SOON)


RANK = {standing: rank for rank, standing in enumerate(Standing)}
BY_RANK = tuple(Standing)
DUE_SOON_DAYS = 90
WINDOW_DAYS = 90


@dataclass(frozen=True, slots=True)
class Term:
    """What a requirement asks for on the date in question.

    ``minutes`` is what an hours requirement adds up to; ``fixed_day`` is (month, day); ``first_applied`` is the
    day the requirement first applied through all versions of the map (None: since always). ``version`` is the
    number of the map version that brought this term, ``decided_by`` the name of whoever published it (or asked
    it of one person). ``employment_id`` is set where ``who`` is person.
    """

    term_id: int
    requirement_id: int
    who: str
    value: str
    organisation_id: int | None
    module_id: int
    shape: Shape
    every_months: int | None = None
    refresher_module_id: int | None = None
    minutes: int | None = None
    days_allowed: int = 90
    anchor: Anchor = Anchor.COMPLETION
    fixed_day: tuple[int, int] | None = None
    renewal_window_days: int | None = None
    first_applied: date | None = None
    from_day: date | None = None
    version: int | None = None
    decided_by: str | None = None
    employment_id: int | None = None

    @property
    def window(self) -> int:
        """The renewal window in days, blank being 90."""
        return WINDOW_DAYS if self.renewal_window_days is None else self.renewal_window_days

    @property
    def folded(self) -> bool:
        """Whether its validity depends on the order of somebody's completions, not on the latest alone."""
        return self.shape is Shape.HOURS or self.anchor is Anchor.KEEP_ANNIVERSARY


@dataclass(frozen=True, slots=True)
class Held:
    """One completion that counts for a term's module (or, where ``refresher``, for its refresher alone).

    ``module_id`` is the module actually completed; ``minutes`` the completion's, else the module's.
    """

    day: date
    module_id: int
    minutes: int = 0
    refresher: bool = False


@dataclass(frozen=True, slots=True)
class Validity:
    """What somebody holds on a date: the completion that carries it and its last valid day.

    Without ``completed_on`` nothing valid was ever held. Without ``until`` it never lapses.
    """

    completed_on: date | None
    until: date | None
    module_id: int | None = None


NEVER = Validity(None, None)
