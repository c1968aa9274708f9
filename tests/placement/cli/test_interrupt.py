import os
import signal
import subprocess
import sys

import pytest

from placement.cli import exits
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


def test_ctrl_c_while_the_command_loads_says_interrupted():
    loading = """
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "placement.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from placement.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (exits.INTERRUPTED, "", "placement: interrupted\n")
