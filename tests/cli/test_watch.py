"""``lms roster watch``: a folder that another system fills, whatever it leaves there, and wherever we are killed."""

import ctypes
import json
import os
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lms import db, drop, uploads
from lms.cli import main
from lms.drop import Inbox
from lms.services import feed
from tests import feeding
from tests.feeding import Place, content, employed, letters
from tests.killed import Killed
from tests.processes import eventually, running

# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
CAPABILITIES_TO_READ = 0b110


@pytest.fixture
def place(database: str) -> Place:
    with db.transaction() as session:
        return feeding.found(session)


@pytest.fixture
def inbox(place: Place, tmp_path: Path) -> Path:
    """The folder of Quarrelby."""
    folder = tmp_path / "feed" / "QUA"
    folder.mkdir(parents=True)
    return folder


def watch(inbox: Path, *more: str, settle: str = "0") -> Result:
    arguments = ["roster", "watch", str(inbox.parent), "--once", "--settle", settle, "--covers", "all", *more]
    result = CliRunner().invoke(main, arguments)
    if isinstance(result.exception, Killed):
        raise result.exception
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@contextmanager
def like_anybody() -> Iterator[None]:
    """Root without the right to read what it may not read, by Linux's capget and capset; others are without it anyhow."""
    if os.geteuid() != 0:
        yield
        return
    system = ctypes.CDLL(None, use_errno=True)
    head = struct.pack("Ii", 0x20080522, 0)
    powers = ctypes.create_string_buffer(24)
    assert system.capget(head, powers) == 0
    effective, *rest = struct.unpack("6I", powers.raw)
    assert system.capset(head, struct.pack("6I", effective & ~CAPABILITIES_TO_READ, *rest)) == 0
    try:
        yield
    finally:
        assert system.capset(head, powers.raw) == 0


def leave(inbox: Path, name: str, file: bytes) -> Path:
    path = inbox / name
    path.write_bytes(file)
    return path


def aside(inbox: Path) -> list[str]:
    """What lies in done and refused, without the numbers of the lists; everything else is as it was left."""
    return sorted(
        f"{path.parent.name}/{path.name.partition('-')[2]}"
        for where in (drop.DONE, drop.REFUSED)
        for path in (inbox / where).glob("*")
        if not path.name.endswith(drop.REPORT)
    )


def report(inbox: Path, where: str) -> dict[str, object]:
    (path,) = (inbox / where).glob(f"*{drop.REPORT}")
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_a_list_is_applied_and_laid_aside_with_its_report(inbox: Path) -> None:
    leave(inbox, "staff-2024-06-30.csv", content(5))
    result = watch(inbox)
    assert (result.exit_code, employed(), aside(inbox)) == (0, 5, ["done/staff-2024-06-30.csv"])
    assert "QUA/staff-2024-06-30.csv: applied, 5 joiners, 0 leavers" in result.stdout
    (made,) = feeding.lists()
    said = report(inbox, "done")
    assert (said["id"], said["as_at"], said["state"]) == (made.id, "2024-06-30", "applied")
    assert said["report"] == made.report
    assert [one.outcome for one in letters()] == ["applied"]


@pytest.mark.parametrize(
    ("people", "said"), [(1, "1 joiner, 0 leavers"), (1_200, "1,200 joiners, 0 leavers")]
)
def test_how_many_is_said_as_people_write_it(inbox: Path, people: int, said: str) -> None:
    leave(inbox, "staff-2024-06-30.csv", content(people))
    assert f"applied, {said}" in watch(inbox).stdout


