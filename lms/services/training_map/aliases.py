"""Other activities that mean a module: pointed at it, and taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from lms.errors import Conflict, Invalid, NotFound
from lms.services import audit
from lms.services.audit import Actor
from lms.services.training_map import modules
from lms.tables.training_map import Module, ModuleAlias

MISSING = "This activity means no module. It may just have been taken back."
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Pointed:
    """An activity that means a module."""

    alias_id: int
    iri: str
    module: str
    title: str


def listed(session: Session, *, limit: int = 50, offset: int = 0) -> tuple[list[Pointed], int]:
    """Activities other than their own that mean a module, by module; and how many there are."""
    found = session.exec(
        select(ModuleAlias, Module).join(Module).order_by(col(Module.code), col(ModuleAlias.alias))
    ).all()
    # Codes that other systems use for a module stand in the same table, and are no activities.
    iris = [
        Pointed(alias.id or 0, alias.alias, module.code, module.title)
        for alias, module in found
        if ":" in alias.alias
    ]
    return iris[offset : offset + limit], len(iris)


def by_iri(session: Session, iri: str) -> int:
    """The id under which an activity is pointed at a module.

    :raises NotFound: when it is not.
    """
    found = session.exec(select(ModuleAlias.id).where(ModuleAlias.alias == iri)).first()
    if found is None:
        raise NotFound(MISSING)
    return found


def point(session: Session, code: str, iri: str, *, actor: Actor, now: datetime) -> Module:
    """Let an activity mean a module: statements about it count as the module's from now on.

    :raises NotFound: when there is no such module.
    :raises Conflict: when the activity means another one already.
    :raises Invalid: when the IRI is too long to be kept.
    """
    module = modules.by_code(session, code)
    if len(iri) > LONGEST:
        raise Invalid(
            f"This activity's IRI has more than {LONGEST} characters and cannot be kept. Set it aside."
        )
    owner = session.exec(
        select(Module)
        .join(ModuleAlias, isouter=True)
        .where(or_(col(Module.activity_iri) == iri, col(ModuleAlias.alias) == iri))
    ).first()
    if owner is not None:
        raise Conflict(f"This activity means the module {owner.code} already.")
    try:
        with session.begin_nested():
            session.add(ModuleAlias(module_id=module.id or 0, alias=iri, pointed=True))
    except IntegrityError as error:
        raise Conflict("Somebody has just said what this activity means. Load the page again.") from error
    audit.record(session, actor, "module.pointed_at", code, now=now, activity=iri)
    return module


def take_back(session: Session, alias_id: int, *, actor: Actor, now: datetime) -> str:
    """Let an activity mean nothing again, and give its IRI: project the statements about it anew.

    :raises NotFound: when it does not.
    """
    found = session.get(ModuleAlias, alias_id)
    if found is None:
        raise NotFound(MISSING)
    module = session.get_one(Module, found.module_id)
    iri = found.alias
    session.delete(found)
    session.flush()
    audit.record(session, actor, "module.no_longer_pointed_at", module.code, now=now, activity=iri)
    return iri
