import os
import signal

import pytest

from placement.cli.interrupt import interruptible


def test_the_first_press_is_only_remembered():
    told = []
    with interruptible(lambda: told.append("once")) as interrupted:
        before = interrupted()
        os.kill(os.getpid(), signal.SIGINT)
        after = interrupted()

    assert (before, after, told) == (False, True, ["once"])


def test_the_second_press_ends_the_run():
    with pytest.raises(KeyboardInterrupt), interruptible(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_outside_the_block_a_press_does_what_it_did_before():
    handler = signal.getsignal(signal.SIGINT)

    with interruptible(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is handler
