"""Applying a role list: every write of its plan in the caller's transaction, and how to take it all back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, tuple_, update
from sqlmodel import Session, col

from lms import garbage
from lms.errors import Conflict, Invalid
from lms.rules.dates import DAY
from lms.rules.job_roles import title_key
from lms.rules.people.plan import COUNTED, Plan, StoredPerson
from lms.services import audit, job_roles, roster
from lms.services.audit import Actor
from lms.services.people import adding, linking
from lms.services.people.checking import Checked, latest_applied
from lms.services.people.stored import AWAY, LIST
from lms.tables import metadata
from lms.tables.organisations import Organisation
from lms.tables.roster import RoleList, RoleListChange

PERSON, EMPLOYMENT, POST, EXEMPTION, CHANGE = (
    metadata.tables[name] for name in ("person", "employment", "post", "exemption", "role_list_change")
)
UNDOABLE = {table.name: table for table in (EMPLOYMENT, POST, EXEMPTION)}


@dataclass(frozen=True)
class Applied:
    """What was written. ``touched`` are persons whose completions may count for somebody else now, or again."""

    role_list_id: int
    checked: Checked
    touched: frozenset[int]


@garbage.put_off()
def apply(
    session: Session,
    organisation_id: int,
    checked: Checked,
    *,
    actor: Actor,
    now: datetime,
    filename: str = "",
    role_list: RoleList | None = None,
) -> Applied:
    """Write everything a checked list says, or nothing.

    Take the ``lock`` first and check under it: one list at a time for an organisation, and a second one waits until
    the first is committed, to be compared with what that left behind.

    :raises Invalid: with every problem, when the list has errors or a brake stops it.
    """
    if not checked.applicable:
        stopped = (*checked.errors, *checked.brakes)
        raise Invalid("The list was not applied, and nothing was changed.", stopped)
    reading, options = checked.reading, checked.options
    if role_list is None:
        role_list = RoleList(
            organisation_id=organisation_id,
            as_at=reading.as_at,
            filename=filename[:255],
            state=roster.APPLIED,
            options={},
            uploaded_by_id=actor.account_id,
            uploaded_at=now,
        )
        session.add(role_list)
    role_list.state, role_list.applied_at = roster.APPLIED, now
    role_list.options = role_list.options | asdict(options)
    role_list.report = checked.report(applied=True)
    # Who is in the list is in the tables now; what was read need not be kept twice.
    role_list.cells = None
    session.flush()
    list_id = role_list.id or 0
    touched: frozenset[int] = frozenset()
    if checked.plan.writes:
        touched = _write(session, organisation_id, list_id, checked.plan, checked.stored, actor, now)
    audit.record(
        session,
        actor,
        "role_list.applied",
        f"role list {list_id}",
        now=now,
        organisation_id=organisation_id,
        as_at=reading.as_at.isoformat(),
        **{key: role_list.report[key] for key in COUNTED.values()},
    )
    return Applied(list_id, checked, touched)


def undo(
    session: Session, organisation_id: int, *, actor: Actor, now: datetime
) -> tuple[RoleList, frozenset[int]]:
    """Take the last applied list back as a whole: everything is as it was before.

    :raises Conflict: when there is no list to undo, or the one before it was undone already.
    """
    lock(session, organisation_id)
    last = latest_applied(session, organisation_id)
    if last is None or last.id is None:
        raise Conflict("There is no applied role list to undo.")
    newest = session.execute(
        select(RoleList.id)  # type: ignore[call-overload]
        .where(col(RoleList.organisation_id) == organisation_id, col(RoleList.undone_at).is_not(None))
        .where(tuple_(RoleList.applied_at, RoleList.id) > tuple_(last.applied_at, last.id))
        .limit(1)
    ).first()
    if newest is not None:
        raise Conflict(
            "A list can be undone until the next one is applied. A later list has been applied and undone since."
        )
    touched = linking.undo_list(session, last.id, now)
    session.execute(delete(EXEMPTION).where(EXEMPTION.c.role_list_id == last.id))
    session.execute(delete(POST).where(POST.c.role_list_id == last.id))
    _restore(session, last.id)
    for table in (EMPLOYMENT, PERSON):
        _delete_unreferenced(session, table, last.id)
    last.state, last.undone_at = roster.UNDONE, now
    session.add(last)
    audit.record(
        session, actor, "role_list.undone", f"role list {last.id}", now=now, organisation_id=organisation_id
    )
    return last, touched


def lock(session: Session, organisation_id: int) -> None:
    """Hold the organisation until the transaction ends; on SQLite the write transaction holds everything."""
    session.execute(select(Organisation.id).where(col(Organisation.id) == organisation_id).with_for_update())  # type: ignore[call-overload]


def _write(
    session: Session,
    organisation_id: int,
    list_id: int,
    plan: Plan,
    stored: Mapping[str, StoredPerson],
    actor: Actor,
    now: datetime,
) -> frozenset[int]:
    titles = {title_key(post.values["title"]): post.values["title"] for post in plan.new_posts}
    title_ids = job_roles.keep(session, organisation_id, titles, now)
    employment_ids = {number: one.id for number, one in stored.items()}
    employment_ids |= adding.people(session, organisation_id, list_id, plan.people)
    post_ids = adding.posts(session, organisation_id, list_id, plan.new_posts, employment_ids, title_ids)
    adding.weigh(session, len(plan.people) + len(plan.new_posts))
    _change(session, list_id, plan, stored)
    _mind_absences(session, list_id, plan, stored, employment_ids, post_ids, actor, now)
    with_email = [number for number, values in plan.people.items() if values["email"]]
    changed = [
        id_ for id_, values in plan.employments.items() if values.get("email") or "family_name" in values
    ]
    return linking.link_by_email(
        session, [*(employment_ids[number] for number in with_email), *changed], list_id, organisation_id, now
    )


def _change(session: Session, list_id: int, plan: Plan, stored: Mapping[str, StoredPerson]) -> None:
    """Change rows, keeping each as it was."""
    before: dict[str, dict[int, dict[str, Any]]] = {"employment": {}, "post": {}}
    names = {"given_name": "given", "family_name": "family"}
    for person in stored.values():
        if changes := plan.employments.get(person.id):
            kept = {name: getattr(person, names.get(name, name)) for name in changes}
            before["employment"][person.id] = kept
            full = {"given_name": person.given, "family_name": person.family, "email": person.email}
            changes |= adding.comparable(full | changes, only=changes)
            kept |= adding.comparable(full, only=changes)
        for post in person.posts:
            if changes := plan.posts.get(post.id):
                attribute = {"manager_number": "manager"}
                before["post"][post.id] = {name: getattr(post, attribute.get(name, name)) for name in changes}
    for name, changes_by_id in (("employment", plan.employments), ("post", plan.posts)):
        _update(session, UNDOABLE[name], changes_by_id)
        _keep(session, list_id, name, before[name])


def _mind_absences(
    session: Session,
    list_id: int,
    plan: Plan,
    stored: Mapping[str, StoredPerson],
    employment_ids: Mapping[str, int],
    post_ids: Sequence[int],
    actor: Actor,
    now: datetime,
) -> None:
    employment_of = {post.id: one.id for one in stored.values() for post in one.posts}
    opened = [(employment_of[post], post) for post in plan.open_absences]
    opened += [
        (employment_ids[post.number], id_)
        for id_, post in zip(post_ids, plan.new_posts, strict=True)
        if post.away
    ]
    if opened:
        session.execute(
            insert(EXEMPTION),
            [
                {
                    "employment_id": employment,
                    "post_id": post,
                    "kind": AWAY,
                    "from_day": plan.as_at,
                    "source": LIST,
                    "decided_by_id": actor.account_id,
                    "decided_at": now,
                    "role_list_id": list_id,
                }
                for employment, post in opened
            ],
        )
    _update(session, EXEMPTION, {id_: {"to_day": plan.as_at - DAY} for id_ in plan.close_absences})
    _keep(session, list_id, "exemption", {id_: {"to_day": None} for id_ in plan.close_absences})
    dropped = session.execute(select(EXEMPTION).where(EXEMPTION.c.id.in_(plan.drop_absences))).mappings()
    whole = {row["id"]: dict(row) for row in dropped}
    if whole:
        _keep(session, list_id, "exemption", whole)
        session.execute(delete(EXEMPTION).where(EXEMPTION.c.id.in_(list(whole))))


def _update(session: Session, table: Table, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """One statement for each set of changed columns."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for id_, values in changes.items():
        alike[tuple(sorted(values))].append(
            {"row_id": id_} | {f"new_{name}": value for name, value in values.items()}
        )
    for names, rows in alike.items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("row_id"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        session.connection().execute(statement, rows)


def _keep(session: Session, list_id: int, table: str, before: Mapping[int, Mapping[str, Any]]) -> None:
    rows = (
        (list_id, table, id_, {name: _plain(value) for name, value in values.items()})
        for id_, values in before.items()
    )
    adding.rows(session, CHANGE, ("role_list_id", "table_name", "row_id", "before"), rows)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _restore(session: Session, list_id: int) -> None:
    kept = session.execute(
        select(RoleListChange.table_name, RoleListChange.row_id, RoleListChange.before)  # type: ignore[call-overload]
        .where(col(RoleListChange.role_list_id) == list_id)
        .order_by(col(RoleListChange.id))
    ).all()
    for name, table in UNDOABLE.items():
        rows = {row_id: _typed(table, before) for where, row_id, before in kept if where == name}
        whole = {id_: values for id_, values in rows.items() if "id" in values}
        _update(session, table, {id_: values for id_, values in rows.items() if id_ not in whole})
        if whole:
            session.execute(insert(table), list(whole.values()))
    session.execute(delete(RoleListChange).where(col(RoleListChange.role_list_id) == list_id))


def _typed(table: Table, before: Mapping[str, Any]) -> dict[str, Any]:
    types = {column.name: column.type.python_type for column in table.columns}
    return {
        name: types[name].fromisoformat(value)
        if value is not None and types[name] in (date, datetime)
        else value
        for name, value in before.items()
    }


def _delete_unreferenced(session: Session, table: Table, list_id: int) -> None:
    """Rows that the list made and nothing speaks of; whoever has come onto a register stays, without a post."""
    statement = delete(table).where(table.c.role_list_id == list_id)
    for other in metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table is table and not (other is table and key.parent.name == "linked_to_id"):
                referring = other.alias()
                statement = statement.where(
                    ~select(referring.c[key.parent.name])
                    .where(referring.c[key.parent.name] == table.c.id)
                    .exists()
                )
    session.execute(statement)
