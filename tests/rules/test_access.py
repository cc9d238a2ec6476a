"""The access policy: one table, default deny."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Forbidden, NotFound
from lms.rules.access import EVERYTHING, POLICY, Action, Grant, Reach, Role, Scope, may, scope, within

grants = st.builds(Grant, st.sampled_from(Role), st.none() | st.integers(1, 4))


def test_every_action_has_a_row_in_the_table():
    assert set(POLICY) == set(Action)


def test_somebody_without_a_grant_may_do_nothing():
    for action in Action:
        assert not may([], action)
        with pytest.raises(Forbidden):
            scope([], action)


def test_public_health_sees_figures_and_nobody_by_name():
    allowed = {action for action in Action if may([Grant(Role.PUBLIC_HEALTH)], action)}
    assert allowed == {
        Action.SEE_OWN_LEARNING,
        Action.CLAIM_PRIOR_LEARNING,
        Action.CHANGE_OWN_PASSWORD,
        Action.SEE_COVERAGE,
        Action.SEE_TRAINING_MAP,
    }


def test_staff_reach_themselves_only():
    for action in Action:
        if may([Grant(Role.STAFF, 1)], action):
            assert scope([Grant(Role.STAFF, 1)], action, 7) == Scope(person_id=7)


def test_a_grant_in_one_organisation_reaches_no_other():
    reached = scope([Grant(Role.HR, 1)], Action.SEE_PEOPLE, 7)
    assert reached.covers(1)
    assert not reached.covers(2)
    assert not reached.covers(None)
    with pytest.raises(NotFound, match="no such organisation"):
        within(reached, 2, "There is no such organisation.")


def test_a_grant_without_an_organisation_reaches_the_whole_partnership():
    reached = scope([Grant(Role.HR)], Action.SEE_PEOPLE)
    assert reached.covers(1)
    assert reached.covers(None)
    within(reached, None, "")


def test_what_is_the_partnerships_is_given_by_no_grant_for_one_organisation():
    theirs = {action for action, row in POLICY.items() if Reach.PARTNERSHIP in row.values()}
    assert theirs
    for action in theirs:
        assert may([Grant(Role.ADMINISTRATOR)], action)
        assert scope([Grant(Role.ADMINISTRATOR)], action) == EVERYTHING
        assert not may([Grant(Role.ADMINISTRATOR, 1)], action)
        with pytest.raises(Forbidden):
            scope([Grant(Role.ADMINISTRATOR, 1), Grant(Role.HR)], action)


def test_the_command_line_reaches_everything():
    assert EVERYTHING.covers(None)
    assert EVERYTHING.covers_person(3)


@given(st.lists(grants, max_size=5), st.sampled_from(Action), st.none() | st.integers(1, 9))
def test_scopes_are_the_union_of_what_each_grant_reaches(held, action, person_id):
    single = [scope([grant], action, person_id) for grant in held if may([grant], action)]
    if not single:
        assert not may(held, action)
        return
    together = scope(held, action, person_id)
    for organisation_id in (None, 1, 2, 3, 4):
        assert together.covers(organisation_id) == any(one.covers(organisation_id) for one in single)
    assert together.covers_person(person_id) == any(one.covers_person(person_id) for one in single)


@given(st.lists(grants, max_size=5), grants, st.sampled_from(Action))
def test_a_further_grant_takes_nothing_away(held, another, action):
    if may(held, action):
        before, after = scope(held, action, 1), scope([*held, another], action, 1)
        for organisation_id in (None, 1, 2, 3, 4):
            assert after.covers(organisation_id) or not before.covers(organisation_id)


@given(st.sampled_from(Action), st.sampled_from(Role))
def test_reaching_oneself_reaches_nobody_else(action, role):
    if POLICY[action].get(role) is Reach.OWN:
        reached = scope([Grant(role)], action, 5)
        assert not reached.everywhere
        assert not reached.covers_person(6)