def test_a_list_with_errors_is_laid_aside_with_the_reasons(inbox: Path) -> None:
    leave(inbox, "staff-2024-06-30.csv", content(1, start="31/02/2024"))
    result = watch(inbox)
    assert (result.exit_code, employed(), aside(inbox)) == (1, 0, ["refused/staff-2024-06-30.csv"])
    assert "row 2, Start Date: This date does not exist" in result.stderr
    assert report(inbox, "refused")["state"] == "refused"


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.pdf", b"%PDF-1.7\n", "PDF"),
        ("a.csv", b"\x00\x01\x02" * 99, "not applied"),
        ("a.xlsx", b"PK\x03\x04 and then the line went dead", "not applied"),
        ("staff 2099-06-30.csv", content(3), "would be of 30 June 2099. Put the right date into its name"),
    ],
)
def test_what_is_no_list_is_a_sentence_and_told(inbox: Path, name: str, file: bytes, said: str) -> None:
    leave(inbox, name, file)
    result = watch(inbox)
    assert (result.exit_code, employed(), aside(inbox)) == (1, 0, [f"refused/{name}"])
    assert said in result.stderr
    assert [one.outcome for one in letters()] == ["refused"]


def test_many_leavers_wait_for_somebody(inbox: Path) -> None:
    leave(inbox, "staff-2024-06-29.csv", content(20))
    leave(inbox, "staff-2024-06-30.csv", content(10))
    result = watch(inbox)
    assert (result.exit_code, employed()) == (1, 20)
    assert aside(inbox) == ["done/staff-2024-06-29.csv", "refused/staff-2024-06-30.csv"]
    assert "10 of 20 people with a current post would leave" in result.stderr
    assert report(inbox, "refused")["state"] == "stopped"


def test_lists_are_taken_by_their_dates_and_not_by_their_names(inbox: Path) -> None:
    leave(inbox, "a 2024-06-30.csv", content(22))
    leave(inbox, "b 2024-06-29.csv", content(21))
    leave(inbox, "c 28.06.2024.csv", content(20))
    assert watch(inbox).exit_code == 0
    assert [
        str((one.report or {})["joiners"]) for one in sorted(feeding.lists(), key=lambda one: one.as_at)
    ] == [
        "20",
        "1",
        "1",
    ]


def test_the_date_is_the_day_in_london_on_which_the_file_was_written_where_its_name_has_none(
    inbox: Path,
) -> None:
    path = leave(inbox, "staff.csv", content(5))
    written = datetime(2024, 6, 30, 23, 30, tzinfo=UTC).timestamp()
    os.utime(path, (written, written))
    assert watch(inbox).exit_code == 0
    assert [one.as_at for one in feeding.lists()] == [date(2024, 7, 1)]


