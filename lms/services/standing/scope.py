"""Whose standing is asked for."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Planned(NamedTuple):
    """A post in scope that is not stored, or not as it stands here. Numbers below zero stand for what is new."""

    post_id: int
    employment_id: int
    organisation_id: int
    person_id: int
    starts_on: date
    job_role_id: int | None
    unmapped: bool
    exempt: bool


@dataclass(frozen=True)
class Scope:
    """Whose standing is asked for; nothing given means everyone's. ``planned`` posts stand in for the stored ones."""

    organisation_ids: frozenset[int] | None = None
    person_id: int | None = None
    employment_id: int | None = None
    planned: tuple[Planned, ...] | None = None

    @property
    def narrow(self) -> bool:
        """Whether few enough people are meant that reading everybody's completions would be waste."""
        given = (self.organisation_ids, self.person_id, self.employment_id, self.planned)
        return any(one is not None for one in given)

    @property
    def of_one(self) -> bool:
        """Whether one person is meant, of whom most of the map asks nothing."""
        return self.planned is None and (self.person_id is not None or self.employment_id is not None)


EVERYONE = Scope()
