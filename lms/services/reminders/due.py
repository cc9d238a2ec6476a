"""Who is due which step today: standing, less those who are booked or only just back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date
from sqlmodel import Session, col, or_, select

from lms.rules.reminders import Step, Steps, latest, quiet, steps_from
from lms.rules.sessions import Mark
from lms.rules.standing import BY_RANK, RANK, Standing, Term, due_by, until
from lms.services.reminders.facts import Addressee, Due
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import prepare
from lms.services.standing.scope import Scope
from lms.tables.organisations import Organisation, Setting
from lms.tables.people import Employment, Exemption, Post
from lms.tables.sessions import RegisterEntry, TrainingSession

TO_BE_DONE = (Standing.DUE_SOON, Standing.NOT_YET_DUE, Standing.OUT_OF_DATE, Standing.NOT_DONE)

OPEN_STANDINGS = f"""
SELECT j.post_id, j.employment_id, j.organisation_id, j.person_id, j.starts_on, j.term_id, j.rank, j.day, j.until
FROM judged j WHERE j.rank IN ({", ".join(str(RANK[standing]) for standing in TO_BE_DONE)})
"""  # nosec B608


def settings(session: Session) -> Steps:
    """The steps as they are set."""
    return steps_from({one.name: one.value for one in session.exec(select(Setting))})


def switched_on(session: Session, today: date) -> frozenset[int]:
    """The organisations that send reminders."""
    found = session.exec(select(Organisation.id).where(col(Organisation.reminders_from) <= today)).all()
    return frozenset(one for one in found if one is not None)


def due(
    session: Session,
    today: date,
    organisation_ids: frozenset[int],
    *,
    person_id: int | None = None,
    asked: Asked | None = None,
) -> list[Due]:
    """What is due to be said today to people of these organisations, one item for each person and module.

    It does not ask what was sent: that is for the log. ``asked`` puts another map in the place of the published.
    """
    if not organisation_ids:
        return []
    steps = settings(session)
    scope = Scope(organisation_ids=organisation_ids, person_id=person_id)
    asked = asked or reading.on(session, today, scope)
    # Somebody whom the shortest window of the figures calls in date may still have a step ahead of it.
    prepared = prepare(session, asked, today, scope, steps.longest)
    statement = prepared.then(OPEN_STANDINGS, starts_on=Date(), day=Date(), until=Date())
    away = _back_since(session, today, steps, person_id)
    booked = _booked(session, today, person_id)
    terms = asked.terms

    @cache
    def step_of(
        term_id: int, rank: int, starts_on: date, completed_on: date | None, until: date | None
    ) -> Step | None:
        """Many people share a day, and so a step."""
        return _step(terms[term_id], today, steps, BY_RANK[rank], starts_on, completed_on, until)

    pressing: dict[tuple[int, int], Due] = {}
    for found in session.execute(statement):
        term = asked.terms[found.term_id]
        last_away = max(
            away.get((found.employment_id, None), date.min),
            away.get((found.employment_id, found.post_id), date.min),
        )
        if quiet(last_away, today, steps) or _is_booked(asked, term, booked.get(found.person_id, ())):
            continue
        # What was never done is told by its start; all else by the completion, whenever the post began.
        starts_on = found.starts_on if found.day is None else today
        step = step_of(found.term_id, found.rank, starts_on, found.day, found.until)
        if step is None:
            continue
        one = Due(
            found.person_id,
            found.organisation_id,
            term.requirement_id,
            term.module_id,
            BY_RANK[found.rank],
            step,
        )
        key = one.person_id, one.module_id
        if key not in pressing or _presses(one) > _presses(pressing[key]):
            pressing[key] = one
    return sorted(pressing.values(), key=lambda one: (one.person_id, one.step.last_day, one.module_id))


def addressees(
    session: Session, today: date, organisation_ids: frozenset[int], *, person_id: int | None = None
) -> dict[int, Addressee]:
    """How to speak to the people who have a post today; the address is that of the main post, if it has one."""
    wanted = (
        select(Employment, Organisation.code, Post.main)
        .join(Post, col(Post.employment_id) == Employment.id)
        .join(Organisation, col(Organisation.id) == Employment.organisation_id)
        .where(col(Employment.organisation_id).in_(organisation_ids))
        .where(Post.starts_on <= today, or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= today))
        .order_by(col(Employment.person_id), col(Post.main).desc(), col(Employment.id))
    )
    if person_id is not None:
        wanted = wanted.where(Employment.person_id == person_id)
    held: dict[int, dict[int, tuple[Employment, str]]] = defaultdict(dict)
    for employment, code, _ in session.exec(wanted):
        held[employment.person_id].setdefault(employment.id or 0, (employment, code))
    return {person: _addressee(person, list(found.values())) for person, found in held.items()}


def _addressee(person_id: int, held: list[tuple[Employment, str]]) -> Addressee:
    reachable = next((one for one, _ in held if one.email and one.email.strip()), None)
    spoken = reachable or held[0][0]
    return Addressee(
        person_id,
        f"{spoken.given_name} {spoken.family_name}".strip(),
        (spoken.known_as or spoken.given_name).strip(),
        reachable.email.strip() if reachable and reachable.email else None,
        tuple((code, one.employee_number) for one, code in held),
    )


def _step(
    term: Term,
    today: date,
    steps: Steps,
    standing: Standing,
    starts_on: date,
    completed_on: date | None,
    folded_until: date | None,
) -> Step | None:
    due_day = due_by(term, starts_on)
    valid_until = folded_until
    if completed_on is not None and not term.folded:
        valid_until = until(term, completed_on)
    return latest(
        standing,
        today,
        steps,
        start=due_day - timedelta(days=term.days_allowed),
        due_by=due_day,
        completed_on=completed_on,
        valid_until=valid_until,
    )


def _presses(one: Due) -> tuple[int, int, int]:
    """The worst standing first, as in coverage; then the earliest day; then the older requirement."""
    return RANK[one.standing], -one.step.last_day.toordinal(), -one.requirement_id


def _back_since(
    session: Session, today: date, steps: Steps, person_id: int | None
) -> Mapping[tuple[int, int | None], date]:
    """The last day away of absences that ended within the quiet days, by employment, or employment and post."""
    wanted = select(Exemption).where(
        Exemption.kind == "away",
        col(Exemption.to_day) < today,
        col(Exemption.to_day) >= today - timedelta(days=steps.quiet_days),
    )
    if person_id is not None:
        wanted = wanted.join(Employment).where(Employment.person_id == person_id)
    found: dict[tuple[int, int | None], date] = {}
    for one in session.exec(wanted):
        if one.to_day is not None:
            key = one.employment_id, one.post_id
            found[key] = max(one.to_day, found.get(key, one.to_day))
    return found


def _booked(session: Session, today: date, person_id: int | None) -> Mapping[int, set[int]]:
    """The modules for which people have a place in a session still to come."""
    wanted = (
        select(Employment.person_id, TrainingSession.module_id)
        .join(RegisterEntry, col(RegisterEntry.employment_id) == Employment.id)
        .join(TrainingSession, col(TrainingSession.id) == RegisterEntry.session_id)
        .where(
            RegisterEntry.mark == Mark.BOOKED,
            TrainingSession.day >= today,
            col(TrainingSession.cancelled_at).is_(None),
        )
    )
    if person_id is not None:
        wanted = wanted.where(Employment.person_id == person_id)
    found: dict[int, set[int]] = defaultdict(set)
    for person, module_id in session.exec(wanted):
        found[person].add(module_id)
    return found


def _is_booked(asked: Asked, term: Term, modules: Iterable[int]) -> bool:
    wanted = {link.source for link in asked.links.get(term.module_id, ())}
    if term.refresher_module_id is not None:
        wanted |= {link.source for link in asked.links.get(term.refresher_module_id, ())}
    return not wanted.isdisjoint(modules)
