"""Those who seek company in a bin, with just enough of those they seek, in few large bins.

`placement_solvers.greedy.gathering` sends everybody there who seeks or is sought. That leaves the small bins to those
who keep apart, who then fill them badly: whoever is only sought is better kept for filling up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_solvers.greedy.gathering import large_bins, only, seekers, sought_groups
from placement_solvers.greedy.greedy import Greedy
from placement_solvers.problem import Bool, Int64, Problem
from placement_solvers.solution import Solution

SEEDS = 4
"""For each bin so many items of each group that is sought and does not seek."""

SPARE = 1.03
"""How many times the demand of all who meet the chosen bins hold."""


def meet(problem: Problem) -> Solution:
    """A solution that places those who seek company in a bin and a few of whom they seek, and nobody else."""
    seeks = seekers(problem)
    if not seeks.any():
        return Solution.nothing_placed(problem.num_items)
    few = len(large_bins(problem, seeks, SPARE))
    meets = seeks | _seeds(problem, seeks, SEEDS * few)
    nobody = np.zeros(problem.num_classes, dtype=np.bool_)
    bins = large_bins(problem, meets, SPARE)
    return Greedy().solve(only(problem, meets, bins, anywhere=nobody), lambda _: False).solution


def topped_up(problem: Problem, begun: Solution, turn: Int64) -> Solution:
    """A solution with the bins it uses filled up with others, those of the classes of least `turn` (C,) first.

    What is left free in them nobody would use: patterns are made for empty bins.
    """
    used = np.unique(begun.bin_of[begun.placed])
    nobody = np.zeros(problem.num_classes, dtype=np.bool_)
    filled = only(problem, ~nobody, used, anywhere=nobody)
    by_turn = replace(filled, class_priority=(turn.max(initial=0) - turn).astype(np.int32))
    return Greedy().solve(by_turn, lambda _: False, start=begun).solution


def _seeds(problem: Problem, seeks: Bool, wanted: int) -> Bool:
    """Small classes of each group that is sought in a bin, with `wanted` items or more, (C,) bool."""
    groups = problem.groups
    member = np.repeat(np.arange(problem.num_classes), np.diff(groups.class_start))
    largest = np.maximum(problem.capacity.max(axis=0, initial=0), 1)
    size = (problem.demand / largest).max(axis=1, initial=0)
    found = np.zeros(problem.num_classes, dtype=np.bool_)
    for group in sought_groups(problem):
        members = member[groups.of_class == group]
        members = members[~seeks[members]]
        members = members[np.argsort(size[members], kind="stable")]
        reached = np.cumsum(problem.class_count[members]) >= wanted
        found[members[: int(reached.argmax()) + 1 if reached.any() else len(members)]] = True
    return found
