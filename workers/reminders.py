"""Reminders: planning what goes today, and handing it over."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

from lms import clock, db, mail, settings
from lms.errors import Conflict, Invalid, Unavailable
from lms.queue import Job, enqueue, task
from lms.services.reminders import Letter, plan, sending


@dataclass
class Delivery:
    """What became of the messages of one run; ``away`` says why the rest is still waiting."""

    handed_over: list[Letter] = field(default_factory=list)
    not_arrived: int = 0
    put_back: int = 0
    away: str | None = None


@task(Job.PLAN_REMINDERS)
def plan_reminders() -> None:
    """Queue what is due today, and have it sent."""
    with db.transaction() as session:
        waiting = plan(session, clock.today(), clock.now())
    if waiting:
        enqueue(Job.SEND_REMINDERS)


@task(Job.SEND_REMINDERS)
def send_reminders() -> None:
    """Send what waits, unless another worker is at it."""
    with suppress(Conflict):
        send(clock.today)


def send(today: Callable[[], date], *, patience: float = 0) -> Delivery:
    """Hand over everything in the queue, one message at a time, each decided again just before.

    :raises Conflict: when another process is still sending after so many seconds.
    """
    chosen, token, delivery, after = settings.current(), str(uuid4()), Delivery(), 0
    with db.alone("sending", patience=patience), mail.open_post(chosen.mail_url) as post:
        with db.transaction() as session:
            sending.recover(
                session, lambda uuid: post.has(mail.message_id(uuid, chosen.mail_from)), clock.now()
            )
        while delivery.away is None:
            with db.transaction() as session:
                letter = sending.claim(
                    session,
                    after=after,
                    token=token,
                    today=today(),
                    now=clock.now(),
                    base_url=chosen.base_url,
                )
            if letter is None:
                break
            after = letter.message_id
            _hand_over(post, letter, token, chosen, delivery)
    return delivery


def _hand_over(
    post: mail.Post, letter: Letter, token: str, chosen: settings.Settings, delivery: Delivery
) -> None:
    def at_the_door() -> None:
        with db.transaction() as session:
            sending.at_the_door(session, letter, token, clock.now())

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
        return
    except Invalid as error:
        delivery.not_arrived += 1
        _note(sending.failed, letter, token, error.message)
    except mail.Unanswered:
        delivery.not_arrived += 1
        with db.transaction() as session:
            sending.in_doubt(session, letter, token, clock.now())
    except mail.Away as error:
        delivery.away = error.message
        _note(sending.wait, letter, token, error.message)
    except Unavailable as error:
        delivery.put_back += 1
        _note(sending.put_back, letter, token, error.message)
    else:
        with db.transaction() as session:
            sending.handed_over(session, letter, token, clock.now())
        delivery.handed_over.append(letter)


def _note(what: Callable[..., None], letter: Letter, token: str, reason: str) -> None:
    with db.transaction() as session:
        what(session, letter, token, clock.now(), reason)
