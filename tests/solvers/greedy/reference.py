"""The greedy written down plainly: what it answers, not how it finds it."""

from __future__ import annotations

from placement_solvers.feasibility import Replay
from placement_solvers.greedy.score import Scoring
from placement_solvers.problem import NOWHERE, Problem

FULL = (1 << 14) - 1


def fill_of(scoring: Scoring, free: list[int]) -> int:
    """How full a bin is, or how empty, from 0 to 16383."""
    empty = 0
    for amount, scale, shift, weight in zip(free, scoring.scale, scoring.shift, scoring.weight, strict=True):
        if scale > 0 and amount > 0:
            empty += int(weight) * min(((amount >> int(shift)) << 20) // int(scale), 1 << 20)
    empty = min(empty >> 16, FULL)
    return FULL - empty if scoring.fuller_is_better else empty


class PlainGreedy:
    """Looks at every bin with the replay of `placement_solvers.feasibility`, in Python integers."""

    def __init__(self, problem: Problem, scoring: Scoring) -> None:
        self.problem = problem
        self.scoring = scoring
        self.replay = Replay(problem)
        self.num_items = [0] * problem.num_bins

    def best_bin(self, class_: int) -> int:
        scores = {
            bin_: self.score(class_, bin_)
            for bin_ in range(self.problem.num_bins)
            if self.replay.refusal(class_, bin_) is None
        }
        return max(scores, key=lambda bin_: (scores[bin_], -bin_), default=NOWHERE)

    def score(self, class_: int, bin_: int) -> int:
        free = (self.problem.capacity[bin_] - self.replay.load[bin_]).tolist()
        opened = bool(self.problem.in_use[bin_]) or self.num_items[bin_] > 0
        column = int(self.scoring.bin_column[bin_]) + opened
        return int(self.scoring.rank[self.scoring.class_row[class_], column]) + fill_of(self.scoring, free)

    def enter(self, class_: int, bin_: int) -> None:
        self.replay.enter(class_, bin_)
        self.num_items[bin_] += 1

    def leave(self, class_: int, bin_: int) -> None:
        self.replay.leave(class_, bin_)
        self.num_items[bin_] -= 1
