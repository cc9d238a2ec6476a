"""What publishing a map would do to people, before it does anything: who becomes due, who falls out, what ends."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from lms.rules.standing import Standing

TO_DO = (Standing.NOT_YET_DUE, Standing.DUE_SOON, Standing.NOT_DONE)
OPEN = (*TO_DO, Standing.OUT_OF_DATE)


@dataclass(frozen=True, slots=True)
class Effect:
    """How many people each thing happens to; somebody may be in several.

    ``become_due``: asked to do something by a day, who were not before; ``late`` are those of them, and of those
    who knew already, whose day has passed at once. ``fall_out_of_date``: held it, and it is no longer enough.
    ``begin`` and ``end``: the module is asked of them for the first time, or no longer. ``settled``: had something
    to do and have not any more. ``messages``: people to whom a reminder goes that would not have gone.
    """

    become_due: int = 0
    late: int = 0
    fall_out_of_date: int = 0
    begin: int = 0
    end: int = 0
    settled: int = 0
    messages: int = 0


HAPPENINGS = tuple(one.name for one in fields(Effect) if one.name != "messages")


def happenings(before: Standing | None, after: Standing | None) -> Iterable[str]:
    """What happens to a person of whom a module was asked with one standing and is asked with another.

    None is not asked. The standings are a person's worst for the module (policy.md, Coverage).
    """
    if before == after:
        return
    if after in TO_DO and before not in OPEN:
        yield "become_due"
    if after is Standing.NOT_DONE:
        yield "late"
    if after is Standing.OUT_OF_DATE:
        yield "fall_out_of_date"
    if before is None:
        yield "begin"
    if after is None:
        yield "end"
    if before in OPEN and after not in OPEN:
        yield "settled"
