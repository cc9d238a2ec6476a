"""Messages as text: calm, plain, one thing to do, a real choice, and no other person's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lms.rules.dates import in_words
from lms.rules.standing import Standing
from lms.services import letters
from lms.services.reminders.facts import Addressee, Due
from lms.services.reminders.offers import Meeting, Offer
from lms.services.reminders.teams import Team, TeamModule

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Text:
    """What a message says, and the items it says it of."""

    subject: str
    body: str
    items: tuple[Due, ...] = ()


def of_person(addressee: Addressee, offers: Sequence[Offer], today: date, base_url: str) -> Text:
    """Somebody's own learning: one message for all of it."""
    if len(offers) == 1:
        subject = f"{offers[0].title}: choose a date that suits you"
    else:
        subject = f"Your learning: {len(offers)} things to plan"
    template = TEXTS.get_template("person.txt")
    body = template.render(
        greeting=addressee.greeting,
        offers=offers,
        today=today,
        link=f"{base_url}/",
        support=offers[0].support,
    )
    return Text(subject, body, tuple(offer.due for offer in offers))


def of_team(addressee: Addressee, team: Team, today: date, base_url: str) -> Text:
    """A line manager's monthly digest."""
    body = TEXTS.get_template("team.txt").render(
        greeting=addressee.greeting, team=team, today=today, link=f"{base_url}/"
    )
    return Text(f"Your team's learning in {in_words(today).split(' ', 1)[1]}", body)


def _sentence(offer: Offer, today: date) -> str:
    """Where the person stands, without a reproach."""
    last_day = in_words(offer.due.step.last_day)
    past = offer.due.step.last_day < today
    if offer.due.standing in (Standing.NOT_YET_DUE, Standing.NOT_DONE):
        if past:
            return (
                f"We have no record of it yet. It was planned by {last_day}, and you can still choose a date."
            )
        return f"It is part of your role, and there is time until {last_day}."
    if past:
        return f"What you hold was valid until {last_day}. You can refresh it whenever it suits you."
    return f"What you hold is valid until {last_day}. You can refresh it at any time until then."


def _meeting(meeting: Meeting) -> str:
    when = f"{WEEKDAYS[meeting.day.weekday()]} {in_words(meeting.day)}, {meeting.starts:%H:%M}"
    return f"{when}, {meeting.venue}" if meeting.venue else when


def _counts(module: TeamModule) -> str:
    """2 due for a refresh soon, 1 out of date, 3 not done yet."""
    counted = [
        (module.due_soon, "due for a refresh soon"),
        (module.out_of_date, "out of date"),
        (module.not_done, "not done yet"),
    ]
    return ", ".join(f"{count} {words}" for count, words in counted if count)


TEXTS = letters.texts("lms.services.reminders")
TEXTS.globals.update(sentence=_sentence, meeting=_meeting, counts=_counts)
