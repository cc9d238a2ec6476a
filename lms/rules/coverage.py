"""Coverage: counts of standings and the two rates made of them (policy.md, Coverage)."""

from dataclasses import dataclass

from lms.rules.standing import RANK, Standing


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people stand where on one module. The six add up to the people of whom it is required."""

    exempt: int = 0
    in_date: int = 0
    due_soon: int = 0
    not_yet_due: int = 0
    out_of_date: int = 0
    not_done: int = 0

    @property
    def in_scope(self) -> int:
        """People of whom it is required, the exempt among them."""
        return self.exempt + self.trained + self.not_yet_due + self.out_of_date + self.not_done

    @property
    def trained(self) -> int:
        """People in date or due soon."""
        return self.in_date + self.due_soon

    @property
    def coverage(self) -> float | None:
        """Trained ÷ (in scope − exempt), in per cent."""
        return rate(self.trained, self.in_scope - self.exempt)

    @property
    def of_those_due(self) -> float | None:
        """Trained ÷ (in scope − exempt − not yet due), in per cent."""
        return rate(self.trained, self.in_scope - self.exempt - self.not_yet_due)


def rate(part: int, whole: int) -> float | None:
    """Per cent, rounded half up to one decimal; None of nothing.

    Never 100.0 unless all are trained, nor 0.0 unless nobody is. Whole numbers all the way: 0.05 has no exact
    binary form, and half of what lies on the edge would be rounded down.
    """
    if whole <= 0:
        return None
    tenths = (2000 * part + whole) // (2 * whole)
    if part < whole:
        tenths = min(tenths, 999)
    if part > 0:
        tenths = max(tenths, 1)
    return tenths / 10


def counted(ranks: dict[int, int]) -> Counts:
    """Counts from the number of people at each standing's rank."""
    return Counts(**{standing.value: ranks.get(RANK[standing], 0) for standing in Standing})
