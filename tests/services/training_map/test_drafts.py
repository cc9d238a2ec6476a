"""Drafts of the map: several editors, publishing from a day, taking back."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from lms import db
from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.rules.access import EVERYTHING, Scope
from lms.rules.training_map.rows import RequirementRow, of_cells
from lms.rules.training_map.versions import by_identity, stamp
from lms.services import reference
from lms.services.audit import COMMAND_LINE
from lms.services.training_map import drafts, publishing, versions
from lms.tables.organisations import Organisation
from lms.tables.training_map import MapVersion, Requirement, RequirementTerm
from tests.services.test_reference import FOLDER, NOW

FOUNDATION = "everyone|||A"
APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _map(session: Session) -> None:
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")


def begin(session: Session) -> MapVersion:
    return drafts.begin(session, title="Spring", actor=COMMAND_LINE, now=NOW)


def of(version: MapVersion | None, identity: str) -> list[RequirementRow]:
    return by_identity(versions.rows_of(version)).get(identity, [])


def change(session: Session, draft: MapVersion, identity: str = FOUNDATION, **cells: str) -> None:
    """Change the cells of a requirement's only row, as an editor who sees it now."""
    rows = of(draft, identity)
    base = {"who": "everyone", "module": identity.rsplit("|", 1)[1]}
    shown = {**(versions.cells(rows[0]) if rows else base), **cells}
    drafts.state(session, draft.id or 0, identity, [of_cells(shown)], seen=stamp(rows), scope=EVERYTHING)


def release(session: Session, draft: MapVersion, day: date | None = APRIL, **given: Any) -> MapVersion:
    chosen = {
        "from_day": day,
        "reason": "Agreed by the board",
        "revision": draft.revision,
        "scope": EVERYTHING,
        "actor": COMMAND_LINE,
        "now": NOW,
    }
    return publishing.release(session, draft.id or 0, **(chosen | given))


def terms(session: Session, identity: str) -> list[tuple[Any, ...]]:
    found = session.exec(
        select(RequirementTerm, MapVersion.number)
        .join(Requirement)
        .join(MapVersion, RequirementTerm.map_version_id == MapVersion.id)
        .where(Requirement.identity == identity)
    ).all()
    return sorted((one.every_months, one.from_day, one.to_day, number) for one, number in found)


def test_a_draft_changes_nothing_until_it_is_published(session: Session) -> None:
    before = terms(session, FOUNDATION)
    draft = begin(session)
    change(session, draft, every_months="24")
    assert terms(session, FOUNDATION) == before
    assert of(versions.newest(session), FOUNDATION)[0].every_months == 36


def test_publishing_from_a_day_closes_the_old_term_and_opens_a_new_one(session: Session) -> None:
    requirement = session.exec(select(Requirement.id).where(Requirement.identity == FOUNDATION)).one()
    draft = begin(session)
    change(session, draft, every_months="24")
    version = release(session, draft)
    assert (version.number, version.note, version.from_day) == (2, "Agreed by the board", APRIL)
    assert terms(session, FOUNDATION) == [
        (24, APRIL, None, 2),
        (36, date(2023, 1, 1), date(2026, 3, 31), 1),
    ]
    assert session.exec(select(Requirement.id).where(Requirement.identity == FOUNDATION)).one() == requirement
    assert not drafts.listed(session)


def test_unchanged_requirements_keep_their_terms_and_the_version_that_brought_them(session: Session) -> None:
    before = session.exec(select(RequirementTerm.id)).all()
    draft = begin(session)
    change(session, draft, "everyone|||B", shape="once")
    release(session, draft)
    after = session.exec(select(RequirementTerm.id)).all()
    assert set(before) < set(after)
    assert terms(session, FOUNDATION) == [(36, date(2023, 1, 1), None, 1)]


def test_undo_is_a_new_version_that_says_what_the_one_before_said(session: Session) -> None:
    first = versions.newest(session)
    assert first is not None
    draft = begin(session)
    change(session, draft, every_months="24")
    second = release(session, draft)
    third = publishing.undo(
        session, second.id or 0, reason="Too soon", scope=EVERYTHING, actor=COMMAND_LINE, now=NOW
    )
    assert (third.number, third.undoes_id, third.rows) == (3, second.id, first.rows)
    assert [(every, start, end) for every, start, end, _ in terms(session, FOUNDATION)] == [
        (36, date(2023, 1, 1), None)
    ]
    with pytest.raises(Conflict):
        publishing.undo(
            session, second.id or 0, reason="Again", scope=EVERYTHING, actor=COMMAND_LINE, now=NOW
        )
    again = publishing.undo(
        session, third.id or 0, reason="After all", scope=EVERYTHING, actor=COMMAND_LINE, now=NOW
    )
    assert again.rows == second.rows


def test_the_second_editor_of_a_requirement_is_told_and_loses_nothing(session: Session) -> None:
    draft = begin(session)
    seen = stamp(of(draft, FOUNDATION))
    change(session, draft, every_months="24")
    mine = of_cells(versions.cells(of(draft, FOUNDATION)[0]) | {"every_months": "12"})
    with pytest.raises(Conflict, match="Your entries are still here"):
        drafts.state(session, draft.id or 0, FOUNDATION, [mine], seen=seen, scope=EVERYTHING)
    assert of(drafts.by_id(session, draft.id or 0), FOUNDATION)[0].every_months == 24


