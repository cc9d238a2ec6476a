"""The statements that this system makes itself, of attendance and of completions (policy.md, Statements)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lms.rules.statements import order
from lms.rules.statements.verbs import ADL, VOIDED

LANGUAGE = "en-GB"
MODULE_TYPE = "http://adlnet.gov/expapi/activities/module"
SESSION_TYPE = "http://adlnet.gov/expapi/activities/meeting"
PROFILE_TYPE = "http://adlnet.gov/expapi/activities/profile"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened and that a statement will say.

    ``statement_id`` is fixed with the fact, so that saying it again changes nothing. ``verb`` is completed,
    attended or passed; ``person`` the person's UUID; ``at`` the instant; ``trainer`` the UUID of the trainer's
    person or the name of the account; ``session`` the UUID of the training session; ``organisation`` its code.
    """

    statement_id: str
    verb: str
    person: str
    module_iri: str
    module_title: str
    at: datetime
    minutes: int | None = None
    completion: bool | None = None
    success: bool | None = None
    trainer: str | None = None
    session: str | None = None
    session_title: str = ""
    organisation: str | None = None
    evidence: str | None = None


def home_page(base_url: str) -> str:
    """The home page of the accounts that are this system's people."""
    return base_url.rstrip("/")


def agent(base_url: str, name: str) -> dict[str, Any]:
    """A person, or the account of somebody who is none, as an actor: no name and no e-mail address."""
    return {"objectType": "Agent", "account": {"homePage": home_page(base_url), "name": name}}


def authority(base_url: str, name: str) -> dict[str, Any]:
    """Who asserts a statement: this system, or one of its keys by the key's prefix."""
    return {"objectType": "Agent", "account": {"homePage": f"{home_page(base_url)}/keys", "name": name}}


def profile(base_url: str) -> dict[str, Any]:
    """Our profile, by which these statements are made."""
    return {"id": f"{home_page(base_url)}/xapi-profile", "definition": {"type": PROFILE_TYPE}}


def extension(base_url: str, name: str) -> str:
    """The IRI of an extension of ours."""
    return f"{home_page(base_url)}/xapi-profile/{name}"


def statement(fact: Fact, base_url: str) -> dict[str, Any]:
    """The statement that says this fact."""
    context: dict[str, Any] = {"contextActivities": {"category": [profile(base_url)]}}
    if fact.trainer:
        context["instructor"] = agent(base_url, fact.trainer)
    if fact.organisation:
        account = {"homePage": f"{home_page(base_url)}/organisations", "name": fact.organisation}
        context["team"] = {"objectType": "Group", "account": account}
    if fact.session:
        title = {"name": {LANGUAGE: fact.session_title}} if fact.session_title else {}
        context["contextActivities"]["parent"] = [
            {
                "id": f"{home_page(base_url)}/sessions/{fact.session}",
                "definition": {"type": SESSION_TYPE, **title},
            }
        ]
    if fact.evidence:
        context["extensions"] = {extension(base_url, "evidence"): fact.evidence}
    result: dict[str, Any] = {}
    if fact.completion is not None:
        result["completion"] = fact.completion
    if fact.success is not None:
        result["success"] = fact.success
    if fact.minutes is not None:
        result["duration"] = f"PT{fact.minutes}M"
    made = {
        "id": fact.statement_id,
        "actor": agent(base_url, fact.person),
        "verb": {"id": ADL + fact.verb, "display": {LANGUAGE: fact.verb}},
        "object": {
            "objectType": "Activity",
            "id": fact.module_iri,
            "definition": {"type": MODULE_TYPE, "name": {LANGUAGE: fact.module_title}},
        },
        "timestamp": order.text(fact.at.astimezone(UTC)),
        "context": context,
    }
    return {**made, "result": result} if result else made


def voiding(statement_id: str, target_id: str, by: str, base_url: str) -> dict[str, Any]:
    """The statement that voids another; ``by`` is who decided it."""
    return {
        "id": statement_id,
        "actor": agent(base_url, by),
        "verb": {"id": VOIDED, "display": {LANGUAGE: "voided"}},
        "object": {"objectType": "StatementRef", "id": target_id},
        "context": {"contextActivities": {"category": [profile(base_url)]}},
    }


def text(statement: dict[str, Any]) -> str:
    """A statement as JSON, as it is written into the log."""
    return json.dumps(statement, ensure_ascii=False, separators=(",", ":"))
