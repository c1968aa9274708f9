"""Differences for all bins at once are those of costs summed anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.explanation.deltas import Deltas
from placement_solvers.objective import cost_of
from placement_solvers.solution import Solution
from tests.strategies import problems


@settings(max_examples=300)
@given(problem=problems(whole=False), data=st.data())
def test_the_difference_of_every_move_is_that_of_the_costs(problem, data) -> None:
    if problem.num_bins == 0 or problem.num_items == 0:
        return
    bins = st.integers(-1, problem.num_bins - 1)
    bin_of = np.array([data.draw(bins) for _ in range(problem.num_items)], dtype=np.int32)
    item = data.draw(st.integers(0, problem.num_items - 1))
    bin_of[item] = max(bin_of[item], 0)
    order = np.flatnonzero(bin_of >= 0).astype(np.int32)
    before = cost_of(problem, Solution(bin_of, order))

    found = Deltas(problem, Solution(bin_of, order)).of(item)

    for bin_ in range(problem.num_bins):
        elsewhere = bin_of.copy()
        elsewhere[item] = bin_
        after = cost_of(problem, Solution(elsewhere, order))
        assert [int(tier[bin_]) for tier in found] == [new - old for new, old in zip(after, before, strict=True)]