def test_what_is_none_of_ours_is_left_alone(inbox: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(content(5))
    (inbox / "link.csv").symlink_to(secret)
    (inbox / "folder.csv").mkdir()
    os.mkfifo(inbox / "pipe.csv")
    for name in (".hidden.csv", "~$staff.csv", "staff.csv.part", "staff.filepart"):
        leave(inbox, name, content(5))
    (inbox.parent / "FAR").symlink_to(inbox)
    before = sorted(path.name for path in inbox.iterdir())
    assert watch(inbox).exit_code == 0
    assert [one for one in sorted(path.name for path in inbox.iterdir()) if one not in before] in (
        [],
        [".taken", "done", "refused"],
    )
    assert set(before) <= {path.name for path in inbox.iterdir()}
    assert feeding.lists() == []


def test_a_file_that_is_renamed_into_place_is_taken(inbox: Path) -> None:
    part = leave(inbox, "staff-2024-06-30.csv.part", content(5))
    watch(inbox)
    assert feeding.lists() == []
    part.rename(inbox / "staff-2024-06-30.csv")
    watch(inbox)
    assert employed() == 5


def test_a_file_that_is_still_growing_is_not_taken(inbox: Path) -> None:
    whole = content(200)
    path = leave(inbox, "staff-2024-06-30.csv", whole[:1000])
    ended = threading.Event()

    def send() -> None:
        with path.open("ab") as file:
            for at in range(1000, len(whole) - 100, 100):
                file.write(whole[at : at + 100])
                file.flush()
                if ended.wait(0.02):
                    return

    sender = threading.Thread(target=send)
    sender.start()
    watch(inbox, settle="1")
    ended.set()
    sender.join()
    assert (feeding.lists(), path.exists()) == ([], True)
    path.write_bytes(whole)
    watch(inbox, settle="0.2")
    assert employed() == 200


def test_the_same_file_again_does_nothing(inbox: Path) -> None:
    for _ in range(3):
        leave(inbox, "staff-2024-06-30.csv", content(5))
        assert watch(inbox).exit_code == 0
    assert (len(feeding.lists()), len(letters()), employed()) == (1, 1, 5)
    assert aside(inbox) == ["done/staff-2024-06-30.csv"]


def test_a_folder_that_is_no_organisations_is_named_and_its_files_stay(inbox: Path) -> None:
    stray = inbox.parent / "QUARRY"
    stray.mkdir()
    path = leave(stray, "staff-2024-06-30.csv", content(5))
    leave(inbox, "staff-2024-06-30.csv", content(5))
    result = watch(inbox)
    assert (result.exit_code, path.exists(), employed()) == (1, True, 5)
    assert "QUARRY: There is no organisation with the code 'QUARRY'" in result.stderr


def test_one_organisation_can_be_watched_alone(inbox: Path) -> None:
    other = inbox.parent / "FAR"
    other.mkdir()
    leave(other, "staff-2024-06-30.csv", content(3, first=7))
    leave(inbox, "staff-2024-06-30.csv", content(5))
    assert watch(inbox, "--organisation", "FAR").exit_code == 0
    assert employed() == 3
    missing = watch(inbox, "--organisation", "MAR")
    assert (missing.exit_code, "Make it" in missing.stderr) == (1, True)


def test_of_two_watchers_one_leaves_the_other_alone(inbox: Path, place: Place) -> None:
    path = leave(inbox, "staff-2024-06-30.csv", content(5))
    with db.alone(f"feed-{place.organisations['QUA']}"):
        result = watch(inbox)
    assert (result.exit_code, path.exists(), feeding.lists()) == (0, True, [])
    assert "another process is taking its lists" in result.stderr


def test_a_link_in_the_place_of_a_folder_of_ours_is_not_followed(inbox: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (inbox / drop.DONE).symlink_to(elsewhere)
    leave(inbox, "staff-2024-06-30.csv", content(5))
    result = watch(inbox)
    assert (result.exit_code, list(elsewhere.iterdir())) == (1, [])
    assert "done cannot be used" in result.stderr
    (inbox / drop.DONE).unlink()
    assert watch(inbox).exit_code == 0
    assert (aside(inbox), len(feeding.lists()), len(letters())) == (["done/staff-2024-06-30.csv"], 1, 1)


def test_a_file_that_may_not_be_read_is_said_and_told(inbox: Path) -> None:
    leave(inbox, "staff-2024-06-30.csv", content(5)).chmod(0)
    with like_anybody():
        result = watch(inbox)
    assert (result.exit_code, aside(inbox)) == (1, ["refused/staff-2024-06-30.csv"])
    assert "cannot be opened: Permission denied" in result.stderr


@pytest.mark.parametrize(
    "name", ["Łucja’s liſt ☃ 2024-06-30.csv", "x" * 240 + " 2024-06-30.csv", "a\nb 2024-06-30.csv"]
)
def test_any_name_will_do(inbox: Path, name: str) -> None:
    leave(inbox, name, content(5))
    assert watch(inbox).exit_code == 0
    assert (employed(), len(aside(inbox))) == (5, 1)
    assert aside(inbox)[0].endswith("2024-06-30.csv")


def test_a_name_that_is_no_text_will_do(inbox: Path) -> None:
    with open(os.fsencode(inbox) + b"/\xff\xfe 2024-06-30.csv", "wb") as file:
        file.write(content(5))
    assert watch(inbox).exit_code == 0
    assert (employed(), aside(inbox)) == (5, ["done/ 2024-06-30.csv"])


def test_what_was_laid_aside_is_removed_after_some_days(inbox: Path) -> None:
    leave(inbox, "staff-2024-06-30.csv", content(5))
    watch(inbox)
    for path in (inbox / drop.DONE).iterdir():
        os.utime(path, (time.time() - 8 * 86400,) * 2)
    leave(inbox, "staff-2024-07-01.csv", content(5))
    watch(inbox, "--keep", "9")
    assert len(aside(inbox)) == 2
    watch(inbox)
    assert aside(inbox) == ["done/staff-2024-07-01.csv"]


def test_a_folder_that_is_not_there_is_a_sentence(place: Place, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["roster", "watch", str(tmp_path / "nowhere"), "--once"])
    assert (result.exit_code, "Make it" in result.stderr) == (1, True)
    wrong = CliRunner().invoke(main, ["roster", "watch", str(tmp_path), "--once", "--covers", "half"])
    assert (wrong.exit_code, "say all, or unit=NAME" in wrong.stderr) == (2, True)


MOMENTS: dict[str, tuple[object, str, int]] = {
    "in hand and not read": (uploads, "received", 0),
    "read and not kept": (feed, "arrive", 0),
    "kept and not taken": (feed, "take", 0),
    "applied and not laid aside": (Inbox, "finish", 0),
    "the report without its name": (os, "rename", 1),
    "the report beside nothing": (os, "rename", 2),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_the_list_is_applied_exactly_once(
    inbox: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(inbox, "staff-2024-06-30.csv", content(5))
    with monkeypatch.context() as patched:
        _kill(patched, *MOMENTS[moment])
        with pytest.raises(Killed):
            watch(inbox)
    assert not (inbox / "staff-2024-06-30.csv").exists()
    assert watch(inbox).exit_code == 0
    assert (employed(), len(feeding.lists()), len(letters())) == (5, 1, 1)
    assert aside(inbox) == ["done/staff-2024-06-30.csv"]
    assert list((inbox / drop.TAKEN).iterdir()) == []
    assert len(list((inbox / drop.DONE).iterdir())) == 2


@pytest.mark.conformance
def test_killed_for_good_again_and_again_every_list_is_applied_exactly_once(
    inbox: Path, tmp_path: Path
) -> None:
    arguments = ["roster", "watch", str(inbox.parent), "--settle", "0"]
    for number, delay in enumerate((0.0, 0.1, 0.2, 0.4, 0.6, 0.9, 1.3)):
        with running(arguments, tmp_path / f"{number}.log") as process:
            process.says("Watching")
            leave(inbox, f"staff-2024-06-0{number + 1}.csv", content(1000 + number))
            eventually(lambda: not list(inbox.glob("*.csv")), "the file in hand")
            time.sleep(delay)
    assert watch(inbox).exit_code == 0
    assert (employed(), len(feeding.lists()), len(letters())) == (1006, 7, 7)
    assert {one.state for one in feeding.lists()} == {"applied"}
    assert len(aside(inbox)) == 7


@pytest.mark.conformance
def test_whoever_asks_it_to_stop_waits_for_the_list_in_hand(inbox: Path, tmp_path: Path) -> None:
    with running(["roster", "watch", str(inbox.parent), "--settle", "0"], tmp_path / "log") as process:
        process.says("Watching")
        leave(inbox, "staff-2024-06-30.csv", content(1000))
        eventually(lambda: not list(inbox.glob("*.csv")), "the file in hand")
        assert process.end(signal.SIGTERM) == 0
    assert (employed(), aside(inbox)) == (1000, ["done/staff-2024-06-30.csv"])


def _kill(patched: pytest.MonkeyPatch, where: object, name: str, after: int) -> None:
    """Die at the so-manieth call of a function."""
    calls: list[int] = []
    real: Callable[..., object] = getattr(where, name)

    def die(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) > after:
            raise Killed
        return real(*arguments, **options)

    patched.setattr(where, name, die)
