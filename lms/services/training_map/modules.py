"""Modules and equivalences: loaded from ``modules.csv`` and ``equivalences.csv``."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from lms.errors import NotFound
from lms.rules.reference_files import Line, Loaded, Problem, suggestion
from lms.rules.training_map.modules import (
    EQUIVALENCES_FILE,
    MODULES_FILE,
    EquivalenceRow,
    ModuleRow,
    circles,
)
from lms.tables.job_roles import Level
from lms.tables.training_map import Equivalence, Module, ModuleAlias


def by_code(session: Session, code: str) -> Module:
    """The module with this code.

    :raises NotFound: naming one that looks like it.
    """
    found = session.exec(select(Module).where(Module.code == code)).one_or_none()
    if found is None:
        raise NotFound(
            f"There is no module with the code '{code[:64]}'.{suggestion(code, ids_by_code(session))}"
        )
    return found


def every(session: Session) -> dict[str, Module]:
    """Every module by its code."""
    return {one.code: one for one in session.exec(select(Module))}


def ids_by_code(session: Session) -> dict[str, int]:
    """Every module's id by its code."""
    return {code: id_ for code, id_ in session.exec(select(Module.code, Module.id)) if id_}


def meanings(session: Session) -> dict[str, tuple[int, int | None]]:
    """The module that each activity IRI and alias means, with the minutes it takes."""
    own = select(Module.activity_iri, Module.id, Module.minutes)
    others = select(ModuleAlias.alias, Module.id, Module.minutes).join(Module)
    return {
        name: (module_id, minutes)
        for query in (own, others)
        for name, module_id, minutes in session.exec(query)
        if module_id is not None
    }


def load_modules(session: Session, rows: Sequence[ModuleRow]) -> Loaded:
    """Add the modules that are new and bring the others, with their aliases, up to date."""
    levels = dict(session.exec(select(Level.name, Level.id)).all())
    known = {one.code: one for one in session.exec(select(Module))}
    kept = session.exec(select(ModuleAlias)).all()
    # What somebody decided on no file takes away.
    aliases, pointed = _by_module(kept), _by_module(one for one in kept if one.pointed)
    problems = list(_level_problems(rows, levels))
    clashes = list(_clashes(rows, known, aliases, pointed))
    problems += clashes
    # The others are loaded all the same, so that what names them is not told off as well.
    refused = {problem.row for problem in clashes}
    rows = [row for row in rows if row.line.row not in refused]
    new: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for row in rows:
        values: dict[str, Any] = {
            "code": row.code,
            "title": row.title,
            "kind": row.kind,
            "minutes": row.minutes,
            "level_id": levels.get(row.level) if row.level else None,
            "activity_iri": row.activity_iri,
            "content_note": row.content_note,
        }
        module = known.get(row.code)
        if module is None:
            new.append(values)
        elif any(getattr(module, name) != value for name, value in values.items()):
            changes.append({"id": module.id, **values})
    if new:
        session.execute(insert(Module), new)
    if changes:
        session.execute(update(Module), changes)
        session.expire_all()
    ids = ids_by_code(session)
    stated = {ids[row.code]: {*row.aliases, *pointed.get(ids[row.code], ())} for row in rows}
    renamed = _state_aliases(session, stated, aliases)
    made = {ids[one["code"]] for one in new}
    changed = {ids[one["code"]] for one in changes} | (renamed - made)
    return Loaded(MODULES_FILE, len(new), len(changed), len(rows) - len(new) - len(changed), tuple(problems))


def _level_problems(rows: Iterable[ModuleRow], levels: dict[str, Any]) -> Iterable[Problem]:
    for row in rows:
        if row.level and row.level not in levels:
            message = f"there is no level '{row.level}'.{suggestion(row.level, levels)} Add it to levels.csv."
            yield row.line.problem("level", message)


