"""Generated worlds, written as reference files and role lists and read through the front door, give what brute force gives."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from sqlmodel import Session

from lms import db, spreadsheets
from lms.rules import roster as rules
from lms.services import audit, coverage, organisations, reference, standing
from lms.services.completions import reconciling
from lms.services.people import applying, checking, stored
from lms.services.people.checking import Options
from tests import oracle, worlds
from tests.services.test_standing import RELAXED, SEEDS, days_to_try

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LISTED = date(2026, 6, 30)
BASE_URL = "https://golden.example"


def text(header: str, rows: Iterable[Iterable[Any]]) -> bytes:
    """A CSV file; None is a blank cell."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(header.split(","))
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return file.getvalue().encode()


def map_files(world: worlds.World) -> dict[str, bytes]:
    cumulative = {name: "yes" if on else "no" for name, on in world.cumulative.items()}
    roles = [(r.code, f"Role {r.code}", r.family, r.level, "yes" if r.manager else "no") for r in world.roles]
    titles = [
        (one.organisation, f"Title {n} {m}", role, start)
        for n, one in enumerate(world.employed)
        for m, job in enumerate(one.jobs)
        for start, _, role in worlds.meanings(job)
    ]
    modules = [
        (code, code, minutes, level, f"urn:{code}") for code, (minutes, level) in world.modules.items()
    ]
    return {
        "levels.csv": text(
            "framework,level,rank,cumulative",
            ((f, level, rank, cumulative[f]) for level, (f, rank) in world.levels.items()),
        ),
        "organisations.csv": text(
            "code,name,sector,place,parent",
            ((code, code, "Council", world.places[code], parent) for code, parent in world.parents.items()),
        ),
        "job-roles.csv": text("code,name,family,level,manager", roles),
        "job-titles.csv": text("organisation,title,job_role,from", titles),
        "modules.csv": text("code,title,minutes,level,activity_iri", modules),
        "equivalences.csv": text("module,counts_for,from,to", world.links),
        "training-map.csv": text(
            "who,value,organisation,module,shape,every_months,refresher_module,hours,days_allowed,anchor,fixed_day,"
            "renewal_window_days,from,to",
            map(map_row, world.terms),
        ),
    }


def map_row(term: worlds.Term) -> list[Any]:
    hours = term.minutes / 60 if term.minutes else None
    anchor = None if term.anchor == "completion" else term.anchor
    fixed = f"{term.fixed[0]:02}-{term.fixed[1]:02}" if term.fixed else None
    asked = [term.shape, term.every, term.refresher, hours, term.allowed, anchor, fixed, term.window]
    return [term.who, term.value, term.organisation, term.module, *asked, term.start, term.end]


def role_list(world: worlds.World, code: str) -> bytes:
    rows = [
        (
            f"E{n:03}",
            f"Given {one.person}",
            "Family",
            f"p{one.person}@example.org",
            f"Title {n} {m}",
            job.start,
            job.end,
        )
        for n, one in enumerate(world.employed)
        if one.organisation == code
        for m, job in enumerate(one.jobs)
    ]
    return text("Employee number,First name,Last name,Email,Job title,Start date,End date", rows)


def people_files(world: worlds.World) -> dict[str, bytes]:
    exemptions = {
        (one.organisation, f"E{n:03}", "away", start): end
        for n, one in enumerate(world.employed)
        for start, end in one.exemptions
    }
    first = {
        one.person: (one.organisation, f"E{n:03}") for n, one in reversed(list(enumerate(world.employed)))
    }
    completions = [
        (*first[person], module, day, minutes)
        for person, module, day, minutes in world.completions
        if person in first
    ]
    return {
        "exemptions.csv": text(
            "organisation,employee_number,class,from,to", ((*key, end) for key, end in exemptions.items())
        ),
        "completions.csv": text("organisation,employee_number,module,completed_on,minutes", completions),
    }


def enter(session: Session, world: worlds.World) -> None:
    reference.load(session, map_files(world), now=NOW, base_url=BASE_URL)
    for code, id_ in organisations.ids_by_code(session).items():
        if any(one.organisation == code for one in world.employed):
            workbook = spreadsheets.read(role_list(world, code), "list.csv")
            reading = rules.read(workbook.sheets, as_at=LISTED, known=stored.known(session, id_))
            checked = checking.check(session, id_, reading, Options(covers="all"))
            applied = applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=NOW)
            reconciling.people_changed(session, sorted(applied.touched), BASE_URL, NOW)
    files = people_files(world)
    reference.load(
        session,
        {name: data for name, data in files.items() if b"\n" in data.strip()},
        now=NOW,
        base_url=BASE_URL,
    )


def simplified(world: worlds.World) -> worlds.World:
    """Without what files cannot say: absences of one post on past days, and what is asked of one person alone."""
    world.terms = [term for term in world.terms if term.who != "person"]
    for one in world.employed:
        for job in one.jobs:
            job.absences = []
    return world


@given(SEEDS)
@settings(max_examples=8, deadline=None, suppress_health_check=RELAXED)
def test_a_world_entered_by_file_stands_where_brute_force_says(database: str, seed: int) -> None:
    random = Random(seed)
    world = simplified(worlds.make(random))
    with db.transaction() as session:
        enter(session, world)
        for on in [*days_to_try(world, random), LISTED + timedelta(days=1)]:
            expected = sorted(
                (f"E{n:03}", f"Title {n} {m}", world.terms[t].module, found)
                for n, m, t, found in oracle.everything(world, on)
            )
            rows = standing.people(session, on)
            found = sorted((row.employee_number, row.post, row.module, row.standing.value) for row in rows)
            assert found == expected, (seed, on)
            trained = {
                one.organisation: (one.staff_trained_count, one.staff_counted)
                for one in coverage.figures(session, on).organisations
                if not one.no_data
            }
            assert trained == {
                code: counts for code, counts in oracle.staff_trained(world, on).items() if code in trained
            }, (seed, on)
        session.rollback()
