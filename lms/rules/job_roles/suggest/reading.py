"""How a job title is read: every phrase that it could be said in, what that costs, and what it is worth at most."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from lms.rules.job_roles.suggest.words import (
    ABBREVIATIONS,
    AMBIGUOUS,
    CIRCUMSTANCES,
    GENERIC,
    GRADES,
    HEADS,
    PLACES,
    STOPWORDS,
)

# What each step away from the title as written takes from the score, and the most that is left after it.
BROADER = 2.0
ELSEWHERE = 6.0
WORDS_LOST = 4.0
NEARLY_NOTHING = 0.5
UNKNOWN_BEFORE = 80.0
ANOTHER_HEAD = 72.0
SEVERAL_MEANINGS = 60.0
ANYBODY = 60.0
GUESSED = 80.0
TWO_KINDS = 80.0
# A title of a page's length is read no further, and no more letters than these are taken for several things.
WORDS_READ = 24
AMBIGUOUS_WORDS = 2
SLIP_OF_THE_PEN = 90.0
SHORTEST_SLIP = 6

APOSTROPHES = dict.fromkeys(map(ord, "'‘’‚‛ʹʻʼʽˈ′‵´`＇"))
SEPARATORS = re.compile(r"\s+[-–—]+\s*|\s*[-–—]+\s+|[()\[\]{},;:|\\]|/")
EMERGENCY = re.compile(r"\ba (?:and|n) e\b|\bed psych\w*")
DOTTED = re.compile(r"\b(?:[a-z]\.){2,}")
WORD = re.compile(r"[a-z0-9]+(?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    segment: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a title: a phrase, what it costs, and the most it can be worth."""

    phrase: str
    cost: float = 0.0
    most: float = 100.0


def readings(title: str) -> list[Reading]:
    """Every way to understand a title; none for one that is a grade or a number and nothing else."""
    words = words_of(title)
    if not words:
        return []
    around = frozenset(WORD.findall(plain(title).replace("-", " "))) | _context_of_numbers(title)
    found: dict[str, Reading] = {}
    for meaning, most in _meanings(words, around):
        for reading in _understood(meaning):
            capped = replace(reading, most=min(reading.most, most))
            known = found.get(capped.phrase)
            if known is None or (capped.most - capped.cost) > (known.most - known.cost):
                found[capped.phrase] = capped
    return list(found.values())


def plain(title: str) -> str:
    """Lower case without accents, apostrophes and dots; the title out of a packed position."""
    parts = title.split("|")
    if len(parts) > 2 and parts[0].strip().isdigit():
        title = parts[1]
    text = unicodedata.normalize("NFKD", title.translate(APOSTROPHES)).casefold()
    text = "".join(character for character in text if not unicodedata.combining(character))
    text = DOTTED.sub(lambda found: found.group().replace(".", ""), text.replace("&", " and "))
    text = re.sub(r"\bt/(?=s|i)", "temporary ", re.sub(r"\bco-(?=ord)", "co", text))
    text = re.sub(r"\s+", " ", text)
    return EMERGENCY.sub(
        lambda found: "emergency" if found.group().startswith("a") else "educational psychologist", text
    )


def words_of(title: str) -> list[Word]:
    """The words of a title, abbreviations written out, each with the part of the title it stands in."""
    words: list[Word] = []
    for number, part in enumerate(SEPARATORS.split(plain(title))):
        for token in WORD.findall(GRADES.sub(" ", part).replace("-", " ")):
            if token not in STOPWORDS and not token.replace(":", "").isdigit():
                expanded = (ABBREVIATIONS.get(token) or _spelt(token)).split("_")
                words += [Word(word, number) for word in expanded if word not in STOPWORDS]
    return words[:WORDS_READ]


def _context_of_numbers(title: str) -> frozenset[str]:
    """What numbers tell about the letters beside them: a collar number, children of 0 to 19, a ratio."""
    text = plain(title)
    told = {"collar"} if re.search(r"\b\d{3,5}\b", text) else set()
    told |= {"0-19"} if re.search(r"\b0 ?[-–] ?(?:5|18|19|25)\b", text) else set()
    told |= {"ks"} if re.search(r"\bks ?\d", text) else set()
    return frozenset(told)


def _meanings(
    words: list[Word], around: frozenset[str], start: int = 0, deep: int = 0
) -> list[tuple[list[Word], float]]:
    """The title with its ambiguous letters written out, once for each meaning, and the most that is worth.

    Of many such letters only the first few are, because every one multiplies the meanings.
    """
    for at in range(start, len(words) if deep < AMBIGUOUS_WORDS else 0):
        word = words[at]
        choices = AMBIGUOUS.get(word.text)
        if not choices:
            continue
        spoken = (around | {other.text for other in words}) - {word.text}
        told = [meaning for meaning, context in choices if spoken.intersection(context.split())]
        found = []
        for rank, (meaning, _) in enumerate(choices):
            written = [Word(part, word.segment) for part in meaning.split() if part not in STOPWORDS]
            most = 100.0 if told == [meaning] else SEVERAL_MEANINGS - (0 if meaning in told else 2 + rank)
            deeper = _meanings([*words[:at], *written, *words[at + 1 :]], around, at + len(written), deep + 1)
            found += [(each, min(most, cap)) for each, cap in deeper]
        return found
    return [(words, 100.0)]


