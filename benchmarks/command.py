"""A command in a process of its own, with its time and memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import ROOT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command.

    Attributes
    ----------
    seconds, cpu_seconds : float
        Cpu of all its threads.
    peak_memory : int
        Largest resident set, bytes; on Linux no less than that of the process that began the command, by then.
    error : str
        "" if it ended well, else the last line it said.
    """

    seconds: float
    cpu_seconds: float
    peak_memory: int
    error: str


def run_command(module: str, arguments: Sequence[str | Path], python: str, patience: float) -> Outcome:
    """Run ``python -m module arguments`` from the root of the project and kill it after `patience` seconds.

    The three folders of import packages are on its path, so nothing needs to be installed.
    """
    path = os.pathsep.join(str(ROOT / folder) for folder in (".", "solvers", "datasets"))
    inherited = os.environ.get("PYTHONPATH")
    environment = {**os.environ, "PYTHONPATH": path + (os.pathsep + inherited if inherited else "")}
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(
            [python, "-m", module, *map(str, arguments)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        timer = threading.Timer(patience, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            timer.cancel()
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        error = ""
        if process.returncode == -9 and seconds >= patience:
            error = f"killed after {patience:g} s"
        elif process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            error = lines[-1] if lines else f"exit status {process.returncode}"
    # Linux counts in KiB.
    return Outcome(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, error)
