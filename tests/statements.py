"""Statements for tests: simple ones, one with everything, and strategies that make any valid one."""

import json
from hashlib import sha256
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

ADL = "http://adlnet.gov/expapi/verbs/"
COURSE = "https://learning.example/activities/atr-f"


def simple(**changes: Any) -> dict[str, Any]:
    """Somebody completed a course; ``changes`` replace parts, and None removes one."""
    made = {
        "actor": {"objectType": "Agent", "mbox": "mailto:ada@example.org"},
        "verb": {"id": ADL + "completed", "display": {"en-GB": "completed"}},
        "object": {"id": COURSE, "definition": {"name": {"en-GB": "ATR Foundation"}}},
        **changes,
    }
    return {name: part for name, part in made.items() if part is not None}


def voiding(target: str) -> dict[str, Any]:
    """A statement that voids another."""
    return simple(verb={"id": ADL + "voided"}, object={"objectType": "StatementRef", "id": target})


def about(target: str, **changes: Any) -> dict[str, Any]:
    """A statement about another one."""
    return simple(
        **{
            "actor": {"mbox": "mailto:grace@example.org"},
            "verb": {"id": ADL + "commented"},
            "object": {"objectType": "StatementRef", "id": target},
            **changes,
        }
    )


def attachment(content: bytes, **changes: Any) -> dict[str, Any]:
    """How a statement announces this data."""
    made = {
        "usageType": "https://example.org/usage/certificate",
        "display": {"en": "Certificate"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": sha256(content).hexdigest(),
        **changes,
    }
    return {name: part for name, part in made.items() if part is not None}


def full(**changes: Any) -> dict[str, Any]:
    """A statement that uses every part of 1.0.3."""
    agent = {"objectType": "Agent", "name": "Ada", "account": {"homePage": "https://x.example", "name": "7"}}
    return {
        "id": str(uuid4()),
        "actor": {
            "objectType": "Group",
            "name": "A team",
            "member": [agent, {"openid": "https://o.example/a"}],
        },
        "verb": {"id": ADL + "answered", "display": {"en-GB": "answered", "cy": "atebodd"}},
        "object": {
            "objectType": "Activity",
            "id": "https://learning.example/questions/1",
            "definition": {
                "name": {"en": "Question 1"},
                "description": {"en": "Which?"},
                "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
                "moreInfo": "https://learning.example/more",
                "interactionType": "choice",
                "correctResponsesPattern": ["a[,]b"],
                "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
                "extensions": {"https://example.org/x": None},
            },
        },
        "result": {
            "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
            "success": True,
            "completion": True,
            "response": "a",
            "duration": "PT1H0.5S",
            "extensions": {"https://example.org/y": {"deep": [1, None]}},
        },
        "context": {
            "registration": str(uuid4()),
            "instructor": {"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"},
            "team": {"objectType": "Group", "mbox": "mailto:team@example.org"},
            "contextActivities": {
                "parent": [{"id": "https://learning.example/quiz"}],
                "grouping": {"id": "https://learning.example/course"},
                "category": [{"id": "https://learning.example/profile"}],
                "other": [],
            },
            "revision": "2",
            "platform": "web",
            "language": "en-GB",
            "statement": {"objectType": "StatementRef", "id": str(uuid4())},
            "extensions": {"https://example.org/z": "z"},
        },
        "timestamp": "2026-06-30T23:30:00+00:00",
        "version": "1.0.0",
        "attachments": [attachment(b"x", fileUrl="https://example.org/x")],
        **changes,
    }


def raw(*statements: dict[str, Any]) -> str:
    """One statement, or several as an array, as JSON."""
    return json.dumps(statements[0] if len(statements) == 1 else statements)


# --- Strategies -----------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
iris = st.sampled_from(
    [COURSE, "https://example.org/ä?q=%20#f", "urn:x:y", "tag:example.org,2026:a", "http://[::1]/a"]
)
languages = st.dictionaries(st.sampled_from(["en", "en-GB", "cy", "zh-Hant-TW", "x-y"]), words, max_size=3)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
extensions = st.dictionaries(iris, anything, max_size=2)
identifiers = st.one_of(
    st.fixed_dictionaries({"mbox": st.sampled_from(["mailto:a@b.example", "mailto:ü.x+y@Sub.Example"])}),
    st.fixed_dictionaries({"mbox_sha1sum": st.text("0123456789abcdefABCDEF", min_size=40, max_size=40)}),
    st.fixed_dictionaries({"openid": iris}),
    st.fixed_dictionaries({"account": st.fixed_dictionaries({"homePage": iris, "name": words})}),
)
agents = st.builds(
    lambda who, more: {**who, **more},
    identifiers,
    st.fixed_dictionaries({}, optional={"name": words, "objectType": st.just("Agent")}),
)
groups = st.one_of(
    st.fixed_dictionaries(
        {"objectType": st.just("Group"), "member": st.lists(agents, min_size=1, max_size=3)}
    ),
    st.builds(lambda who: {**who, "objectType": "Group"}, identifiers),
)
definitions = st.fixed_dictionaries(
    {},
    optional={
        "name": languages,
        "description": languages,
        "type": iris,
        "moreInfo": iris,
        "extensions": extensions,
    },
)
activities = st.fixed_dictionaries(
    {"id": iris}, optional={"objectType": st.just("Activity"), "definition": definitions}
)
references = st.fixed_dictionaries({"objectType": st.just("StatementRef"), "id": st.uuids().map(str)})
results = st.fixed_dictionaries(
    {},
    optional={
        "success": st.booleans(),
        "completion": st.booleans(),
        "response": words,
        "duration": st.sampled_from(["PT1H", "P4W", "P1Y2M3DT4H5M6.78S", "PT0.5S", "P1D"]),
        "score": st.fixed_dictionaries({}, optional={"scaled": st.floats(-1, 1), "raw": st.integers(0, 9)}),
        "extensions": extensions,
    },
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "registration": st.uuids().map(str),
        "instructor": agents | groups,
        "team": groups,
        "language": st.sampled_from(["en", "cy-GB"]),
        "statement": references,
        "extensions": extensions,
        "contextActivities": st.dictionaries(
            st.sampled_from(["parent", "grouping", "category", "other"]),
            activities | st.lists(activities, max_size=2),
            max_size=3,
        ),
    },
)
timestamps = st.sampled_from(
    [
        "2026-06-30T09:00:00Z",
        "2026-06-30T09:00:00.123456789+01:00",
        "1999-12-31T23:59:60Z",
        "2026-02-28T00:00:00-05:30",
    ]
)
verbs = st.fixed_dictionaries({"id": iris}, optional={"display": languages})
_parts = {"result": results, "context": contexts, "timestamp": timestamps}
events = st.fixed_dictionaries(
    {"actor": agents | groups, "verb": verbs, "object": activities}, optional=_parts
)
inner = st.builds(lambda event: {**event, "objectType": "SubStatement"}, events)
objects = st.one_of(
    activities,
    references,
    inner,
    st.builds(lambda agent: {**agent, "objectType": "Agent"}, agents),
    groups,
)
statements = st.fixed_dictionaries(
    {"actor": agents | groups, "verb": verbs, "object": objects},
    optional={**_parts, "id": st.uuids().map(str), "version": st.just("1.0.0")},
)


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A valid statement with one place in it replaced, removed or added to by anything; it may still be valid."""
    value = json.loads(json.dumps(draw(statements)))
    places: list[tuple[Any, Any]] = []

    def walk(part: Any) -> None:
        for key in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
            places.append((part, key))
            walk(part[key])

    walk(value)
    holder, key = draw(st.sampled_from(places))
    odd = st.sampled_from(
        [
            "",
            "not a thing",
            "Agent",
            "Group",
            "SubStatement",
            "\x00",
            "\ud800",
            "mailto:",
            "P",
            1e400,
            -1,
            2**70,
            [],
            {},
        ]
    )
    match draw(st.integers(0, 2)):
        case 0:
            holder[key] = draw(anything | odd)
        case 1:
            del holder[key]
        case _:
            if isinstance(holder, dict):
                holder[draw(words | st.sampled_from(["id", "objectType", "extra", "Actor"]))] = draw(
                    anything | odd
                )
            else:
                holder.append(draw(anything | odd))
    return value
