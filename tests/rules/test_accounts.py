"""Passwords, addresses and rest after wrong tries."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.rules.accounts import REST, TRIES, check_password, is_resting, read_email, read_name, rest_after

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("password", ["", "seven77", "short"])
def test_a_password_has_eight_characters(password):
    with pytest.raises(Invalid, match="8 characters"):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    ["password", "Password1", "PASSWORD123!", "12345678", "qwertyuiop", "Dragon2026!", "aaaaaaaaaaaa"],
)
def test_common_passwords_are_refused_however_they_are_dressed_up(password):
    with pytest.raises(Invalid, match="many people use"):
        check_password(password)


@pytest.mark.parametrize("password", ["Farrukh1985!", "farrukh.ahmed", "Golden Thread 1"])
def test_the_name_the_address_and_the_product_are_refused(password):
    with pytest.raises(Invalid, match="easy to guess"):
        check_password(password, "farrukh.ahmed@example.org", "Farrukh Ahmed")


@pytest.mark.parametrize(
    "password", ["kettle ember walnut", "Zu8#qp!x", "ñandú-cielo-río", "x" * 20 + "yzab" * 500]
)
def test_long_and_uncommon_passwords_pass_in_any_script_and_length(password):
    check_password(password, "farrukh.ahmed@example.org", "Farrukh Ahmed")


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_either_taken_or_refused_with_a_sentence(password, name):
    with suppress(Invalid):
        check_password(password, "a@b.org", name)


def test_an_address_is_stored_in_lower_case_without_blanks():
    assert read_email("  Amina.Khan@Example.ORG ") == "amina.khan@example.org"


@pytest.mark.parametrize(
    "text",
    ["", " ", "amina", "amina@", "@example.org", "a b@example.org", "a@b", "a@b..org", "a@b.c", "x" * 250 + "@b.org",
     "a\x00@b.org", "a@b.org\nBcc: c@d.org", "<a@b.org>"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid, match="e-mail address"):
        read_email(text)


def test_a_name_is_kept_as_written_with_single_blanks():
    assert read_name("  Siân   O’Brien-Łukasz ") == "Siân O’Brien-Łukasz"


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "A\x00B"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(Invalid, match="Enter a name"):
        read_name(text)


def test_an_account_rests_after_the_tenth_wrong_password_and_then_opens_again():
    assert rest_after(TRIES - 1, NOON) is None
    until = rest_after(TRIES, NOON)
    assert until == NOON + REST
    assert is_resting(until, NOON)
    assert is_resting(until, until - timedelta(microseconds=1))
    assert not is_resting(until, until)
    assert not is_resting(None, NOON)
