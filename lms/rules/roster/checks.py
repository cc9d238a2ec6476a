"""What can only be checked when all rows are read: numbers, names and dates against each other."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from lms.rules.roster import alike
from lms.rules.roster.captions import caption_key
from lms.rules.roster.emails import is_address
from lms.rules.roster.facts import NO_END, BadRow, Field, KnownOrganisation, RowFact
from lms.rules.roster.names import is_same_person, name_key, text_key
from lms.rules.roster.numbers import LONGEST, Zeros, counts_rows, number_of, without_suffix
from lms.rules.roster.people import People

# How captions begin of a column with the unit above.
_PARENTS = ("parent", "higher", "superior")
# What stands between a manager's name and number in one cell.
_PARTS = re.compile(r"[\s|(),;:/\[\]]+")


def applied(people: People, known: KnownOrganisation) -> Mapping[int, str]:
    """Checks the rows against each other, repairing what can be repaired and moving bad rows aside.

    Returns the numbers to fill in, where the list is refused because it has none.
    """
    aside: set[int] = set()
    _grow_units(people)
    _say_american_dates(people, aside)
    if people.number_field is Field.EMAIL:
        numbers = _numbers_by_email(people, known)
        if numbers:
            return numbers
    else:
        _restore_zeros(people, known)
        _say_running_numbers(people)
    times = Counter(fact.number for fact in people.rows)
    if len(times) < len(people.rows):
        several = [place for place, fact in enumerate(people.rows) if times[fact.number] > 1]
        _say_two_names(people, several, aside)
        _say_same_rows(people, several, aside)
    if aside:
        people.rows = [fact for place, fact in enumerate(people.rows) if place not in aside]
    return {}


def _grow_units(people: People) -> None:
    """A column of parents says the next unit up alone; all rows together say the path to the top."""
    captions = (column.caption for column in people.layout.columns if column.field is Field.UNIT)
    if not any(caption_key(caption).startswith(_PARENTS) for caption in captions):
        return
    above: dict[str, str] = {}
    doubtful: set[str] = set()
    every = {fact.units for fact in people.rows}
    for units in every:
        for upper, lower in pairwise(units):
            known = above.setdefault(text_key(lower), upper)
            if text_key(known) != text_key(upper):
                doubtful.add(text_key(lower))
    whole = {units: _grown(units, above, doubtful) for units in every}
    people.rows = [fact._replace(units=whole[fact.units]) for fact in people.rows]


def _grown(units: tuple[str, ...], above: Mapping[str, str], doubtful: set[str]) -> tuple[str, ...]:
    """The path with what stands above its top; units that go round in a ring have none."""
    while units and (key := text_key(units[0])) in above and key not in doubtful:
        if text_key(above[key]) in map(text_key, units):
            break
        units = (above[key], *units)
    return units


def _set_aside(people: People, place: int, aside: set[int]) -> None:
    if place not in aside:
        fact = people.rows[place]
        people.bad.append(BadRow(fact.row, fact.number or None, name_key(fact.given, fact.family)))
        aside.add(place)


def _say_american_dates(people: People, aside: set[int]) -> None:
    """The column as a whole decides whether 03/04/2024 can be trusted to be 3 April (policy.md, Role lists)."""
    for place, raw, is_end in people.either:
        column = people.ends if is_end else people.starts
        if column.is_american:
            people.say(people.rows[place].row, Field.END if is_end else Field.START, raw, "date_american")
            _set_aside(people, place, aside)


def _restore_zeros(people: People, known: KnownOrganisation) -> None:
    zeros = Zeros((fact.number for fact in people.rows), known.numbers, padded=_pads_numbers(people))
    doubtful = [place for place, fact in enumerate(people.rows) if zeros.doubtful(fact.number)]
    for place in doubtful:
        fact = people.rows[place]
        number, because = zeros.restored(fact.number)
        if number != fact.number:
            people.say(
                fact.row,
                Field.NUMBER,
                fact.number,
                _said_of(fact.number, number),
                number=number,
                because=because,
            )
            people.rows[place] = fact._replace(
                number=number, reference=_follows(fact.reference, fact.number, number)
            )
    people.bad = [bad._replace(number=bad.number and zeros.restored(bad.number)[0]) for bad in people.bad]
    _one_spelling(people)
    _restore_managers(people, zeros)


def _said_of(written: str, known: str) -> str:
    if " " in written or " " in known:
        return "number_regrouped"
    return "number_zeros_restored" if len(known) > len(written) else "number_repaired"


def _pads_numbers(people: People) -> bool:
    number, reference = (
        caption_key(people.layout.caption(field) or "") for field in (Field.NUMBER, Field.REFERENCE)
    )
    is_esr = number == "employeenumber" and reference == "assignmentnumber"
    return is_esr or number in ("persno", "personnelnumber", "personnelno", "pernr")


def _follows(reference: str | None, old: str, new: str) -> str | None:
    """ESR's assignment number begins with the employee number, and loses the same zeros."""
    begins = reference is not None and (reference == old or reference.startswith(f"{old}-"))
    return new + reference[len(old) :] if begins and reference else reference


