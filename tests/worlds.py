"""Made-up worlds, small and awkward, and how to plant one in a database."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlmodel import Session

from lms.rules.job_roles import title_key
from lms.tables.completions import Completion
from lms.tables.job_roles import Framework, JobRole, JobTitle, JobTitleRole, Level
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Exemption, Person, Post
from lms.tables.roster import RoleList
from lms.tables.training_map import Equivalence, MapVersion, Module, Requirement, RequirementTerm

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
AWKWARD_DAYS = [
    date(2023, 1, 31),
    date(2023, 2, 28),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 3, 31),
    date(2024, 12, 31),
    date(2025, 2, 28),
    date(2025, 3, 30),
    date(2025, 10, 26),
    date(2026, 6, 30),
]


@dataclass
class Term:
    """A row of the training map, with the names of things; for ``person`` the value is an employment's index."""

    who: str
    value: str
    organisation: str | None
    module: str
    shape: str = "once"
    every: int | None = None
    refresher: str | None = None
    minutes: int | None = None
    allowed: int = 90
    anchor: str = "completion"
    fixed: tuple[int, int] | None = None
    window: int | None = None
    start: date | None = None
    end: date | None = None


@dataclass
class Role:
    code: str
    family: str
    level: str | None
    manager: bool


@dataclass
class Job:
    """A post: ``role`` None with ``mapped`` means 'no role: everyone-requirements only'.

    ``regraded``: from that day on its title means that role.
    """

    role: str | None
    mapped: bool
    start: date
    end: date | None = None
    absences: list[tuple[date, date | None]] = field(default_factory=list)
    regraded: tuple[date, str | None] | None = None

    def role_on(self, day: date) -> str | None:
        return self.regraded[1] if self.regraded and day >= self.regraded[0] else self.role


@dataclass
class Employed:
    person: int
    organisation: str
    jobs: list[Job]
    exemptions: list[tuple[date, date | None]] = field(default_factory=list)


@dataclass
class World:
    """``parents`` names each organisation's parent; ``links`` are (module, counts for, from, to)."""

    parents: dict[str, str | None]
    places: dict[str, str]
    levels: dict[str, tuple[str, int]]
    cumulative: dict[str, bool]
    roles: list[Role]
    modules: dict[str, tuple[int | None, str | None]]
    links: list[tuple[str, str, date | None, date | None]]
    terms: list[Term]
    employed: list[Employed]
    completions: list[tuple[int, str, date, int | None]]


def a_day(random: Random) -> date:
    if random.random() < 0.4:
        return random.choice(AWKWARD_DAYS) + timedelta(days=random.choice([-1, 0, 0, 1]))
    return date(2022, 6, 1) + timedelta(days=random.randrange(1700))


def some_period(random: Random) -> tuple[date | None, date | None]:
    start = a_day(random) if random.random() < 0.7 else None
    end = None
    if random.random() < 0.4:
        end = (start or a_day(random)) + timedelta(days=random.randrange(700))
    return start, end


def make(random: Random) -> World:
    """A world of two to four organisations and a handful of people, every shape and anchor likely."""
    codes = ["ORG-A", "ORG-B", "ORG-C", "ORG-D"][: random.randint(2, 4)]
    parents = {
        code: random.choice([None, *codes[:n]]) if n and random.random() < 0.5 else None
        for n, code in enumerate(codes)
    }
    levels = {
        "informed": ("P", 1),
        "skilled": ("P", 2),
        "enhanced": ("P", 3),
        "one": ("Q", 1),
        "two": ("Q", 2),
    }
    roles = [
        Role(
            f"R{n}", random.choice(["Care", "Custody"]), random.choice([None, *levels]), random.random() < 0.3
        )
        for n in range(4)
    ]
    names = [f"M{n}" for n in range(6)]
    modules = {
        name: (random.choice([None, 30, 60, 90, 240]), random.choice([None, None, *levels])) for name in names
    }
    links = [
        (source, target, *some_period(random))
        for source, target in zip(names[1:], names, strict=False)
        if random.random() < 0.5
    ]
    world = World(
        parents=parents,
        places={code: random.choice(["Leeds", "Kirklees"]) for code in codes},
        levels=levels,
        cumulative={"P": random.random() < 0.5, "Q": random.random() < 0.5},
        roles=roles,
        modules=modules,
        links=links,
        terms=_terms(random, codes, roles, levels, names),
        employed=[],
        completions=[],
    )
    for person in range(random.randint(2, 5)):
        for code in random.sample(codes, random.choice([1, 1, 2])):
            world.employed.append(_employed(random, person, code, roles))
        if random.random() < 0.2:
            whose = str(len(world.employed) - 1)
            world.terms.append(_term(random, "person", whose, None, random.choice(names), names))
        for _ in range(random.randrange(9)):
            day = a_day(random)
            world.completions.append((person, random.choice(names), day, random.choice([None, 20, 60, 400])))
    return world


