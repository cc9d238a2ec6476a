"""Who may do what, and how far it reaches: the whole access policy as one table, default deny (house.md, 11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms.errors import Forbidden, NotFound


class Role(StrEnum):
    """What an account can be granted, in one organisation or in the whole partnership."""

    ADMINISTRATOR = "administrator"
    HR = "hr"
    TRAINER = "trainer"
    PUBLIC_HEALTH = "public_health"
    STAFF = "staff"


class Action(StrEnum):
    """What a page, a file or an address lets somebody do. Every one of them declares exactly one."""

    SEE_OWN_LEARNING = "see_own_learning"
    CHANGE_OWN_PASSWORD = "change_own_password"
    SEE_PEOPLE = "see_people"
    SEE_COVERAGE = "see_coverage"
    KEEP_ROLE_LISTS = "keep_role_lists"
    MAP_JOB_TITLES = "map_job_titles"
    SEE_TRAINING_MAP = "see_training_map"
    KEEP_TRAINING_MAP = "keep_training_map"
    DECIDE_ABOUT_PEOPLE = "decide_about_people"
    CLAIM_PRIOR_LEARNING = "claim_prior_learning"
    SEE_SESSIONS = "see_sessions"
    PLAN_SESSIONS = "plan_sessions"
    KEEP_REGISTERS = "keep_registers"
    ADMINISTER_ACCOUNTS = "administer_accounts"
    RECONCILE_STATEMENTS = "reconcile_statements"
    ADMINISTER_KEYS = "administer_keys"
    ADMINISTER_STORES = "administer_stores"
    EXPORT_RECORDS = "export_records"


class Reach(StrEnum):
    """How far: one's own person; what the grant names (an organisation; blank is the partnership); or the whole
    partnership, which a grant for one organisation does not give at all."""

    OWN = "own"
    GRANTED = "granted"
    PARTNERSHIP = "partnership"


ADMINISTRATOR, HR, TRAINER, PUBLIC_HEALTH, STAFF = Role
OWN, GRANTED, PARTNERSHIP = Reach

# What is not in this table is denied. Public health sees figures and nobody's name (policy.md, Figures that
# leave an organisation). A trainer needs the names on a register, not where people stand.
POLICY: Mapping[Action, Mapping[Role, Reach]] = {
    Action.SEE_OWN_LEARNING: {ADMINISTRATOR: OWN, HR: OWN, TRAINER: OWN, PUBLIC_HEALTH: OWN, STAFF: OWN},
    Action.CHANGE_OWN_PASSWORD: {ADMINISTRATOR: OWN, HR: OWN, TRAINER: OWN, PUBLIC_HEALTH: OWN, STAFF: OWN},
    Action.SEE_PEOPLE: {ADMINISTRATOR: GRANTED, HR: GRANTED},
    Action.SEE_COVERAGE: {ADMINISTRATOR: GRANTED, HR: GRANTED, PUBLIC_HEALTH: GRANTED},
    Action.KEEP_ROLE_LISTS: {ADMINISTRATOR: GRANTED, HR: GRANTED},
    Action.MAP_JOB_TITLES: {ADMINISTRATOR: GRANTED, HR: GRANTED},
    # What is asked of a role is no secret within the partnership; who changes it for whom is decided by the scope.
    Action.SEE_TRAINING_MAP: {
        ADMINISTRATOR: GRANTED,
        HR: GRANTED,
        TRAINER: GRANTED,
        PUBLIC_HEALTH: GRANTED,
    },
    Action.KEEP_TRAINING_MAP: {ADMINISTRATOR: GRANTED, HR: GRANTED},
    Action.DECIDE_ABOUT_PEOPLE: {ADMINISTRATOR: GRANTED, HR: GRANTED},
    Action.CLAIM_PRIOR_LEARNING: {
        ADMINISTRATOR: OWN,
        HR: OWN,
        TRAINER: OWN,
        PUBLIC_HEALTH: OWN,
        STAFF: OWN,
    },
    Action.SEE_SESSIONS: {ADMINISTRATOR: GRANTED, HR: GRANTED, TRAINER: GRANTED},
    Action.PLAN_SESSIONS: {ADMINISTRATOR: GRANTED, HR: GRANTED, TRAINER: GRANTED},
    Action.KEEP_REGISTERS: {ADMINISTRATOR: GRANTED, TRAINER: GRANTED},
    Action.ADMINISTER_ACCOUNTS: {ADMINISTRATOR: GRANTED},
    # The log is one for all: whom an actor means, what an activity means and whose word counts is so for everybody,
    # and what one employer recorded of a person is not another's to take away.
    Action.RECONCILE_STATEMENTS: {ADMINISTRATOR: PARTNERSHIP},
    Action.ADMINISTER_KEYS: {ADMINISTRATOR: PARTNERSHIP},
    Action.ADMINISTER_STORES: {ADMINISTRATOR: PARTNERSHIP},
    Action.EXPORT_RECORDS: {ADMINISTRATOR: PARTNERSHIP},
}


@dataclass(frozen=True)
class Grant:
    """A role, in one organisation or (None) the whole partnership."""

    role: Role
    organisation_id: int | None = None


@dataclass(frozen=True)
class Scope:
    """Whose facts an act may touch: everybody's, those of some organisations, one's own; or of each a part."""

    everywhere: bool = False
    organisation_ids: frozenset[int] = frozenset()
    person_id: int | None = None

    def covers(self, organisation_id: int | None) -> bool:
        """Whether the organisation (None: the whole partnership) lies within."""
        return self.everywhere or organisation_id in self.organisation_ids

    def covers_person(self, person_id: int | None) -> bool:
        """Whether this is everybody, or oneself."""
        return self.everywhere or (person_id is not None and person_id == self.person_id)


EVERYTHING = Scope(everywhere=True)
"""The scope of the command line and of the workers, which act for the house."""


def may(grants: Iterable[Grant], action: Action) -> bool:
    """Whether any of the grants gives the right at all, however far it reaches."""
    return any(_reach(grant, action) for grant in grants)


def scope(grants: Iterable[Grant], action: Action, person_id: int | None = None) -> Scope:
    """How far the grants reach for this action. ``person_id`` is the person whose account this is.

    :raises Forbidden: when none of them gives the right.
    """
    held = [(grant, reach) for grant in grants if (reach := _reach(grant, action))]
    if not held:
        raise Forbidden("Your account does not include this. Ask your administrator if you need it.")
    granted = {grant.organisation_id for grant, reach in held if reach is not OWN}
    return Scope(
        everywhere=None in granted,
        organisation_ids=frozenset(number for number in granted if number is not None),
        person_id=person_id if any(reach is OWN for _, reach in held) else None,
    )


def _reach(grant: Grant, action: Action) -> Reach | None:
    reach = POLICY.get(action, {}).get(grant.role)
    return None if reach is PARTNERSHIP and grant.organisation_id is not None else reach


def within(reached: Scope, organisation_id: int | None, missing: str) -> None:
    """Let pass what lies within the scope; what lies outside does not exist for whoever asks.

    :raises NotFound: with the sentence ``missing``, the same as for what really does not exist.
    """
    if not reached.covers(organisation_id):
        raise NotFound(missing)