def _restore_managers(people: People, zeros: Zeros) -> None:
    """A manager is named by a number of the same kind, which was damaged in the same way."""
    managers = {fact.manager for fact in people.rows if fact.manager}
    every = Zeros((), zeros.known | {fact.number for fact in people.rows} if managers else ())
    meant = {manager: _meant(manager, zeros, every) for manager in managers - every.known}
    by_name: list[RowFact] = []
    for place, fact in enumerate(people.rows):
        if fact.manager is None or fact.manager not in meant:
            continue
        if number := meant[fact.manager]:
            people.rows[place] = fact._replace(manager=number)
        elif not any(map(str.isdigit, fact.manager)):
            by_name.append(fact)
    if by_name:
        count = "1 row names" if len(by_name) == 1 else f"{len(by_name):,} rows name"
        people.say(by_name[0].row, Field.MANAGER, by_name[0].manager, "manager_by_name", count=count)


def _meant(manager: str, zeros: Zeros, every: Zeros) -> str | None:
    """The one of every number, the list's own and those of the organisation, by which a manager is named."""
    written = number_of(manager)
    # ESR may name the post that supervises: its number is the person's with -2 or -3 behind it.
    for plain, _ in (written, without_suffix(written)):
        number, _ = every.restored(zeros.restored(plain)[0])
        if number in every.known:
            return number
    # The name may stand beside the number: Boss, Al (810001). A figure or two may be a band's.
    parts = [part for part in _PARTS.split(manager) if sum(map(str.isdigit, part)) > 2]
    return _meant(parts[0], zeros, every) if len(parts) == 1 and parts != [manager] else None


def _one_spelling(people: People) -> None:
    """``w0001`` and ``W0001`` in one list are one number."""
    numbers = {fact.number for fact in people.rows}
    if len({number.casefold() for number in numbers}) == len(numbers):
        return
    spelt: dict[str, str] = {}
    for place, fact in enumerate(people.rows):
        number = spelt.setdefault(fact.number.casefold(), fact.number)
        if number != fact.number:
            people.rows[place] = fact._replace(number=number)


def _say_running_numbers(people: People) -> None:
    if people.rows and counts_rows([fact.number for fact in people.rows]):
        people.say(people.rows[0].row, Field.NUMBER, people.rows[0].number, "running_number")


def _say_two_names(people: People, several: list[int], aside: set[int]) -> None:
    """One number with two names is an error in the later row; two e-mail addresses are a warning."""
    first: dict[str, RowFact] = {}
    for place in several:
        fact = people.rows[place]
        one = first.setdefault(fact.number, fact)
        if one is fact:
            continue
        if not is_same_person((one.given, one.family), (fact.given, fact.family)):
            other = f"{one.given} {one.family}".strip()
            raw = f"{fact.given} {fact.family}".strip()
            people.say(
                fact.row,
                people.name_field,
                raw,
                "number_two_names",
                number=fact.number,
                other=other,
                row=one.row,
            )
            _set_aside(people, place, aside)
        elif fact.email and one.email and fact.email != one.email:
            people.say(
                fact.row, Field.EMAIL, fact.email, "emails_differ", number=fact.number, email=one.email
            )
            people.rows[place] = fact._replace(email=one.email)


