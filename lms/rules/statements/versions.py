"""Which version of xAPI is spoken: the request's header and the statement's own ``version``.

1.0.3 Communication 3.3 and Data 2.4.10; 9274.1.1 4.1.6 and 4.2.4.3.
"""

import re
from enum import StrEnum
from typing import Any

from lms.rules.statements.refusal import Refused

_ONE = re.compile(r"1\.0(?:\.[0-9]+)?")
_TWO = re.compile(r"2\.0(?:\.[0-9]+)?")


class Version(StrEnum):
    """The versions that this store speaks, each by its latest patch."""

    ONE = "1.0.3"
    TWO = "2.0.0"

    @property
    def of_statements(self) -> str:
        """The ``version`` of a statement that came without one."""
        return "1.0.0" if self is Version.ONE else "2.0.0"


def asked(header: str | None) -> Version:
    """The version that a request's X-Experience-API-Version asks for.

    :raises Refused: when it is absent or another one.
    """
    if header is None:
        raise Refused("", "The header X-Experience-API-Version is missing. Send 1.0.3 or 2.0.0.")
    if _TWO.fullmatch(header):
        return Version.TWO
    if _ONE.fullmatch(header):
        return Version.ONE
    raise Refused("", "This store speaks xAPI 1.0.3 and 2.0.0; send one of them as X-Experience-API-Version.")


def of_statement(value: Any, path: str, request: Version) -> Version:
    """The version by which a statement with this ``version`` is validated.

    A request of 1.0.x brings statements of 1.0.x only; one of 2.0 may bring older ones.

    :raises Refused: for any other.
    """
    if type(value) is str:
        if _ONE.fullmatch(value):
            return Version.ONE
        if request is Version.TWO and _TWO.fullmatch(value):
            return Version.TWO
    known = "1.0 or 1.0.x" if request is Version.ONE else "2.0.0 or 1.0.x"
    raise Refused(path, f"is not a version that this request may use: {known}.")
