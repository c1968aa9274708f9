from __future__ import annotations

import numpy as np
import pytest

from placement_solvers.feasibility import violations
from placement_solvers.local_search import LocalSearch
from placement_solvers.local_search.levelling import level_placement, levels_freely
from placement_solvers.objective import cost_of
from placement_solvers.opening import left_as_it_was
from placement_solvers.problem import NOWHERE, Problem
from placement_solvers.stop import MaxIterations
from tests.builders import ProblemBuilder, solution


def day_and_night(bins: int = 8, *, moved: int | None = None) -> Problem:
    """Two resources, of which half the items ask for one and half for the other; all lie in the first bins."""
    build = ProblemBuilder(capacity=[[40, 40]] * bins)
    build.items(20, demand=[3, 0], start=[0, 1] * 10)
    build.items(20, demand=[0, 3], start=[0, 1] * 10)
    build.target([[20, 20]] * bins)
    build.tier("left out", unplaced=1)
    build.tier("cost", open=20, over_target=[3, 3], moved=moved)
    return build.problem()


def levelled(problem: Problem, movable: np.ndarray | None = None) -> np.ndarray:
    free = np.ones(problem.num_items, dtype=np.bool_) if movable is None else movable
    return level_placement(problem, left_as_it_was(problem).bin_of, free, seed=1)


def test_fills_each_bin_with_what_does_not_meet_in_one_resource() -> None:
    problem = day_and_night()
    bins = levelled(problem)

    # 60 of each resource, 20 a bin for nothing: three bins, with six or seven items of each kind.
    assert cost_of(problem, solution(bins.tolist())) < cost_of(problem, solution(problem.start.tolist()))
    for half in (bins[:20], bins[20:]):
        counts = np.bincount(half)
        assert counts[counts > 0].max() - counts[counts > 0].min() <= 1


def test_keeps_limits() -> None:
    build = ProblemBuilder(capacity=[[10]] * 4)
    each = build.each_bin()
    web = build.items(4, demand=[1])
    build.limit(web, build.group(each, members=[web]), at_most=1)
    build.items(6, demand=[2])
    build.target([[5]] * 4)
    build.tier("cost", over_target=[1])
    bins = levelled(build.problem())

    assert sorted(bins[:4].tolist()) == [0, 1, 2, 3]
    assert violations(build.problem(), solution(bins.tolist())) == []


def test_leaves_those_alone_that_may_not_move() -> None:
    problem = day_and_night()
    movable = np.arange(problem.num_items) % 3 != 0

    assert (levelled(problem, movable)[~movable] == problem.start[~movable]).all()


def test_opens_other_bins_than_planned_for_whom_none_of_those_takes() -> None:
    build = ProblemBuilder(capacity=[[10], [10], [10]])
    build.items(5, demand=[1])
    build.items(1, demand=[1], eligible=[2])
    build.target([[9], [9], [9]])
    build.tier("cost", open=5, over_target=[1])

    assert levelled(build.problem())[5] == 2


def test_leaves_out_what_no_bin_takes() -> None:
    build = ProblemBuilder(capacity=[[10]])
    build.items(2, demand=[7])
    build.target([[5]])
    build.tier("cost", over_target=[1])

    assert sorted(levelled(build.problem()).tolist()) == [NOWHERE, 0]


@pytest.mark.parametrize(("moved", "free"), [(None, True), (1, False)])
def test_is_for_problems_in_which_moves_cost_nothing(moved: int | None, free: bool) -> None:
    assert levels_freely(day_and_night(moved=moved)) == free


def test_local_search_begins_with_it_where_that_is_cheaper() -> None:
    problem = day_and_night()
    result = LocalSearch().solve(problem, MaxIterations(1), seed=1)

    assert result.cost <= cost_of(problem, solution(levelled(problem).tolist()))
    assert violations(problem, result.solution) == []
