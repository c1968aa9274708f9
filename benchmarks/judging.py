"""The judge of a run, in a process of its own: ``python -m benchmarks.judging FOLDER [FILE]``.

Reads the worker's order and solution, makes the problem anew, and writes ``verdict.json``. Every rule is replayed item
by item and the cost added up anew, by the plain references of the solver floor; public sets that have an evaluator of
their own are judged by that too. A valid solution is written to FILE in the set's format, if one is named.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

MOST_SHOWN = 3
"""Broken rules that a verdict names."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the judge says.

    Attributes
    ----------
    error : str
        Why the solution is refused, "" if it is not.
    """

    error: str
    cost: tuple[int, ...] | None
    unplaced: int
    bins_opened: int
    best_known: int | None
    score: float | None = None
    best_is_optimal: bool = False


def main(folder: Path, solution_file: Path | None) -> None:
    """Judge what the folder holds."""
    import numpy as np

    from benchmarks.instances import instance_of
    from benchmarks.worker import Answer, Order
    from placement_solvers.feasibility import violations
    from placement_solvers.objective import cost_of
    from placement_solvers.solution import Solution

    order = msgspec.json.decode((folder / "run.json").read_bytes(), type=Order)
    answer = msgspec.json.decode((folder / "answer.json").read_bytes(), type=Answer)
    instance = instance_of(order.instance)
    problem = instance.problem(order.seed)
    with np.load(folder / "solution.npz") as arrays:
        solution = Solution(arrays["bin_of"], arrays["sequence"])
    broken = violations(problem, solution)
    cost = None if broken else tuple(int(value) for value in cost_of(problem, solution))
    error, best_known, score, optimal = "", None, None, False
    if broken:
        error = f"{len(broken)} rules broken: {'; '.join(broken[:MOST_SHOWN])}"
    elif cost != answer.cost:
        error = f"the solver says {answer.cost}, the solution costs {cost}"
    elif answer.lower_bound is not None and answer.lower_bound > cost:
        error = f"the lower bound {answer.lower_bound} is above the cost {cost}"
    else:
        judgement = instance.judge(solution, order.seed)
        best_known, score, optimal = judgement.best_known, judgement.score, judgement.optimal
        if judgement.violations:
            error = f"the set's own evaluator: {'; '.join(judgement.violations[:MOST_SHOWN])}"
        elif judgement.cost is not None and judgement.cost != cost[-len(judgement.cost) :]:
            error = f"the set's own evaluator says {judgement.cost}, not {cost[-len(judgement.cost) :]}"
        elif best_known is not None and answer.lower_bound is not None and _is_above(answer.lower_bound, best_known):
            error = f"the lower bound {answer.lower_bound} is above the best known cost {best_known}"
    opened = np.zeros(problem.num_bins, dtype=np.bool_)
    opened[solution.bin_of[solution.placed]] = True
    verdict = Verdict(
        error=error,
        cost=cost,
        unplaced=int((~solution.placed).sum()),
        bins_opened=int((opened & ~problem.in_use).sum()),
        best_known=best_known,
        score=score,
        best_is_optimal=optimal,
    )
    if solution_file is not None and not error:
        solution_file.parent.mkdir(parents=True, exist_ok=True)
        instance.write(solution_file, solution, order.seed)
    (folder / "verdict.json").write_bytes(msgspec.json.encode(verdict))


def _is_above(lower_bound: tuple[int, ...], best_known: int) -> bool:
    """Whether a bound denies a published solution, which leaves nothing out."""
    return any(lower_bound[:-1]) or lower_bound[-1] > best_known


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