def test_two_editors_of_different_requirements_do_not_disturb_each_other(session: Session) -> None:
    draft = begin(session)
    seen = stamp(of(draft, "role|RN|T|B"))
    change(session, draft, every_months="24")
    drafts.state(session, draft.id or 0, "role|RN|T|B", [], seen=seen, scope=EVERYTHING)
    found = drafts.by_id(session, draft.id or 0)
    assert of(found, FOUNDATION)[0].every_months == 24
    assert not of(found, "role|RN|T|B")


def test_a_draft_behind_the_map_is_told_what_changed_and_keeps_both(session: Session) -> None:
    mine, theirs = begin(session), begin(session)
    change(session, theirs, every_months="24")
    change(session, theirs, "everyone|||C", shape="once")
    release(session, theirs)
    change(session, mine, every_months="12")
    change(session, mine, "everyone|||B", shape="once")
    with pytest.raises(Conflict, match="Bring the draft up to date"):
        release(session, mine)
    behind = drafts.behind(session, mine)
    assert behind is not None
    assert {one.identity for one in behind.newer} == {FOUNDATION, "everyone|||C"}
    assert {one.identity for one in behind.both} == {FOUNDATION}
    drafts.bring_up_to_date(session, mine.id or 0)
    assert drafts.behind(session, drafts.by_id(session, mine.id or 0)) is None
    published = release(session, mine)
    assert [row.every_months for row in of(published, FOUNDATION)] == [36, 12]
    assert of(published, "everyone|||B")
    assert of(published, "everyone|||C")


def test_publishing_needs_a_reason_a_change_and_what_was_previewed(session: Session) -> None:
    draft = begin(session)
    with pytest.raises(Invalid, match="nothing to publish"):
        release(session, draft)
    change(session, draft, every_months="24")
    with pytest.raises(Invalid, match="Say in a sentence why"):
        release(session, draft, reason=" ")
    with pytest.raises(Conflict, match="since you saw its preview"):
        release(session, draft, revision=0)
    drafts.discard(session, draft.id or 0, scope=EVERYTHING, actor=COMMAND_LINE, now=NOW)
    with pytest.raises(NotFound):
        release(session, draft)


def test_an_organisation_adds_its_own_and_changes_nobody_elses(session: Session) -> None:
    trust = session.exec(select(Organisation.id).where(Organisation.code == "T")).one()
    own = Scope(organisation_ids=frozenset({trust or 0}))
    draft = begin(session)
    weaker = of_cells({"who": "everyone", "module": "A"})
    with pytest.raises(Forbidden):
        drafts.state(
            session, draft.id or 0, FOUNDATION, [weaker], seen=stamp(of(draft, FOUNDATION)), scope=own
        )
    added = of_cells({"who": "everyone", "organisation": "T", "module": "C"})
    drafts.state(session, draft.id or 0, added.identity, [added], seen=stamp([]), scope=own)
    published = release(session, draft, scope=own)
    assert of(published, FOUNDATION)[0].every_months == 36
    assert of(published, "everyone||T|C")


def test_a_file_replaces_a_draft_whole_unless_somebody_changed_it_meanwhile(session: Session) -> None:
    draft = begin(session)
    rows = [of_cells({"who": "managers", "module": "B"})]
    with pytest.raises(Conflict):
        drafts.replace_all(session, draft.id or 0, rows, revision=9, scope=EVERYTHING)
    drafts.replace_all(session, draft.id or 0, rows, revision=0, scope=EVERYTHING)
    version = release(session, draft)
    assert [row.end for row in of(version, FOUNDATION)] == [date(2026, 3, 31)]


def test_rows_that_mean_nothing_are_refused_in_a_draft_too(session: Session) -> None:
    draft = begin(session)
    for cells in (
        {"who": "role", "value": "XX", "module": "A"},
        {"who": "everyone", "module": "Z"},
    ):
        row = of_cells(cells)
        with pytest.raises(Invalid) as refusal:
            drafts.state(session, draft.id or 0, row.identity, [row], seen=stamp([]), scope=EVERYTHING)
        assert len(refusal.value.problems) == 1
    taken = of_cells({"who": "everyone", "module": "A"})
    with pytest.raises(Invalid, match="already asks"):
        drafts.state(session, draft.id or 0, "everyone|||B", [taken], seen=stamp([]), scope=EVERYTHING)


def test_of_two_who_publish_at_the_same_moment_one_is_told(database: str, session: Session) -> None:
    ids = []
    for months in ("24", "12"):
        draft = begin(session)
        change(session, draft, every_months=months)
        ids.append((draft.id or 0, draft.revision))
    session.commit()
    together, told = threading.Barrier(2), []

    def publish(draft_id: int, revision: int) -> None:
        together.wait()
        try:
            with db.transaction() as own:
                publishing.release(
                    own,
                    draft_id,
                    from_day=APRIL,
                    reason="Agreed",
                    revision=revision,
                    scope=EVERYTHING,
                    actor=COMMAND_LINE,
                    now=datetime(2026, 7, 1, tzinfo=UTC),
                )
        except Conflict as conflict:
            told.append(conflict.message)

    threads = [threading.Thread(target=publish, args=one) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    numbers = session.exec(select(MapVersion.number).where(MapVersion.state == "published")).all()
    assert sorted(numbers) == [1, 2]
