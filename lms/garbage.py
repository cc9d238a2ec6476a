"""Python's search for circular garbage, put off while very many facts are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_askers: list[object] = []


@contextmanager
def put_off() -> Iterator[None]:
    """No search while this lasts, in any thread; it may be nested. Also a decorator.

    The facts of 100,000 people refer to each other in no circle, and whenever there are a quarter more of them than
    before, the collector looks at every one (docs.python.org/3/library/gc.html, ``gc.set_threshold``).
    """
    asker = object()
    with _lock:
        _askers.append(asker)
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _askers.remove(asker)
            if not _askers:
                gc.enable()
