"""The statement's own text, kept as it came, with what the store assigns set into it.

1.0.3 Data 2.3.1: a statement is immutable but for id, authority, stored, timestamp and version, which the store
assigns, and for contextActivities, which it returns as arrays (2.4.6.2). Everything else keeps its bytes.
"""

from collections.abc import Mapping
from typing import Any

from lms.rules.statements.contexts import KINDS
from lms.rules.statements.strict_json import members


def assign(text: str, statement: dict[str, Any], assigned: Mapping[str, str]) -> str:
    """The text of a validated statement with further members, given as JSON texts, in place of its own.

    ``assigned`` replaces what the statement brought under the same name.
    """
    if _has_single_context_activity(statement):
        text = _wrapped(text)
    replaced = [name for name in assigned if name in statement]
    if replaced:
        kept = [text[start:end] for name, start, _, end in members(text, 0) if name not in assigned]
        text = "{" + ",".join(kept) + "}"
    added = ",".join([f'"{name}":{value}' for name, value in assigned.items()])
    return f"{text[:-1]},{added}}}" if added else text


def _has_single_context_activity(statement: dict[str, Any]) -> bool:
    for event in (statement, statement["object"]):
        context = event.get("context")
        if context:
            for found in context.get("contextActivities", {}).values():
                if type(found) is dict:
                    return True
    return False


def _wrapped(text: str) -> str:
    """The text with every single context activity put into an array."""
    spans: list[tuple[int, int]] = []
    for name, _, at, _ in members(text, 0):
        if name == "context":
            spans += _single(text, at)
        elif name == "object":
            for inner, _, inner_at, _ in members(text, at):
                if inner == "context":
                    spans += _single(text, inner_at)
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def _single(text: str, at: int) -> list[tuple[int, int]]:
    return [
        (start, end)
        for name, _, activities_at, _ in members(text, at)
        if name == "contextActivities"
        for kind, _, start, end in members(text, activities_at)
        if kind in KINDS and text[start] == "{"
    ]
