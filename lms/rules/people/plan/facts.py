"""What a list is compared with, and what comes of it: the facts of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

MOST_LEAVERS = 10
MOST_JOINERS = 50


class Kind(StrEnum):
    """What happens to a person in a list: exactly one of these."""

    JOINER = "joiner"
    LEAVER = "leaver"
    MOVER = "mover"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


# How many there are of each is said under these names, in this order.
COUNTED: Mapping[Kind, str] = {
    Kind.JOINER: "joiners",
    Kind.LEAVER: "leavers",
    Kind.MOVER: "movers",
    Kind.CHANGED: "changed",
    Kind.UNCHANGED: "unchanged",
}


class StoredPost(NamedTuple):
    """A post as stored. ``away_id`` and ``away_from`` are an absence that a list opened and none has closed.

    A tuple rather than a dataclass, as an organisation has a hundred thousand; so is the person.
    """

    id: int
    reference: str | None
    title: str
    unit: str | None
    main: bool
    bank: bool
    manager: str | None
    starts_on: date
    listed_start: date | None
    ends_on: date | None
    away_id: int | None = None
    away_from: date | None = None

    def current(self, on: date) -> bool:
        """In post on the day, or to start later."""
        return self.ends_on is None or self.ends_on >= max(on, self.starts_on)


class StoredPerson(NamedTuple):
    """An employment as stored, with its posts."""

    id: int
    number: str
    given: str
    family: str
    known_as: str | None
    email: str | None
    posts: tuple[StoredPost, ...]


@dataclass(slots=True)
class NewPost:
    """A post to be made. ``away`` opens an absence on the list's date. ``number`` says whose."""

    number: str
    values: dict[str, Any]
    away: bool = False


@dataclass(slots=True)
class Plan:
    """Every write of a list, and what each person is.

    ``people`` are new employments by number; ``employments`` and ``posts`` are changes by id; ``open_absences`` are
    post ids, ``close_absences`` and ``drop_absences`` ids of absences. ``kinds`` has no entry for somebody who was
    gone before and still is. ``joined`` are rows that say with blanks what another says, as (employee number, row,
    the other row).
    """

    as_at: date
    kinds: dict[str, Kind] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    employments: dict[int, dict[str, Any]] = field(default_factory=dict)
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    new_posts: list[NewPost] = field(default_factory=list)
    open_absences: list[int] = field(default_factory=list)
    close_absences: list[int] = field(default_factory=list)
    drop_absences: list[int] = field(default_factory=list)
    joined: list[tuple[str, int, int]] = field(default_factory=list)
    current_before: int = 0
    people_in_list: int = 0

    def count(self, kind: Kind) -> int:
        """How many people are of a kind."""
        return list(self.kinds.values()).count(kind)

    @property
    def writes(self) -> bool:
        """Whether applying the list would change anything."""
        return bool(
            self.people
            or self.employments
            or self.posts
            or self.new_posts
            or self.open_absences
            or self.close_absences
            or self.drop_absences
        )

    def too_many_leavers(self, percent: int = MOST_LEAVERS) -> bool:
        """The brake: half a file must not make the other half leavers."""
        return self.count(Kind.LEAVER) * 100 > self.current_before * percent

    def too_many_joiners(self, percent: int = MOST_JOINERS) -> bool:
        """The brake: another organisation's file is full of people nobody here knows."""
        return self.current_before > 0 and self.count(Kind.JOINER) * 100 > self.people_in_list * percent
