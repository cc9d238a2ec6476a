"""Signing in and out, one's own password, and administering accounts."""

import re

import pytest

from lms import db
from lms.rules.access import EVERYTHING
from lms.rules.accounts import TRIES
from lms.services import accounts
from tests.web.village import PASSWORD, Village


def send(client, address, **fields):
    """What a person does: open the page, fill in its form, send it."""
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", follow_redirects=True).text
    )
    assert token
    return client.post(address, data={"csrf_token": token[1], **fields})


def token_of(client, page):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)[1]


def test_somebody_signs_in_sees_their_learning_and_signs_out(village: Village):
    client = village.client(None)
    answer = send(client, "/sign-in?next=/learning", email="Owner@example.org ", password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/learning")
    assert "ATR Foundation" in client.get("/learning").text
    assert client.post("/sign-out", data={"csrf_token": token_of(client, "/learning")}).location == "/sign-in"
    assert client.get("/learning").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("owner@example.org", "wrong"),
        ("nobody-at-all@example.org", PASSWORD),
        ("", ""),
        ("owner@example.org", ""),
    ],
)
def test_whatever_was_wrong_the_page_says_the_same(village: Village, email, password):
    answer = send(village.client(None), "/sign-in", email=email, password=password)
    assert answer.status_code == 422
    assert "<title>Error: Sign in – Golden Thread</title>" in answer.text
    assert "There is a problem" in answer.text
    assert "The e-mail address or the password is not right, or there were too many tries." in answer.text
    assert 'href="#email"' in answer.text
    if password:
        assert password not in answer.text


def test_an_account_that_rests_says_the_same_too(village: Village):
    client = village.client(None)
    for _ in range(TRIES):
        send(client, "/sign-in", email="owner@example.org", password="wrong")
    answer = send(client, "/sign-in", email="owner@example.org", password=PASSWORD)
    assert answer.status_code == 422
    assert "After 10 tries an account rests for 15 minutes." in answer.text


def test_somebody_signed_in_does_not_sign_in_again(village: Village):
    assert village.client("owner").get("/sign-in?next=/learning").location == "/learning"


def test_one_changes_ones_password_and_stays_signed_in_only_here(village: Village):
    here, elsewhere = village.client("owner"), village.client("owner")
    fields = {"csrf_token": token_of(here, "/password"), "current": PASSWORD, "chosen": "three random herons"}
    assert here.post("/password", data=fields).status_code == 302
    assert "Your password is changed" in here.get("/learning").text
    assert elsewhere.get("/learning").status_code == 302


def test_a_password_that_is_not_good_enough_says_why_beside_the_field(village: Village):
    client = village.client("owner")
    fields = {"csrf_token": token_of(client, "/password"), "current": "wrong", "chosen": "short"}
    answer = client.post("/password", data=fields)
    assert answer.status_code == 422
    assert 'href="#current"' in answer.text
    assert 'id="chosen-error"' in answer.text
    assert "8 characters or more" in answer.text


def test_an_administrator_makes_an_account_whose_holder_chooses_a_password_first(village: Village):
    client = village.client("administrator")
    fields = {"name": "New Comer", "email": "new@example.org", "role": "hr", "organisation": "QUA"}
    answer = client.post("/accounts/new", data={"csrf_token": token_of(client, "/accounts/new"), **fields})
    first = re.search(r'gt-secret">([^<]+)<', answer.text)[1]
    assert len(first) == 14

    new = village.client(None)
    send(new, "/sign-in", email="new@example.org", password=first)
    assert new.get("/organisations/QUA/people").location == "/password"
    assert "Choose your own password" in new.get("/password").text
    new.post(
        "/password", data={"csrf_token": token_of(new, "/password"), "current": first, "chosen": PASSWORD}
    )
    assert new.get("/organisations/QUA/people").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "owner@example.org"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "king"}, "role"),
        ({"organisation": ""}, "organisation"),
    ],
)
def test_a_new_account_that_cannot_be_is_refused_beside_the_field(village: Village, wrong, field):
    client = village.client("administrator")
    fields = {"name": "New", "email": "new@example.org", "role": "hr", "organisation": "QUA", **wrong}
    answer = client.post("/accounts/new", data={"csrf_token": token_of(client, "/accounts/new"), **fields})
    assert answer.status_code in (409, 422)
    assert f'href="#{field}"' in answer.text
    with db.transaction(read_only=True) as session:
        assert accounts.listed(session, EVERYTHING, search="new@example.org")[1] == 0


def test_an_administrator_of_one_organisation_sees_and_gives_rights_there_only(village: Village):
    client = village.client("local administrator")
    listed = client.get("/accounts").text
    assert "owner@example.org" in listed
    assert "stranger@example.org" not in listed
    stranger, owner = village.accounts["stranger"][0], village.accounts["owner"][0]
    assert client.get(f"/accounts/{stranger}").status_code == 404
    assert client.get("/accounts/999999").status_code == 404
    token = token_of(client, "/accounts/new")
    elsewhere = {"csrf_token": token, "role": "hr", "organisation": "FAR"}
    everywhere = {"csrf_token": token, "role": "administrator", "organisation": "*"}
    assert client.post(f"/accounts/{owner}/rights", data=elsewhere).status_code == 404
    assert client.post(f"/accounts/{owner}/rights", data=everywhere).status_code == 403
    assert client.post(f"/accounts/{stranger}/password", data={"csrf_token": token}).status_code == 404
    assert "The whole partnership" not in client.get("/accounts/new").text


def test_rights_are_given_and_taken_on_the_accounts_page(village: Village):
    client = village.client("administrator")
    page = f"/accounts/{village.accounts['owner'][0]}"
    right = {"csrf_token": token_of(client, page), "role": "trainer", "organisation": "*"}
    client.post(f"{page}/rights", data=right)
    assert "Trainer, the whole partnership" in client.get(page).text
    client.post(f"{page}/rights/withdraw", data=right)
    assert "Trainer, the whole partnership" not in client.get(page).text
    refused = client.post(f"{page}/rights", data=right | {"role": ""})
    assert refused.status_code == 422
    assert "Choose a role." in refused.text


def test_an_account_is_stopped_and_used_again(village: Village):
    client, owner = village.client("administrator"), village.client("owner")
    page = f"/accounts/{village.accounts['owner'][0]}"
    token = token_of(client, page)
    client.post(f"{page}/active", data={"csrf_token": token, "active": "no"})
    assert "Not in use" in client.get(page).text
    assert owner.get("/learning").status_code == 302
    client.post(f"{page}/active", data={"csrf_token": token, "active": "yes"})
    assert owner.get("/learning").status_code == 200


def test_a_lost_password_is_replaced_by_a_first_one(village: Village):
    client = village.client("administrator")
    page = f"/accounts/{village.accounts['owner'][0]}"
    answer = client.post(f"{page}/password", data={"csrf_token": token_of(client, page)})
    first = re.search(r'gt-secret">([^<]+)<', answer.text)[1]
    new = village.client(None)
    assert send(new, "/sign-in", email="owner@example.org", password=first).status_code == 302


@pytest.mark.parametrize("who", ["hr", "trainer", "public health", "owner"])
def test_only_administrators_see_accounts(village: Village, who):
    client = village.client(who)
    for address in ("/accounts", "/accounts/new", "/accounts/1"):
        assert client.get(address).status_code == 403


def test_the_start_page_has_a_door_for_each_right(village: Village):
    text = village.client("hr").get("/").text
    assert "Find somebody and see where they stand." in text
    assert 'href="/coverage"' in text
    assert 'href="/accounts"' not in text
    assert village.client("owner").get("/").location == "/learning"
