"""Times, languages, order, equality, formats, definitions: one rule at a time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.statements import (
    definitions,
    equality,
    formats,
    identifiers,
    languages,
    order,
    terms,
    texts,
    times,
)
from lms.rules.statements.refusal import Refused
from lms.rules.statements.versions import Version, asked
from tests import statements as made

ACCEPTED_TIMES = [
    *("2026-06-30T09:00:00Z", "2026-06-30T09:00:00.123456789+05:30", "2026-06-30T23:59:60Z"),
    *("2026-06-30T09:00:00-05:00",),
]
ISO_TIMES = [*("2026-06-30T09:00Z", "20260630T090000Z", "2026-06-30T09:00:00+01", "2026-06-30T09:00:00")]
REFUSED_TIMES = [
    *("2026-06-30", "2026-13-01T00:00:00Z", "2026-06-31T00:00:00Z", "2026-06-30T25:00:00Z", "30/06/2026"),
    *("2026-06-30T09:00:00-00:00", "2026-06-30T09:00:00.601-0000", "2026-06-30T09:00:00-00", "", "now"),
    *("٢٠٢٦-06-30T09:00:00Z", "2026-06-30T09:00:00Z\n"),
]


@pytest.mark.parametrize("text", ACCEPTED_TIMES)
def test_moments_of_rfc_3339_are_accepted_in_both_versions(text: str) -> None:
    times.timestamp(text, "timestamp", Version.ONE)
    times.timestamp(text, "timestamp", Version.TWO)


@pytest.mark.parametrize("text", ISO_TIMES)
def test_other_forms_of_iso_8601_are_accepted_in_one_only(text: str) -> None:
    times.timestamp(text, "timestamp", Version.ONE)
    with pytest.raises(Refused):
        times.timestamp(text, "timestamp", Version.TWO)


@pytest.mark.parametrize("text", REFUSED_TIMES)
@pytest.mark.parametrize("version", list(Version))
def test_what_is_no_moment_is_refused(text: str, version: Version) -> None:
    with pytest.raises(Refused, match="timestamp"):
        times.timestamp(text, "timestamp", version)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("PT1H30M", 90), ("P4W", 40_320), ("P1D", 1_440), ("PT0.5S", 0), ("PT90S", 2), ("PT29S", 0)),
        *(("P1Y", 525_600), ("PT1,5H", 90), ("P1DT12H36M0.12567S", 2_196), ("P0.5W", 5_040)),
    ],
)
def test_durations_are_accepted_and_have_minutes(text: str, minutes: int) -> None:
    times.duration(text, "duration")
    assert times.minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    [
        "P",
        "PT",
        "P4W1D",
        "1H",
        "PT1.5H3M",
        "P1S",
        "PTS",
        "P-1D",
        "PA1H0M0S",
        "P1YT",
        "pt1h",
        "PT1H ",
        "P٣D",
        None,
        5,
    ],
)
def test_what_is_no_duration_is_refused(text: Any) -> None:
    with pytest.raises(Refused, match="duration"):
        times.duration(text, "duration")


@pytest.mark.parametrize(
    "tag", ["en", "en-GB", "zh-Hant-TW", "sl-rozaj-biske-1994", "de-CH-x-phonebk", "i-klingon", "x-a"]
)
def test_language_tags_are_accepted(tag: str) -> None:
    identifiers.language(tag, "x")


@pytest.mark.parametrize(
    "tag", ["e", "en_GB", "en-", "en-GB-", "-en", "abcdefghi", "en-abcdefghi", "", "a-DE", "日本"]
)
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(Refused):
        identifiers.language(tag, "x")


@pytest.mark.parametrize("header", ["1.0", "1.0.0", "1.0.3", "1.0.9"])
def test_one_is_asked_for_by_any_of_its_patches(header: str) -> None:
    assert asked(header) is Version.ONE


@pytest.mark.parametrize("header", [None, "", "0.9", "0.95", "1.1.0", "1", "2", "2.1.0", "3.0.0", "1.0.x"])
def test_other_versions_are_refused(header: str | None) -> None:
    with pytest.raises(Refused):
        asked(header)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "text/plain",
            "text/plain; charset=ascii",
            "text/plain;charset=utf-8;",
            'text/plain; name="a \\"b\\".txt"',
        ),
        *("application/vnd.x+json", 'text/plain; name="\u00fc"'),
    ],
)
def test_media_types_are_accepted(text: str) -> None:
    identifiers.media_type(text, "contentType")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "text",
            "text/",
            "text/plain; x",
            'text/plain; name="a',
            'text/plain; name="a\\"',
            "text/plain x=y",
        ),
        *(
            "text/plain\n",
            "text/plain;\r\n\r\nx=y",
            "text/plain;\nx=y",
            'text/plain; x="\r\n"',
            'text/plain; x="\\\n"',
        ),
    ],
)
def test_what_is_no_media_type_or_would_end_a_header_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        identifiers.media_type(text, "contentType")


def test_the_weight_of_a_language_is_read_in_either_case() -> None:
    wanted = languages.preferences("en;Q=0.1, cy;q=0.9")
    assert languages.best({"en": "done", "cy": "wedi"}, wanted) == {"cy": "wedi"}


def test_the_best_liked_language_is_given_for_each_text_alone() -> None:
    wanted = languages.preferences("cy;q=0.8, en-GB, *;q=0.1, fr;q=0")
    assert languages.best({"fr": "f", "en": "e", "cy": "c"}, wanted) == {"cy": "c"}
    assert languages.best({"cy": "c", "en-GB": "e"}, wanted) == {"en-GB": "e"}
    assert languages.best({"fr": "f", "de": "d"}, wanted) == {"de": "d"}
    assert languages.best({"fr": "f"}, wanted) == {"fr": "f"}
    assert languages.best({"en-GB-oed": "o", "de": "d"}, languages.preferences("en")) == {"en-GB-oed": "o"}
    assert languages.preferences("nonsense;;q=x, en;q=0.5") == (("en", 0.5),)


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.integers(0, order.NODES - 1),
    st.integers(1, 9_000),
)
def test_places_rise_and_hold_the_time(moment: datetime, node: int, count: int) -> None:
    made = order.numbers(0, node, moment, count)
    assert made == sorted(set(made))
    assert len(made) == count
    assert order.stored_at(made[0]) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert order.first_at(moment) <= made[0] <= order.last_at(moment)
    later = order.numbers(made[-1], node, moment - timedelta(hours=1), 1)
    assert later[0] > made[-1]
    assert made[-1] < 2**63


def test_places_of_two_writers_are_never_the_same() -> None:
    now = datetime(2026, 6, 30, tzinfo=UTC)
    assert not set(order.numbers(0, 1, now, 10_000)) & set(order.numbers(0, 2, now, 10_000))


def test_equal_statements_differ_only_in_what_may_differ() -> None:
    one = made.full()
    other = json.loads(json.dumps(one))
    other.update(id=str(uuid4()), stored="2026-07-01T00:00:00Z", timestamp="2026-07-01T00:30:00+01:00")
    other["authority"] = {"mbox": "mailto:x@y.example"}
    other["actor"]["member"].reverse()
    other["verb"]["display"] = {"en": "did"}
    other["object"]["definition"]["name"] = {"en": "Another name"}
    other["context"]["contextActivities"]["grouping"] = [one["context"]["contextActivities"]["grouping"]]
    assert equality.same(one, other)
    del other["timestamp"]
    assert equality.same(one, other)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("verb", {"id": made.ADL + "passed"}),
        ("object", {"id": "https://learning.example/other"}),
        ("result", {"success": True}),
        ("timestamp", "2026-06-30T23:30:01Z"),
        ("actor", {"mbox": "mailto:b@c.example"}),
        ("context", None),
    ],
)
def test_statements_that_say_something_else_are_not_equal(part: str, value: Any) -> None:
    one = made.full()
    other = {name: found for name, found in {**one, part: value}.items() if found is not None}
    assert not equality.same(one, other)


def test_true_in_an_extension_is_not_the_number_one() -> None:
    for part in ("result", "context"):
        for said, then in ((True, 1), (False, 0), ([{"a": True}], [{"a": 1}])):
            one = made.simple(**{part: {"extensions": {"urn:x:y": said}}})
            assert equality.same(one, json.loads(json.dumps(one)))
            assert not equality.same(one, made.simple(**{part: {"extensions": {"urn:x:y": then}}}))
    whole, part = ({"extensions": {"urn:x:y": number}} for number in (1, 1.0))
    assert equality.same(made.simple(result=whole), made.simple(result=part))


@pytest.mark.parametrize("then", ["2026-06-30T09:00:00.123Z", "2026-06-30T11:00:00.1235+02:00"])
def test_a_timestamp_that_another_store_cut_or_rounded_is_the_same(then: str) -> None:
    one = made.simple(timestamp="2026-06-30T09:00:00.123456Z")
    assert equality.same(one, made.simple(timestamp=then))
    assert not equality.same(made.simple(timestamp=then), made.simple(timestamp="2026-06-30T09:00:00.1246Z"))


def test_the_case_of_a_digest_or_a_language_says_nothing() -> None:
    one = made.simple(attachments=[made.attachment(b"x")], context={"language": "en-GB"})
    shouted = {**one["attachments"][0], "sha2": one["attachments"][0]["sha2"].upper()}
    assert equality.same(one, {**one, "attachments": [shouted], "context": {"language": "EN-gb"}})


def test_what_is_finer_than_a_hundredth_of_a_second_does_not_matter() -> None:
    one = made.simple(result={"duration": "PT0.12S"})
    assert equality.same(one, made.simple(result={"duration": "PT0.1237S"}))
    assert not equality.same(one, made.simple(result={"duration": "PT0.13S"}))


def test_ids_leave_what_identifies() -> None:
    found = formats.ids(made.full())
    assert found["verb"] == {"id": made.ADL + "answered"}
    assert found["object"] == {"id": "https://learning.example/questions/1"}
    assert found["actor"]["member"][0] == {
        "objectType": "Agent",
        "account": {"homePage": "https://x.example", "name": "7"},
    }
    assert "name" not in found["actor"]
    assert found["result"] == made.full()["result"]


def test_canonical_gives_the_known_definition_in_one_language() -> None:
    known = {made.COURSE: {"name": {"en": "Foundation", "cy": "Sylfaen"}}}
    found = formats.canonical(made.simple(), known, languages.preferences("cy"))
    assert found["object"]["definition"] == {"name": {"cy": "Sylfaen"}}
    assert found["actor"] == made.simple()["actor"]


def test_a_definition_learns_languages_and_keeps_its_answers() -> None:
    first = {"name": {"en": "Q"}, "interactionType": "choice", "correctResponsesPattern": ["a"]}
    then = {"name": {"en": "Question", "cy": "Cwestiwn"}, "correctResponsesPattern": ["b"], "type": "urn:x:y"}
    assert definitions.merged(first, then) == {
        "name": {"en": "Question", "cy": "Cwestiwn"},
        "interactionType": "choice",
        "correctResponsesPattern": ["a"],
        "type": "urn:x:y",
    }


def test_the_text_keeps_its_bytes_and_gets_what_is_assigned() -> None:
    text = '{ "a" : 1.50e0,\n "stored":"old", "object":{"id":"x:y"}, "b":"\\u00e9" }'
    value = json.loads(text)
    found = texts.assign(text, value, {"stored": '"new"', "id": '"7"'})
    assert found == '{"a" : 1.50e0,"object":{"id":"x:y"},"b":"\\u00e9","stored":"new","id":"7"}'
    plain = '{"object":{"id":"x:y"}, "a":1.0 }'
    assert (
        texts.assign(plain, json.loads(plain), {"id": '"7"'}) == '{"object":{"id":"x:y"}, "a":1.0 ,"id":"7"}'
    )


@given(made.statements)
def test_context_activities_come_back_as_arrays_and_nothing_else_changes(statement: dict[str, Any]) -> None:
    text = json.dumps(statement)
    found = json.loads(texts.assign(text, json.loads(text), {"stored": '"s"'}))
    for before, after in ((statement, found), (statement["object"], found["object"])):
        kept = before.get("context", {}).get("contextActivities", {})
        for kind, activities in kept.items():
            expected = activities if isinstance(activities, list) else [activities]
            assert after["context"]["contextActivities"][kind] == expected
    assert equality.same(statement, found)


def test_a_statement_is_found_by_everybody_and_everything_in_it() -> None:
    found = terms.of(made.full(), {"mbox": "mailto:authority@example.org"})
    for kind, value in (
        (terms.VERB, made.ADL + "answered"),
        (terms.ACTIVITY, "https://learning.example/questions/1"),
        (terms.RELATED_ACTIVITY, "https://learning.example/course"),
        (terms.AGENT, "account https://x.example 7"),
        (terms.AGENT, "openid https://o.example/a"),
        (terms.RELATED_AGENT, "mbox mailto:team@example.org"),
        (terms.RELATED_AGENT, "mbox mailto:authority@example.org"),
        (terms.RELATED_AGENT, "sha1 ebd31e95054c018b10727ccffd2ef2ec3a016ee9"),
    ):
        assert terms.term(kind, value) in found
    assert terms.term(terms.AGENT, "mbox mailto:team@example.org") not in found
