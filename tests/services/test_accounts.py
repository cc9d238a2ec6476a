"""Accounts: signing in, resting, choosing a password, and administering within one's scope."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, select

from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.rules.access import EVERYTHING, Grant, Role, Scope
from lms.rules.accounts import REST, TRIES
from lms.services import accounts
from lms.services.accounts import administration, signing_in
from lms.services.audit import COMMAND_LINE, Actor
from lms.tables.accounts import Account
from lms.tables.audit import AuditEvent
from lms.tables.organisations import Organisation

NOON = datetime(2026, 6, 30, 11, tzinfo=UTC)
PASSWORD = "kettle ember walnut"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real thing with little memory: a hundred passwords are compared here."""
    monkeypatch.setattr(signing_in, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr(administration, "HASHER", signing_in.HASHER)
    signing_in._nobodys_hash.cache_clear()


@pytest.fixture
def two(session: Session) -> tuple[int, int]:
    """The ids of two organisations."""
    made = [Organisation(code="A", name="Alder"), Organisation(code="B", name="Birch")]
    session.add_all(made)
    session.flush()
    return made[0].id, made[1].id


def make(session, email="amina@example.org", role=Role.STAFF, organisation=None, **also):
    return accounts.create(
        session,
        EVERYTHING,
        COMMAND_LINE,
        email=email,
        name="Amina Khan",
        grants=(Grant(role, organisation),),
        now=NOON,
        **{"password": PASSWORD, **also},
    )


def sign_in(session, email, password, now=NOON):
    return accounts.settle(session, accounts.try_password(session, email, password, now), now)


def acts(session):
    return [event.action for event in session.exec(select(AuditEvent).order_by(AuditEvent.id))]


def test_the_right_password_signs_in_and_is_written_down(session):
    number, _ = make(session)
    assert sign_in(session, " Amina@Example.org ", PASSWORD) == number
    assert accounts.holder(session, number).grants == (Grant(Role.STAFF, None),)
    assert acts(session) == ["account.created", "account.signed_in"]


@pytest.mark.parametrize(
    ("email", "password"),
    [("amina@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", ""), ("\0", "\0")],
)
def test_anything_else_does_not(session, email, password):
    make(session)
    assert sign_in(session, email, password) is None


def test_an_unknown_address_takes_as_long_as_a_known_one(session):
    make(session)
    assert accounts.try_password(session, "nobody@example.org", "x", NOON) == accounts.Attempt(None)


def test_after_ten_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour(session):
    number, _ = make(session)
    for _ in range(TRIES):
        assert sign_in(session, "amina@example.org", "wrong") is None
    assert sign_in(session, "amina@example.org", PASSWORD) is None
    assert sign_in(session, "amina@example.org", PASSWORD, NOON + REST - timedelta(seconds=1)) is None
    assert sign_in(session, "amina@example.org", PASSWORD, NOON + REST) == number
    assert "account.rests" in acts(session)


def test_a_hash_of_an_older_strength_is_renewed_at_sign_in(session, monkeypatch):
    number, _ = make(session)
    before = session.get(Account, number).password_hash
    monkeypatch.setattr(signing_in, "HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert sign_in(session, "amina@example.org", PASSWORD) == number
    assert session.get(Account, number).password_hash != before
    assert sign_in(session, "amina@example.org", PASSWORD) == number


def test_nine_wrong_ones_and_a_right_one_start_again_at_none(session):
    number, _ = make(session)
    for _ in range(3):
        for _ in range(TRIES - 1):
            sign_in(session, "amina@example.org", "wrong")
        assert sign_in(session, "amina@example.org", PASSWORD) == number


def test_tries_during_the_rest_do_not_make_it_longer(session):
    number, _ = make(session)
    for _ in range(TRIES * 2):
        sign_in(session, "amina@example.org", "wrong")
    assert sign_in(session, "amina@example.org", PASSWORD, NOON + REST) == number


def test_a_deactivated_account_neither_signs_in_nor_stays_signed_in(session):
    number, _ = make(session)
    accounts.set_active(session, EVERYTHING, COMMAND_LINE, number, active=False, now=NOON)
    assert sign_in(session, "amina@example.org", PASSWORD) is None
    assert accounts.holder(session, number) is None
    accounts.set_active(session, EVERYTHING, COMMAND_LINE, number, active=True, now=NOON)
    assert sign_in(session, "amina@example.org", PASSWORD) == number


def test_a_first_password_is_replaced_by_its_holder(session):
    number, first = make(session, password=None)
    assert sign_in(session, "amina@example.org", first) == number
    before = accounts.holder(session, number)
    assert before.chooses_password
    accounts.choose_password(session, number, first, PASSWORD, NOON)
    after = accounts.holder(session, number)
    assert not after.chooses_password
    assert after.stamp != before.stamp
    assert sign_in(session, "amina@example.org", first) is None
    assert sign_in(session, "amina@example.org", PASSWORD) == number


@pytest.mark.parametrize(
    ("current", "chosen", "fields"),
    [
        ("wrong", "another kettle here", ["current"]),
        (PASSWORD, "short", ["chosen"]),
        ("wrong", "password1", ["current", "chosen"]),
        (PASSWORD, PASSWORD, ["chosen"]),
    ],
)
def test_every_problem_with_a_chosen_password_is_said_at_once(session, current, chosen, fields):
    number, _ = make(session)
    with pytest.raises(Invalid) as refused:
        accounts.choose_password(session, number, current, chosen, NOON)
    assert [problem.field for problem in refused.value.problems] == fields


def test_an_address_has_one_account_whatever_its_case(session):
    make(session)
    with pytest.raises(Conflict, match="has an account already"):
        make(session, email="AMINA@example.org")
    assert len(session.exec(select(Account)).all()) == 1


def test_every_problem_with_a_new_account_is_said_at_once(session):
    with pytest.raises(Invalid) as refused:
        accounts.create(
            session, EVERYTHING, COMMAND_LINE, email="amina", name=" ", grants=(), now=NOON, password="x"
        )
    assert [problem.field for problem in refused.value.problems] == ["email", "name", "password"]


def test_there_is_one_first_administrator(session):
    assert not accounts.has_administrator(session)
    accounts.first_administrator(session, COMMAND_LINE, email="a@example.org", name="A", now=NOON)
    assert accounts.has_administrator(session)
    with pytest.raises(Conflict, match="already"):
        accounts.first_administrator(session, COMMAND_LINE, email="b@example.org", name="B", now=NOON)


def test_an_administrator_of_one_organisation_keeps_within_it(session, two):
    here, elsewhere = two
    scope, actor = Scope(organisation_ids=frozenset({here})), Actor("admin@a.org", 999)
    mine, _ = make(session, "mine@example.org", Role.HR, here)
    theirs, _ = make(session, "theirs@example.org", Role.HR, elsewhere)
    both, _ = make(session, "both@example.org", Role.HR, here)
    accounts.give(session, EVERYTHING, COMMAND_LINE, both, Grant(Role.TRAINER, elsewhere), now=NOON)

    listed, total = accounts.listed(session, scope)
    assert ({facts.id for facts in listed}, total) == ({mine, both}, 2)
    with pytest.raises(NotFound):
        accounts.one(session, scope, theirs)
    with pytest.raises(NotFound):
        accounts.renew_password(session, scope, actor, theirs, now=NOON)
    with pytest.raises(Forbidden, match="outside your organisation"):
        accounts.set_active(session, scope, actor, both, active=False, now=NOON)
    with pytest.raises(Forbidden, match="own organisation only"):
        accounts.give(session, scope, actor, mine, Grant(Role.HR, elsewhere), now=NOON)
    with pytest.raises(Forbidden, match="own organisation only"):
        accounts.give(session, scope, actor, mine, Grant(Role.ADMINISTRATOR), now=NOON)
    with pytest.raises(Forbidden, match="own organisation only"):
        accounts.create(
            session, scope, actor, email="x@example.org", name="X", grants=(Grant(Role.HR),), now=NOON
        )


def test_nobody_takes_away_their_own_rights_so_that_an_administrator_remains(session):
    number, _ = make(session, role=Role.ADMINISTRATOR)
    actor = Actor("amina@example.org", number)
    with pytest.raises(Forbidden, match="your own account"):
        accounts.set_active(session, EVERYTHING, actor, number, active=False, now=NOON)
    with pytest.raises(Forbidden, match="your own account"):
        accounts.withdraw(session, EVERYTHING, actor, number, Grant(Role.ADMINISTRATOR), now=NOON)


def test_rights_are_given_once_and_taken_again(session, two):
    here, _ = two
    number, _ = make(session)
    for _ in range(2):
        accounts.give(session, EVERYTHING, COMMAND_LINE, number, Grant(Role.TRAINER, here), now=NOON)
    assert accounts.one(session, EVERYTHING, number).grants == (Grant(Role.STAFF), Grant(Role.TRAINER, here))
    accounts.withdraw(session, EVERYTHING, COMMAND_LINE, number, Grant(Role.STAFF), now=NOON)
    assert accounts.one(session, EVERYTHING, number).grants == (Grant(Role.TRAINER, here),)
    assert acts(session) == ["account.created", "account.given", "account.withdrawn"]


def test_accounts_are_found_by_part_of_a_name_or_address_and_wildcards_mean_themselves(session):
    make(session)
    make(session, email="zed_under@example.org")
    assert accounts.listed(session, EVERYTHING, search="AMINA@")[1] == 1
    assert accounts.listed(session, EVERYTHING, search="khan")[1] == 2
    assert accounts.listed(session, EVERYTHING, search="_")[1] == 1
    assert accounts.listed(session, EVERYTHING, search="%")[1] == 0
    page, total = accounts.listed(session, EVERYTHING, limit=1, offset=1)
    assert (len(page), total) == (1, 2)
