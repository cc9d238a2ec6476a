"""What a list covers, as an option."""

import click

from lms.errors import Invalid
from lms.rules import feed


def covers(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """``all``, or ``unit=NAME``."""
    try:
        return feed.covered(value)
    except Invalid as error:
        raise click.BadParameter("say all, or unit=NAME") from error
