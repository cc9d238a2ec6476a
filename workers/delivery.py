"""Messages handed over one at a time: claimed, taken to the door, and noted what became of each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from lms import clock, db, mail, settings
from lms.errors import Conflict, Invalid, Unavailable


class Queue(Protocol):
    """What a noun's services note of its messages; each call is a transaction of its own."""

    def recover(
        self, session: Session, has: Callable[[str], bool | None], now: datetime, doubt: str
    ) -> None: ...
    def at_the_door(self, session: Session, letter: Any, now: datetime) -> None: ...
    def handed_over(self, session: Session, letter: Any, now: datetime) -> None: ...
    def in_doubt(self, session: Session, letter: Any, now: datetime, reason: str) -> None: ...
    def failed(self, session: Session, letter: Any, now: datetime, reason: str) -> None: ...
    def put_back(self, session: Session, letter: Any, now: datetime, reason: str) -> None: ...
    def wait(self, session: Session, letter: Any, now: datetime, reason: str) -> None: ...


@dataclass
class Delivery:
    """What became of the messages of one run; ``away`` says why the rest is still waiting."""

    handed_over: list[Any] = field(default_factory=list)
    not_arrived: int = 0
    put_back: int = 0
    away: str | None = None


def deliver(
    name: str, queue: Queue, claim: Callable[[Session, int], Any], *, patience: float = 0
) -> Delivery:
    """Hand over everything in a queue, unless nothing goes at present.

    ``claim`` gives the next message after an id, or None when there is no more.

    :raises Conflict: when another process is still at the queue of this name after so many seconds.
    """
    chosen, delivery, after = settings.current(), Delivery(), 0
    with db.alone(name, patience=patience), mail.open_post(chosen.mail_url) as post:
        with db.transaction() as session:
            queue.recover(
                session,
                lambda uuid: post.has(mail.message_id(uuid, chosen.mail_from)),
                clock.now(),
                mail.UNANSWERED,
            )
        while delivery.away is None:
            with db.transaction() as session:
                letter = claim(session, after)
            if letter is None:
                break
            after = letter.letter_id
            _hand_over(post, queue, letter, chosen.mail_from, delivery)
    return delivery


def _hand_over(post: mail.Post, queue: Queue, letter: Any, sender: str, delivery: Delivery) -> None:
    def note(what: Callable[..., None], *reason: str) -> None:
        with db.transaction() as session:
            what(session, letter, clock.now(), *reason)

    try:
        message = mail.compose(
            message_id=mail.message_id(letter.uuid, sender),
            sender=sender,
            to=letter.recipient,
            subject=letter.subject,
            body=letter.body,
            at=clock.now(),
        )
        post.send(message, lambda: note(queue.at_the_door))
    except Conflict:
        return
    except Invalid as error:
        delivery.not_arrived += 1
        note(queue.failed, error.message)
    except mail.Unanswered as error:
        delivery.not_arrived += 1
        note(queue.in_doubt, error.message)
    except mail.Away as error:
        delivery.away = error.message
        note(queue.wait, error.message)
    except Unavailable as error:
        delivery.put_back += 1
        note(queue.put_back, error.message)
    else:
        note(queue.handed_over)
        delivery.handed_over.append(letter)
