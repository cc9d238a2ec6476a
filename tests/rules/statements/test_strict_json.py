"""JSON is read strictly, and each part's place in the text is known."""

import json
from typing import Any

import pytest
from hypothesis import given

from lms.rules.statements import batches, strict_json
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version
from tests import statements as made


@pytest.mark.parametrize(
    "text",
    [
        *('{"a":1,"a":2}', '[{"a":{"b":1,"b":1}}]', "[NaN]", "[Infinity]", "[-Infinity]", "[1,]", "{,}", ""),
        *(
            '{"a":1}x',
            "[1 2]",
            '["\t"]',
            "[01]",
            "nul",
            '{"a"}',
            "[",
            '{"a":',
            "\ufeff[]",
            "[" * 200 + "]" * 200,
        ),
        *("[1e400]", "[-1.5E+999]", '{"a":{"b":1e309}}'),
        *("[" * 100_000, "[" + "9" * 5_000 + "]", "'a'", "[1]]", '"\\x"', '"\\u12"'),
    ],
)
def test_what_is_not_strict_json_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        strict_json.parse(text)
    with pytest.raises(Refused):
        list(strict_json.elements(text))


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(Refused, match="UTF-8"):
        strict_json.decode(b'{"a":"\xff"}')


def test_braces_in_a_string_are_no_depth() -> None:
    assert strict_json.parse(json.dumps({"a": "{[" * 500})) == {"a": "{[" * 500}


def test_nesting_is_allowed_up_to_the_limit() -> None:
    strict_json.parse("[" * strict_json.DEEPEST + "]" * strict_json.DEEPEST)
    with pytest.raises(Refused, match="levels deep"):
        strict_json.parse("[" * (strict_json.DEEPEST + 1) + "]" * (strict_json.DEEPEST + 1))


@given(made.anything)
def test_valid_json_is_read_as_python_reads_it(value: Any) -> None:
    text = json.dumps(value, indent=2)
    assert strict_json.parse(f" {text}\n") == json.loads(text)


@given(made.statements)
def test_the_text_of_each_statement_is_what_arrived(statement: dict[str, Any]) -> None:
    statement.pop("id", None)
    own = json.dumps(statement, indent=1)
    batch = batches.read(f" [ {own} ,\n{own}\t] ", Version.ONE)
    assert [one.text for one in batch] == [own, own]


def test_one_id_twice_in_a_batch_is_refused_whatever_its_case() -> None:
    one = made.full()
    with pytest.raises(Refused, match=r"\[1\]\.id"):
        batches.read(made.raw(one, {**one, "id": one["id"].upper()}), Version.ONE)


def test_a_statement_of_a_million_characters_is_too_long() -> None:
    long = made.simple(verb={"id": made.ADL + "x", "display": {"en": "x" * 1_000_000}})
    with pytest.raises(batches.TooLong):
        batches.read(made.raw(long), Version.ONE)
