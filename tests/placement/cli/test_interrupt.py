import os
import signal

import pytest

from placement.cli.interrupt import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_press_is_only_remembered(number):
    told = []
    with interruptible(lambda: told.append("once")) as interrupted:
        before = interrupted()
        os.kill(os.getpid(), number)
        after = interrupted()

    assert (before, after, told) == (False, True, ["once"])


def test_the_second_press_ends_the_run():
    with pytest.raises(KeyboardInterrupt), interruptible(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_the_second_sigterm_ends_the_process():
    with interruptible(lambda: None):
        os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_outside_the_block_a_press_does_what_it_did_before(number):
    handler = signal.getsignal(number)

    with interruptible(lambda: None):
        os.kill(os.getpid(), number)

    assert signal.getsignal(number) is handler