def _understood(words: list[Word]) -> list[Reading]:
    """The phrases that one spelled-out title can be compared by."""
    spans = _kinds_in(words)
    readings = _as_written(words)
    for start, end in spans:
        phrases, certainty = _kinds()[key(word.text for word in words[start:end])]
        others = [(at, word) for at, word in enumerate(words) if not start <= at < end]
        cost, beside = _left_over(others, start, words[start].segment, spans)
        for rank, guess in enumerate(phrases):
            phrase = guess.lstrip("~")
            most = min(
                beside, certainty, _among(words, spans, (start, end)), GUESSED if guess != phrase else 100.0
            )
            base = rank * BROADER + (ELSEWHERE if words[start].segment != words[0].segment else 0.0)
            readings.append(Reading(phrase, base + cost, most))
            if rank == 0 or len(phrase.split()) > 1:
                said = phrase.split()
                extra = [word.text for _, word in others if word.text not in said]
                readings += [Reading(f"{phrase} {word}", base, most) for word in dict.fromkeys(extra)]
                if len(extra) > 1:
                    readings.append(Reading(f"{phrase} {' '.join(dict.fromkeys(extra))}", base, most))
    return readings


def _as_written(words: list[Word]) -> list[Reading]:
    """A title in its own words, and only those that stand first in it."""
    said = [word.text for word in words if word.text not in CIRCUMSTANCES] or [words[0].text]
    first = [word.text for word in words if word.segment == words[0].segment]
    rest = [word for word in said if word not in first]
    most = ANYBODY if set(said) <= GENERIC else 100.0
    cost = ELSEWHERE if HEADS.intersection(rest) else WORDS_LOST if rest else 0.0
    return [
        Reading(" ".join(said), most=most),
        Reading(" ".join(first), cost, ANYBODY if set(first) <= GENERIC else most),
    ]


def _left_over(
    others: list[tuple[int, Word]], start: int, segment: int, spans: list[tuple[int, int]]
) -> tuple[float, float]:
    """What the words beside a known title cost, and the most that the title is worth with them."""
    cost, most = 0.0, 100.0
    for at, word in others:
        if any(begin <= at < end for begin, end in spans):
            continue
        if word.text in HEADS and word.segment == segment:
            most = min(most, ANOTHER_HEAD)
        elif word.text in CIRCUMSTANCES or word.text == "senior":
            cost = max(cost, NEARLY_NOTHING)
        elif word.segment == segment and at < start and word.text not in PLACES:
            most = min(most, UNKNOWN_BEFORE)
        else:
            cost = max(cost, WORDS_LOST)
    return cost, most


def _among(words: list[Word], spans: list[tuple[int, int]], span: tuple[int, int]) -> float:
    """The most that one known title in a title is worth beside others of another kind.

    The last word of an English title says what it is: a school nurse's secretary is a secretary.
    """
    segment, opening = words[span[0]].segment, words[0].segment
    if all(words[start].segment != opening for start, _ in spans) and any(
        word.text in HEADS for word in words if word.segment == opening
    ):
        return TWO_KINDS
    kinds = _kinds()
    own = kinds[key(word.text for word in words[span[0] : span[1]])]
    others = [each for each in spans if kinds[key(word.text for word in words[each[0] : each[1]])] != own]
    if not others:
        return 100.0
    if any(words[start].segment == segment and start > span[0] for start, _ in others):
        return ANOTHER_HEAD
    if segment != opening or any(words[start].segment == segment for start, _ in others):
        return TWO_KINDS
    return 100.0


def _kinds_in(words: list[Word]) -> list[tuple[int, int]]:
    """Where known titles stand in a title, longest first; one inside a longer one does not count."""
    kinds, spoken = _kinds(), _spoken()
    longest = min(len(words), 8)
    spans: list[tuple[int, int]] = []
    for length in range(longest, 0, -1):
        for start in range(len(words) - length + 1):
            end = start + length
            if any(begin <= start and end <= finish for begin, finish in spans):
                continue
            said = [word.text for word in words[start:end]]
            together = length == len(words) or words[start].segment == words[end - 1].segment
            if key(said) in kinds if together else " ".join(said) in spoken:
                spans.append((start, end))
    return sorted(spans)


def key(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


@cache
def _kinds() -> dict[str, tuple[tuple[str, ...], float]]:
    """From the words of a title, in any order, to what the role may be called, and the most that is worth."""
    kinds: dict[str, tuple[tuple[str, ...], float]] = {}
    for phrases, titles in _lines():
        for title in titles:
            known = (phrases, GUESSED if title.startswith("~") else 100.0)
            kinds.setdefault(key(_told(title)), known)
    return kinds


@cache
def _spoken() -> frozenset[str]:
    """Known titles in the order in which they are said."""
    return frozenset(" ".join(_told(title)) for _, titles in _lines() for title in titles)


@cache
def _lines() -> list[tuple[tuple[str, ...], list[str]]]:
    lines = []
    for line in _known_titles():
        roles, _, titles = line.partition(":")
        phrases = tuple(" ".join(phrase.split()) for phrase in roles.split("|"))
        lines.append((phrases, [phrases[0], *(title.strip() for title in titles.split(";"))]))
    return lines


def _told(title: str) -> list[str]:
    return [word for word in title.lstrip("~").split() if word not in STOPWORDS]


@cache
def _known_titles() -> tuple[str, ...]:
    text = files("lms.rules.job_roles.suggest").joinpath("kinds.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))


@cache
def _vocabulary() -> tuple[str, ...]:
    known = {word for line in _known_titles() for word in re.findall(r"[a-z]+", line)}
    return tuple(sorted(known | HEADS | PLACES | CIRCUMSTANCES | AMBIGUOUS.keys()))


def _spelt(word: str) -> str:
    """A long word with a letter wrong, as it is spelt; one that lies between two known words stays."""
    if len(word) < SHORTEST_SLIP or word in _vocabulary():
        return word
    near = process.extract(word, _vocabulary(), scorer=fuzz.ratio, score_cutoff=SLIP_OF_THE_PEN - 4, limit=2)
    return near[0][0] if len(near) == 1 and near[0][1] >= SLIP_OF_THE_PEN else word
