"""What a list would do to coverage is what it does: foreseen in a rehearsal, and read again once it is applied."""

import csv
import io
from datetime import date
from random import Random

from hypothesis import given, settings

from lms import db, spreadsheets
from lms.rules import roster as rules
from lms.services import audit, organisations
from lms.services.completions import reconciling
from lms.services.coverage import effect
from lms.services.people import applying, checking, stored
from lms.services.people.checking import Options
from tests import worlds
from tests.services.test_standing import RELAXED, SEEDS
from tests.services.test_worlds_by_file import BASE_URL, NOW, enter, role_list, simplified, text

LATER = date(2026, 8, 31)
HEADER = "Employee number,First name,Last name,Email,Job title,Start date,End date,Assignment status"


def a_month_later(world: worlds.World, code: str, random: Random) -> bytes:
    """The list of an organisation again: some have left, moved, gone away or come, also from another employer."""
    rows = list(csv.reader(io.StringIO(role_list(world, code).decode())))[1:]
    titles = [row[4] for row in rows] + ["Something new"]
    told = []
    for row in rows:
        if random.random() < 0.8:
            row[4] = random.choice(titles) if random.random() < 0.2 else row[4]
            told.append([*row, random.choice(["Active", "Active", "Active", "Maternity", ""])])
    for n in range(random.randint(0, 6)):
        person = random.randrange(12)
        for title in random.choices(titles, k=random.choice([1, 1, 2])):
            email = f"p{person}@example.org" if n % 2 else ""
            start = random.choice(["", "2020-01-06", "2026-08-01"])
            status = random.choice(["Active", "Maternity"])
            told.append([f"N{n}", f"Given {person}", "Family", email, title, start, "", status])
    return text(HEADER, told)


@given(SEEDS)
@settings(max_examples=12, deadline=None, suppress_health_check=RELAXED)
def test_what_is_foreseen_is_what_comes(database: str, seed: int) -> None:
    random = Random(seed)
    world = simplified(worlds.make(random))
    for one in world.employed:
        for job in one.jobs:
            # What a title means from a later day on is not yet known on the day of a list.
            job.regraded = None
    with db.transaction() as session:
        enter(session, world)
        for code, id_ in organisations.ids_by_code(session).items():
            if not any(one.organisation == code for one in world.employed):
                continue
            for file in (role_list(world, code), a_month_later(world, code, random)):
                workbook = spreadsheets.read(file, "list.csv")
                reading = rules.read(workbook.sheets, as_at=LATER, known=stored.known(session, id_))
                if not reading.rows:
                    continue
                checked = checking.check(session, id_, reading, Options(covers="all", only_good_rows=True))
                before = effect.now(session, id_, LATER)
                foreseen = effect.foreseen(session, id_, checked)
                if not checked.applicable:
                    checked = checking.check(
                        session, id_, reading, Options("all", True, True, only_good_rows=True)
                    )
                applied = applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=NOW)
                reconciling.people_changed(session, sorted(applied.touched), BASE_URL, NOW)
                assert foreseen == effect.between(before, effect.now(session, id_, LATER)), (seed, code)
        session.rollback()
