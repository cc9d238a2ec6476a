"""A bar on the terminal while something long is done; nothing where nobody looks, as in a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from lms.rules.roster import Told


@contextmanager
def bar() -> Iterator[Told | None]:
    """Something to tell how far the work is, on standard error; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    shown = _Bar()
    try:
        yield shown.tell
    finally:
        shown.end()


class _Bar:
    """The bar of the phase at hand. A class because a bar is kept from one call to the next."""

    def __init__(self) -> None:
        self.phase, self.bar = "", None
        self.done = 0

    def tell(self, phase: str, done: int, total: int | None) -> None:
        """Draw how far a phase is; without a total how many it has been so far."""
        if phase != self.phase:
            self.end()
            # An iterator without an end stands for a total that nobody knows yet.
            what: dict[str, Any] = {"length": total} if total else {"iterable": iter(int, 1)}
            self.phase, self.done = phase, 0
            self.bar = click.progressbar(**what, label=phase, file=sys.stderr, show_pos=True, show_eta=False)
            self.bar.render_progress()
        if self.bar is not None and done > self.done:
            self.bar.update(done - self.done)
            self.done = done

    def end(self) -> None:
        """Leave the line, so that what is printed next has one of its own."""
        if self.bar is not None:
            self.bar.render_finish()
        self.phase, self.bar = "", None
