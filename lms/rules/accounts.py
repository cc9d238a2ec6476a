"""Accounts: which passwords are good enough, how long one rests after wrong tries, what an address looks like.

Length and a deny list instead of rules about characters, no maximum, no forced change (domain.md 6, Passwords).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files

from lms.errors import Invalid

SHORTEST_PASSWORD = 8
RECOMMENDED_PASSWORD = 12
TRIES = 10
REST = timedelta(minutes=15)

EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+\.[^@\s.<>,;:\"()\[\]\\]{2,}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field of a form, as the sentence that stands beside it."""

    field: str
    message: str

    def __str__(self) -> str:
        return self.message


def read_email(text: str) -> str:
    """The address in the form in which it is stored and compared.

    :raises Invalid: when it is none.
    """
    address = text.strip().lower()
    if not address:
        raise Invalid("Enter an e-mail address.")
    if len(address) > 254 or not address.isprintable() or not EMAIL.fullmatch(address) or ".." in address:
        raise Invalid("Enter an e-mail address in the form name@example.org.")
    return address


def read_name(text: str) -> str:
    """A person's name as an account shows it.

    :raises Invalid: when it is missing, too long or holds control characters.
    """
    name = " ".join(text.split())
    if not name:
        raise Invalid("Enter a name.")
    if len(name) > 200 or not name.isprintable():
        raise Invalid("Enter a name of 200 characters or fewer, without control characters.")
    return name


def check_password(password: str, email: str = "", name: str = "") -> None:
    """Let a password pass that is long enough, not common, and not the person's own name or address.

    :raises Invalid: with the sentence that says what to change.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            f"Choose a password of {SHORTEST_PASSWORD} characters or more; {RECOMMENDED_PASSWORD} are better. "
            "Three random words work well."
        )
    core = _core(password)
    own = {_core(part) for part in (email, email.partition("@")[0], name, *name.split())}
    if len(set(password.lower())) < 4 or _is_common(password.lower()) or _is_common(core):
        raise Invalid(
            "This password is one that many people use. Choose another. Three random words work well."
        )
    if core and core in own | {"goldenthread"}:
        raise Invalid("This password is easy to guess from your name or address. Choose another.")


def _core(text: str) -> str:
    """The word that is left without case, blanks, and figures or marks at the ends: 'Summer-2026!' is 'summer'."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$|\s", "", text.lower())


def _is_common(word: str) -> bool:
    return sha256(word.encode()).hexdigest()[:10] in _common_passwords()


@cache
def _common_passwords() -> frozenset[str]:
    # The 19,000 passwords found most often in public leaks. Kept as the start of their SHA-256, because
    # many of them are words nobody wants to come across in this house.
    return frozenset((files("lms.rules") / "common_passwords.txt").read_text("ascii").split())


def is_resting(locked_until: datetime | None, now: datetime) -> bool:
    """Whether an account takes no password for the moment."""
    return locked_until is not None and now < locked_until


def rest_after(failed_attempts: int, now: datetime) -> datetime | None:
    """Until when an account rests after so many wrong passwords in a row; None when it does not have to."""
    return now + REST if failed_attempts >= TRIES else None
