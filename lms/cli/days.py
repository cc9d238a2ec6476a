"""A day as an option: a date that figures can be worked out for."""

from datetime import date, datetime
from typing import Any

import click

EARLIEST, LATEST = date(1940, 1, 1), date(2200, 12, 31)


class Day(click.DateTime):
    """A date as 2026-06-30, from 1940 to 2200: intervals and windows are counted from it in both directions."""

    def __init__(self) -> None:
        super().__init__(formats=["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if isinstance(found, datetime) and not EARLIEST <= found.date() <= LATEST:
            self.fail(
                f"{found.date()} is too far away. Choose a day from {EARLIEST} to {LATEST}.", param, ctx
            )
        return found


DAY = Day()
