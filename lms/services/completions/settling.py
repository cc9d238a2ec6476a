"""Everything that waits for the same thing, resolved together."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from lms.errors import Invalid
from lms.rules.completions import Reason
from lms.services import keys
from lms.services.audit import Actor
from lms.services.completions import reconciling, waiting
from lms.services.completions.projecting import Projected
from lms.services.completions.resolving import ACCEPTED
from lms.services.completions.waiting import Item
from lms.services.statements import stores
from lms.services.training_map import aliases

# More than these are decided at once and projected by a worker, because nobody waits minutes for a page.
AT_ONCE = 5_000
OF_ACTORS = (Reason.UNKNOWN_ACTOR, Reason.AMBIGUOUS_ACTOR)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a decision came to. ``later``: the edge has to ask a worker to look at the list again."""

    counted: int
    open: int
    later: bool


def person(
    session: Session, actor: Actor, item: Item, person_uuid: str, base_url: str, *, now: datetime
) -> Settled:
    """The actor is this person.

    :raises Invalid: when the item is about something else, or the actor has no identity.
    :raises NotFound: when there is no such person.
    """
    identity = waiting.who(session, item) if item.reason in OF_ACTORS else None
    if identity is None:
        raise Invalid("This actor has nothing to be recognised by. Set its statements aside.")
    later = _later(item)
    made = reconciling.match_actor(session, actor, identity, person_uuid, base_url, now=now, later=later)
    return _settled(made, later)


def module(session: Session, actor: Actor, item: Item, code: str, base_url: str, *, now: datetime) -> Settled:
    """The activity means this module.

    :raises Invalid: when the item is about something else, or the IRI is too long.
    :raises NotFound: when there is no such module.
    :raises Conflict: when it means another one already.
    """
    _only(item, Reason.UNKNOWN_ACTIVITY)
    iri = waiting.activity(session, item)["id"]
    aliases.point(session, code, iri, actor=actor, now=now)
    later = _later(item)
    return _settled(Projected() if later else reconciling.about_activity(session, iri, base_url, now), later)


def trust(session: Session, actor: Actor, item: Item, base_url: str, *, now: datetime) -> Settled:
    """The key or store may make completions.

    :raises Invalid: when the item is about something else.
    """
    _only(item, Reason.UNTRUSTED_KEY)
    kind, number = waiting.source(session, item)
    if kind == "store":
        return store(session, actor, number, base_url, trusted=True, now=now)
    return key(session, actor, keys.prefix_of(session, number), base_url, trusted=True, now=now)


def key(
    session: Session, actor: Actor, prefix: str, base_url: str, *, trusted: bool, now: datetime
) -> Settled:
    """What a key writes, and wrote, counts as completions, or no longer.

    :raises NotFound: when there is no such key.
    """
    key_id = keys.trust(session, actor, prefix, trusted=trusted, now=now)
    if trusted and waiting.of_source(session, f"key {key_id}") > AT_ONCE:
        return _settled(Projected(), later=True)
    return _settled(reconciling.from_key(session, key_id, base_url, now), later=False)


def store(
    session: Session, actor: Actor, store_id: int, base_url: str, *, trusted: bool, now: datetime
) -> Settled:
    """What comes from a store, and came, counts as completions, or no longer.

    :raises NotFound: when there is no such store.
    """
    stores.trust(session, actor, store_id, trusted=trusted, now=now)
    if trusted and waiting.of_source(session, f"store {store_id}") > AT_ONCE:
        return _settled(Projected(), later=True)
    return _settled(reconciling.from_store(session, store_id, base_url, now), later=False)


def decide(
    session: Session,
    actor: Actor,
    item: Item,
    decision: str,
    base_url: str,
    *,
    now: datetime,
    only: int | None = None,
) -> Settled:
    """Accept all that wait, or set them aside; or ``only`` the one at this place in the log.

    :raises Invalid: for another decision, or for a statement that does not wait for this.
    """
    places = waiting.places(session, item)
    if only is not None and only not in places:
        raise Invalid("This statement does not wait here any more. Load the page again.")
    if decision == ACCEPTED:
        _only(item, Reason.FUTURE)
    later = only is None and _later(item)
    chosen = places if only is None else [only]
    made = reconciling.decide(session, actor, chosen, decision, base_url, now=now, later=later)
    return _settled(made, later)


def _later(item: Item) -> bool:
    return item.statements > AT_ONCE


def _only(item: Item, reason: Reason) -> None:
    if item.reason is not reason:
        raise Invalid("This decision is not one for what these statements wait for.")


def _settled(made: Projected, later: bool) -> Settled:
    return Settled(made.counted, made.open, later)
