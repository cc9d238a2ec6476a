"""Which job role a title might mean: suggested with a score, never decided (policy.md, Role lists).

A title is read the way a person would: grades, shifts and place names aside, abbreviations written out, known
titles put under the kind of work they name, and what remains compared with the roles word by word. Letters
that mean several things (PO, SW, TA), words that could be anybody's (officer, navigator) and words that change
what stands beside them (assistant, support, nursery) keep a suggestion below ``SURE``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from lms.rules.job_roles.suggest.reading import key, plain, readings, words_of
from lms.rules.job_roles.suggest.words import AMBIGUOUS, GENERIC, HEADS

SURE = 85.0
"""From here on a role is offered as the suggestion; below it is one of several possibilities."""
POSSIBLE = 50.0
"""Below this nothing is offered."""

NOT_WORD_BY_WORD = 80.0
SAME_WORD = 91.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name under which a role is known: its own, or (``title``) a job title confirmed for it elsewhere."""

    code: str
    name: str
    title: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A role that a title may mean. ``score`` is 0 to 100; only from ``SURE`` on is it offered by itself."""

    code: str
    name: str
    score: float

    @property
    def sure(self) -> bool:
        return self.score >= SURE


def suggest(
    titles: Sequence[str], candidates: Sequence[Candidate], *, limit: int = 3
) -> list[list[Suggestion]]:
    """For each title the roles it may mean, best first, none below ``POSSIBLE``.

    Give it all titles of a list at once: what two titles have in common is compared once.
    """
    names = {candidate.code: candidate.name for candidate in candidates if not candidate.title}
    variants = [(candidate.code, phrase) for candidate in candidates for phrase in _variants(candidate)]
    # Words in order once, so that the comparison is the plain ratio: the same score as token_sort_ratio.
    choices = [key(phrase.split()) for _, phrase in variants]
    alike: dict[str, list[tuple[str, float]]] = {}
    best: list[dict[str, float]] = [{} for _ in titles]
    for scores, title in zip(best, titles, strict=True):
        for reading in readings(title):
            phrase = key(reading.phrase.split())
            if phrase not in alike:
                alike[phrase] = [
                    (variants[at][0], _guarded(score, phrase, choice))
                    for choice, score, at in process.extract(
                        phrase, choices, scorer=fuzz.ratio, score_cutoff=POSSIBLE, limit=None
                    )
                ]
            for code, score in alike[phrase]:
                score = (score - reading.cost) * reading.most / 100
                if score >= POSSIBLE and score > scores.get(code, 0.0):
                    scores[code] = score
    return [
        [
            Suggestion(code, names.get(code, code), round(score, 1))
            for code, score in sorted(scores.items(), key=lambda pair: (-pair[1], names.get(pair[0], "")))
        ][:limit]
        for scores in best
    ]


def _variants(candidate: Candidate) -> list[str]:
    """The phrases by which a role may be met: its name, and each half of a name that joins two."""
    words = words_of(candidate.name)
    if not words:
        return []
    texts = [word.text for word in words]
    if candidate.title and (AMBIGUOUS.keys() & set(texts) or set(texts) <= GENERIC):
        return []
    variants = {" ".join(texts): None}
    if not candidate.title:
        for half in _halves(plain(candidate.name)):
            variants[" ".join(word.text for word in words_of(half))] = None
    return [variant for variant in variants if variant]


def _halves(name: str) -> list[str]:
    """'Ward or team manager' is met as ward manager and as team manager; 'domestic, catering' as either."""
    before_bracket, _, bracket = name.partition("(")
    main = re.split(r"\s[-–—]\s", before_bracket)[0]
    parts = [part.strip() for part in re.split(r",|/|\band\b|\bor\b", main) if part.strip()]
    neutral = [main] if before_bracket != name and bracket.strip(" )") in ("clinical", "0-19") else []
    if len(parts) < 2 or (bracket and not neutral):
        return neutral
    last = parts[-1].split()
    shared = last[-1] if len(last) > 1 and last[-1] in HEADS else ""
    return [
        *neutral,
        *(part if not shared or part.split()[-1] in HEADS else f"{part} {shared}" for part in parts),
    ]


def _guarded(score: float, one: str, other: str) -> float:
    """The score, below ``SURE`` where the two are alike in letters but not word by word."""
    return min(score, NOT_WORD_BY_WORD) if score >= SURE and not _word_by_word(one, other) else score


def _word_by_word(one: str, other: str) -> bool:
    """Whether each word has its own counterpart: 'prison officer' is like 'probation officer', but is not it."""
    left, right = one.split(), other.split()
    if len(left) != len(right):
        return False
    for word in left:
        match = max(right, key=lambda candidate: fuzz.ratio(word, candidate))
        if fuzz.ratio(word, match) < SAME_WORD:
            return False
        right.remove(match)
    return True
