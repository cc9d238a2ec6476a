"""A statement is accepted as the standard has it, and refused with the place that is not."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given

from lms.rules.statements import batches, strict_json, terms, texts, whole
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from tests import statements as made


def changed(path: str, value: Any) -> dict[str, Any]:
    """The full statement with one place set to another value; ``...`` removes it."""
    statement = copy.deepcopy(made.full())
    here: Any = statement
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return statement


def test_a_statement_with_everything_is_accepted() -> None:
    assert whole.statement(made.full(), Version.ONE) is Version.ONE
    assert whole.statement(made.full(), Version.TWO) is Version.ONE


@given(made.statements)
def test_every_statement_made_by_the_rules_is_accepted(statement: dict[str, Any]) -> None:
    whole.statement(json.loads(json.dumps(statement)), Version.ONE)


@given(made.broken())
def test_whatever_arrives_is_accepted_or_refused_with_a_sentence(statement: Any) -> None:
    batch = []
    message = "Accepted."
    try:
        batch = batches.read(json.dumps(statement), Version.TWO)
    except Refused as refused:
        message = refused.message
    assert message.endswith(".")
    for one in batch:
        # What is accepted can be indexed and given its assigned parts.
        terms.of(one.value, {"mbox": "mailto:a@b.example"})
        text = texts.assign(one.text, one.value, {"stored": '"now"', "authority": "{}"})
        assert strict_json.parse(text)["stored"] == "now"


REFUSED = [
    ("actor", ..., "statement"),
    ("actor.objectType", "Person", "actor.objectType"),
    ("actor.member.0.account.homePage", "no scheme", "actor.member[0].account.homePage"),
    ("actor.member.0.mbox", "mailto:a@b.example", "actor.member[0]"),
    ("actor.member.0.Name", "x", "actor.member[0]"),
    ("actor.member.1", {"objectType": "Group", "mbox": "mailto:a@b.example"}, "actor.member[1].objectType"),
    ("actor.member", [], "actor"),
    ("verb.id", "ab=c://x", "verb.id"),
    ("verb.id", "http://", "verb.id"),
    ("verb.id", "http://x/%zz", "verb.id"),
    ("verb.display", {"e": "x"}, "verb.display"),
    ("verb.display", {"en": 1}, "verb.display.en"),
    ("verb.display", None, "verb.display"),
    ("object.objectType", "activity", "object.objectType"),
    ("object.id", ..., "object"),
    ("object.definition.interactionType", "guess", "object.definition.interactionType"),
    ("object.definition.interactionType", ..., "object.definition.interactionType"),
    ("object.definition.choices.1.id", "a", "object.definition.choices[1].id"),
    ("object.definition.correctResponsesPattern", [1], "object.definition.correctResponsesPattern"),
    ("object.definition.extensions", {"x": 1}, "object.definition.extensions"),
    ("object.definition.name", "Question", "object.definition.name"),
    ("result.score.scaled", 1.01, "result.score.scaled"),
    ("result.score.raw", "5", "result.score.raw"),
    ("result.score.raw", 11, "result.score.raw"),
    ("result.score.min", 10, "result.score.min"),
    ("result.score.raw", True, "result.score.raw"),
    ("result.success", "true", "result.success"),
    ("result.completion", None, "result.completion"),
    ("result.duration", "P4W1D", "result.duration"),
    ("context.registration", "x", "context.registration"),
    ("context.team", {"mbox": "mailto:a@b.example"}, "context.team.objectType"),
    ("context.language", "english!", "context.language"),
    ("context.contextActivities.sibling", [], "context.contextActivities"),
    ("context.statement.objectType", "SubStatement", "context.statement.objectType"),
    ("context.contextAgents", [], "context"),
    ("timestamp", "2026-06-30T09:00:00-00:00", "timestamp"),
    ("timestamp", "2026-02-30T09:00:00Z", "timestamp"),
    ("stored", "yesterday", "stored"),
    ("version", "2.0.0", "version"),
    ("version", "1.1.0", "version"),
    ("id", "AA97B177-9383-4934-8543-0F91A7A028368", "id"),
    ("authority", {"objectType": "Group", "member": [{"mbox": "mailto:a@b.example"}]}, "authority"),
    ("attachments.0.sha2", "not hexadecimal", "attachments[0].sha2"),
    ("attachments.0.length", -1, "attachments[0].length"),
    ("attachments.0.length", "1", "attachments[0].length"),
    ("attachments.0.contentType", "pdf", "attachments[0].contentType"),
    ("attachments.0.display", ..., "attachments[0]"),
    ("extra", 1, "statement"),
]


@pytest.mark.parametrize(("path", "value", "named"), REFUSED)
def test_what_is_not_as_the_standard_has_it_is_refused_by_its_place(
    path: str, value: Any, named: str
) -> None:
    with pytest.raises(Refused) as refused:
        whole.statement(changed(path, value), Version.ONE)
    assert refused.value.path == named


def test_a_wrong_case_is_said_as_such() -> None:
    with pytest.raises(Refused, match="write 'actor'"):
        whole.statement({**made.simple(), "Actor": {}}, Version.ONE)


def test_revision_and_platform_need_an_activity() -> None:
    statement = made.simple(
        object={"objectType": "Agent", "mbox": "mailto:b@c.example"}, context={"platform": "web"}
    )
    with pytest.raises(Refused, match=r"context\.platform"):
        whole.statement(statement, Version.ONE)


def test_a_statement_inside_a_statement_has_no_id_and_none_inside() -> None:
    inside = {**made.simple(), "objectType": "SubStatement"}
    whole.statement(made.simple(object=inside), Version.ONE)
    for wrong in ({**inside, "id": made.full()["id"]}, {**inside, "object": inside}):
        with pytest.raises(Refused, match="object"):
            whole.statement(made.simple(object=wrong), Version.ONE)


def test_voiding_names_a_statement() -> None:
    with pytest.raises(Refused, match="StatementRef"):
        whole.statement(made.simple(verb={"id": made.ADL + "voided"}), Version.ONE)


def test_context_agents_and_groups_are_of_two_only() -> None:
    kind = ["https://example.org/role"]
    context = {
        "contextAgents": [
            {"objectType": "contextAgent", "agent": {"mbox": "mailto:a@b.example"}, "relevantTypes": kind}
        ],
        "contextGroups": [
            {"objectType": "contextGroup", "group": {"objectType": "Group", "mbox": "mailto:g@b.example"}}
        ],
    }
    whole.statement(made.simple(context=context), Version.TWO)
    with pytest.raises(Refused, match="contextAgents"):
        whole.statement(made.simple(context=context), Version.ONE)
    context["contextAgents"][0]["relevantTypes"] = []
    with pytest.raises(Refused, match=r"contextAgents\[0\]\.relevantTypes"):
        whole.statement(made.simple(context=context), Version.TWO)
