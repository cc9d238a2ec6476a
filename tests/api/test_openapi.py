"""The description of the interface says what is there, and what is there keeps to it."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client as HttpClient

from lms.api import guard
from lms.api.openapi import DOCUMENT
from lms.rules import keys as rules
from tests.api.conftest import Client

ELSEWHERE = "api.elsewhere"
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def routes(app: HttpClient) -> dict[str, set[str]]:
    """The methods of every address under /api/v1, written as the document writes them."""
    return {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule): (rule.methods or set()) - {"HEAD", "OPTIONS"}
        for rule in app.application.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint not in (ELSEWHERE, "api.openapi")
    }


def test_every_address_is_described_and_nothing_else(app: HttpClient) -> None:
    described = {path: {method.upper() for method in item} for path, item in DOCUMENT["paths"].items()}
    assert described == routes(app)


def test_every_address_declares_the_scope_that_opens_it(app: HttpClient) -> None:
    for name, view in app.application.view_functions.items():
        if name.startswith("api."):
            assert getattr(view, "scope", None) in (guard.ANY, guard.PUBLIC, *rules.SCOPES), name


def test_an_address_that_declares_nothing_is_shut(app: HttpClient, client: Client) -> None:
    app.application.view_functions["api.result"] = lambda **_: "open"
    answer = client.ask("GET", "organisations/QUA/role-lists/1")
    assert (answer.status_code, answer.get_json()["detail"]) == (403, "This address is shut.")


def test_anybody_may_read_the_document(app: HttpClient) -> None:
    answer = app.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.get_json()["openapi"]) == (200, "3.1.0")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_whatever_is_sent_the_answer_is_one_that_is_described(app: HttpClient, client: Client) -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = app.application
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 2

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        case = data.draw(data.draw(st.sampled_from(operations)).as_strategy())
        case.path_parameters["code"] = data.draw(
            st.sampled_from(["QUA", "QUA", "FAR", case.path_parameters["code"]])
        )
        answer = case.call(headers={"Authorization": f"Bearer {client.token}"})
        case.validate_response(answer, checks=list(CHECKS))

    ask()