def _terms(random: Random, codes: list[str], roles: list[Role], levels: dict, names: list[str]) -> list[Term]:
    terms: list[Term] = []
    seen = set()
    for _ in range(random.randint(2, 6)):
        who = random.choice(["everyone", "family", "role", "level", "managers"])
        value = {
            "family": random.choice(["Care", "Custody"]),
            "role": random.choice(roles).code,
            "level": random.choice(list(levels)),
        }.get(who, "")
        organisation, module = random.choice([None, None, *codes]), random.choice(names)
        if (who, value, organisation, module) in seen:
            continue
        seen.add((who, value, organisation, module))
        first = _term(random, who, value, organisation, module, names)
        terms.append(first)
        if first.end is not None and random.random() < 0.6:
            after = _term(random, who, value, organisation, module, names)
            after.start, after.end = first.end + timedelta(days=random.choice([1, 1, 40])), None
            terms.append(after)
    return terms


def _term(
    random: Random, who: str, value: str, organisation: str | None, module: str, names: list[str]
) -> Term:
    term = Term(who, value, organisation, module, allowed=random.choice([0, 30, 90, 365]))
    term.start, term.end = some_period(random)
    term.shape = random.choice(
        ["once", "refreshed", "refreshed", "refreshed", "different_refresher", "hours", "hours"]
    )
    if term.shape == "hours":
        term.minutes = random.choice([60, 120, 450])
        term.every = random.choice([None, 1, 12, 24])
    elif term.shape != "once":
        term.every = random.choice([1, 2, 12, 24, 36])
        term.anchor = random.choice(["completion", "keep_anniversary", "fixed"])
        if term.anchor == "fixed":
            term.fixed, term.every = (
                random.choice([(3, 31), (2, 28), (12, 31), (10, 1)]),
                random.choice([12, 13, 24, 36]),
            )
        if term.anchor != "completion":
            term.window = random.choice([None, 0, 30, 60, 200])
        if term.shape == "different_refresher":
            term.refresher = random.choice([name for name in names if name != module])
    return term


def _employed(random: Random, person: int, code: str, roles: list[Role]) -> Employed:
    jobs = []
    for _ in range(random.choice([1, 1, 2])):
        start = a_day(random)
        end = start + timedelta(days=random.randrange(900)) if random.random() < 0.3 else None
        mapped = random.random() < 0.85
        role = random.choice(roles).code if mapped and random.random() < 0.9 else None
        regraded = (a_day(random), random.choice(roles).code) if random.random() < 0.25 else None
        if regraded and regraded[1] == role:
            regraded = (regraded[0], None)
        jobs.append(Job(role, mapped, start, end, _periods(random, 0.15), regraded))
    return Employed(person, code, jobs, _periods(random, 0.15))


def _periods(random: Random, chance: float) -> list[tuple[date, date | None]]:
    if random.random() > chance:
        return []
    start = a_day(random)
    return [(start, start + timedelta(days=random.randrange(300)) if random.random() < 0.6 else None)]


def plant(session: Session, world: World) -> dict[tuple[int, int], tuple[int, int]]:
    """Write a world into the tables. Returns the post's id for each (employment's index, job's index)."""
    ids: dict[str, dict[str, int]] = {"organisation": {}, "level": {}, "role": {}, "module": {}}

    def add(row):
        session.add(row)
        session.flush()
        return row.id

    for code, parent in world.parents.items():
        parent_id = ids["organisation"][parent] if parent else None
        row = Organisation(
            code=code, name=code, place=world.places[code], sector="Council", parent_id=parent_id
        )
        ids["organisation"][code] = add(row)
        session.add(
            RoleList(
                organisation_id=row.id,
                as_at=date(2026, 6, 30),
                filename="x",
                state="applied",
                options={},
                uploaded_at=LONG_AGO,
            )
        )
    frameworks = {name: add(Framework(name=name, cumulative=on)) for name, on in world.cumulative.items()}
    for name, (framework, rank) in world.levels.items():
        ids["level"][name] = add(Level(framework_id=frameworks[framework], name=name, rank=rank))
    for role in world.roles:
        row = JobRole(
            code=role.code,
            name=role.code,
            family=role.family,
            level_id=ids["level"].get(role.level),
            manager=role.manager,
        )
        ids["role"][role.code] = add(row)
    for code, (minutes, level) in world.modules.items():
        row = Module(
            code=code,
            title=code,
            minutes=minutes,
            level_id=ids["level"].get(level),
            activity_iri=f"urn:{code}",
        )
        ids["module"][code] = add(row)
    for source, target, start, end in world.links:
        add(
            Equivalence(
                module_id=ids["module"][source],
                counts_for_id=ids["module"][target],
                from_day=start,
                to_day=end,
            )
        )
    employments: list[int] = []
    posts = _plant_people(session, world, ids, employments)
    _plant_terms(session, world, ids, employments)
    return posts


