"""Role lists that arrived by themselves: taken in the order of their dates, and HR told of each once."""

from contextlib import suppress
from datetime import timedelta

from sqlmodel import Session

from lms import clock, db, mail, settings
from lms.errors import Conflict, Invalid, NotFound, Unavailable
from lms.queue import Job, enqueue, task
from lms.rules.access import EVERYTHING
from lms.services import feed, roster
from lms.services.feed import Letter, telling
from lms.services.feed.telling import State


@task(Job.TAKE_ROLE_LISTS)
def take_role_lists(role_list_id: int) -> None:
    """Take everything that has arrived for the organisation of a list, one at a time, and have HR told."""
    base_url = settings.current().base_url
    with db.transaction(read_only=True) as session:
        organisation_id = _organisation(session, role_list_id)
    taken: object = organisation_id
    while organisation_id and taken:
        with db.transaction() as session:
            taken = feed.take(session, organisation_id, base_url=base_url, now=clock.now())
    enqueue(Job.TELL_HR)


@task(Job.TELL_HR)
def tell_hr() -> None:
    """Hand over what waits to be told, unless another worker is at it."""
    with suppress(Conflict):
        tell()


def tell() -> int:
    """Hand over every message that waits, and give how many went.

    :raises Conflict: when another process is at it.
    """
    chosen, after, gone = settings.current(), 0, 0
    with db.alone("feed-telling"), mail.open_post(chosen.mail_url) as post:
        with db.transaction() as session:
            telling.recover(
                session, lambda uuid: post.has(mail.message_id(uuid, chosen.mail_from)), clock.now()
            )
        while True:
            with db.transaction(read_only=True) as session:
                letter = telling.claim(session, after=after)
            if letter is None:
                return gone
            after = letter.letter_id
            try:
                gone += _hand_over(post, letter, chosen)
            except mail.Away as error:
                _not_gone(letter, error.message, None)
                return gone


def _hand_over(post: mail.Post, letter: Letter, chosen: settings.Settings) -> bool:
    def at_the_door() -> None:
        with db.transaction() as session:
            telling.at_the_door(session, letter, clock.now())

    try:
        message = mail.compose(
            message_id=mail.message_id(letter.uuid, chosen.mail_from),
            sender=chosen.mail_from,
            to=letter.recipient,
            subject=letter.subject,
            body=letter.body,
            at=clock.now(),
        )
        post.send(message, at_the_door)
    except Conflict:
        return False
    except Invalid as error:
        _not_gone(letter, error.message, telling.AT_ONCE)
        return False
    except mail.Unanswered:
        _settle(letter, State.IN_DOUBT, telling.NO_ANSWER)
        return False
    except mail.Away:
        raise
    except Unavailable as error:
        _not_gone(letter, error.message, telling.IN_THREE_DAYS)
        return False
    _settle(letter, State.HANDED_OVER)
    return True


def _settle(letter: Letter, state: State, reason: str | None = None) -> None:
    with db.transaction() as session:
        telling.settle(session, letter, state, clock.now(), reason)


def _not_gone(letter: Letter, reason: str, give_up: timedelta | None) -> None:
    with db.transaction() as session:
        telling.not_gone(session, letter, clock.now(), reason, give_up=give_up)


def _organisation(session: Session, role_list_id: int) -> int | None:
    with suppress(NotFound):
        return roster.one(session, EVERYTHING, role_list_id).organisation_id
    return None
