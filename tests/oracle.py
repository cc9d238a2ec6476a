"""Standing and coverage by brute force, read from policy.md sentence by sentence and sharing no code with lms.

Slow on purpose: it walks day by day and asks of every completion whether it counts on that very day.
"""

from collections import Counter, defaultdict
from datetime import date, timedelta

from tests.worlds import Employed, Job, Role, Term, World

DAY = timedelta(days=1)
WORST = ["not_done", "out_of_date", "not_yet_due", "due_soon", "in_date"]


def anniversary(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    try:
        return date(year, month, day.day)
    except ValueError:
        return date(year, month + 1, 1) if month < 12 else date(year + 1, 1, 1)


def in_force(start: date | None, end: date | None, day: date) -> bool:
    return not (start and day < start) and not (end and day > end)


def counts_for(world: World, module: str, target: str, day: date) -> bool:
    """Whether a completion of the module made on the day reaches the target over links all in force that day."""
    reached, grown = {module}, True
    while grown:
        grown = False
        for one in list(reached):
            steps = {
                to for source, to, start, end in world.links if source == one and in_force(start, end, day)
            }
            level = world.modules[one][1]
            if level and world.cumulative[world.levels[level][0]]:
                framework, rank = world.levels[level]
                steps |= {
                    other
                    for other, (_, its) in world.modules.items()
                    if its and world.levels[its][0] == framework and world.levels[its][1] < rank
                }
            grown = grown or not steps <= reached
            reached |= steps
    return target in reached


def applies(world: World, term: Term, role: Role | None, organisation: str) -> bool:
    above, chain = organisation, [organisation]
    while world.parents[above]:
        above = world.parents[above]
        chain.append(above)
    if term.organisation and term.organisation not in chain:
        return False
    if term.who == "everyone":
        return True
    if role is None:
        return False
    return {
        "family": role.family == term.value,
        "role": role.code == term.value,
        "level": role.level == term.value,
        "managers": role.manager,
    }[term.who]


def held(world: World, term: Term, person: int, on: date) -> tuple[bool, date | None, bool]:
    """(ever held, last valid day, valid on the day); a last day of None with valid means for ever."""
    own = [(day, code, length) for who, code, day, length in world.completions if who == person and day <= on]
    initial = [one for one in own if counts_for(world, one[1], term.module, one[0])]
    if term.shape == "hours":
        return hours(world, term, initial, on)
    days = sorted({day for day, _, _ in initial})
    if term.shape == "different_refresher" and days:
        days = sorted(
            {day for day, code, _ in own if counts_for(world, code, term.refresher, day) and day >= days[0]}
            | set(days)
        )
    if not days:
        return False, None, False
    if term.shape == "once":
        return True, None, True
    last = {"completion": plain, "fixed": fixed, "keep_anniversary": keep}[term.anchor](term, days)
    return True, last, last >= on


def plain(term: Term, days: list[date]) -> date:
    return max(anniversary(day, term.every) - DAY for day in days)


def fixed(term: Term, days: list[date]) -> date:
    window = 90 if term.window is None else term.window
    ends = []
    for completed in days:
        year = completed.year
        while True:
            last = date(year, *term.fixed)
            if last >= completed and (last - completed).days >= window:
                break
            year += 1
        ends.append(last if term.every == 12 else anniversary(last, term.every - 12))
    return max(ends)


def keep(term: Term, days: list[date]) -> date:
    window = 90 if term.window is None else term.window
    first, k = days[0], 1
    for day in days[1:]:
        last = anniversary(first, k * term.every) - DAY
        if last - timedelta(days=window) <= day <= last:
            k += 1
        elif anniversary(day, term.every) - DAY >= last:
            first, k = day, 1
    return anniversary(first, k * term.every) - DAY


def hours(world: World, term: Term, found: list, on: date) -> tuple[bool, date | None, bool]:
    longest: dict = defaultdict(int)
    for day, code, length in found:
        longest[day, code] = max(
            longest[day, code], length if length is not None else world.modules[code][0] or 0
        )
    if not longest:
        return False, None, False

    def total(day: date) -> int:
        return sum(
            length
            for (done, _), length in longest.items()
            if done <= day and (term.every is None or day < anniversary(done, term.every))
        )

    day, ever, last = min(done for done, _ in longest), False, None
    horizon = on + timedelta(days=31 * (term.every or 0) + 31)
    while day <= horizon:
        if total(day) >= term.minutes:
            ever, last = True, day
        day += DAY
    if term.every is None:
        last = None
    return ever, last if ever else None, total(on) >= term.minutes


def standing(world: World, term: Term, employed: Employed, job: Job, on: date, soon: int = 90) -> str | None:
    """One word of policy.md, or None where nothing is required."""
    role = next((one for one in world.roles if one.code == job.role_on(on)), None)
    if not in_force(job.start, job.end, on) or not in_force(term.start, term.end, on):
        return None
    if term.who == "person":
        if world.employed[int(term.value)] is not employed:
            return None
    elif not applies(world, term, role, employed.organisation):
        return None
    if any(in_force(start, end, on) for start, end in employed.exemptions + job.absences):
        return "exempt"
    ever, last, valid = held(world, term, employed.person, on)
    if ever and valid:
        return "due_soon" if last is not None and (last - on).days <= soon else "in_date"
    if ever:
        return "out_of_date"
    firsts = [
        one.start
        for one in world.terms
        if (one.who, one.value, one.organisation, one.module)
        == (term.who, term.value, term.organisation, term.module)
    ]
    came = max(job.start, job.regraded[0]) if job.regraded and on >= job.regraded[0] else job.start
    due = max([came] + ([] if None in firsts else [min(firsts)])) + timedelta(days=term.allowed)
    return "not_done" if on > due else "not_yet_due"


def everything(world: World, on: date) -> list[tuple[int, int, int, str]]:
    """(employment, job, term, standing) of all that is required on a day."""
    return [
        (n, m, t, found)
        for n, employed in enumerate(world.employed)
        for m, job in enumerate(employed.jobs)
        for t, term in enumerate(world.terms)
        if (found := standing(world, term, employed, job, on))
    ]


def worst(standings: list[str]) -> str:
    return next((one for one in WORST if one in standings), "exempt")


def coverage(world: World, on: date, key) -> dict:
    """{(key, module): Counter of standings}; ``key(employed, job)`` gives the row, each person once in each."""
    found: dict = defaultdict(list)
    for n, m, t, one in everything(world, on):
        employed = world.employed[n]
        found[key(employed, employed.jobs[m]), world.terms[t].module, employed.person].append(one)
    rows: dict = defaultdict(Counter)
    for (row, module, _), standings in found.items():
        rows[row, module][worst(standings)] += 1
    return rows


def staff_trained(world: World, on: date) -> dict[str, tuple[int, int]]:
    """{organisation: (people who hold everything required of them, people of whom anything is)}."""
    found: dict = defaultdict(lambda: defaultdict(list))
    for n, _, t, one in everything(world, on):
        employed = world.employed[n]
        found[employed.organisation, employed.person][world.terms[t].module].append(one)
    result = dict.fromkeys(world.parents, (0, 0))
    for (code, _), modules in found.items():
        each = [worst(standings) for standings in modules.values() if worst(standings) != "exempt"]
        if each:
            trained, counted = result[code]
            result[code] = trained + all(one in ("in_date", "due_soon") for one in each), counted + 1
    return result