def _plant_terms(
    session: Session, world: World, ids: dict[str, dict[str, int]], employments: list[int]
) -> None:
    version = MapVersion(number=1, state="published", rows=[], created_at=LONG_AGO)
    session.add(version)
    session.flush()
    requirements: dict[str, int] = {}
    for term in world.terms:
        identity = f"{term.who}|{term.value}|{term.organisation or ''}|{term.module}"
        if identity not in requirements:
            row = Requirement(
                identity=identity,
                who=term.who,
                value=term.value,
                organisation_id=ids["organisation"].get(term.organisation),
                module_id=ids["module"][term.module],
                employment_id=employments[int(term.value)] if term.who == "person" else None,
            )
            session.add(row)
            session.flush()
            requirements[identity] = row.id
        session.add(
            RequirementTerm(
                requirement_id=requirements[identity],
                shape=term.shape,
                every_months=term.every,
                refresher_module_id=ids["module"].get(term.refresher),
                minutes=term.minutes,
                days_allowed=term.allowed,
                anchor=term.anchor,
                fixed_day=f"{term.fixed[0]:02}-{term.fixed[1]:02}" if term.fixed else None,
                renewal_window_days=term.window,
                from_day=term.start,
                to_day=term.end,
                map_version_id=version.id,
            )
        )
    session.flush()


def _plant_people(
    session: Session, world: World, ids: dict[str, dict[str, int]], employments: list[int]
) -> dict[tuple[int, int], tuple[int, int]]:
    persons: dict[int, int] = {}
    for number in {one.person for one in world.employed}:
        row = Person(uuid=str(UUID(int=number + 1)))
        session.add(row)
        session.flush()
        persons[number] = row.id
    posts = {}
    for n, employed in enumerate(world.employed):
        organisation = ids["organisation"][employed.organisation]
        employment = Employment(
            organisation_id=organisation,
            employee_number=str(n),
            person_id=persons[employed.person],
            home_person_id=persons[employed.person],
            given_name="G",
            family_name=str(n),
        )
        session.add(employment)
        session.flush()
        employments.append(employment.id)
        for m, job in enumerate(employed.jobs):
            title = JobTitle(
                organisation_id=organisation, key=title_key(f"title {n} {m}"), title=f"Title {n} {m}"
            )
            session.add(title)
            session.flush()
            for start, end, role in meanings(job):
                session.add(
                    JobTitleRole(
                        job_title_id=title.id,
                        job_role_id=ids["role"].get(role),
                        from_day=start,
                        to_day=end,
                        decided_at=LONG_AGO,
                    )
                )
            post = Post(
                employment_id=employment.id,
                organisation_id=organisation,
                title=title.title,
                job_title_id=title.id,
                starts_on=job.start,
                ends_on=job.end,
            )
            session.add(post)
            session.flush()
            posts[n, m] = post.id
            for start, end in job.absences:
                session.add(_exemption(employment.id, post.id, "away", start, end, "role_list"))
        for start, end in employed.exemptions:
            session.add(_exemption(employment.id, None, "not_applicable", start, end, "file"))
    for n, (person, module, day, minutes) in enumerate(world.completions):
        session.add(
            Completion(
                statement_id=str(UUID(int=n + 1)),
                person_id=persons[person],
                module_id=ids["module"][module],
                completed_on=day,
                minutes=minutes,
            )
        )
    session.flush()
    return posts


def meanings(job: Job) -> list[tuple[date | None, date | None, str | None]]:
    """What the title of a job means: from, to, and which role."""
    if job.regraded is None:
        return [(None, None, job.role)] if job.mapped else []
    day, role = job.regraded
    before = [(None, day - timedelta(days=1), job.role)] if job.mapped else []
    return [*before, (day, None, role)]


def _exemption(
    employment: int, post: int | None, kind: str, start: date, end: date | None, source: str
) -> Exemption:
    return Exemption(
        employment_id=employment,
        post_id=post,
        kind=kind,
        from_day=start,
        to_day=end,
        source=source,
        decided_at=LONG_AGO,
    )
