"""Commands in processes of their own."""

import subprocess
import sys

import pytest

from benchmarks.command import Outcome, run_command
from benchmarks.machine import ROOT


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(text):
        (tmp_path / "made_up.py").write_text(text)
        return "made_up"

    return write


def test_time_and_memory_are_of_the_command(module):
    text = "import time\nblock = bytearray(200 * 2**20)\nwhile time.process_time() < 0.5: pass\n"

    # Linux counts what the process that begins a command held by then: one that holds little begins it here.
    measure = f"from benchmarks.command import *; print(run_command({module(text)!r}, [], {sys.executable!r}, 20.0))"
    said = subprocess.run(
        [sys.executable, "-c", measure], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    outcome = eval(said, {"Outcome": Outcome})

    assert outcome.error == ""
    assert outcome.seconds >= outcome.cpu_seconds * 0.9 >= 0.4
    assert 200 * 2**20 < outcome.peak_memory < 400 * 2**20


def test_the_error_is_the_last_line_said(module):
    outcome = run_command(module("raise ValueError('no such thing')"), [], sys.executable, 20.0)

    assert outcome.error == "ValueError: no such thing"


def test_what_takes_too_long_is_killed(module):
    outcome = run_command(module("import time\ntime.sleep(60)"), [], sys.executable, 0.5)

    assert outcome.error == "killed after 0.5 s"
    assert outcome.seconds < 10
