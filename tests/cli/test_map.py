"""The map on the command line: loaded, exported, and the starting points that come with it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lms.cli import main

FOLDERS = ("practice-levels", "atr-map", "safeguarding")


def lms(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    assert lms("examples", "--to", folder).exit_code == 0
    return folder


def test_the_starting_points_load_one_after_the_other_and_again_without_a_change(
    database: str, copied: Path
) -> None:
    for folder in FOLDERS:
        result = lms("load", copied / folder)
        assert result.exit_code == 0, result.output
    for folder in FOLDERS:
        again = lms("load", copied / folder)
        assert " 0 added, 0 changed" in again.output
        assert all(" 0 added, 0 changed" in line for line in again.output.splitlines()), again.output


def test_every_starting_point_is_labelled_as_an_example(copied: Path) -> None:
    for path in copied.rglob("modules.csv"):
        for line in path.read_text().splitlines()[1:]:
            assert "(example)" in line
    for path in copied.rglob("levels.csv"):
        assert all("(example)" in line for line in path.read_text().splitlines()[1:])


def test_examples_replace_nothing(copied: Path) -> None:
    result = lms("examples", "--to", copied)
    assert result.exit_code == 1
    assert "is there already" in result.output
    assert "Starting points" in lms("examples").output


def test_the_map_goes_out_and_in_again_without_a_change(database: str, copied: Path, tmp_path: Path) -> None:
    assert lms("map", "versions").output == "No map has been published yet.\n"
    for folder in FOLDERS:
        lms("load", copied / folder)
    out = tmp_path / "out"
    out.mkdir()
    assert lms("map", "export", out / "training-map.csv").exit_code == 0
    assert "0 added, 0 changed, 14 unchanged" in lms("load", out).output
    assert lms("map", "export").stdout_bytes == (out / "training-map.csv").read_bytes()
    assert len(lms("map", "versions").output.splitlines()) == 2
    assert lms("map", "export", out / "map.xlsx").exit_code == 0
    assert (out / "map.xlsx").read_bytes().startswith(b"PK")


def test_a_file_that_cannot_be_written_is_told(database: str, tmp_path: Path) -> None:
    existing = tmp_path / "map.csv"
    existing.write_text("mine")
    assert "is there already" in lms("map", "export", existing).output
    assert "ends in .csv or .xlsx" in lms("map", "export", tmp_path / "map.pdf").output
    assert "cannot be written" in lms("map", "export", tmp_path / "no" / "map.csv").output
    unknown = lms("map", "export", tmp_path / "map.xlsx", "--organisation", "NOPE")
    assert (unknown.exit_code, unknown.output) == (1, "There is no organisation with the code 'NOPE'.\n")


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (lambda folder: None, "There is no reference file in"),
        (lambda folder: (folder / "training_map.csv").write_text("who"), "It holds training_map.csv."),
        (lambda folder: (folder / "levels.csv").write_bytes(b""), "the first row has to name the columns"),
        (lambda folder: (folder / "levels.csv").write_bytes(b"\xff\xfe"), "this is not UTF-8 text"),
        (lambda folder: (folder / "levels.csv").write_bytes(b"framework\0"), "NUL bytes"),
        (lambda folder: (folder / "levels.csv").write_bytes(b'framework,level,rank\n"a'), "quotation marks"),
        (lambda folder: (folder / "levels.csv").write_bytes(b"framework;level;rank\n"), "by semicolons"),
        (lambda folder: (folder / "levels.csv").write_bytes(b"framework,level,rank\nF,a,1,x\n"), "4 cells"),
        (
            lambda folder: (folder / "levels.csv").write_bytes(b"framework,level,rank,rank\n"),
            "the column stands there twice",
        ),
        (
            lambda folder: (folder / "levels.csv").write_bytes(b"framework,level,rank\nF,a,1\nF,a,2\n"),
            "stands in row 2 too",
        ),
    ],
)
def test_a_folder_that_cannot_be_loaded_is_told_what_to_do(
    database: str, tmp_path: Path, prepare, told
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    prepare(folder)
    result = lms("load", folder)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_long_cell_is_told_and_not_cut(database: str, tmp_path: Path) -> None:
    (tmp_path / "levels.csv").write_text(f"framework,level,rank\nF,{'x' * 100_001},1\n")
    assert "a cell is far too long" in lms("load", tmp_path).output
    (tmp_path / "levels.csv").write_text(f"framework,level,rank\nF,{'x' * 101},1\n")
    assert "at most 100 are kept" in lms("load", tmp_path).output
