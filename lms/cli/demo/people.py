"""The people of the example: invented, and the same at every run but for the dates, which count from today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

SEED = 20260630
# Given names in the first line, family names in the second.
GIVEN, FAMILY = (
    line.split() for line in (Path(__file__).parent / "names.txt").read_text(encoding="utf-8").splitlines()
)
# Title, how many of a hundred, manager.
JOBS: dict[str, tuple[tuple[str, int], ...]] = {
    "BRK-NHS": (
        ("Staff Nurse", 42),
        ("Community Nurse", 16),
        ("Healthcare Assistant", 26),
        ("Administrator", 9),
        ("Wellbeing Navigator", 7),
    ),
    "TOD-MBC": (
        ("Social Worker", 28),
        ("Family Support Worker", 24),
        ("Housing Officer", 28),
        ("Administrator", 16),
        ("Neighbourhood Connector", 4),
    ),
    "FEN-HMP": (("Prison Officer", 80), ("Administrator", 12), ("Key Work Lead", 8)),
}
MANAGERS = {"BRK-NHS": "Ward Manager", "TOD-MBC": "Team Manager", "FEN-HMP": "Custodial Manager"}
UNITS = {
    "BRK-NHS": ("Emergency Department", "Community Nursing", "Older People", "Children and Families"),
    "TOD-MBC": ("Early Help", "Housing", "Adult Social Care"),
    "FEN-HMP": ("A Wing", "B Wing", "Operations"),
}
SIZES = {"BRK-NHS": 120, "TOD-MBC": 84, "FEN-HMP": 60}
NUMBERS = {"BRK-NHS": 21000100, "TOD-MBC": 700100, "FEN-HMP": 810000}
DOMAINS = {"BRK-NHS": "brackenrigg.example", "TOD-MBC": "toddlewick.example", "FEN-HMP": "fenscar.example"}


@dataclass(frozen=True)
class Worker:
    """One line of a role list."""

    organisation: str
    number: str
    given: str
    family: str
    email: str
    title: str
    unit: str
    starts: date
    manager: str = ""
    ends: date | None = None
    status: str = "Active"

    @property
    def manages(self) -> bool:
        return self.title == MANAGERS[self.organisation]


def lists(today: date) -> tuple[list[Worker], list[Worker]]:
    """Everybody on the first lists, two months old, and on the second, of ten days ago."""
    random = Random(SEED)
    names = _names(random)
    first = [
        worker
        for organisation, size in SIZES.items()
        for worker in _organisation(random, names, organisation, size, today)
    ]
    return first, _later(random, names, first, today)


def _later(
    random: Random, names: Iterator[tuple[str, str]], first: Sequence[Worker], today: date
) -> list[Worker]:
    """Some have left, moved or gone on leave, and some have come."""
    found = []
    for worker in first:
        chance = 1.0 if worker.manages else random.random()
        if chance < 0.03:
            continue
        if chance < 0.05:
            worker = replace(worker, title=_title(random, worker.organisation), unit=_unit(random, worker))
        elif chance < 0.07:
            worker = replace(worker, status="Maternity & Adoption")
        found.append(worker)
    for organisation, size in SIZES.items():
        number = NUMBERS[organisation] + size * 7 + 500
        bosses = [one for one in found if one.organisation == organisation and one.manages]
        for _ in range(size // 20):
            number += 7
            starts = today - timedelta(days=random.randrange(15, 45))
            found.append(_worker(random, names, organisation, number, starts, random.choice(bosses)))
    # Somebody who works for two of them, known by the same address and name.
    both = next(one for one in found if one.organisation == "TOD-MBC" and one.title == "Administrator")
    return [*found, replace(both, organisation="FEN-HMP", number="819999", unit="Operations", manager="")]


def _organisation(
    random: Random, names: Iterator[tuple[str, str]], organisation: str, size: int, today: date
) -> list[Worker]:
    number, found = NUMBERS[organisation], []
    for unit in UNITS[organisation]:
        number += 7
        starts = today - timedelta(days=random.randrange(700, 4000))
        boss = _worker(random, names, organisation, number, starts, None)
        found.append(replace(boss, title=MANAGERS[organisation], unit=unit))
    bosses = list(found)
    while len(found) < size:
        number += 7
        starts = today - timedelta(
            days=random.choice([random.randrange(70, 400), random.randrange(400, 4500)])
        )
        found.append(_worker(random, names, organisation, number, starts, random.choice(bosses)))
    return found


def _worker(
    random: Random,
    names: Iterator[tuple[str, str]],
    organisation: str,
    number: int,
    starts: date,
    boss: Worker | None,
) -> Worker:
    given, family = next(names)
    # Not everybody in a prison has an address; their attendance counts all the same.
    reachable = organisation != "FEN-HMP" or random.random() < 0.8
    local = f"{given}.{family}".lower().replace("'", "")
    plain = local.translate(str.maketrans("éëâółńśźżw", "eeaolnszzw"))
    return Worker(
        organisation,
        str(number),
        given,
        family,
        f"{plain}@{DOMAINS[organisation]}" if reachable and plain.isascii() else "",
        _title(random, organisation),
        boss.unit if boss else "",
        starts,
        boss.number if boss else "",
    )


def _title(random: Random, organisation: str) -> str:
    titles, weights = zip(*JOBS[organisation], strict=True)
    return str(random.choices(titles, weights)[0])


def _unit(random: Random, worker: Worker) -> str:
    return random.choice(UNITS[worker.organisation])


def _names(random: Random) -> Iterator[tuple[str, str]]:
    """Names in a mixed order, none twice."""
    every = [(given, family) for given in GIVEN for family in FAMILY]
    random.shuffle(every)
    return iter(every)
