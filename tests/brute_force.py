"""The true optimum of tiny problems, by walking through every state that can be reached."""

from __future__ import annotations

import itertools

import numpy as np

from placement_solvers.feasibility import Replay, violations
from placement_solvers.objective import Cost, cost_of
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.solution import Solution


def optimum(problem: Problem) -> tuple[Cost, Solution]:
    """The least cost of any feasible solution and one solution that has it.

    Each set of items that leave their start gives a first state; from there items enter one at a time in every
    possible way. O((B + 1) ** I) states: for at most about six items.
    """
    best: tuple[Cost, Solution] | None = None
    for bin_of, sequence in reachable(problem):
        candidate = Solution(np.array(bin_of, dtype=np.int32), np.array(sequence, dtype=np.int32))
        cost = cost_of(problem, candidate)
        if (best is None or cost < best[0]) and not violations(problem, candidate):
            best = cost, candidate
    assert best is not None, "leaving everything as it is was not feasible"
    return best


def reachable(problem: Problem) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Every assignment of items to bins that some order of entering leads to, with one such order."""
    start = problem.start if len(problem.start) else np.full(problem.num_items, NOWHERE, dtype=np.int32)
    started = np.flatnonzero(start != NOWHERE).tolist()
    found: dict[tuple[int, ...], tuple[int, ...]] = {}
    for stays in itertools.product((True, False), repeat=len(started)):
        kept = [item for item, stay in zip(started, stays, strict=True) if stay]
        bin_of = [int(start[item]) if item in kept else NOWHERE for item in range(problem.num_items)]
        replay = Replay(problem)
        for item in kept:
            replay.enter(int(problem.class_of[item]), int(start[item]))
        _walk(problem, replay, bin_of, tuple(kept), found)
    return list(found.items())


def _walk(
    problem: Problem,
    replay: Replay,
    bin_of: list[int],
    sequence: tuple[int, ...],
    found: dict[tuple[int, ...], tuple[int, ...]],
) -> None:
    if tuple(bin_of) in found:
        return
    found[tuple(bin_of)] = sequence
    for item in range(problem.num_items):
        if bin_of[item] != NOWHERE:
            continue
        class_ = int(problem.class_of[item])
        for bin_ in range(problem.num_bins):
            if len(problem.start) and bin_ == problem.start[item]:
                continue  # back where it was: the same as having stayed
            if replay.refusal(class_, bin_) is None:
                replay.enter(class_, bin_)
                bin_of[item] = bin_
                _walk(problem, replay, bin_of, (*sequence, item), found)
                bin_of[item] = NOWHERE
                replay.leave(class_, bin_)