def _by_module(aliases: Iterable[ModuleAlias]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for one in aliases:
        found.setdefault(one.module_id, set()).add(one.alias)
    return found


def _clashes(
    rows: Sequence[ModuleRow],
    known: dict[str, Module],
    aliases: dict[int, set[str]],
    pointed: dict[int, set[str]],
) -> Iterable[Problem]:
    """A code, an IRI and an alias each mean one module: a statement must not count for two."""
    stated = {row.code for row in rows}
    taken: dict[str, str] = {}
    for code, module in known.items():
        if code not in stated:
            taken |= dict.fromkeys((code, module.activity_iri, *aliases.get(module.id or 0, ())), code)
        else:
            taken |= dict.fromkeys(pointed.get(module.id or 0, ()), code)
    taken |= {row.code: row.code for row in rows}
    for row in rows:
        named = [("activity_iri", row.activity_iri), *(("aliases", alias) for alias in row.aliases)]
        for column, name in named:
            if not name:
                continue
            owner = taken.setdefault(name, row.code)
            if owner != row.code:
                yield row.line.problem(column, f"'{name}' already means the module {owner}. Choose another.")


def _state_aliases(session: Session, wanted: dict[int, set[str]], current: dict[int, set[str]]) -> set[int]:
    """Give modules the aliases they are to have; the modules whose aliases changed."""
    gone, new = [], []
    for module_id, aliases in wanted.items():
        have = current.get(module_id, set())
        gone += [(module_id, alias) for alias in have - aliases]
        new += [(module_id, alias) for alias in aliases if alias not in have]
    if gone:
        session.execute(delete(ModuleAlias).where(col(ModuleAlias.alias).in_([alias for _, alias in gone])))
    if new:
        rows = [{"module_id": module_id, "alias": alias} for module_id, alias in new]
        session.execute(insert(ModuleAlias), rows)
    return {module_id for module_id, _ in (*gone, *new)}


def load_equivalences(session: Session, rows: Sequence[EquivalenceRow]) -> Loaded:
    """What the file says of two modules replaces what was said of these two; other equivalences stay."""
    codes = {id_: code for code, id_ in ids_by_code(session).items()}
    ids = {code: id_ for id_, code in codes.items()}
    problems = [
        row.line.problem(
            column,
            f"there is no module with the code '{code}'.{suggestion(code, ids)} Add it to modules.csv.",
        )
        for row in rows
        for column, code in (("module", row.module), ("counts_for", row.counts_for))
        if code and code not in ids
    ]
    known = {
        one.id: (one.module_id, one.counts_for_id, one.from_day, one.to_day)
        for one in session.exec(select(Equivalence))
    }
    wanted: dict[tuple[int, int, date | None, date | None], EquivalenceRow] = {
        (ids[row.module], ids[row.counts_for], row.start, row.end): row
        for row in rows
        if row.module in ids and row.counts_for in ids
    }
    pairs = {link[:2] for link in wanted}
    kept = {
        link: EquivalenceRow(
            Line(EQUIVALENCES_FILE, None, {}), codes[link[0]], codes[link[1]], link[2], link[3]
        )
        for link in known.values()
        if link[:2] not in pairs
    }
    problems += _circle_problems([*wanted.values(), *kept.values()])
    stale = [id_ for id_, link in known.items() if link[:2] in pairs and link not in wanted]
    if stale:
        session.execute(delete(Equivalence).where(col(Equivalence.id).in_(stale)))
    new = [
        {"module_id": module_id, "counts_for_id": counts_for_id, "from_day": start, "to_day": end}
        for module_id, counts_for_id, start, end in wanted
        if (module_id, counts_for_id, start, end) not in known.values()
    ]
    if new:
        session.execute(insert(Equivalence), new)
    changed = min(len(stale), len(new))
    return Loaded(EQUIVALENCES_FILE, len(new) - changed, changed, len(wanted) - len(new), tuple(problems))


def _circle_problems(rows: Sequence[EquivalenceRow]) -> Iterable[Problem]:
    for circle in circles(rows):
        chain = " → ".join([circle[0].module, *(row.counts_for for row in circle)])
        stated = next((row for row in reversed(circle) if row.line.row is not None), circle[-1])
        yield stated.line.problem(
            "counts_for",
            f"this goes round in a circle: {chain}. Counting goes one way: remove one of these rows, or end one "
            "before another starts.",
        )