def _say_same_rows(people: People, several: list[int], aside: set[int]) -> None:
    """The same post twice: said and counted once where the rows agree, an error where they do not."""
    seen: dict[tuple[object, ...], int] = {}
    referred: dict[tuple[str, str], int] = {}
    for place in several:
        if place in aside:
            continue
        fact = people.rows[place]
        same = seen.setdefault(_said_by(fact), place)
        if same != place:
            _count_once(people, same, place, "row_repeated", aside)
            continue
        if fact.reference and people.number_field is not Field.EMAIL:
            before = referred.setdefault((fact.number, text_key(fact.reference)), place)
            one = people.rows[before]
            if before == place or people.layout.position(Field.REFERENCE) is None:
                continue
            if alike.agree(one, fact, people.starts.as_at):
                _count_once(people, before, place, "row_joined", aside)
            elif _one_post(one, fact):
                people.say(
                    fact.row,
                    Field.REFERENCE,
                    fact.reference,
                    "rows_contradict",
                    row=one.row,
                    reference=fact.reference,
                )
                _set_aside(people, place, aside)


def _count_once(people: People, first: int, second: int, code: str, aside: set[int]) -> None:
    one, other = people.rows[first], people.rows[second]
    people.say(other.row, Field.NUMBER, other.number, code, row=one.row)
    people.rows[first] = alike.both(one, other)
    people.repeated += 1
    aside.add(second)


def _said_by(fact: RowFact) -> tuple[object, ...]:
    """All that a row says about a post, its own place and the spelling of the name left aside.

    That there is no end and no word of an end are the same in two rows about one post.
    """
    return (
        fact.number,
        text_key(fact.reference or ""),
        text_key(fact.title),
        *fact[7:-1],
        fact.cleared - NO_END,
    )


def _one_post(one: RowFact, other: RowFact) -> bool:
    """Whether two rows with one reference speak of the same time, so that they cannot both be right.

    ESR lists past assignments too, one row for each spell (domain.md 3.1).
    """
    if one.start is None or other.start is None:
        return True
    first, second = (one, other) if one.start <= other.start else (other, one)
    return first.end is None or second.start is None or first.end >= second.start


def _numbers_by_email(people: People, known: KnownOrganisation) -> Mapping[int, str]:
    """Uses the e-mail addresses as numbers; where they cannot serve, refuses the list and proposes numbers."""
    if not people.rows and not people.bad:
        # Captions and nobody below them, which is said by itself.
        return {}
    missing = sum(not fact.number or not is_address(fact.number) for fact in people.rows)
    repeated = [
        email for email, times in Counter(f.number for f in people.rows if f.number).items() if times > 1
    ]
    numbers = (known.number_of_email.get(fact.number, fact.number) for fact in people.rows)
    longest = max(numbers, key=len, default="")
    if people.layout.position(Field.EMAIL) is None:
        reason = "there are none"
    elif missing:
        reason = f"{missing:,} of {len(people.rows):,} rows have none"
    elif repeated:
        reason = f"{repeated[0]} stands in several rows" + (
            f", as do {len(repeated) - 1} others" if len(repeated) > 1 else ""
        )
    elif len(longest) > LONGEST:
        reason = f"{longest} is longer than {LONGEST} characters"
    else:
        people.rows = [
            fact._replace(number=known.number_of_email.get(fact.number, fact.number)) for fact in people.rows
        ]
        return {}
    people.say(None, None, "", "no_number_column", reason=reason)
    return _proposed(people.rows, known)


def _proposed(rows: list[RowFact], known: KnownOrganisation) -> Mapping[int, str]:
    """A number for each row: the known one of an address that is nobody else's, else a new one; the same for the same name and address."""
    emails = Counter(fact.email for fact in rows if fact.email)
    given: dict[tuple[str, str], str] = {}
    proposed: dict[int, str] = {}
    taken = set(known.numbers)
    counter = 0
    for fact in rows:
        who = (name_key(fact.given, fact.family), fact.email or f"row {fact.row}")
        if who not in given:
            number = (
                known.number_of_email.get(fact.email or "", "")
                if fact.email and emails[fact.email] == 1
                else ""
            )
            while not number or number in taken:
                counter += 1
                number = f"GT{counter:05}"
            given[who] = number
            taken.add(number)
        proposed[fact.row] = given[who]
    return proposed
