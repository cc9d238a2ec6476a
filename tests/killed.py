"""A process that is gone in the middle of handing messages over."""

from collections.abc import Callable
from email.message import EmailMessage
from types import ModuleType

import pytest

from lms import mail


class Killed(BaseException):
    """The process is gone."""


def die(*_arguments: object, **_options: object) -> None:
    """What is called when the process is gone."""
    raise Killed


def while_sending(patched: pytest.MonkeyPatch, queue: ModuleType, moment: str) -> None:
    """Die before a message of this queue is at the door, at it, or when it is through and nobody has noted that."""

    def at_the_door(_post: mail.Post, _message: EmailMessage, at_the_door: Callable[[], None]) -> None:
        at_the_door()
        raise Killed

    if moment == "before the door":
        patched.setattr(mail, "compose", die)
    elif moment == "at the door":
        patched.setattr(mail.Outbox, "send", at_the_door)
        patched.setattr(mail.Server, "send", at_the_door)
    else:
        patched.setattr(queue, "handed_over", die)
