"""The greedy written down plainly: what it answers, not how it finds it."""

from __future__ import annotations

import math

import numpy as np

from placement_solvers.counting import fine_topologies
from placement_solvers.feasibility import Replay
from placement_solvers.greedy.parameters import Score
from placement_solvers.greedy.score import MOST_WISHED, Scoring, scoring_of
from placement_solvers.greedy.wishes import wishes_of
from placement_solvers.problem import NOWHERE, Problem


def shares(scoring: Scoring, amounts: list[int]) -> list[int]:
    """Amounts as shares of the largest bin, in 2 ** -20, weighted."""
    found = []
    for amount, scale, shift, weight in zip(amounts, scoring.scale, scoring.shift, scoring.weight, strict=True):
        share = min(((max(amount, 0) >> int(shift)) << 20) // int(scale), 1 << 20) if scale > 0 else 0
        found.append(int(weight) * share)
    return found


def unit(vector: list[int]) -> list[int]:
    """The vector with length 2 ** 15, cut off to integers."""
    length = math.sqrt(sum(float(x) * float(x) for x in vector))
    return [int(float(x) * 2**15 / length) if length else 0 for x in vector]


def score_below_rank(scoring: Scoring, free: list[int], demand: list[int]) -> int:
    """The 20 lowest bits: 12 of the cosine and 8 of how full the bin is, or all 20 of how full or empty."""
    empty = min(sum(shares(scoring, free)) // max(int(scoring.weight.sum()), 1), 2**20 - 1)
    fill = 2**20 - 1 - empty if scoring.fuller_is_better else empty
    if not scoring.by_cosine:
        return fill
    pairs = zip(unit(shares(scoring, free)), unit(shares(scoring, demand)), strict=True)
    cosine = min(sum(x * y for x, y in pairs) >> 18, 2**12 - 1)
    return (cosine << 8) + (fill >> 12)


class PlainGreedy:
    """Looks at every bin with the replay of `placement_solvers.feasibility`, in Python integers."""

    def __init__(self, problem: Problem, score: Score) -> None:
        self.problem = problem
        self.scoring = scoring_of(problem, score)
        self.fine = fine_topologies(problem)
        self.wishes = wishes_of(problem, self.fine)
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
        rank = int(self.scoring.rank[self.scoring.class_row[class_], column])
        wished = self.wished(class_, bin_) << int(self.scoring.wish_shift)
        return rank - wished + score_below_rank(self.scoring, free, self.problem.demand[class_].tolist())

    def wished(self, class_: int, bin_: int) -> int:
        """What an item pays for its company, single bins and larger domains each cut off."""
        problem, wishes = self.problem, self.wishes
        cost = {True: 0, False: 0}
        for row in np.flatnonzero(wishes.class_ == class_):
            topology = problem.groups.topology[wishes.group[row]]
            domain = problem.domain_of[topology, bin_]
            if domain != NOWHERE:
                count = int(self.replay.counts[wishes.group[row]][domain])
                missing, full = count < wishes.low[row], count >= wishes.high[row]
                price = int(wishes.slope[row]) * count
                price += int(wishes.step[row]) * (int(full and not missing) - int(missing))
                cost[bool(self.fine[topology])] += price
        if wishes.placed.size:
            cost[True] += int(wishes.placed[problem.class_signature[class_], problem.bin_signature[bin_]])
        return sum(max(min(part, MOST_WISHED), -MOST_WISHED) for part in cost.values())

    def enter(self, class_: int, bin_: int) -> None:
        self.replay.enter(class_, bin_)
        self.num_items[bin_] += 1

    def leave(self, class_: int, bin_: int) -> None:
        self.replay.leave(class_, bin_)
        self.num_items[bin_] -= 1
