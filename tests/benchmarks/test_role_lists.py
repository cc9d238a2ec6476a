"""What a role list costs beside the library that yields its cells and beside a bare COPY of its rows, in one run.

Times are the processor's, of this process and of the database server it started: what else the machine does is not
what is measured, and waiting for each other is neither's work.
"""

import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from os import sysconf
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from python_calamine import CalamineWorkbook
from sqlmodel import Session

from lms import db, garbage, spreadsheets
from lms.rules import roster
from lms.rules.people.plan import Kind
from lms.services import audit, organisations, reference
from lms.services.coverage import effect
from lms.services.people import applying, checking, stored
from lms.services.people.checking import Checked, Options
from tests.rosters.lists import Cells

pytestmark = pytest.mark.benchmark

ROWS = 100_000
AS_AT = date(2026, 5, 31)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ALL = Options(covers="all")
TITLES = 400
CAPTIONS = ["Employee Number", "Assignment Number", "Last Name", "First Name", "Preferred Name", "Organisation", "Position", "Job", "Grade",
            "Assignment Category", "Assignment Status", "Primary Assignment", "Assignment Start Date", "Assignment End Date",
            "Email Address"]  # fmt: skip
READ_AND_WEIGH = """
import re, sys
from datetime import date
from pathlib import Path
from lms import spreadsheets
from lms.rules import roster
reading = roster.read(spreadsheets.read(Path(sys.argv[1])).sheets, as_at=date(2026, 5, 31))
# The peak of this process alone; getrusage would give the memory of the process it was forked from.
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(len(reading.rows), len(reading.errors), int(peak) // 1024)
"""
COMMAND_AND_WEIGH = """
import re, sys
from pathlib import Path
from lms.cli import main
main(["roster", *sys.argv[1:]], standalone_mode=False)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(f"peak {int(peak) // 1024} MB")
"""


def person(number: int, chance: random.Random, domain: str = "trust.nhs.example") -> list[Any]:
    family, given, title, unit = (chance.randrange(many) for many in (3000, 800, 400, 300))
    return [f"{20_000_000 + number}", f"{20_000_000 + number}", f"Family{family}", f"Given{given}", None, f"638 L5 Unit {unit}",
            f"{4_300_000 + number}|Title number {title}|N6A|Area {unit}|", "Nursing|Nurse", "NHS|XR05|Band 5", "Permanent",
            "Active Assignment", "Y", date(2005, 1, 1) + timedelta(chance.randrange(7000)), None, f"g{number}@{domain}"]  # fmt: skip


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook_of(ROWS, tmp_path_factory.mktemp("lists") / "list.xlsx")


