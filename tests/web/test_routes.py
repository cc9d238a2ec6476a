"""Every route declares its access, and nothing else opens it."""

from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from lms.app import MACHINES
from lms.errors import Forbidden
from lms.rules.access import Action
from lms.web import guard, menu
from tests.web.village import Village

PUBLIC_PAGES = {
    "static",
    "health.live",
    "health.ready",
    "about.accessibility",
    "about.privacy",
    "accounts.sign_in",
    "accounts.enter",
    "accounts.sign_out",
}
# The description of the JSON interface.
OPEN_TO_MACHINES = {"api.openapi"}


def declared(app: Flask) -> dict[str, object]:
    return {rule.endpoint: guard.declared(app, rule.endpoint) for rule in app.url_map.iter_rules()}


def of_machines(endpoint: str) -> bool:
    return endpoint.partition(".")[0] in {blueprint.name for blueprint in MACHINES}


def test_every_route_declares_one_action_or_that_it_is_public(app):
    shut = [
        endpoint
        for endpoint, access in declared(app).items()
        if not isinstance(access, Action) and access != guard.PUBLIC and not of_machines(endpoint)
    ]
    assert not shut


def test_what_is_public_is_this_and_no_more(app):
    assert {endpoint for endpoint, access in declared(app).items() if access == guard.PUBLIC} == PUBLIC_PAGES


def test_machines_without_a_key_get_nothing(app, village: Village):
    client = village.client("administrator")
    for rule in app.url_map.iter_rules():
        if of_machines(rule.endpoint) and rule.endpoint not in OPEN_TO_MACHINES:
            values = {
                name: 1 if "int" in str(kind).lower() else "x" for name, kind in rule._converters.items()
            }
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **values)
            for method in ("GET", "POST", "PUT", "DELETE"):
                answer = client.open(address, method=method)
                assert answer.status_code in (401, 404, 405), f"{method} {address}"


def test_an_undeclared_page_is_shut_even_for_an_administrator(own_app, village: Village):
    village = replace(village, app=own_app)
    own_app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert village.client("administrator").get("/forgotten").status_code == 403
    assert village.client(None).get("/forgotten").status_code == 403


def test_nobody_sees_anything_without_signing_in(app, village: Village):
    client = village.client(None)
    for rule in app.url_map.iter_rules():
        if of_machines(rule.endpoint) or rule.endpoint in PUBLIC_PAGES or "GET" not in rule.methods:
            continue
        values = {name: 1 if "int" in str(rule._converters[name]).lower() else "x" for name in rule.arguments}
        values |= {
            name: "00000000-0000-4000-8000-000000100000" for name in rule.arguments if "statement" in name
        }
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **values)
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.location.startswith("/sign-in"), address


@pytest.mark.parametrize("number", ["9" * 10, "9" * 30, "-" + "9" * 30])
def test_a_number_that_no_row_can_have_is_the_address_of_nothing(app, village: Village, number: str):
    client = village.client("administrator")
    for rule in app.url_map.iter_rules():
        numbered = {name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)}
        if numbered and not of_machines(rule.endpoint) and "GET" in rule.methods:
            signed = any(rule._converters[name].signed for name in numbered)
            values = {name: "5" if name in numbered else "QUA" for name in rule.arguments}
            values |= {
                name: "00000000-0000-4000-8000-000000100000" for name in rule.arguments if "statement" in name
            }
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **values)
            answer = client.get(address.replace("5", number, 1))
            assert answer.status_code == 404 or (signed and len(number) == 10), address


def test_every_line_of_the_menu_leads_where_its_action_is_enough(app):
    for entry in menu.ENTRIES:
        if entry.endpoint in app.view_functions:
            assert guard.declared(app, entry.endpoint) == entry.action


def test_a_scope_is_refused_to_a_page_that_declares_no_action(app, village: Village):
    with app.test_request_context("/nowhere"), pytest.raises(Forbidden):
        guard.scope()
