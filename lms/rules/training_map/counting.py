"""Which completions count for a module: equivalences and cumulative levels (policy.md, Standing)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lms.rules.dates import DAY, FOR_EVER, SINCE_ALWAYS

Period = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Link:
    """A completion of ``source`` made on a day from ``start`` to ``end`` (inclusive) counts for ``target``."""

    source: int
    target: int
    start: date = SINCE_ALWAYS
    end: date = FOR_EVER


@dataclass(frozen=True, slots=True)
class Placed:
    """A module at a level: the framework, the level's rank, and whether the framework is cumulative."""

    module: int
    framework: int
    rank: int
    cumulative: bool


def cumulative_links(modules: Iterable[Placed]) -> list[Link]:
    """Where the switch is on, a module counts for every module at a lower level of the same framework."""
    placed = [one for one in modules if one.cumulative]
    return [
        Link(high.module, low.module)
        for high in placed
        for low in placed
        if high.framework == low.framework and high.rank > low.rank
    ]


def counting(targets: Iterable[int], links: Iterable[Link]) -> dict[int, list[Link]]:
    """For each target every module whose completions count for it, itself first, with the days on which they do.

    One-way and transitive: a chain counts completions made on days on which every link was in force. The days of
    one source never overlap, so nothing is counted twice.
    """
    into: Mapping[int, list[Link]] = _by_target(links)
    return {target: _reaching(target, into) for target in targets}


def _by_target(links: Iterable[Link]) -> dict[int, list[Link]]:
    into: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        into[link.target].append(link)
    return into


def _reaching(target: int, into: Mapping[int, list[Link]]) -> list[Link]:
    days: dict[int, list[Period]] = {target: [(SINCE_ALWAYS, FOR_EVER)]}
    waiting: list[tuple[int, Period]] = [(target, (SINCE_ALWAYS, FOR_EVER))]
    while waiting:
        module, (start, end) = waiting.pop()
        for link in into.get(module, ()):
            period = (max(start, link.start), min(end, link.end))
            known = days.setdefault(link.source, [])
            # A period already covered brings nothing new; this also ends chains that lead back.
            if period[0] <= period[1] and not any(a <= period[0] and period[1] <= b for a, b in known):
                days[link.source] = _merged([*known, period])
                waiting.append((link.source, period))
    return [Link(source, target, start, end) for source, periods in days.items() for start, end in periods]


def _merged(periods: list[Period]) -> list[Period]:
    merged: list[Period] = []
    for start, end in sorted(periods):
        if merged and (merged[-1][1] == FOR_EVER or start <= merged[-1][1] + DAY):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