@pytest.fixture
def organisation(database: str) -> int:
    """An organisation without people under a map of five requirements; three in four titles are a role's name."""
    text = {
        "organisations.csv": "code,name,sector,place,parent\nBIG,Big,NHS,Quarry,\nOTHER,Other,Council,Quarry,\n",
        "levels.csv": "framework,level,rank,cumulative\n"
        + "".join(f"Levels,level {n},{n},no\n" for n in range(1, 5)),
        "job-roles.csv": "code,name,family,level,manager\n"
        + "".join(
            f"R{n},Title number {n},Family {n % 10},level {1 + n % 4},{'no' if n % 10 else 'yes'}\n"
            for n in range(TITLES * 3 // 4)
        ),
        "modules.csv": "code,title,minutes,level,activity_iri\n"
        + "".join(f"M{n},Module {n},60,,urn:m{n}\n" for n in range(1, 6)),
        "training-map.csv": "who,value,organisation,module,shape,every_months,refresher_module,hours,days_allowed,anchor,"
        "fixed_day,renewal_window_days,from,to\n"
        "everyone,,,M1,refreshed,36,,,90,,,,,\nlevel,level 2,,M2,refreshed,24,,,90,,,,,\n"
        "level,level 3,,M3,refreshed,24,,,60,,,,,\nmanagers,,,M4,refreshed,12,,,90,fixed,03-31,,,\n"
        "family,Family 3,,M5,once,,,,90,,,,,\n",
    }
    files = {name: content.encode() for name, content in text.items()}
    with db.transaction() as session:
        reference.load(session, files, now=NOW, base_url="https://golden.example")
        return organisations.ids_by_code(session)["BIG"]


def read(session: Session, organisation_id: int, path: Path) -> roster.Reading:
    with garbage.put_off():
        known = stored.known(session, organisation_id)
        return roster.read(spreadsheets.read(path).sheets, as_at=AS_AT, known=known)


def rehearse(organisation_id: int, path: Path) -> Checked:
    """What ``lms roster check`` does."""
    with db.transaction(read_only=True) as session:
        checked = checking.check(session, organisation_id, read(session, organisation_id, path), ALL)
        assert effect.foreseen(session, organisation_id, checked)
        assert checked.report()["rows"] == len(checked.reading.rows)
    return checked


def apply(organisation_id: int, path: Path) -> Checked:
    """What ``lms roster apply`` does."""
    with db.transaction() as session:
        applying.lock(session, organisation_id)
        checked = checking.check(session, organisation_id, read(session, organisation_id, path), ALL)
        before = effect.now(session, organisation_id, AS_AT)
        applying.apply(session, organisation_id, checked, actor=audit.COMMAND_LINE, now=NOW)
        effect.applied(session, organisation_id, checked, before)
    return checked


def cells(path: Path) -> None:
    for _ in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows():
        pass


def workbook_of(rows: int, path: Path, **how: str) -> Path:
    chance = random.Random(1)
    people = (person(number, chance, **how) for number in range(rows))
    spreadsheets.write_xlsx([("Staff in Post", (row for rows in ([CAPTIONS], people) for row in rows))], path)
    return path


def spent(act: Callable[[], object]) -> float:
    """The processor's seconds of this process, and of the database server where there is one."""
    start = time.process_time() + of_server()
    act()
    return time.process_time() + of_server() - start


def of_server() -> float:
    """What the PostgreSQL that this process uses has spent so far: all that its postmaster started."""
    if not db.url().startswith("postgresql"):
        return 0.0
    with db.reading() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    postmaster = ticks(backend)[0]
    children = [ticks(int(one.name)) for one in Path("/proc").iterdir() if one.name.isdigit()]
    own = sum(ticks(postmaster)[1:])
    return (own + sum(spent for parent, spent, _ in children if parent == postmaster)) / sysconf("SC_CLK_TCK")


def ticks(process: int) -> tuple[int, int, int]:
    """The parent of a process, what it has spent, and what its ended children had."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0, 0
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])


def weighed(path: Path) -> tuple[int, int, int]:
    """Rows, errors, and the most memory in MB that a process of its own needed for reading a list."""
    done = subprocess.run(
        [sys.executable, "-c", READ_AND_WEIGH, str(path)], capture_output=True, text=True, check=True
    )
    rows, errors, megabytes = map(int, done.stdout.split())
    return rows, errors, megabytes


def test_a_rehearsal_costs_little_more_than_the_cells_that_it_reads(
    workbook: Path, organisation: int
) -> None:
    bare, ours = [], []
    for _ in range(3):
        bare.append(spent(lambda: cells(workbook)))
        ours.append(spent(lambda: rehearse(organisation, workbook)))
    library, rehearsal = min(bare), min(ours)
    print(
        f"\n{ROWS} rows: cells {library:.2f} s; rehearsal {rehearsal:.2f} s = {rehearsal / library:.2f} x the library, "
        f"{rehearsal / (2 * library + 3):.2f} of what it may take"
    )
    assert rehearsal <= 2 * library + 3


def test_the_same_list_again_costs_no_more_than_a_first_rehearsal(
    workbook: Path, organisation: int, tmp_path: Path
) -> None:
    """By turns, and the first list is another organisation's, as one's own is never first a second time."""
    apply(organisation, workbook)
    theirs = workbook_of(ROWS, tmp_path / "theirs.xlsx", domain="council.example")
    with db.transaction() as session:
        other = organisations.ids_by_code(session)["OTHER"]
    first, again, unchanged = [], [], []
    for _ in range(4):
        first.append(spent(lambda: rehearse(other, theirs)))
        again.append(spent(lambda: rehearse(organisation, workbook)))
        unchanged.append(spent(lambda: apply(organisation, workbook)))
    rehearsal = min(first)
    print(
        f"\n{ROWS} rows: first rehearsal {rehearsal:.2f} s; again: rehearsal {min(again):.2f} s = "
        f"{min(again) / rehearsal:.2f} x, applied {min(unchanged):.2f} s = {min(unchanged) / rehearsal:.2f} x"
    )
    assert rehearse(other, theirs).plan.count(Kind.JOINER) == ROWS
    assert not rehearse(organisation, workbook).plan.writes
    assert min(again) <= rehearsal
    assert min(unchanged) <= rehearsal


def test_saying_of_everybody_that_there_is_no_end_costs_no_more_than_saying_nothing(
    organisation: int,
) -> None:
    chance = random.Random(1)
    people = [person(number, chance) for number in range(ROWS)]
    at = CAPTIONS.index("Assignment End Date")
    readings = [
        roster.read([Cells([CAPTIONS, *([*one[:at], end, *one[at + 1 :]] for one in people)])], as_at=AS_AT)
        for end in (None, date(9999, 12, 31))
    ]
    with db.transaction() as session:
        checked = checking.check(session, organisation, readings[0], ALL)
        applying.apply(session, organisation, checked, actor=audit.COMMAND_LINE, now=NOW)
    took: list[list[float]] = [[], []]
    with db.transaction(read_only=True) as session:
        for _ in range(3):
            for reading, times in zip(readings, took, strict=True):
                times.append(
                    spent(lambda reading=reading: checking.check(session, organisation, reading, ALL))  # type: ignore[misc]
                )
        checked = checking.check(session, organisation, readings[1], ALL)
    blank, never = map(min, took)
    print(
        f"\n{ROWS} rows compared: ends blank {blank:.2f} s, 31/12/9999 {never:.2f} s = {never / blank:.2f} x"
    )
    assert (checked.plan.writes, len(checked.stored)) == (False, 0)
    assert never <= 1.25 * blank


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_applying_100_000_new_people_costs_at_most_four_times_a_bare_copy(
    workbook: Path, organisation: int
) -> None:
    checked = rehearse(organisation, workbook)

    def applied(session: Session) -> None:
        applying.apply(session, organisation, checked, actor=audit.COMMAND_LINE, now=NOW)

    def copied(session: Session) -> None:
        fill(session, rows)

    with db.transaction() as session:
        applied(session)
        parents = {name: content_of(session, name, organisation) for name in ("role_list", "job_title")}
        rows = {name: content_of(session, name) for name in ("person", "employment", "post")}
        session.rollback()
    # As after the first list was undone: the planner knows the tables as empty though they have pages.
    with psycopg.connect(db.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM (TRUNCATE false) person, employment, post")
    taken: dict[Callable[[Session], None], list[float]] = {applied: [], copied: []}
    for _ in range(2):
        for act, times in taken.items():
            with db.transaction() as session:
                if act is copied:
                    fill(session, parents)
                times.append(spent(lambda act=act, session=session: act(session)))  # type: ignore[misc]
                counts = [
                    driver(session).execute(f"SELECT COUNT(*) FROM {table}").fetchone() for table in rows
                ]
                session.rollback()
            assert counts == [(ROWS,)] * 3
    ours, bare = min(taken[applied]), min(taken[copied])
    print(f"\n{ROWS} new people: bare COPY {bare:.2f} s, applied {ours:.2f} s = {ours / bare:.2f} x the COPY")
    assert ours <= 4 * bare


def driver(session: Session) -> psycopg.Connection[Any]:
    found: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    return found


def content_of(session: Session, table: str, organisation_id: int | None = None) -> bytes:
    """The rows of a table, all or those of an organisation, as COPY gives and takes them."""
    query = sql.SQL("COPY (SELECT * FROM {} {}) TO STDOUT").format(
        sql.Identifier(table),
        sql.SQL("" if organisation_id is None else f"WHERE organisation_id = {organisation_id}"),
    )
    with driver(session).cursor() as cursor, cursor.copy(query) as stream:
        return b"".join(map(bytes, stream))


def fill(session: Session, rows: dict[str, bytes]) -> None:
    for table, content in rows.items():
        query = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
        with driver(session).cursor() as cursor, cursor.copy(query) as stream:
            stream.write(content)


def test_checking_and_applying_100_000_rows_stays_within_memory(workbook: Path, organisation: int) -> None:
    said = ("--organisation", "BIG", "--as-at", AS_AT.isoformat(), "--covers", "all")
    peaks = []
    for command in ("check", "apply", "apply"):
        done = subprocess.run(
            [sys.executable, "-c", COMMAND_AND_WEIGH, command, str(workbook), *said],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found = re.search(r"peak (\d+) MB", done.stdout)
        assert found is not None
        peaks.append(int(found[1]))
    print(f"\n{ROWS} rows: checked in {peaks[0]} MB, applied in {peaks[1]} MB, again in {peaks[2]} MB")
    assert max(peaks) < 400


def test_a_folder_s_100_000_new_people_stay_within_memory(
    workbook: Path, organisation: int, tmp_path: Path
) -> None:
    inbox = tmp_path / "lists" / "BIG"
    inbox.mkdir(parents=True)
    shutil.copyfile(workbook, inbox / f"staff {AS_AT.isoformat()}.xlsx")
    said = (str(inbox.parent), "--covers", "all", "--once", "--settle", "0")
    done = subprocess.run(
        [sys.executable, "-c", COMMAND_AND_WEIGH, "watch", *said], capture_output=True, text=True
    )
    assert f"applied, {ROWS:,} joiners" in done.stdout, done.stderr
    found = re.search(r"peak (\d+) MB", done.stdout)
    assert found is not None
    print(f"\n{ROWS} rows from a folder: {found[1]} MB")
    assert int(found[1]) < 400


def test_5_000_staff_are_checked_and_applied_in_seconds(organisation: int, tmp_path: Path) -> None:
    path = workbook_of(5_000, tmp_path / "list.xlsx")
    checked = spent(lambda: rehearse(organisation, path))
    applied = spent(lambda: apply(organisation, path))
    print(f"\n5000 staff: checked in {checked:.2f} s, applied in {applied:.2f} s")
    assert checked + applied < 5


def test_rehearsing_that_nearly_everybody_leaves_takes_at_most_twice_the_full_list(
    organisation: int, tmp_path: Path
) -> None:
    full = workbook_of(20_000, tmp_path / "full.xlsx")
    remnant = workbook_of(60, tmp_path / "remnant.xlsx")
    apply(organisation, full)
    unchanged = min(spent(lambda: rehearse(organisation, full)) for _ in range(2))
    leaving = min(spent(lambda: rehearse(organisation, remnant)) for _ in range(2))
    print(
        f"\n20000 staff: full list {unchanged:.2f} s, 60 of them {leaving:.2f} s = {leaving / unchanged:.2f} x the full list"
    )
    assert rehearse(organisation, remnant).report()["leavers"] == 20_000 - 60
    assert leaving <= 2 * unchanged


def test_reading_100_000_rows_stays_within_memory(workbook: Path) -> None:
    rows, errors, megabytes = weighed(workbook)
    print(f"\n{rows} rows of a workbook: {megabytes} MB")
    assert (rows, errors) == (ROWS, 0)
    assert megabytes < 400


def test_a_text_of_300_megabytes_does_not_need_300_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Employee Number,Last Name,First Name,Job Title,Email,Notes\n")
        for number in range(ROWS):
            file.write(
                f"{20_000_000 + number},Family{number % 3000},Given,Title {number % 400},g{number}@x.example,{'x' * 3000}\n"
            )
    assert path.stat().st_size > 300 * 10**6
    rows, errors, megabytes = weighed(path)
    print(f"\n{rows} rows of text, {path.stat().st_size >> 20} MB: {megabytes} MB")
    assert (rows, errors) == (ROWS, 0)
    assert megabytes < 300
    path.unlink()
