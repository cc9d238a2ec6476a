"""Two years of learning for the example: completions from before, and sessions with their registers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from lms.cli.demo.people import SEED, Worker

SKILLED = {"Staff Nurse", "Community Nurse", "Family Support Worker", "Prison Officer"}
VENUES = ("Fenscar training room", "Toddlewick town hall, room 2", "Brackenrigg education centre")


@dataclass(frozen=True)
class Done:
    """One historic completion."""

    organisation: str
    number: str
    module: str
    day: date
    minutes: int
    evidence: str


@dataclass(frozen=True)
class Meeting:
    """A session, and the people on its register: (organisation, employee number)."""

    module: str
    organisation: str
    day: date
    starts: time
    minutes: int
    venue: str
    people: tuple[tuple[str, str], ...]


def completions(workers: Sequence[Worker], today: date) -> list[Done]:
    """What people did before the system was there: most of Foundation, about half of the rest."""
    random = Random(SEED + 2)
    found = []
    for worker in workers:
        for module, share, minutes, longest in _wanted(worker):
            if random.random() > share:
                continue
            day = today - timedelta(days=int(random.triangular(75, longest, longest * 0.8)))
            if day <= worker.starts:
                continue
            if module == "ATR-F" and random.random() < 0.3:
                module, minutes = "ATR-FE", 90
            evidence = random.choice(["register", "certificate seen", ""])
            found.append(Done(worker.organisation, worker.number, module, day, minutes, evidence))
    return found


def meetings(workers: Sequence[Worker], done: Sequence[Done], today: date) -> Iterator[Meeting]:
    """A session every eight days up to today, and the ones that are planned."""
    random = Random(SEED + 3)
    held = {(one.organisation, one.number, one.module.removesuffix("E")) for one in done}
    modules = ("ATR-F", "ATR-S", "DES", "ATR-F", "ATR-S")
    for number, days in enumerate(range(-72, 41, 8)):
        module = modules[number % len(modules)]
        waiting = [
            (one.organisation, one.number)
            for one in workers
            if one.starts < today - timedelta(days=72)
            and module in {wanted for wanted, *_ in _wanted(one)}
            and (one.organisation, one.number, module) not in held
        ]
        chosen = random.sample(waiting, min(len(waiting), 9 if days < 0 else 4))
        held |= {(organisation, person, module) for organisation, person in chosen}
        yield Meeting(
            module,
            ("TOD-MBC", "BRK-NHS", "FEN-HMP")[number % 3],
            _weekday(today + timedelta(days=days or 1)),
            time(9, 30) if number % 2 else time(13, 0),
            180 if module != "ATR-S" else 360,
            VENUES[number % 3],
            tuple(chosen),
        )


def _wanted(worker: Worker) -> list[tuple[str, float, int, int]]:
    """Module, how likely done, minutes, and how many days ago at most."""
    found = [("ATR-F", 0.85, 180, 800)]
    if worker.title in SKILLED:
        found.append(("ATR-S", 0.5, 360, 720))
    if worker.title == "Prison Officer":
        found.append(("DES", 0.7, 240, 430))
    if worker.manages:
        found.append(("ATR-L", 0.4, 180, 600))
    return found


def _weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
