"""A mixed integer program solved in a process of its own, so that it ends when nobody waits for it any more.

HiGHS, as MathOpt calls it, cannot be interrupted: it takes no notice of MathOpt's interrupter, and its thread cannot be
ended from outside. A process can. Starting one takes a third of a second of processor time and some 50 MB.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

POLL = 0.01
"""Seconds between two looks at a running search."""

GRACE = 4.0
"""Seconds for starting, and for a search that looks at the clock late: HiGHS may not for minutes."""


def solve_apart(model: Any, seconds: float, should_stop: Callable[[], bool]) -> Any:
    """The result of HiGHS on a model of MathOpt; None if the caller did not wait for it, or it had to be ended.

    Raises
    ------
    RuntimeError
        If the process fails; with what it said last.
    """
    from ortools.math_opt import result_pb2
    from ortools.math_opt.python import mathopt

    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        question.write(model.export_model().SerializeToString())
        question.seek(0)
        command = [sys.executable, "-P", __file__, repr(seconds)]
        process = subprocess.Popen(command, stdin=question, stdout=answer, stderr=said)
        ends = time.monotonic() + seconds + GRACE
        try:
            while process.poll() is None:
                if should_stop() or time.monotonic() > ends:
                    return None
                try:
                    process.wait(POLL)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
            process.wait()
        if process.returncode < 0:  # by a signal, as for want of memory: the caller does without
            return None
        if process.returncode != 0:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"the process that chooses patterns ended with {process.returncode}: {' '.join(last)}")
        answer.seek(0)
        return mathopt.parse_solve_result(result_pb2.SolveResultProto.FromString(answer.read()), model)


def main(seconds: float) -> None:
    """Solve the model that comes in on standard input; the result goes to standard output."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    model = mathopt.Model.from_model_proto(model_pb2.ModelProto.FromString(sys.stdin.buffer.read()))
    limits = mathopt.SolveParameters(time_limit=timedelta(seconds=seconds), enable_output=False)
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limits)
    sys.stdout.buffer.write(result.to_proto().SerializeToString())


if __name__ == "__main__":
    main(float(sys.argv[1]))
