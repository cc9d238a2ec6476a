"""Names in one cell or several, and when two spellings are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.roster.names import Name, is_same_person, is_vacant, name_key, parted, text_key
from tests.rosters.lists import read, read_cells, row, warnings


@pytest.mark.parametrize(
    ("whole", "given", "family", "known_as"),
    [
        ("SURNAME, Forename (Known as)", "Forename", "SURNAME", "Known as"),
        ("HALDANE-SY, Aisha (Sam)", "Aisha", "HALDANE-SY", "Sam"),
        ("VAN DER BERG-NOOR, Idris", "Idris", "VAN DER BERG-NOOR", None),
        ("Gill, Mrs. Catherine Spencer", "Catherine Spencer", "Gill", None),
        ("Smith, John, Dr", "John", "Smith", None),
        ("Smith, John MBE", "John MBE", "Smith", None),
        ("John Smith, MBE", "John", "Smith", None),
        ("Rafał Ó Súilleabháin", "Rafał", "Ó Súilleabháin", None),
        ("Maria van der Berg", "Maria", "van der Berg", None),
        ("Dr. Mary Ann Jones", "Mary Ann", "Jones", None),
        ("SMITH John", "John", "SMITH", None),
        ("JOHN SMITH", "JOHN", "SMITH", None),
        ("DJ Smith", "DJ", "Smith", None),
        ("Prof Sir Al Kay OBE", "Al", "Kay", None),
        ("Jo Ann Hay PhD", "Jo Ann", "Hay", None),
        ("Wei MA", "Wei", "MA", None),
        ('John "Jack" Smith', "John", "Smith", "Jack"),
        ("John (Bank) Smith", "John", "Smith", None),
        ("Smith, John (she/her)", "John", "Smith", None),
        ("Madonna", "", "Madonna", None),
        ("O'Brien, Kerensa", "Kerensa", "O'Brien", None),
        ("BROWN, Al *", "Al", "BROWN", None),
        ("Jones, Matthew (Matt)", "Matthew", "Jones", "Matt"),
        ("Jones, Bob (FTC)", "Bob", "Jones", None),
    ],
)
def test_a_whole_name_is_taken_apart(whole: str, given: str, family: str, known_as: str | None) -> None:
    assert parted(whole) == Name(given, family, known_as)


@given(st.text(max_size=40))
def test_taking_a_name_apart_never_fails_and_never_invents(whole: str) -> None:
    name = parted(whole)
    assert set(name.given + name.family + (name.known_as or "")) <= set(whole) | {" "}


def test_the_key_of_a_name_does_not_depend_on_the_lists_way_of_writing_it() -> None:
    keys = {
        name_key("Hana", "N'Diaye"),
        name_key("hana", "N’DIAYE"),
        name_key(*parted("N'DIAYE, Hana")[:2]),
        name_key(*parted("Hana N'Diaye")[:2]),
    }
    assert len(keys) == 1
    assert name_key("Zsófia", "Łukasiewicz") == name_key("Zsofia", "LUKASIEWICZ")
    assert name_key("Mary Ann", "Smith Jones") == name_key("Mary Ann Smith", "Jones")
    assert name_key("Hana", "Smith") != name_key("Hanna", "Smith")


def test_case_space_and_apostrophes_alone_are_no_change_and_accents_are() -> None:
    assert text_key("O’NEIL  Ann ") == text_key("o'neil ann")
    assert text_key("Zsofia") != text_key("Zsófia")


@pytest.mark.parametrize(
    "vacant",
    [
        "VACANT",
        "Vacant Post",
        "vacancy",
        "** VACANT **",
        "Vacant - from May",
        "To be appointed",
        "Unfilled post",
        "Post vacant",
    ],
)
def test_a_vacant_post_is_known_by_what_stands_for_a_name(vacant: str) -> None:
    assert is_vacant(vacant)


def test_a_person_is_not_a_vacancy() -> None:
    assert not any(map(is_vacant, ["Vance", "Tobias", "Smith", "Nocholder"]))


def test_further_given_names_are_the_same_person_and_another_name_is_not() -> None:
    assert is_same_person(("Mary", "Smith"), ("Mary Ann", "SMITH"))
    assert not is_same_person(("Mary", "Smith"), ("Ann", "Smith"))
    assert not is_same_person(("Mary", "Smith"), ("Mary", "Jones"))


def test_names_in_two_columns_may_still_hold_a_whole_name() -> None:
    facts = read(
        row("1", family="Smith, Jane", given=""),
        row("2", family="", given="Jane Smith"),
        row("3", family="Smith", given="Jane (Jo)"),
        row("4", family="Smith", given="Mrs Jane"),
        row("5", family="Madonna", given="-"),
    ).rows
    assert [(fact.given, fact.family, fact.known_as) for fact in facts] == [
        ("Jane", "Smith", None),
        ("Jane", "Smith", None),
        ("Jane", "Smith", "Jo"),
        ("Jane", "Smith", None),
        ("", "Madonna", None),
    ]


def test_capitals_are_kept() -> None:
    facts = read_cells([["Staff No", "Name", "Role"], ["7", "N'DIAYE, Hana", "PO"]]).rows
    assert (facts[0].family, facts[0].given) == ("N'DIAYE", "Hana")


def test_html_and_formulas_in_names_stay_plain_text() -> None:
    reading = read(row("7", family="<b>Smith</b>"), row("8", given="=HYPERLINK(1)"))
    assert [fact.family for fact in reading.rows] == ["<b>Smith</b>", "Smith"]
    assert reading.rows[1].given == "=HYPERLINK(1)"
    assert [code for _, _, code in warnings(reading)] == ["markup", "formula"]


def test_null_is_a_surname_when_it_is_written_like_one_and_blank_otherwise() -> None:
    reading = read(row("7", family="Null"), row("8", family="NULL", given="NULL"))
    assert [fact.family for fact in reading.rows] == ["Null"]
    assert [problem.code for problem in reading.errors] == ["no_name"]


def test_garbled_letters_are_said() -> None:
    reading = read(row("7", family="ZsÃ³fia"))
    assert warnings(reading) == [(2, "Last Name", "garbled")]


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_plain_letters_are_compared_like_all_others(text: str) -> None:
    """Plain text takes a shorter way to its keys; a letter with an accent beside it takes the long one."""
    assert name_key(text, "") + "e" == name_key(text, "é")
    assert text_key(text + " é") == text_key(text + " É")
    assert text_key(f"x{text}x é").removesuffix(" é") == text_key(f"x{text}x")


@pytest.mark.parametrize(
    "aside",
    ["Mat Leave", "Maternity", "LTS", "off sick", "career break", "LEFT 12/10/26", "Seconded to DHSC"],
)
def test_why_somebody_is_away_is_not_kept_as_the_name_they_go_by(aside: str) -> None:
    whole = read_cells([["Employee No", "Name", "Role"], ["71", f"Jones, Bob ({aside})", "HCA"]])
    parts = read(row("71", family="Jones", given=f"Bob ({aside})"))
    for reading in (whole, parts):
        fact = reading.rows[0]
        assert (fact.given, fact.family, fact.known_as) == ("Bob", "Jones", None)
        assert [(found.code, found.value) for found in reading.warnings] == [("name_status", "")]
    assert not read(row("71", family="Jones", given="Bob (Robert)")).warnings
