"""The search for circular garbage rests as long as anybody asks, and begins again whatever happens."""

import gc
from threading import Thread

import pytest

from lms import garbage


def test_nothing_is_searched_while_it_is_put_off_and_again_afterwards() -> None:
    with garbage.put_off():
        assert not gc.isenabled()
        with garbage.put_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_searched_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="half a list"), garbage.put_off():
        raise ValueError("half a list")
    assert gc.isenabled()


def test_the_last_thread_that_asked_decides() -> None:
    def asked() -> None:
        with garbage.put_off():
            pass

    with garbage.put_off():
        other = Thread(target=asked)
        other.start()
        other.join()
        assert not gc.isenabled()
    assert gc.isenabled()
